"""Which fact of tests/compat/facts.yaml is covered by which test, or by which row of the migration page.

python scripts/compat_coverage.py [--all]    # exit code 1 below 100 %
"""

from __future__ import annotations

import contextlib
import io
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
FACTS = ROOT / "tests" / "compat" / "facts.yaml"
MIGRATION = ROOT / "docs" / "migration.md"


@dataclass(frozen=True)
class Coverage:
    """What covers what.

    Attributes:
        tests: Fact -> tests that are marked to cover it.
        rows: Fact -> text of the row of the migration page that says why it is otherwise.
        uncovered: Facts with neither.
        unknown: Names in marks that are no fact -> the tests.
    """

    tests: dict[str, list[str]]
    rows: dict[str, str]
    uncovered: tuple[str, ...]
    unknown: dict[str, list[str]]

    @property
    def share(self) -> float:
        """Percent of the facts that are covered."""
        covered = len(self.tests) + len(self.rows)
        return 100 * covered / (covered + len(self.uncovered))


class _Marks:
    """A pytest plug-in that collects marks."""

    def __init__(self) -> None:
        self.tests: dict[str, list[str]] = defaultdict(list)

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Called by pytest once it has collected."""
        for item in items:
            for mark in item.iter_markers("covers"):
                for fact in mark.args:
                    self.tests[fact].append(item.nodeid)


def measure() -> Coverage:
    """Collect the tests, without running them, and hold their marks against the facts."""
    facts = {
        f"{kind}:{name}": fact
        for kind, group in yaml.safe_load(FACTS.read_text()).items()
        for name, fact in group.items()
    }
    marks, page = _Marks(), MIGRATION.read_text(encoding="utf-8")
    quiet = ["--collect-only", "-q", "-p", "no:cacheprovider", str(FACTS.parent)]
    with contextlib.redirect_stdout(io.StringIO()) as told:
        code = pytest.main([f"--rootdir={ROOT}", "-c", str(ROOT / "pyproject.toml"), *quiet], plugins=[marks])
    if code:
        raise SystemExit(told.getvalue())
    rows = {name: _row(fact) for name, fact in facts.items() if _row(fact) and _row(fact) in page}
    tests = {name: marks.tests[name] for name in facts if name in marks.tests and name not in rows}
    uncovered = tuple(name for name in facts if name not in tests and name not in rows)
    unknown = {name: found for name, found in marks.tests.items() if name not in facts}
    return Coverage(tests, rows, uncovered, unknown)


def _row(fact: Any) -> str:
    return fact["row"] if isinstance(fact, dict) else ""


def main(*, everything: bool) -> int:
    """Print the coverage; with `everything` each fact with what covers it."""
    found = measure()
    out = sys.stdout.write
    for name, tests in found.tests.items() if everything else ():
        out(f"{name}: {tests[0]}{f' and {len(tests) - 1} more' if len(tests) > 1 else ''}\n")
    for name, row in found.rows.items() if everything else ():
        out(f"{name}: docs/migration.md, {row}\n")
    for name in found.uncovered:
        out(f"not covered: {name}\n")
    for name, tests in found.unknown.items():
        out(f"no such fact: {name} ({tests[0]})\n")
    count = len(found.tests) + len(found.rows) + len(found.uncovered)
    out(f"{count} facts: {len(found.tests)} tested, {len(found.rows)} in docs/migration.md: {found.share:.4g} %\n")
    return int(bool(found.uncovered or found.unknown))


if __name__ == "__main__":
    raise SystemExit(main(everything="--all" in sys.argv[1:]))
