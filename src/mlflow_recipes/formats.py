"""Files of ours that outlive the version that wrote them: JSON objects that say their format."""

from __future__ import annotations

import json
from typing import Any


def opened(text: str, version: int) -> dict[str, Any]:
    """The values of a JSON object that `{"format": version, ...}` was written as, without the format.

    Args:
        text: What was written.
        version: The format that is read.

    Raises:
        ValueError, KeyError, TypeError: The text is damaged, no object, or of another format.

    >>> opened('{"format": 1, "rows": 4}', 1)
    {'rows': 4}
    """
    data = json.loads(text)
    if not isinstance(data, dict):
        raise TypeError("it is no JSON object")
    if (found := data.pop("format")) != version:
        raise ValueError(f"its format is {found}, and this version of mlflow-recipes reads {version}")
    return data
