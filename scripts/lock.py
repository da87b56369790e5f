"""Resolve the dependencies anew: requirements.lock, requirements-dev.lock and conda.yaml. `make lock` calls it.

The locks are universal: one file for Python 3.10 to 3.13 on Linux, macOS and Windows, with markers. They hold no
hashes, since pip then refuses `-e .` beside them and conda.yaml cannot hold any; and no address of a package index.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
COMMON = ["--universal", "--python-version", "3.10", "--no-header", "--no-annotate", "--upgrade", "--quiet"]
COMMON += ["--no-emit-index-url", "--no-emit-find-links"]
COMMON += ["--exclude-newer", "1 week"]  # a release that is broken or malicious is mostly noticed by then
HEAD = "# Made by `make lock` from pyproject.toml; do not edit.\n"
TEST_TOOLS = ("pytest", "iniconfig", "pluggy", "colorama")
CONDA = """\
# Made by `make lock`; equal to requirements.lock, and pytest for the entry point `test`.
name: taxi-trip-duration
channels:
  - conda-forge
dependencies:
  - python=3.11
  - pip
  - pip:
"""


def compile_lock(target: str, *arguments: str) -> list[str]:
    """Write one lock file and return its lines."""
    command = [sys.executable, "-m", "uv", "pip", "compile", "pyproject.toml", *arguments, *COMMON]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    (ROOT / target).write_text(HEAD + done.stdout, encoding="utf-8")
    return done.stdout.splitlines()


def main() -> None:
    """Write the three files."""
    run = compile_lock("requirements.lock", "--extra", "xgboost")
    groups = ["--group", "dev", "--group", "docs"]
    dev = compile_lock("requirements-dev.lock", "--extra", "xgboost", "--constraints", "requirements.lock", *groups)
    tools = [line for line in dev if line.startswith(tuple(f"{name}==" for name in TEST_TOOLS))]
    lines = sorted({*run, *tools})
    text = CONDA + "".join(f'      - "{line}"\n' for line in lines)
    (ROOT / "conda.yaml").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
