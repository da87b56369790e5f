"""Batch scoring: the model, the rows as it takes them, its predictions as columns, and the loop over batches."""
