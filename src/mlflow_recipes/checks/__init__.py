"""Checks of what steps give: declared in YAML, as pandera schemas in steps/checks.py, as `check_*` functions.

`declared.py` runs the YAML ones on Arrow tables, column by column; `schemas.py` and `functions.py` run the others on
one pandas frame a table. What they find is plain data (`model.py`). `identity.py` says whether the checks of a step
are still those that its stored result has passed, and `suggest.py` drafts some from data.
"""
