"""The plug-in: with a small package that plays MLflow, so that every way of being found can be shown in no time."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import zipfile
from typing import TYPE_CHECKING

import pytest

from mlflow_recipes import layout
from mlflow_recipes.plugin import RecipeRunContext, RecipesFinder

if TYPE_CHECKING:
    from pathlib import Path

PLAYED = {
    "mlflow/__init__.py": "import mlflow.exceptions, mlflow.environment_variables, mlflow.utils.mlflow_tags\n",
    "mlflow/exceptions.py": "class MlflowException(Exception):\n    pass\n",
    "mlflow/environment_variables.py": "",
    "mlflow/utils/__init__.py": "",
    "mlflow/utils/mlflow_tags.py": "",
    "mlflow/cli.py": "import click\n\n\n@click.group()\ndef cli():\n    pass\n",
}


def write(folder: Path, changes: dict[str, str] | None = None) -> Path:
    """The played package in a folder, with some of its files replaced or added."""
    files = PLAYED | (changes or {})
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def run(place: Path, code: str) -> str:
    """What a fresh interpreter prints for `code` with the played MLflow first on its path."""
    program = f"import sys\nsys.path.insert(0, {str(place)!r})\n{textwrap.dedent(code)}"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout.strip()


ATTACH = """
import mlflow
from mlflow_recipes.plugin import RecipeRunContext
RecipeRunContext()
"""


class TestCommand:
    def test_group_is_added_after_mlflow_cli_ran(self, tmp_path: Path) -> None:
        assert run(write(tmp_path), ATTACH + "import mlflow.cli\nprint(list(mlflow.cli.cli.commands))") == "['recipes']"

    def test_group_is_added_to_an_mlflow_cli_that_is_imported_already(self, tmp_path: Path) -> None:
        code = "import mlflow.cli\n" + ATTACH + "print(list(mlflow.cli.cli.commands))"
        assert run(write(tmp_path), code) == "['recipes']"

    def test_mlflow_in_a_zip_file(self, tmp_path: Path) -> None:
        archive = tmp_path / "mlflow.zip"
        with zipfile.ZipFile(archive, "w") as bundle:
            for name, text in PLAYED.items():
                bundle.writestr(name, text)
        code = """
        import inspect, mlflow.cli
        loaders = mlflow.cli.__loader__, mlflow.cli.__spec__.loader
        print(list(mlflow.cli.cli.commands), *(type(loader).__name__ for loader in loaders))
        print(inspect.getsource(mlflow.cli).splitlines()[0])
        """
        printed = run(archive, ATTACH + textwrap.dedent(code))
        assert printed.splitlines() == ["['recipes'] zipimporter zipimporter", "import click"]

    def test_finder_that_asks_every_finder_in_turn(self, tmp_path: Path) -> None:
        code = """
        import importlib.util
        class Curious:
            asked = []
            def find_spec(self, name, path=None, target=None):
                if name in self.asked or not name.startswith("mlflow."):
                    return None
                self.asked.append(name)
                return importlib.util.find_spec(name)
        sys.meta_path.insert(0, Curious())
        import mlflow.cli, mlflow.recipes.utils
        print(list(mlflow.cli.cli.commands), Curious.asked)
        """
        printed = run(write(tmp_path), ATTACH + textwrap.dedent(code))
        assert printed == "['recipes'] ['mlflow.cli', 'mlflow.recipes.utils']"

    def test_reload_keeps_the_group(self, tmp_path: Path) -> None:
        code = "import importlib, mlflow.cli\nimportlib.reload(mlflow.cli)\nprint(list(mlflow.cli.cli.commands))"
        assert run(write(tmp_path), ATTACH + code) == "['recipes']"

    def test_group_of_that_name_which_is_there_already_stays(self, tmp_path: Path) -> None:
        place = write(
            tmp_path, {"mlflow/cli.py": PLAYED["mlflow/cli.py"] + "@cli.command()\ndef recipes():\n    pass\n"}
        )
        code = "import mlflow.cli\nprint(type(mlflow.cli.cli.commands['recipes']).__name__)"
        assert run(place, ATTACH + code) == "Command"

    def test_mlflow_that_looks_different_still_imports(self, tmp_path: Path) -> None:
        code = """
        import logging
        logging.basicConfig(stream=sys.stdout, format="%(levelname)s %(message)s")
        import mlflow.cli
        """
        assert run(write(tmp_path, {"mlflow/cli.py": "cli = 3\n"}), ATTACH + textwrap.dedent(code)) == (
            "WARNING mlflow-recipes could not extend mlflow.cli: 'int' object has no attribute 'commands'"
        )

    def test_command_line_is_imported_when_it_is_used(self, tmp_path: Path) -> None:
        code = """
        import mlflow.cli
        from click.testing import CliRunner
        listed = CliRunner().invoke(mlflow.cli.cli, ["--help"]).output
        print([line for line in listed.splitlines() if "recipes" in line], "mlflow_recipes.cli" in sys.modules)
        import click, types
        played = types.ModuleType("mlflow_recipes.cli")
        played.group = click.Group("mlflow-recipes", help="What ours says.")
        played.group.add_command(click.Command("plan", callback=lambda: click.echo("planned")))
        sys.modules["mlflow_recipes.cli"] = played
        print(CliRunner().invoke(mlflow.cli.cli, ["recipes", "plan"]).output.strip())
        helped = CliRunner().invoke(mlflow.cli.cli, ["recipes", "--help"], prog_name="mlflow").output
        print([line for line in helped.splitlines() if line])
        group = mlflow.cli.cli.commands["recipes"]
        print(group.list_commands(None), group.get_command(None, "plan").name)
        print(CliRunner().invoke(group, ["plan"]).output.strip())
        print(CliRunner().invoke(mlflow.cli.cli, ["recipes", "plam"]).exit_code)
        """
        assert run(write(tmp_path), ATTACH + textwrap.dedent(code)).splitlines() == [
            "['  recipes  Run MLflow Recipes: declared pipelines, cached step by step.'] False",
            "planned",
            "['Usage: mlflow recipes [OPTIONS] COMMAND [ARGS]...', '  What ours says.', 'Options:', "
            "'  --help  Show this message and exit.', 'Commands:', '  plan']",
            "['plan'] plan",
            "planned",
            "2",
        ]

    def test_the_one_line_of_help_is_that_of_the_group(self) -> None:
        from mlflow_recipes.cli import group
        from mlflow_recipes.compat.command import HELP

        assert (group.name, group.help) == ("recipes", HELP)


class TestModules:
    def test_attribute_is_there_and_nothing_is_imported(self, tmp_path: Path) -> None:
        code = """
        print(mlflow.recipes.__name__, dir(mlflow.recipes)[0], "Recipe" in dir(mlflow.recipes), mlflow.recipes.__all__)
        print(mlflow.recipes.regression.v1.recipe.__name__)
        print(sorted(name for name in sys.modules if name.startswith("mlflow_recipes.")))
        """
        assert run(write(tmp_path), ATTACH + textwrap.dedent(code)).splitlines() == [
            "mlflow.recipes Recipe True ['Recipe']",
            "mlflow.recipes.regression.v1.recipe",
            "['mlflow_recipes.compat', 'mlflow_recipes.compat.variables', 'mlflow_recipes.errors', "
            "'mlflow_recipes.layout', 'mlflow_recipes.plugin']",
        ]

    def test_unknown_name_and_unknown_module(self, tmp_path: Path) -> None:
        code = """
        for text in ("mlflow.recipes.Recipes", "mlflow.recipes.cli.plan", "import mlflow.recipes.steps.ingest"):
            try:
                exec(text)
            except (AttributeError, ImportError) as error:
                print(f"{type(error).__name__}: {error}")
        """
        assert run(write(tmp_path), ATTACH + textwrap.dedent(code)).splitlines() == [
            "AttributeError: module 'mlflow.recipes' has no attribute 'Recipes'",
            "AttributeError: module 'mlflow.recipes.cli' has no attribute 'plan'",
            "ModuleNotFoundError: No module named 'mlflow.recipes.steps'",
        ]

    def test_real_recipes_are_left_alone(self, tmp_path: Path) -> None:
        place = write(
            tmp_path, {"mlflow/recipes/__init__.py": "real = True\n", "mlflow/recipes/utils.py": "real = True\n"}
        )
        code = """
        print("mlflow.recipes" in sys.modules)
        import mlflow.recipes.utils
        print(mlflow.recipes.real, mlflow.recipes.utils.real)
        """
        assert run(place, ATTACH + textwrap.dedent(code)).splitlines() == ["False", "True True"]

    def test_folder_that_an_upgrade_left_behind_counts_for_nothing(self, tmp_path: Path) -> None:
        place = write(tmp_path)
        (place / "mlflow" / "recipes" / "utils" / "__pycache__").mkdir(parents=True)
        code = "import mlflow.recipes.utils\nprint(mlflow.recipes.__all__, mlflow.recipes.utils.__all__[2])"
        assert run(place, ATTACH + code) == "['Recipe'] get_recipe_name"

    def test_other_modules_are_none_of_the_finders_business(self) -> None:
        finder = RecipesFinder()
        assert [finder.find_spec(name, None) for name in ("mlflow", "json", "mlflow.recipes.steps", "recipes")] == [
            None
        ] * 4


class TestNames:
    def test_variables_and_tags_are_back(self, tmp_path: Path) -> None:
        code = """
        from mlflow.environment_variables import MLFLOW_RECIPES_EXECUTION_DIRECTORY as directory, MLFLOW_RECIPES_PROFILE
        from mlflow.environment_variables import MLFLOW_RECIPES_EXECUTION_TARGET_STEP_NAME
        print(directory.name, directory.get(), directory.defined, f"{directory}", str(directory), repr(directory))
        directory.set(3)
        print(directory.get(), directory.get_raw(), directory.defined, directory.is_set())
        directory.unset()
        directory.unset()
        print(directory.get(), directory.defined)
        from mlflow.utils import mlflow_tags as tags
        print(tags.MLFLOW_RECIPE_TEMPLATE_NAME, tags.MLFLOW_RECIPE_STEP_NAME, tags.MLFLOW_RECIPE_PROFILE_NAME)
        """
        name = "MLFLOW_RECIPES_EXECUTION_DIRECTORY"
        assert run(write(tmp_path), ATTACH + textwrap.dedent(code)).splitlines() == [
            f"{name} None False {name} {name} (default: None) '{name}'",
            "3 3 True True",
            "None False",
            "mlflow.pipeline.template.name mlflow.pipeline.step.name mlflow.pipeline.profile.name",
        ]

    def test_names_that_mlflow_has_stay(self, tmp_path: Path) -> None:
        place = write(
            tmp_path,
            {
                "mlflow/environment_variables.py": "MLFLOW_RECIPES_PROFILE = 1\n",
                "mlflow/utils/mlflow_tags.py": "MLFLOW_RECIPE_STEP_NAME = 2\n",
            },
        )
        code = """
        print(mlflow.environment_variables.MLFLOW_RECIPES_PROFILE)
        print(mlflow.utils.mlflow_tags.MLFLOW_RECIPE_STEP_NAME)
        """
        assert run(place, ATTACH + textwrap.dedent(code)).splitlines() == ["1", "2"]

    def test_errors_become_mlflow_exceptions_whichever_comes_first(self, tmp_path: Path) -> None:
        code = """
        from mlflow_recipes import ConfigError
        from mlflow_recipes.plugin import RecipeRunContext
        RecipeRunContext()
        print(ConfigError.__mro__[2].__name__)
        import mlflow
        print(issubclass(ConfigError, mlflow.exceptions.MlflowException))
        """
        assert run(write(tmp_path), code).splitlines() == ["_Detached", "True"]

    def test_one_finder_however_often_it_is_installed(self, tmp_path: Path) -> None:
        code = "RecipeRunContext()\nprint(sum(type(finder).__name__ == 'RecipesFinder' for finder in sys.meta_path))"
        assert run(write(tmp_path), ATTACH + code) == "1"


class TestRunContext:
    @pytest.fixture(autouse=True)
    def _no_recipe_running(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
        for name in (layout.TARGET_STEP_VARIABLE, layout.PROFILE_VARIABLE, layout.TEMPLATE_VARIABLE):
            monkeypatch.delenv(name, raising=False)

    def test_no_recipe_is_running(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(layout.PROFILE_VARIABLE, "local")
        assert not RecipeRunContext().in_context()

    def test_tags_of_the_running_recipe(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(layout.TARGET_STEP_VARIABLE, "register")
        monkeypatch.setenv(layout.PROFILE_VARIABLE, "local")
        monkeypatch.setenv(layout.TEMPLATE_VARIABLE, "regression/v1")
        context = RecipeRunContext()
        assert context.in_context()
        assert context.tags() == {
            "mlflow.source.type": "RECIPE",
            "mlflow.pipeline.template.name": "regression/v1",
            "mlflow.pipeline.profile.name": "local",
            "mlflow.pipeline.step.name": "register",
        }

    def test_what_is_not_known_is_left_out(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(layout.TARGET_STEP_VARIABLE, "train")
        assert RecipeRunContext().tags() == {"mlflow.source.type": "RECIPE", "mlflow.pipeline.step.name": "train"}
