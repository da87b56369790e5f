"""Files on what fsspec knows and MLflow's artifact stores do not, such as `github:`, `az:` or `smb:` addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlflow_recipes.errors import DataError, RecipeError, UnavailableError
from mlflow_recipes.secrets import mask

if TYPE_CHECKING:
    from pathlib import Path

_KEY = "steps.ingest.location"
_OF_MLFLOW = (
    *("s3", "r2", "b2", "gs", "wasb", "wasbs", "abfs", "abfss", "adl", "hdfs", "viewfs", "dbfs", "uc", "ftp", "sftp"),
    *("runs", "models", "mlflow-artifacts", "oss"),
)


def is_theirs(scheme: str) -> bool:
    """Whether fsspec is asked for a scheme: it knows it, and MLflow does not."""
    if scheme in _OF_MLFLOW:
        return False
    try:
        import fsspec
    except ImportError:
        return False
    return scheme in fsspec.available_protocols()


def fetch(location: str, folder: Path, endings: tuple[str, ...]) -> list[tuple[str, Path]]:
    """Copy a file, or the files of a folder or a pattern, into a folder; each with the name to show it by.

    Args:
        location: An address that fsspec resolves.
        folder: Where copies are kept.
        endings: How the names of a folder's files end; empty for all.

    Raises:
        DataError: There is nothing.
        RecipeError: fsspec needs another package for it.
        UnavailableError: It cannot be reached.
    """
    import fsspec

    try:
        system, path = fsspec.core.url_to_fs(location)
        names = _names(system, path, endings)
        copies = [(str(system.unstrip_protocol(name)), _copy(system, name, folder / str(i))) for i, name in names]
    except ImportError as error:
        hint = "Install it in the environment that runs the recipe."
        raise RecipeError(f"'{mask(location)}' needs another package: {error}.", where=_KEY, hint=hint) from error
    except FileNotFoundError as error:
        raise DataError(f"'{mask(location)}' does not exist.", where=_KEY, hint="Check the address.") from error
    except Exception as error:  # each file system raises errors of its own
        raise UnavailableError(
            f"'{mask(location)}' cannot be fetched: {mask(f'{type(error).__name__}: {error}')[:300]}",
            where=_KEY,
            hint="Check the address and the credentials that it needs.",
        ) from error
    if not copies:
        wanted = f" that end in {' or '.join(endings)}" if endings else ""
        raise DataError(f"There are no files{wanted} at '{mask(location)}'.", where=_KEY, hint="Check the address.")
    return copies


def _names(system: Any, path: str, endings: tuple[str, ...]) -> list[tuple[int, str]]:
    import glob

    if glob.has_magic(path) and not system.exists(path):
        found = sorted(name for name in system.glob(path) if not system.isdir(name))
    elif system.isdir(path):
        entries = [entry["name"] for entry in system.ls(path, detail=True) if entry["type"] == "file"]
        found = sorted(name for name in entries if not endings or name.endswith(endings))
    else:
        found = [path]
    return list(enumerate(found))


def _copy(system: Any, name: str, folder: Path) -> Path:
    """Copy one file beside its place, then move it there, so that none is ever half."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / (name.rstrip("/").rpartition("/")[2] or "data")
    part = folder / f".{target.name}.part"
    system.get_file(name, str(part))
    part.replace(target)
    return target
