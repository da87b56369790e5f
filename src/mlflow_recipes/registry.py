"""MLflow's model registry, as far as a recipe uses it: versions of a registered model, their aliases and tags.

Reached as `tracking.registry`. Every question to it ends in an answer or in one message: what is not there, or that
the registry cannot be reached (`UnavailableError`, from each function here).
"""

from __future__ import annotations

import contextlib
import difflib
import os
import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from mlflow_recipes import layout, scored
from mlflow_recipes.environment import variable
from mlflow_recipes.errors import RecipeError, UnavailableError
from mlflow_recipes.records import lost_version
from mlflow_recipes.secrets import mask
from mlflow_recipes.tracking_server import (
    asked_once,
    explained,
    file_store_allowed,
    is_workspace_registry,
    page,
)
from mlflow_recipes.user_modules import Apart

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from mlflow import MlflowClient

    from mlflow_recipes.records import StepRecord
    from mlflow_recipes.tracking import Tracking

_UNITY_CATALOG = "databricks-uc"
_EXISTS = ("RESOURCE_ALREADY_EXISTS", "ALREADY_EXISTS")
_TRIES = 3


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

    def __str__(self) -> str:
        return f"{self.version} ({', '.join(self.aliases)})" if self.aliases else self.version


class Registry:
    """The model registry of one recipe under one profile."""

    def __init__(self, tracking: Tracking) -> None:
        self._tracking = tracking
        elsewhere = tracking.registry_uri or os.environ.get(layout.REGISTRY_URI_VARIABLE)
        self.uri = elsewhere or default_uri(tracking.uri)

    @property
    def _client(self) -> MlflowClient:
        return self._tracking.client

    @contextlib.contextmanager
    def _reached(self) -> Iterator[None]:
        with explained(self.uri), file_store_allowed(self.uri):
            yield

    @property
    def has_aliases(self) -> bool:
        """Whether versions can have aliases: not in the registry of a Databricks workspace."""
        return not is_workspace_registry(self.uri)

    def page(self, name: str, version: str) -> str | None:
        """Where a version can be looked at, on servers that have pages."""
        return page(self.uri, "models", name, "versions", version)

    # Looking

    def aliases(self, name: str) -> dict[str, str] | None:
        """Alias -> version of a registered model; None where there is no such model."""
        found = self._asked(lambda: self._client.get_registered_model(name))
        return None if found is None else {alias: str(version) for alias, version in dict(found.aliases).items()}

    def find(self, name: str, version: str) -> Version | None:
        """A version by its number; None where there is none."""
        found = self._asked(lambda: self._client.get_model_version(name, version))
        return None if found is None else self._version(found, self.aliases(name) or {})

    def by_alias(self, name: str, alias: str) -> Version | None:
        """The version that an alias points to; None where the model or the alias does not exist.

        Raises:
            RecipeError: The alias points to a version that was deleted.
        """
        number = (self.aliases(name) or {}).get(alias)
        if number is None:
            return None
        found = self.find(name, number)
        if found is None:
            raise RecipeError(
                f"The alias '{alias}' of the registered model '{name}' points to version {number}, which was deleted.",
                hint="Give the alias to a version that is there: `mlflow recipes promote VERSION -p "
                f"{self._tracking.config.profile}`, or on the model's page in MLflow.",
            )
        return found

    def versions(self, name: str) -> list[Version]:
        """All versions of a registered model, the newest first; empty where there is no such model."""
        aliases = self.aliases(name)
        quote = '"' if "'" in name else "'"
        found = [] if aliases is None else self._search(f"name={quote}{name}{quote}")
        return [self._version(version, aliases or {}) for version in found]

    def selected(self, name: str, alias: str | None) -> Version | None:
        """The version that an alias points to, without one the newest; None where there is none."""
        return self.by_alias(name, alias) if alias else next(iter(self.versions(name)), None)

    def named(self, name: str, which: str) -> Version:
        """The version that a person means by a number (`3`, `v3`) or an alias.

        Raises:
            RecipeError: There is no such model, version or alias; says which there are.
        """
        number = which[1:] if re.fullmatch(r"[vV]\d+", which) else which
        is_number = bool(re.fullmatch(r"\d{1,9}", number))
        version = self.find(name, number) if is_number else self.by_alias(name, which)
        if version is not None:
            return version
        known = self.versions(name)
        if not known:
            raise RecipeError(
                f"There is no version of the registered model '{name}' in {mask(self.uri)}.",
                hint=f"Register one first: `mlflow recipes run -p {self._tracking.config.profile}`.",
            )
        kind = "version" if is_number else "alias"
        near = difflib.get_close_matches(which, [alias for version in known for alias in version.aliases], n=1)
        raise RecipeError(
            f"The registered model '{name}' has no {kind} {number if kind == 'version' else repr(which)}. "
            f"Its versions: {', '.join(map(str, known[:20]))}{', ...' if len(known) > 20 else ''}.",
            hint=f"Did you mean '{near[0]}'?" if near else "Name one by its number or by an alias that it has.",
        )

    def lost(self, name: str, version: str, run_id: str) -> str | None:
        """Why a version cannot be relied on any more; None when it is there, and of that run.

        Who deletes a registered model and makes it anew has other models by the same numbers.
        """
        found = self._asked(lambda: self._client.get_model_version(name, version))
        return lost_version(name, version, None if found is None else found.run_id == run_id)

    def other_model(self, record: StepRecord) -> str | None:
        """Why data would be scored by another model now."""
        found = scored.moving(record.effects.get(scored.REFERENCE, ""))
        version = self.selected(*found) if found else None
        return scored.other_model(record, version.version) if version else None

    def load(self, version: Version) -> Any:
        """The model of a version, as a `mlflow.pyfunc.PyFuncModel`, with the code that it brings instead of ours.

        Call it, and the model's `predict`, within `tracking.session()`; what the model raises is let through.
        """
        return self._loaded(f"models:/{version.name}/{version.version}")

    def load_uri(self, uri: str) -> Any:
        """The same of a model by any of MLflow's URIs.

        Raises:
            RecipeError: There is none, or it cannot be loaded here.
        """
        try:
            return self._loaded(uri)
        except RecipeError:
            raise
        except Exception as error:
            line = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise RecipeError(
                f"The model '{mask(uri)}' cannot be loaded: {mask(line)[:500]}",
                hint="See whether there is such a model, and whether the packages that it was made with are installed.",
            ) from error

    def _loaded(self, uri: str) -> Any:
        import mlflow.pyfunc

        apart = Apart(self._tracking.root)
        with self._reached(), variable(layout.PROGRESS_BAR_VARIABLE, "false"):
            model = apart.call(mlflow.pyfunc.load_model, uri)
        predict = model.predict
        model.predict = lambda *args, **extra: apart.call(predict, *args, **extra)
        return model

    def spark_udf(self, session: Any, uri: str, result_type: str) -> Any:
        """A model as a UDF of a Spark session, with the packages that are installed here."""
        import mlflow.pyfunc

        with self._reached(), variable(layout.PROGRESS_BAR_VARIABLE, "false"):
            return mlflow.pyfunc.spark_udf(session, uri, result_type, env_manager="local")

    def _asked(self, question: Callable[[], Any]) -> Any:
        """What the registry answers; None for what does not exist."""
        from mlflow.exceptions import MlflowException

        with self._reached():
            try:
                return question()
            except MlflowException as error:
                if error.error_code not in layout.GONE:
                    raise
                return None

    def _search(self, filtering: str) -> list[Any]:
        """All versions that fit, the newest first."""
        found: list[Any] = []
        after = None
        with self._reached():
            while after != "":
                part = self._client.search_model_versions(filtering, page_token=after)
                found += part
                after = part.token or ""
        return sorted(found, key=lambda version: int(version.version), reverse=True)

    def _version(self, found: Any, aliases: Mapping[str, str]) -> Version:
        number = str(found.version)
        return Version(
            name=found.name,
            version=number,
            run_id=found.run_id or None,
            model_id=getattr(found, "model_id", None) or None,
            aliases=tuple(sorted(alias for alias, of in aliases.items() if of == number)),
            tags={self._our_name(name): value for name, value in (found.tags or {}).items()},
            created=(found.creation_timestamp or 0) / 1000,
        )

    # Changing

    def register(self, name: str, run_id: str, model_id: str | None, tags: Mapping[str, str]) -> Version:
        """The version that the run's model is under `name`, with these tags; made where there is none.

        A server may go away after it has made a version and before it says so, and MLflow's client would then ask for
        another one. So it is asked once, and before it is asked again, the version is looked for.
        """
        for _ in range(_TRIES):
            found = [v for v in self._search(f"run_id='{run_id}'") if v.name == name and v.status == "READY"]
            if found:
                version = self._version(found[-1], self.aliases(name) or {})
                self.set_tags(version, tags)
                return replace(version, tags={**version.tags, **tags})
            try:
                return self._create(name, run_id, model_id, tags)
            except UnavailableError as error:
                away = error
        raise away

    def _create(self, name: str, run_id: str, model_id: str | None, tags: Mapping[str, str]) -> Version:
        from mlflow.exceptions import MlflowException

        with self._reached():
            try:
                self._client.create_registered_model(name)
            except MlflowException as error:
                if error.error_code not in _EXISTS:
                    raise
            source = f"models:/{model_id}" if model_id else f"runs:/{run_id}/{layout.RUN_MODEL_PATH}"
            theirs = {self._their_name(tag): value for tag, value in tags.items() if self._takes(tag)}
            with asked_once():
                made = self._client.create_model_version(name, source, run_id=run_id, model_id=model_id, tags=theirs)
        return replace(self._version(made, {}), tags=dict(tags))

    def set_tags(self, version: Version, tags: Mapping[str, str]) -> None:
        """Give a version tags, as far as it does not have them."""
        with self._reached():
            for name, value in tags.items():
                if version.tags.get(name) != value and self._takes(name):
                    self._client.set_model_version_tag(version.name, version.version, self._their_name(name), value)

    def delete_tag(self, version: Version, name: str) -> None:
        """Take a tag off a version, if it has it."""
        if name in version.tags:
            with self._reached():
                self._client.delete_model_version_tag(version.name, version.version, self._their_name(name))

    def set_alias(self, name: str, alias: str, version: str) -> None:
        """Let an alias point to a version, away from the one that it pointed to before."""
        with self._reached():
            self._client.set_registered_model_alias(name, alias, version)

    def delete_alias(self, name: str, alias: str) -> None:
        """Take an alias away; one that is not there is no error."""
        with self._reached():
            self._client.delete_registered_model_alias(name, alias)

    def promote(self, version: Version, champion: str, challenger: str) -> str | None:
        """Make a version the champion, which then is no challenger any more, and remember who was it before.

        Args:
            version: What becomes the champion.
            champion: The alias of the version in use.
            challenger: The alias of the version that may become it.

        Returns:
            The version that was the champion before; None where there was none.
        """
        aliases = self.aliases(version.name) or {}
        before = aliases.get(champion)
        if before is None:
            self.delete_tag(version, layout.TAG_PREVIOUS_CHAMPION)
        elif before != version.version:
            self.set_tags(version, {layout.TAG_PREVIOUS_CHAMPION: before})
        self.set_alias(version.name, champion, version.version)
        if aliases.get(challenger) == version.version:
            self.delete_alias(version.name, challenger)
        self.set_tags(version, {layout.TAG_PROMOTED: datetime.now(timezone.utc).isoformat(timespec="seconds")})
        return before

    def _takes(self, tag: str) -> bool:
        return tag != layout.TAG_SOURCE_TYPE or not self.uri.startswith(_UNITY_CATALOG)

    def _their_name(self, tag: str) -> str:
        return tag_name(self.uri, tag)

    def _our_name(self, tag: str) -> str:
        return next((name for name in layout.VERSION_TAGS if self._their_name(name) == tag), tag)


def tag_name(uri: str, tag: str) -> str:
    """What a tag of a version is called in a registry: Unity Catalog refuses dots.

    >>> [tag_name(uri, "mlflow_recipes.code") for uri in ("sqlite:///m.db", "databricks-uc://team")]
    ['mlflow_recipes.code', 'mlflow_recipes_code']
    """
    return tag.replace(".", "_") if uri.startswith(_UNITY_CATALOG) else tag


def default_uri(tracking_uri: str) -> str:
    """Where MLflow 3 registers models unless told otherwise: at the tracking server, on Databricks in Unity Catalog.

    >>> [default_uri(uri) for uri in ("http://h", "databricks", "databricks://team")]
    ['http://h', 'databricks-uc', 'databricks-uc://team']
    """
    scheme, colon, rest = tracking_uri.partition(":")
    return f"databricks-uc{colon}{rest}" if scheme == "databricks" else tracking_uri
