"""Run mlflow-recipes from this checkout without installing it: `python scripts/from_checkout.py run -p local`."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from mlflow_recipes.cli import main

main()
