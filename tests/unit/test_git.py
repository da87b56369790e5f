from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from mlflow_recipes import git

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _plain_git(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A git that knows neither the machine's settings nor a checkout above the test's folder."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "none"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))


def call(folder: Path, *arguments: str) -> str:
    who = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    command = ["git", "-C", str(folder), *who, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    folder = tmp_path / "a checkout"
    folder.mkdir()
    call(folder, "init", "-q", "-b", "work/ön")
    call(folder, "commit", "-q", "--allow-empty", "-m", "first")
    return folder


def test_commit_and_branch_from_a_folder_within(checkout: Path) -> None:
    (checkout / "recipes" / "taxi").mkdir(parents=True)
    assert git.describe(checkout / "recipes" / "taxi") == {
        "commit": call(checkout, "rev-parse", "HEAD"),
        "branch": "work/ön",
    }


def test_first_remote_without_credentials(checkout: Path) -> None:
    call(checkout, "remote", "add", "origin", "https://me:token@example.org/team/recipe.git")
    call(checkout, "remote", "add", "another", "https://example.org/other.git")
    assert git.describe(checkout)["url"] == "https://example.org/team/recipe.git"


def test_detached_head_has_no_branch(checkout: Path) -> None:
    call(checkout, "checkout", "-q", "--detach")
    assert git.describe(checkout) == {"commit": call(checkout, "rev-parse", "HEAD")}


def test_tag_of_the_branch_s_name_does_not_confuse(checkout: Path) -> None:
    call(checkout, "tag", "work/ön")
    assert git.describe(checkout)["branch"] == "work/ön"


def test_worktree(checkout: Path, tmp_path: Path) -> None:
    call(checkout, "remote", "add", "origin", "git@example.org:team/recipe.git")
    call(checkout, "worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    call(tmp_path / "side", "commit", "-q", "--allow-empty", "-m", "second")
    assert git.describe(tmp_path / "side") == {
        "commit": call(tmp_path / "side", "rev-parse", "HEAD"),
        "branch": "side",
        "url": "git@example.org:team/recipe.git",
    }


def test_checkout_of_another_user(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commit = call(checkout, "rev-parse", "HEAD")
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    refused = subprocess.run(
        ["git", "-C", str(checkout), "rev-parse", "HEAD"], capture_output=True, text=True, check=False
    )
    assert "safe.directory" in refused.stderr
    assert git.describe(checkout)["commit"] == commit


def test_variables_of_a_git_hook_do_not_mislead(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    assert git.describe(checkout)["branch"] == "work/ön"


def test_no_commit_yet(tmp_path: Path) -> None:
    call(tmp_path, "init", "-q")
    assert git.describe(tmp_path) == {}


def test_no_checkout(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    assert git.describe(tmp_path / "plain") == {}
    assert git.describe(tmp_path / "missing") == {}


def test_no_git(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert git.describe(checkout) == {}


def test_git_that_hangs(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def hang(command: list[str], **options: object) -> None:
        raise subprocess.TimeoutExpired(command, 3.0)

    monkeypatch.setattr(subprocess, "run", hang)
    assert git.describe(checkout) == {}


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://example.org/a.git", "https://example.org/a.git"),
        ("https://token@example.org:8443/a.git", "https://example.org:8443/a.git"),
        ("https://me:p@ss@example.org/a.git#x", "https://example.org/a.git"),
        ("https://example.org/a.git?access_token=abc", "https://example.org/a.git"),
        ("ssh://git@example.org/a.git", "ssh://git@example.org/a.git"),
        ("ssh://git:secret@example.org:22/a.git", "ssh://git@example.org:22/a.git"),
        ("git+ssh://git:secret@example.org/a.git", "git+ssh://git@example.org/a.git"),
        ("git@example.org:team/a.git", "git@example.org:team/a.git"),
        ("/srv/git/a.git", "/srv/git/a.git"),
        ("C:\\git\\a", "C:\\git\\a"),
        ("https://me:secret@[broken/a.git", ""),
    ],
)
def test_without_credentials(url: str, shown: str) -> None:
    assert git.without_credentials(url) == shown


def test_changes_that_are_not_committed(tmp_path: Path) -> None:
    def run(*arguments: str) -> None:
        command = ["git", "-c", "user.name=a", "-c", "user.email=a@b.c", *arguments]
        subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)

    paths = ["recipe.yaml", "steps", "not there"]
    assert git.has_uncommitted(tmp_path, paths) is None
    assert git.has_uncommitted(tmp_path / "nowhere", paths) is None
    run("init")
    (tmp_path / "recipe.yaml").write_text("a: 1\n")
    assert git.has_uncommitted(tmp_path, paths) is True, "no file of it is in a commit"
    run("add", "recipe.yaml")
    run("commit", "-m", "first")
    assert git.has_uncommitted(tmp_path, paths) is False
    (tmp_path / "data.csv").write_text("1\n")
    assert git.has_uncommitted(tmp_path, paths) is False, "not one of those that were asked about"
    (tmp_path / "steps").mkdir()
    (tmp_path / "steps" / "train.py").write_text("A = 1\n")
    assert git.has_uncommitted(tmp_path, paths) is True


def test_what_the_commit_has_as_it_is(checkout: Path) -> None:
    folder = checkout / "taxi"
    folder.mkdir()
    names = ["same.py", "edited.py", "staged.py", "new.py", "out.py", "[a].py"]
    for name in names:
        (folder / name).write_text("1")
    (folder / ".gitignore").write_text("out.py\n")
    call(checkout, "add", "taxi/same.py", "taxi/edited.py", "taxi/staged.py", ":(literal)taxi/[a].py")
    call(checkout, "commit", "-q", "-m", "second")
    (folder / "edited.py").write_text("2")
    (folder / "staged.py").write_text("2")
    call(checkout, "add", "taxi/staged.py")
    assert git.as_committed(folder, names) == {"same.py", "[a].py"}
    assert git.as_committed(folder, ["edited.py", "nowhere.py"]) == frozenset()
    assert git.ignored(folder, names) == {"out.py"}


def test_what_a_checkout_without_commits_has(tmp_path: Path) -> None:
    (tmp_path / "a.py").touch()
    assert git.as_committed(tmp_path, ["a.py"]) is None
    call(tmp_path, "init", "-q")
    assert git.as_committed(tmp_path, ["a.py"]) == frozenset()
