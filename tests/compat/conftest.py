"""What here is no test: programs and recipes that run in the environment of `make reference`."""

from __future__ import annotations

collect_ignore = ["splitting/make.py", "reference"]
