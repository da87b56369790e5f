"""Which commit the recipe's files are at.

Asked of the `git` command (two calls, a few milliseconds) rather than of GitPython, whose import alone takes longer
than a fully cached run should spend on it, and which refuses to be imported where there is no git.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

# A healthy answer takes milliseconds; a hanging network drive must not hold up the run.
_SECONDS = 3.0
# Set within git hooks, where they name the repository being committed to instead of the one that `root` lies in.
_ELSEWHERE = ("GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_NAMESPACE")
_BRANCHES = "refs/heads/"


def describe(root: Path) -> dict[str, str]:
    """The git checkout that `root` lies in, as far as it is known; empty without one, or without git. Never raises.

    Returns:
        `commit` (40 or 64 hex digits), `branch` (missing when HEAD is detached) and `url` (of the first remote,
        without credentials; missing when there is none).
    """
    git = shutil.which("git")
    if git is None or not root.is_dir():
        return {}
    head = _ask(git, root, "rev-parse", "HEAD", "--symbolic-full-name", "HEAD").splitlines()
    if len(head) != 2:
        return {}
    facts = {"commit": head[0]}
    if head[1].startswith(_BRANCHES):
        facts["branch"] = head[1].removeprefix(_BRANCHES)
    remotes = _ask(git, root, "config", "--get-regexp", r"^remote\..*\.url$").splitlines()
    if remotes:
        facts["url"] = without_credentials(remotes[0].partition(" ")[2])
    return facts


def has_uncommitted(root: Path, paths: Sequence[str]) -> bool | None:
    """Whether files below `root` differ from the commit, or are not in it. Never raises.

    Args:
        root: A folder in the checkout.
        paths: Files and folders to look at, relative to `root`; those that are not there do no harm.

    Returns:
        None where it is not known: there is no git, no checkout, or no answer in time.
    """
    git = shutil.which("git")
    if git is None or not root.is_dir():
        return None
    lines = _ask(git, root, "--no-optional-locks", "status", "--porcelain", "--branch", "--", *paths).splitlines()
    return len(lines) > 1 if lines else None  # the first is about the branch


def as_committed(root: Path, paths: Sequence[str]) -> frozenset[str] | None:
    """Which files below `root` the last commit has as they are. Never raises.

    Args:
        root: A folder in the checkout.
        paths: Files to ask for, relative to `root`.

    Returns:
        None where it is not known: there is no git, no checkout, or no answer in time.
    """
    git = shutil.which("git")
    if git is None or not root.is_dir() or not _ask(git, root, "rev-parse", "--is-inside-work-tree"):
        return None
    if not _ask(git, root, "rev-parse", "--verify", "HEAD"):
        return frozenset()
    held = _names(git, root, "ls-tree", "-r", "-z", "--name-only", "HEAD", "--", *paths)
    changed = _names(git, root, "diff", "-z", "--name-only", "--relative", "HEAD", "--", *paths)
    return None if held is None or changed is None else held - changed


def ignored(root: Path, paths: Sequence[str]) -> frozenset[str]:
    """Which files below `root`, given relative to it, git is told not to look at. Never raises."""
    git = shutil.which("git")
    if git is None or not root.is_dir():
        return frozenset()
    asked = ("ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--", *paths)
    return _names(git, root, *asked) or frozenset()


def without_credentials(url: str) -> str:
    """`url` without user, password and query; the user of an ssh address stays, since it is part of the address.

    >>> without_credentials("https://me:token@example.org/team/recipe.git?private_token=abc")
    'https://example.org/team/recipe.git'
    >>> without_credentials("ssh://git:secret@example.org/team/recipe.git")
    'ssh://git@example.org/team/recipe.git'
    >>> without_credentials("git@example.org:team/recipe.git")
    'git@example.org:team/recipe.git'
    """
    if "://" not in url:
        return url
    try:
        parts = urlsplit(url)
    except ValueError:
        # Not an address that git could use; showing a part of it might show a secret.
        return ""
    user_part, _, host = parts.netloc.rpartition("@")
    user = user_part.partition(":")[0]
    keep = f"{user}@{host}" if user and parts.scheme.endswith("ssh") else host
    return urlunsplit((parts.scheme, keep, parts.path, "", ""))


def _names(git: str, root: Path, *arguments: str) -> frozenset[str] | None:
    """The names that a command with `-z` prints; what looks like a pattern in `arguments` is a name, too."""
    answer = _answer(git, root, "--no-optional-locks", "--literal-pathspecs", *arguments)
    return None if answer is None else frozenset(filter(None, answer.split("\0")))


def _ask(git: str, root: Path, *arguments: str) -> str:
    return (_answer(git, root, *arguments) or "").strip()


def _answer(git: str, root: Path, *arguments: str) -> str | None:
    """What git prints; None where it fails or does not answer in time."""
    environment = {name: value for name, value in os.environ.items() if name not in _ELSEWHERE}
    # git refuses a checkout that belongs to another user, as folders mounted into a container do, because using it in
    # full may run what its configuration names. What is asked here runs nothing, so the refusal is lifted for it.
    command = [git, "-c", "safe.directory=*", "-C", str(root), *arguments]
    try:
        answer = subprocess.run(
            command,
            capture_output=True,
            check=False,
            encoding="utf-8",
            errors="replace",
            env=environment,
            stdin=subprocess.DEVNULL,
            timeout=_SECONDS,
        )
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return answer.stdout if answer.returncode == 0 else None
