"""Every fact of facts.yaml has a test or a row of the migration page."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_everything_is_covered() -> None:
    script = [sys.executable, str(ROOT / "scripts" / "compat_coverage.py")]
    done = subprocess.run(script, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith(": 100 %\n")
