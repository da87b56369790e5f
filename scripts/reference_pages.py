"""Write the pages of the documentation that are made from the code; a test holds them against it.

    .venv/bin/python scripts/reference_pages.py

Keys and their meaning come from the models of the configuration, commands from click, exit codes from the errors,
everything else from the tables of names that the code itself uses. Nothing in them is written twice.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

DOCS = Path(__file__).resolve().parents[1] / "docs"

TAGS = {
    "SOURCE_TYPE": "`RECIPE`; not on versions in Unity Catalog, which refuses it",
    "SOURCE_NAME": "where the code came from",
    "TEMPLATE": "such as `regression/v1`",
    "STEP": "the step that was asked for; `register` for a whole run",
    "PROFILE": "the profile",
    "PRIMARY_METRIC": "of the experiment: the metric that models are compared by, with `test_` before it",
    "PRIMARY_GREATER": "of the experiment: whether greater is better, `True` or `False`",
    "GIT_COMMIT": "the commit, in a git checkout",
    "GIT_BRANCH": "the branch",
    "GIT_URL": "the first remote, without credentials",
    "GIT_URL_LEGACY": "the same, by its older name",
    "KEY": "and a step: the key under which its result is remembered",
    "ATTEMPT": "which attempt opened the run; found again when its process was killed",
    "VALIDATION": "`VALIDATED`, `REJECTED` or `UNKNOWN`",
    "CHECKS": "how many checks of the data passed and did not",
    "PARENT": "of a trial: the run of the search",
    "TRIAL": "number of a trial",
    "TRIAL_STATUS": "how a trial ended",
    "CODE": "digest of the code that made a model",
    "CONFIG": "digest of its configuration",
    "ENVIRONMENT": "digest of the versions of its libraries",
    "RECIPE": "of a version: name of the recipe",
    "PROMOTED": "of a version: when it became the champion",
    "PREVIOUS_CHAMPION": "of a version: the one that a rollback goes back to",
}
VARIABLES = {
    "PROFILE": "the profile, where `-p` is not given",
    "EXECUTION_DIRECTORY": "where results are kept, instead of `metadata/recipes` in the recipe's folder",
    "TARGET_STEP": "set while step functions run: the step that was asked for",
    "TEMPLATE": "set while step functions run: the template",
    "TRACKING_URI": "the tracking server, where the profile names none",
    "REGISTRY_URI": "the model registry, where the profile names none",
    "EXPERIMENT_NAME": "the experiment, where the profile names none",
    "EXPERIMENT_ID": "the same, by its id",
    "SEED": "the seed of a search; wins over `steps.train.tuning.seed`",
    "FILE_STORE": "MLflow's own; a folder as `tracking_uri` works without it",
    "PROGRESS_BAR": "MLflow's own: `false` shows no bars while models are loaded",
    "HTTP_RETRIES": "MLflow's own: how often a request is tried again",
}
OTHER_VARIABLES = {
    "GITHUB_ACTIONS": "set by GitHub Actions, as `CI` is by others: no page is opened in a browser",
    "BROWSER": "the browser that pages are opened in",
}


def main() -> None:
    """Write the pages."""
    for path, text in pages().items():
        file = DOCS / path
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="\n")


def pages() -> dict[str, str]:
    """Path in docs/ -> Markdown."""
    return {
        "reference/keys.md": "\n".join(keys()),
        "reference/commands.md": "\n".join(commands()),
        "reference/artifacts.md": "\n".join(artifacts()),
        "reference/metrics.md": "\n".join(metrics()),
        "reference/tags.md": "\n".join(tags()),
        "reference/variables.md": "\n".join(variables()),
        "reference/exit-codes.md": "\n".join(exit_codes()),
        "decisions/index.md": "\n".join(decisions()),
    }


def table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> Iterator[str]:
    """A table in Markdown."""
    yield f"| {' | '.join(columns)} |"
    yield f"|{'---|' * len(columns)}"
    for row in rows:
        yield f"| {' | '.join(str(cell).replace('|', chr(92) + '|').replace(chr(10), ' ') for cell in row)} |"
    yield ""


def keys() -> Iterator[str]:
    """Every key of recipe.yaml and profiles, one section after the other."""
    from mlflow_recipes.config.keys import all_keys, as_yaml

    known = all_keys()
    yield "# Keys of recipe.yaml and profiles\n"
    yield "`mlflow-recipes docs KEY` prints the same for one key, with an example. A profile may hold any key, and"
    yield "names of its own, which are variables of recipe.yaml ([Configuration](../configuration.md)).\n"
    for section in dict.fromkeys(key.parent for key in known.values()):
        rows = [key for key in known.values() if key.parent == section]
        of = known.get(section)
        yield f"## {f'`{section}`' if section else 'At the top'}\n"
        if of is not None:
            page = "" if of.page == "configuration.md" else f" More: [{of.page}](../{of.page})."
            yield f"{escaped(of.description)}{page}\n"
        yield from table(
            ("key", "takes", "default", "meaning"),
            [(f"`{key.name}`", _takes(key), _default(key, as_yaml), escaped(key.description)) for key in rows],
        )


def _takes(key: Any) -> str:
    return escaped(key.takes) + (" (required)" if key.required else "")


def _default(key: Any, as_yaml: Any) -> str:
    return "" if key.default is None or key.is_section else f"`{as_yaml(key.default)}`"


def escaped(text: str) -> str:
    """Text in which Markdown takes no angle brackets for HTML."""
    parts = re.split(r"(`[^`]*`)", text)
    return "".join(part if part.startswith("`") else part.replace("<", "&lt;") for part in parts)


def commands() -> Iterator[str]:
    """Every command with its options."""
    from mlflow_recipes.cli import group

    yield "# Commands\n"
    yield "`mlflow-recipes COMMAND` and `mlflow recipes COMMAND` are the same. Each has `--help`, and ends with one of"
    yield "the [exit codes](exit-codes.md).\n"
    with click.Context(group, info_name="mlflow-recipes") as parent:
        if rows := _options(group, parent):
            yield "Before the command:\n"
            yield from table(("option", "meaning"), rows)
        for name in sorted(group.commands):
            command = group.commands[name]
            context = click.Context(command, info_name=name, parent=parent)
            yield f"## {name}\n"
            yield f"```text\n{command.get_usage(context).removeprefix('Usage: ')}\n```\n"
            yield f"{escaped((command.help or '').replace(chr(8), ''))}\n"
            if rows := _options(command, context):
                yield from table(("option", "meaning"), rows)


def _options(command: click.Command, context: click.Context) -> list[tuple[str, str]]:
    records = [parameter.get_help_record(context) for parameter in command.get_params(context)]
    return [(f"`{names}`", escaped(told)) for names, told in filter(None, records) if names != "--help"]


def artifacts() -> Iterator[str]:
    """What steps give, and where it is."""
    from mlflow_recipes import layout
    from mlflow_recipes.graph import SCORING, TRAINING

    yield "# Artifacts\n"
    yield "`recipe.get_artifact(NAME)` gives an artifact, `mlflow-recipes get-artifact -a NAME` says where it is: in"
    yield f"`{layout.DEFAULT_EXECUTION_FOLDER}/steps/<step>/{layout.OUTPUTS_FOLDER}/` of the recipe's folder. A step of"
    yield "your own named `clean` gives `clean_data`.\n"
    yield from table(
        ("artifact", "step", "file or folder"),
        [
            (f"`{name}`", step.name, f"`{layout.ARTIFACT_PATHS[name]}`")
            for step in (*TRAINING, *SCORING)
            for name in step.outputs
            if name in layout.PUBLIC_ARTIFACTS
        ],
    )
    yield f"Beside them each step has its card, `{layout.CARD_HTML}` and `{layout.CARD_JSON}`, its configuration,"
    yield f"`{layout.STEP_CONFIG_FILE}`, and how it ended, `{layout.EXECUTION_STATE_FILE}`.\n"
    yield "On the MLflow run:\n"
    rows = [
        (layout.RUN_MODEL_PATH, "the model: transformer and estimator"),
        (layout.RUN_ESTIMATOR_PATH, "the estimator alone"),
        (layout.RUN_TRANSFORMER_PATH, "the transformer alone"),
        ("train/best_parameters.yaml", "parameters by where they came from"),
        (f"<step>/{layout.CARD_HTML}", "the card of a step"),
        (layout.RUN_SNAPSHOT_PATH, "recipe.yaml, profiles, steps, and the configuration as it was read"),
        (layout.REPORT_HTML, "the report of the run"),
    ]
    yield from table(("path", "what it is"), [(f"`{path}`", told) for path, told in rows])


def metrics() -> Iterator[str]:
    """Built-in metrics of each task."""
    from mlflow_recipes.config.tasks import DEFAULT_METRICS, METRICS

    yield "# Metrics\n"
    yield "What `primary_metric` and `validation_criteria` may name, besides metrics of your own. They are logged with"
    yield "`training_`, `val_` and `test_` before their names. Further ones are logged, and cannot be a criterion.\n"
    for task, names in METRICS.items():
        yield f"## {task}\n"
        yield f"`primary_metric` is `{DEFAULT_METRICS[task]}` where none is given.\n"
        rows = [(f"`{name}`", "greater" if greater else "less") for name, greater in names.items()]
        yield from table(("metric", "better is"), rows)


def tags() -> Iterator[str]:
    """Tags of runs, experiments and versions."""
    from mlflow_recipes import layout

    yield "# Tags\n"
    yield "On runs, registered versions and experiments, as far as they apply.\n"
    rows = [(f"`{getattr(layout, f'TAG_{name}')}`", told) for name, told in TAGS.items()]
    rows += [(f"`{tag}`", f"digest of the {part} data") for part, tag in layout.TAGS_DATA.items()]
    yield from table(("tag", "what it says"), rows)


def variables() -> Iterator[str]:
    """Environment variables."""
    from mlflow_recipes import layout

    yield "# Environment variables\n"
    rows = [(f"`{getattr(layout, f'{name}_VARIABLE')}`", told) for name, told in VARIABLES.items()]
    yield from table(
        ("variable", "what it does"), [*rows, *((f"`{name}`", told) for name, told in OTHER_VARIABLES.items())]
    )


def exit_codes() -> Iterator[str]:
    """What a process returns."""
    from mlflow_recipes.cli_options import EXIT_CODES

    yield "# Exit codes\n"
    yield "[Why these](../decisions/0007-exit-codes.md).\n"
    yield from table(("code", "meaning"), re.findall(r"^ +(\d+) +(.*)$", EXIT_CODES, re.MULTILINE))


def decisions() -> Iterator[str]:
    """All decisions by number."""
    yield "# Decisions\n"
    yield "What somebody may ask about is written down, half a page each.\n"
    for path in sorted((DOCS / "decisions").glob("[0-9]*.md")):
        yield f"- [{path.read_text(encoding='utf-8').splitlines()[0].removeprefix('# ')}]({path.name})"
    yield ""


if __name__ == "__main__":
    main()
