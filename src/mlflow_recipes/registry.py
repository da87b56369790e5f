"""MLflow's model registry, as far as a recipe uses it: versions of one registered model, their aliases and tags.

Reached as `tracking.registry`. Every question to the registry ends in an answer, or in one message that says what is
not there or that the registry cannot be reached.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mlflow_recipes import layout
from mlflow_recipes.errors import RecipeError
from mlflow_recipes.tracking_server import explained, page
from mlflow_recipes.user_modules import apart

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mlflow import MlflowClient

    from mlflow_recipes.tracking import Tracking

_UNITY_CATALOG = "databricks-uc"


@dataclass(frozen=True)
class Version:
    """A version of a registered model.

    Attributes:
        name: The registered model.
        version: Its number, as text.
        run_id: The MLflow run that trained it, where there is one.
        model_id: Its logged model, where there is one.
        aliases: In alphabetical order.
        tags: By the names in `layout`, whatever the registry makes of them.
        created: Seconds since the epoch.
    """

    name: str
    version: str
    run_id: str | None
    model_id: str | None
    aliases: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    created: float = 0.0


class Registry:
    """The model registry of one recipe under one profile."""

    def __init__(self, tracking: Tracking) -> None:
        self._tracking = tracking
        self.uri = tracking.registry_uri or tracking.uri

    @property
    def _client(self) -> MlflowClient:
        return self._tracking.client

    # Looking

    def page(self, name: str, version: str) -> str | None:
        """Where a version can be looked at, on servers that have pages."""
        return page(self.uri, "models", name, "versions", version)

    def aliases(self, name: str) -> dict[str, str] | None:
        """Alias -> version of a registered model; None where there is no such model.

        Raises:
            UnavailableError: The registry cannot be reached.
        """
        from mlflow.exceptions import MlflowException

        with explained(self.uri):
            try:
                found = self._client.get_registered_model(name).aliases
            except MlflowException as error:
                if error.error_code not in layout.GONE:
                    raise
                return None
        return {alias: str(version) for alias, version in dict(found).items()}

    def find(self, name: str, version: str) -> Version | None:
        """A version by its number; None where there is none.

        Raises:
            UnavailableError: The registry cannot be reached.
        """
        from mlflow.exceptions import MlflowException

        with explained(self.uri):
            try:
                found = self._client.get_model_version(name, version)
            except MlflowException as error:
                if error.error_code not in layout.GONE:
                    raise
                return None
            return self._version(found, self.aliases(name) or {})

    def by_alias(self, name: str, alias: str) -> Version | None:
        """The version that an alias points to; None where the model or the alias does not exist.

        Raises:
            RecipeError: The alias points to a version that was deleted.
            UnavailableError: The registry cannot be reached.
        """
        version = (self.aliases(name) or {}).get(alias)
        if version is None:
            return None
        found = self.find(name, version)
        if found is None:
            raise RecipeError(
                f"The alias '{alias}' of the registered model '{name}' points to version {version}, which was deleted.",
                hint=f"Give it to a version that is there: `mlflow recipes promote VERSION -p "
                f"{self._tracking.config.profile}`, or remove it on the model's page in MLflow.",
            )
        return found

    def versions(self, name: str) -> list[Version]:
        """All versions of a registered model, the newest first; empty where there is no such model.

        Raises:
            UnavailableError: The registry cannot be reached.
        """
        quote = '"' if "'" in name else "'"
        with explained(self.uri):
            aliases = self.aliases(name)
            found = [] if aliases is None else self._search(f"name={quote}{name}{quote}")
            versions = [self._version(version, aliases or {}) for version in found]
        return sorted(versions, key=lambda version: int(version.version), reverse=True)

    def lost(self, name: str, version: str) -> str | None:
        """Why a version cannot be relied on any more; None when it is there."""
        gone = self.find(name, version) is None
        return f"version {version} of the registered model '{name}' was deleted" if gone else None

    def load(self, version: Version) -> Any:
        """The model of a version, as a `mlflow.pyfunc.PyFuncModel` with the code that it was registered with.

        Call it within `tracking.session()`.
        """
        import mlflow.pyfunc

        with explained(self.uri), apart(self._tracking.root):
            return mlflow.pyfunc.load_model(f"models:/{version.name}/{version.version}")

    def _search(self, filtering: str) -> Iterator[Any]:
        token = None
        while True:
            found = self._client.search_model_versions(filtering, page_token=token)
            yield from found
            token = found.token
            if not token:
                return

    def _version(self, found: Any, aliases: Mapping[str, str]) -> Version:
        number = str(found.version)
        return Version(
            name=found.name,
            version=number,
            run_id=found.run_id or None,
            model_id=getattr(found, "model_id", None) or None,
            aliases=tuple(sorted(alias for alias, of in aliases.items() if of == number)),
            tags=self._our_names(found.tags or {}),
            created=(found.creation_timestamp or 0) / 1000,
        )

    # Changing

    def set_alias(self, name: str, alias: str, version: str) -> None:
        """Let an alias point to a version, away from the one that it pointed to before."""
        with explained(self.uri):
            self._client.set_registered_model_alias(name, alias, version)

    def delete_alias(self, name: str, alias: str) -> None:
        """Take an alias away; one that is not there is no error."""
        with explained(self.uri):
            self._client.delete_registered_model_alias(name, alias)

    def register(self, name: str, run_id: str, model_id: str | None, tags: Mapping[str, str]) -> str:
        """Register the run's model under `name` and return the version; the same model is never registered twice."""
        from mlflow.exceptions import MlflowException

        found = [
            version
            for version in self._search(f"run_id='{run_id}'")
            if version.name == name and version.status == "READY"
        ]
        if found:
            return str(found[0].version)
        try:
            self._client.create_registered_model(name)
        except MlflowException as error:
            if error.error_code not in ("RESOURCE_ALREADY_EXISTS", "ALREADY_EXISTS"):
                raise
        source = f"models:/{model_id}" if model_id else f"runs:/{run_id}/{layout.RUN_MODEL_PATH}"
        version = self._client.create_model_version(
            name, source, run_id=run_id, model_id=model_id, tags=self._their_names(tags)
        )
        return str(version.version)

    # Unity Catalog refuses tag names with dots in them that it does not know.

    def _their_names(self, tags: Mapping[str, str]) -> dict[str, str]:
        if not self.uri.startswith(_UNITY_CATALOG):
            return dict(tags)
        return {name.replace(".", "_"): value for name, value in tags.items() if name != layout.TAG_SOURCE_TYPE}

    def _our_names(self, tags: Mapping[str, str]) -> dict[str, str]:
        if not self.uri.startswith(_UNITY_CATALOG):
            return dict(tags)
        known = {name.replace(".", "_"): name for name in layout.VERSION_TAGS}
        return {known.get(name, name): value for name, value in tags.items()}
