"""The card of the ingest_scoring step: that of ingest."""

from __future__ import annotations

from mlflow_recipes.cards.ingest import summary, tabs

__all__ = ["summary", "tabs"]
