"""Requirements that hold a library, or Python, below what this package needs: of pip, conda, poetry and Pipfiles."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.specifiers import InvalidSpecifier, Specifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

if TYPE_CHECKING:
    from collections.abc import Iterator

FILES = (".txt", ".yaml", ".yml", ".toml", ".cfg", ".sh", "setup.py", "Pipfile", "Dockerfile", "Makefile")
_EXTRAS = {"pipelines", "recipes"}
# What pyproject.toml asks for, and what is said where less is held
_LIBRARIES = "mlflow-recipes needs scikit-learn 1.4, pandas 2.2 and numpy 1.26, or newer."
_MLFLOW = "This holds MLflow below 3.1; require mlflow-recipes instead, which brings MLflow 3."
_XGBOOST = "mlflow-recipes[xgboost] needs XGBoost 2.1, or newer."
_LEAST = {
    "mlflow": ("3.1", "requirements.mlflow", _MLFLOW),
    "mlflow-skinny": ("3.1", "requirements.mlflow", _MLFLOW),
    "scikit-learn": ("1.4", "requirements.libraries", _LIBRARIES),
    "pandas": ("2.2", "requirements.libraries", _LIBRARIES),
    "numpy": ("1.26", "requirements.libraries", _LIBRARIES),
    "xgboost": ("2.1", "requirements.libraries", _XGBOOST),
    "xgboost-cpu": ("2.1", "requirements.libraries", _XGBOOST),
}
_NAMES = r"mlflow[-_.]skinny|mlflow|scikit[-_.]learn|pandas|numpy|xgboost[-_.]cpu|xgboost"
_ONE = r"(?:===|==|~=|!=|<=|>=|<|>|=)[ \t]*[\w.*+!]+"
_REQUIREMENT = re.compile(
    rf"(?<![\w./@-])(?P<name>{_NAMES})(?![\w.-])"
    rf"(?P<extras>[ \t]*\[[\w \t,.-]*\])?"
    rf"(?:[ \t]*(?P<url>@[ \t]*\S+)"
    rf"|[ \t]*\(?(?P<pip>{_ONE}(?:[ \t]*,[ \t]*{_ONE})*)\)?"
    r"|[\"']?[ \t]*=[ \t]*[\"'](?P<toml>[^\"'\n]*)[\"']"
    r"|[\"']?[ \t]*=[ \t]*(?P<table>\{[^}\n]*\}))?",
    re.IGNORECASE,
)
_PYTHON = re.compile(
    r"\bpython[ \t]*(?:=[=~]?|~=)[ \t]*3\.\d(?![\d])"  # conda
    r"|^FROM[ \t]+(?:\S*/)?python:3\.\d(?!\d)"
    r"|\bpython[-_]version[\"']?[ \t]*[:=](?!=)[ \t]*\[?[ \t]*[\"']?3\.\d(?!\d)"
    r"|^[ \t]*(?:python|requires-python|python_requires)[ \t]*=[ \t]*[\"']?[\^~>=]*[ \t]*3\.\d(?!\d)"
    r"|^python-3\.\d(?!\d)",
    re.MULTILINE,
)
_ELSEWHERE = re.compile(r"\bmlflow\[(?P<extras>[\w \t,.-]*)\](?P<pip>(?:[=<>~!]=?[^\s\"',;#]*,?)*)(?P<url>[ \t]*@)?")


@dataclass(frozen=True)
class Match:
    """A place in a text that is not as it should be.

    Attributes:
        rule: Name of the rule.
        start: Its first character.
        end: The one after its last.
        message: As in `Finding`.
        new: What to put in its place; None where a hand is needed.
    """

    rule: str
    start: int
    end: int
    message: str
    new: str | None = None


def matches(file: str, text: str) -> Iterator[Match]:
    """What is found in a file; outside of those that hold requirements only an extra of MLflow's that is gone."""
    if not file.endswith(FILES):
        for found in _ELSEWHERE.finditer(text):
            if _EXTRAS & _listed(found["extras"]):
                yield _extra(text, found, found["extras"])
        return
    for found in _REQUIREMENT.finditer(text):
        if _is_comment(text, found.start()):
            continue
        name = canonicalize_name(found["name"])
        extras = found["extras"] or found["table"] or ""
        if name == "mlflow" and _EXTRAS & _listed(extras):
            yield _extra(text, found, extras)
            continue
        least, rule, message = _LEAST[name]
        if any(_is_below(one, Version(least)) for one in _specifiers(found)):
            yield Match(rule, found.start(), found.end(), message)
    for found in _PYTHON.finditer(text):
        yield Match("requirements.python", found.start(), found.end(), "mlflow-recipes needs Python 3.10 to 3.13.")


def _is_comment(text: str, start: int) -> bool:
    return text[text.rfind("\n", 0, start) + 1 : start].lstrip().startswith("#")


def _listed(extras: str) -> set[str]:
    return set(re.findall(r"[\w.-]+", extras.lower()))


def _extra(text: str, found: re.Match[str], extras: str) -> Match:
    """`mlflow[pipelines]==1.30.0`: replaced where nothing else is asked for with it."""
    line_end = text.find("\n", found.end())
    rest = text[found.end() : len(text) if line_end < 0 else line_end]
    message = "MLflow no longer has this extra; mlflow-recipes brings MLflow 3 and what it needs."
    others = found["url"] or found.groupdict().get("table") or _listed(extras) - _EXTRAS
    if others or "--hash" in rest or rest.rstrip().endswith("\\"):
        message += " Require it instead."
        return Match("requirements.extra", found.start(), found.end(), message)
    return Match("requirements.extra", found.start(), found.end(), message, "mlflow-recipes")


def _specifiers(found: re.Match[str]) -> list[Specifier]:
    """The conditions of a requirement, those of conda and poetry as pip writes them; none where they are not known."""
    given = found["pip"] or found["toml"] or ""
    if found["table"]:
        version = re.search(r"\bversion[ \t]*=[ \t]*[\"']([^\"']*)[\"']", found["table"])
        given = version[1] if version else ""
    try:
        return list(SpecifierSet(",".join(_as_pip(one.strip()) for one in given.split(",") if one.strip(" *"))))
    except (InvalidSpecifier, InvalidVersion):
        return []


def _as_pip(one: str) -> str:
    """One condition as pip writes it.

    >>> [_as_pip(one) for one in ("=1.3", "^1.4", "^0.24.1", "~1.4.2", "1.4", ">= 1")]
    ['==1.3.*', '<2', '<0.25', '<1.5', '==1.4', '>= 1']
    """
    version = one.lstrip("=^~ ")
    if one.startswith("^"):
        release = Version(version).release
        significant = next((index for index, part in enumerate(release) if part), len(release) - 1)
        return f"<{_next(release, significant + 1)}"
    if one.startswith("~") and not one.startswith("~="):
        return f"<{_next(Version(version).release, 2)}"
    if one.startswith("=") and not one.startswith("=="):
        return f"=={version.removesuffix('.*')}.*"
    return f"=={one}" if one[:1].isdigit() else one


def _next(release: tuple[int, ...], parts: int) -> str:
    """The first version after all that begin with so many parts of `release`."""
    kept = release[:parts]
    return ".".join(map(str, (*kept[:-1], kept[-1] + 1)))


def _is_below(one: Specifier, least: Version) -> bool:
    """Whether a condition leaves no version from `least` on."""
    if one.operator == "===":  # any text may follow
        return False
    prefix = one.version.removesuffix(".*")
    version = Version(prefix)
    if one.operator == "<=" or (one.operator == "==" and prefix == one.version):
        return version < least
    if one.operator == "<":
        return version <= least
    if one.operator == "==":
        return Version(_next(version.release, len(version.release))) <= least
    return one.operator == "~=" and Version(_next(version.release, len(version.release) - 1)) <= least
