"""Nothing: the recipe splits by ratios."""
