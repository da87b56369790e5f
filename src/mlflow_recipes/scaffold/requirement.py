"""What a project writes into requirements.txt: mlflow-recipes from where it was installed."""

from __future__ import annotations

import json
from importlib.metadata import distribution

_NAME = "mlflow-recipes[test]"
_LOCAL = """\
# mlflow-recipes was installed from a folder or file that others do not have. Until an index of packages has it, write
# where it can be had in place of the line below, such as {name} @ git+https://HOST/OWNER/REPOSITORY@COMMIT
"""


def requirement() -> tuple[str, str]:
    """The requirement as pip takes it, and the comment that has to stand above it; empty for none."""
    installed = distribution("mlflow-recipes")
    return requirement_of(installed.version, installed.read_text("direct_url.json"))


def requirement_of(version: str, direct_url: str | None) -> tuple[str, str]:
    """The same of a version, and of what an installer wrote down by PEP 610 on where it is from.

    >>> requirement_of("1.2", None)
    ('mlflow-recipes[test]>=1.2', '')
    """
    origin = json.loads(direct_url or "{}")
    url, versioned = origin.get("url", ""), origin.get("vcs_info")
    folder = f"#subdirectory={origin['subdirectory']}" if "subdirectory" in origin else ""
    if url.startswith("file:"):
        return f"{_NAME}>={version}", _LOCAL.format(name=_NAME)
    if versioned:
        return f"{_NAME} @ {versioned['vcs']}+{url}@{versioned['commit_id']}{folder}", ""
    return (f"{_NAME} @ {url}{folder}" if url else f"{_NAME}>={version}"), ""
