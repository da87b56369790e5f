"""Which installed distributions an import comes from. Standard library only; reads what pip wrote, imports nothing."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import re
import sys
from functools import lru_cache
from pathlib import Path

# Import names that differ from what one installs, the usual one first.
_OTHER_NAMES = {
    "PIL": ("pillow",),
    "bs4": ("beautifulsoup4",),
    "cv2": ("opencv-python", "opencv-python-headless"),
    "dateutil": ("python-dateutil",),
    "dotenv": ("python-dotenv",),
    "sklearn": ("scikit-learn",),
    "xgboost": ("xgboost", "xgboost-cpu"),
    "yaml": ("PyYAML",),
}


def usual_name(module: str) -> str:
    """What one installs for a top-level module.

    >>> usual_name("yaml"), usual_name("rich")
    ('PyYAML', 'rich')
    """
    return _OTHER_NAMES.get(module, (module,))[0]


def version_of(name: str) -> str | None:
    """The installed version of a distribution; None where it is not installed."""
    try:
        return importlib.metadata.version(name)
    except (importlib.metadata.PackageNotFoundError, ValueError):
        return None


def distributions_of(module: str) -> dict[str, str]:
    """The installed distributions that a top-level module may come from, with their versions; of Python's own, none.

    Most are called as what they bring, or are known to us; only for others are the lists of installed files read.
    """
    if module in sys.stdlib_module_names:
        return {}
    for name in (*_OTHER_NAMES.get(module, ()), module):
        if version := version_of(name):
            return {name: version}
    return dict(_bringing(module, tuple((str(folder), folder.stat().st_mtime_ns) for folder in _folders_of(module))))


def _folders_of(module: str) -> list[Path]:
    """The folders of `sys.path` in which Python would find a module."""
    try:
        spec = importlib.util.find_spec(module)
    except (ImportError, ValueError):
        spec = None
    if spec is None:
        return []
    places = [*(spec.submodule_search_locations or ())] or [spec.origin or ""]
    return [folder for folder in dict.fromkeys(Path(place).parent for place in places) if folder.is_dir()]


@lru_cache
def _bringing(module: str, folders: tuple[tuple[str, int], ...]) -> tuple[tuple[str, str], ...]:
    """The distributions in some folders that have a file of a module; the folders' times tell when to look again."""
    pattern = re.compile(rf"^{re.escape(module)}(?:/|\.py,|\.[^/,]*(?:so|pyd),)", re.MULTILINE)
    found = importlib.metadata.distributions(path=[folder for folder, _ in folders])
    bringing = (one for one in found if pattern.search(one.read_text("RECORD") or ""))
    return tuple(sorted((one.metadata["Name"], one.version) for one in bringing))
