"""Handing a page over to a browser, where there is one to look with; never waiting for it, never in a terminal."""

from __future__ import annotations

import contextlib
import getpass
import os
import shlex
import shutil
import subprocess
import sys
import webbrowser
from pathlib import Path

_SECONDS = 0.5  # in which a program that cannot open a page says so
_IN_A_TERMINAL = ("browsh", "elinks", "links", "links2", "lynx", "w3m", "www-browser")


def open_page(page: Path) -> str | None:
    """Open a page in a browser.

    Returns:
        Why it was not opened; None when it was.
    """
    if reason := _nowhere():
        return reason
    address = page.absolute().as_uri()
    if sys.platform in ("win32", "darwin"):
        opened = webbrowser.open(address)
    else:
        opened = any(_started(command) for command in _commands(address))
    return None if opened else "no browser could be started"


def how_to_look(page: Path, reason: str, command: str) -> str:
    """One line on how to look at a page that was not opened.

    Args:
        page: Where it is.
        reason: Why it was not opened.
        command: The command that shows it, which can show it as text, too.
    """
    copied = f" or copy the file: {_copying(page)}" if _over_ssh() else ""
    return f"Not opened: {reason}. Read it here with `{command} --text`{',' * bool(copied)}{copied}."


def _nowhere() -> str | None:
    """Why there is no browser to look with; None where there may be one."""
    if any(os.environ.get(name) for name in ("CI", "GITHUB_ACTIONS")):
        return "nobody looks at the screen of a CI job"
    if os.environ.get("BROWSER"):  # somebody's wish; editors that work on another machine set it to reach their own
        return None
    if _over_ssh():
        return "this is another machine, over ssh"
    if sys.platform not in ("win32", "darwin") and not _has_display():
        inside = "a container" if _in_container() else "a machine"
        return f"this is {inside} without a display"
    return None


def _over_ssh() -> bool:
    return any(os.environ.get(name) for name in ("SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT"))


def _has_display() -> bool:
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


def _in_container() -> bool:
    return Path("/.dockerenv").exists() or Path("/run/.containerenv").exists()


def _commands(address: str) -> list[list[str]]:
    """Commands that open an address: those of the variable BROWSER, else the desktop's own; none for a terminal."""
    wanted = [entry for entry in os.environ.get("BROWSER", "").split(os.pathsep) if entry]
    commands = [_with_address(_words(entry), address) for entry in wanted or ["xdg-open"]]
    return [c for c in commands if Path(c[0]).name not in _IN_A_TERMINAL and shutil.which(c[0])]


def _words(entry: str) -> list[str]:
    """A command in its words; one whose quotes do not match is the name of a program."""
    try:
        return shlex.split(entry)
    except ValueError:
        return [entry]


def _with_address(command: list[str], address: str) -> list[str]:
    words = [word for word in command if word != "&"]
    return [word.replace("%s", address) for word in words] if "%s" in " ".join(words) else [*words, address]


def _started(command: list[str]) -> bool:
    """Whether a program started, and did not give up at once."""
    off = subprocess.DEVNULL
    try:
        process = subprocess.Popen(command, stdin=off, stdout=off, stderr=off, start_new_session=True)
        return process.wait(_SECONDS) == 0
    except subprocess.TimeoutExpired:
        return True
    except OSError:
        return False


def _copying(page: Path) -> str:
    """The command that fetches a file from this machine, as the one that looks at it knows this one."""
    known = os.environ.get("SSH_CONNECTION", "").split()  # address and port of the other machine, then of this one
    host, user = known[2] if len(known) > 2 else "HOST", "USER"
    with contextlib.suppress(OSError, KeyError, ImportError):
        user = getpass.getuser()
    host = f"[{host}]" if ":" in host else host
    return f"`scp {user}@{host}:{shlex.quote(str(page.absolute()))} .`"
