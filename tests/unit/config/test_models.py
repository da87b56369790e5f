"""What a configuration may say, and every problem with its place."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
import yaml

from mlflow_recipes.config.models import find_problems, parse, step_options, template_of
from mlflow_recipes.config.source import ConfigSource, load_source
from mlflow_recipes.errors import ConfigError
from mlflow_recipes.fingerprint import option_parts, value_digest
from mlflow_recipes.run_files import step_config_text

RECIPE = """\
recipe: regression/v1
target_col: y
steps:
  ingest:
    using: parquet
    location: data
  train:
    estimator_method: estimator_fn
model_registry:
  model_name: m
"""


@pytest.fixture
def source(tmp_path: Path):
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "local.yaml").write_text("")

    def made(text: str = RECIPE, *overrides: str) -> ConfigSource:
        (tmp_path / "recipe.yaml").write_text(text)
        return load_source(tmp_path, "local", overrides)

    return made


def test_defaults(source) -> None:
    config = parse(source())
    assert config.primary_metric_name == "root_mean_squared_error"
    assert config.steps.split.split_ratios == (0.75, 0.125, 0.125)
    assert config.steps.split.using == "split_ratios"
    assert config.steps.transform.using == config.steps.train.using == "custom"
    assert config.steps.ingest.location == ("data",)
    assert config.steps.register_.allow_non_validated_model is False
    assert config.model_name == "m"


@pytest.mark.parametrize(
    ("override", "problem"),
    [
        ("target_col=", "--set: Missing target_col config: name the column to predict, such as `target_col: "),
        ("target_col=7", "--set: target_col: expected the name of a column, or a list of them; found 7."),
        ("target_col=[]", "--set: target_col: expected the name of a column, or a list of them."),
        ("target_col=[a, 7]", "--set: target_col: expected the name of a column, or a list of them."),
        ("target_col=[a, b, a]", "--set: target_col: 'a' is named more than once."),
        ("steps.ingest.using=", "--set: steps.ingest.using is missing."),
        ("steps.ingest.using=xlsx", "recipe.yaml:4:3: steps.ingest.loader_method is missing; `using: xlsx` needs it."),
        ("steps.ingest.location=", "--set: steps.ingest.location is missing."),
        (
            "steps.split.using=random",
            "--set: steps.split.using: input should be 'split_ratios', 'custom', 'time', ",
        ),
        ("steps.split.using=custom", "--set: steps.split.split_method is missing; `using: custom` needs it."),
        ("steps.split.split_ratios=[1, 2]", "--set: steps.split.split_ratios.2 is missing."),
        ("steps.split.split_ratios=[1, 0, 1]", "--set: steps.split.split_ratios: expected three positive numbers"),
        ("steps.split.split_ratios=[1, -1, 1]", "--set: steps.split.split_ratios: expected three positive numbers"),
        ("steps.split.split_ratios=['1', 1, 1]", "--set: steps.split.split_ratios.0: expected a number; found '1'."),
        ("steps.train.estimator_method=", "--set: steps.train.estimator_method is missing."),
        ("steps.train.estimator_method=a b", "--set: steps.train.estimator_method: string should match pattern"),
        ("steps.train.sample_weight_col=y", "--set: steps.train.sample_weight_col: a target cannot be the weight of "),
        ("steps.train.early_stopping={metric: mae}", "--set: steps.train.early_stopping.rounds is missing."),
        ("steps.train.early_stopping={rounds: 0}", "--set: steps.train.early_stopping.rounds: input should be greater"),
        ("steps.train.device=gpu", "--set: steps.train.device: input should be 'cpu' or 'cuda'; found 'gpu'."),
        ("steps.train.learning_curve=[0.5, 1.5]", "--set: steps.train.learning_curve.1: input should be less than or "),
        ("steps.train.using=magic", "--set: steps.train.using: expected one of custom, automl/flaml, automl/hyperopt;"),
        (
            "steps.train.tuning={enabled: true, parameters: {a: {values: [1]}}}",
            "--set: steps.train.tuning.max_trials is ",
        ),
        (
            "steps.train.tuning={enabled: yes please}",
            "--set: steps.train.tuning.enabled: input should be true or false",
        ),
        ("primary_metric=mse", "--set: primary_metric: there is no metric 'mse'. There are: mean_absolute_error, "),
        (
            "steps.evaluate.validation_criteria=[{metric: r2_score, threshold: 1}]",
            "--set: Validation criteria contain undefined metrics: 'r2_score'. There are: mean_absolute_error, ",
        ),
        (
            "steps.evaluate.validation_criteria=[{metric: max_error}]",
            "--set: steps.evaluate.validation_criteria.0.threshold is missing.",
        ),
        ("custom_metrics=[{name: a, function: f}]", "--set: custom_metrics.0.greater_is_better is missing."),
        ("model_registry.model_name=", "--set: model_registry.model_name is missing."),
        (
            "model_registry.model_name=a/b",
            "--set: model_registry.model_name: MLflow allows no registered model to be called 'a/b'. Use a name",
        ),
        *(
            (
                f"steps.register.champion_alias={alias}",
                "--set: steps.register.champion_alias: expected letters, digits, ",
            )
            for alias in ("3", "v3", "Latest", "a b", "''")
        ),
        (
            "steps.register.challenger_alias=champion",
            "--set: steps.register: champion and challenger have the same alias, 'champion'. Give them different ones.",
        ),
        (
            "steps.register={promote: true, registry_uri: databricks}",
            "--set: steps.register.promote: the model registry 'databricks' has no aliases. Set it to false, or set ",
        ),
        ("recipe=regresion/v1", "--set: There is no recipe template 'regresion/v1'."),
    ],
)
def test_problems(source, override: str, problem: str) -> None:
    found = [str(p) for p in find_problems(source(RECIPE, override)) if p.severity == "error"]
    assert len(found) == 1
    assert found[0].startswith(problem)
    with pytest.raises(ConfigError):
        parse(source(RECIPE, override))


def test_several_targets(source) -> None:
    one, two = (parse(source(RECIPE, f"target_col={value}")) for value in ("[y]", "[y, z]"))
    assert (one.target_col, one.target_cols) == ("y", ("y",))
    assert two.target_col == two.target_cols == ("y", "z")
    assert "mean_absolute_error_z" in two.metric_names
    assert "mean_absolute_error_y" not in one.metric_names
    parse(source(RECIPE, "target_col=[y, z]", "primary_metric=max_error_z"))


def test_the_column_of_weights_counts_for_the_steps_that_leave_it_out(source) -> None:
    plain, weighted = parse(source()), parse(source(RECIPE, "steps.train.sample_weight_col=w"))
    assert (plain.non_features, weighted.non_features) == (("y",), ("y", "w"))
    differing = {step for step in ("ingest", "split", "transform", "train", "evaluate", "register")
                 if step_options(plain, step) != step_options(weighted, step)}  # fmt: skip
    assert differing == {"transform", "train", "evaluate"}


def test_all_problems_at_once(source) -> None:
    text = RECIPE.replace("location: data", "locaton: data").replace("  model_name: m", "  name: m")
    with pytest.raises(ConfigError) as caught:
        parse(source(text.replace("using: parquet", "using: xlsx")))
    assert str(caught.value) == (
        "3 problems in the configuration of profile 'local':\n"
        "  - recipe.yaml:4:3: steps.ingest.location is missing. Name a file, a folder, a URL, or a list of them.\n"
        "  - recipe.yaml:4:3: steps.ingest.loader_method is missing; `using: xlsx` needs it. Name the function in "
        "steps/ingest.py that reads one file.\n"
        "  - recipe.yaml:9:1: model_registry.model_name is missing. Name the registered model in the profile: "
        "`model_registry: {model_name: ...}`."
    )


def test_unknown_keys_are_warnings_with_the_nearest(source) -> None:
    text = RECIPE.replace("estimator_method", "estimator_metod").replace("target_col", "traget_col: y\ntarget_col")
    found = [str(problem) for problem in find_problems(source(text)) if problem.severity == "warning"]
    assert found == [
        "recipe.yaml:2:1: traget_col is not a key that mlflow-recipes knows; it is ignored. Did you mean 'target_col'?",
        "recipe.yaml:9:5: steps.train.estimator_metod is not a key that mlflow-recipes knows; it is ignored. Did you "
        "mean 'estimator_method'?",
    ]


def test_unknown_keys_of_sections_that_may_be_left_out_and_of_lists(source) -> None:
    more = """\
    early_stopping: {rounds: 3, metrics: mae}
    tuning:
      enabled: true
      max_trial: 3
      parameters: {anything: {values: [1]}}
      pruning: {using: median, warmup: 3}
  evaluate:
    validation_criteria:
      - {better_than: baseline}
      - better_than: champion
        max_slice_degradatoin: 5 %
custom_metrics:
  - {name: m, function: f, greater_is_beter: true, greater_is_better: true}
model_registry:
"""
    ignored = "is not a key that mlflow-recipes knows; it is ignored."
    assert warnings(source(RECIPE.replace("model_registry:\n", more))) == [
        f"recipe.yaml:21:28: custom_metrics.0.greater_is_beter {ignored} Did you mean 'greater_is_better'?",
        f"recipe.yaml:9:33: steps.train.early_stopping.metrics {ignored} Did you mean 'metric'?",
        f"recipe.yaml:12:7: steps.train.tuning.max_trial {ignored} Did you mean 'max_trials'?",
        f"recipe.yaml:14:32: steps.train.tuning.pruning.warmup {ignored} Did you mean 'warmup_trials'?",
        "recipe.yaml:19:9: steps.evaluate.validation_criteria.1.max_slice_degradatoin "
        f"{ignored} Did you mean 'max_slice_degradation'?",
    ]


def warnings(source: ConfigSource) -> list[str]:
    return [str(problem) for problem in find_problems(source) if problem.severity == "warning"]


def test_keys_that_yaml_reads_as_something_else_are_said_to_be_that(source) -> None:
    text = RECIPE.replace("estimator_method", "on: 1\n    7: 2\n    estimator_method").replace(
        "steps:", "steps:\n  ~: 1"
    )
    found = source(text + "yes: 3\n2.5: 4\n2020-01-01: 5\n")
    ignored = "is not a key that mlflow-recipes knows; it is ignored. YAML reads it as"
    assert warnings(found) == [
        f"recipe.yaml:14:1: true {ignored} true or false, not as a name; quote it if it is one.",
        f"recipe.yaml:15:1: 2.5 {ignored} a number, not as a name; quote it if it is one.",
        f"recipe.yaml:16:1: 2020-01-01 {ignored} a date, not as a name; quote it if it is one.",
        f"recipe.yaml:4:3: steps.null {ignored} nothing, not as a name; quote it if it is one.",
        f"recipe.yaml:9:5: steps.train.true {ignored} true or false, not as a name; quote it if it is one.",
        f"recipe.yaml:10:5: steps.train.7 {ignored} a number, not as a name; quote it if it is one.",
    ]
    assert parse(found).steps.train.estimator_method == "estimator_fn"


def test_what_was_overridden_in_vain_is_a_warning_there(source) -> None:
    text = RECIPE.replace("location: data", "location: {{ WHERE | default('data') }}")
    found = warnings(source(text, "WHRE=x", "target_clo=z", "nothing.alike=1", "WHERE=data", "steps.train.parms.a=3"))
    assert found == [
        "--set: WHRE is a variable that recipe.yaml does not use; it is ignored. Did you mean 'WHERE'?",
        "--set: target_clo is a variable that recipe.yaml does not use; it is ignored. Did you mean 'target_col'?",
        "--set: nothing is a variable that recipe.yaml does not use; it is ignored.",
        "--set: steps.train.parms is not a key that mlflow-recipes knows; it is ignored. Did you mean 'fit_params'?",
    ]


def test_steps_of_a_profile_are_said_to_replace_those_of_the_recipe(tmp_path: Path) -> None:
    (tmp_path / "profiles").mkdir()
    (tmp_path / "recipe.yaml").write_text(RECIPE)
    (tmp_path / "profiles" / "local.yaml").write_text("A: 1\nsteps:\n  ingest: {using: csv, location: x}\n")
    [warning] = load_source(tmp_path, "local").warnings
    assert str(warning).startswith("profiles/local.yaml:2:1: steps: the profile's takes the place of all of that in")


def test_parameters_keep_keys_of_any_type(source) -> None:
    params = "{1: 2.0, lookup: {1: 2.0, '1': a, 2020-01-01: b, false: c}}"
    config = parse(source(RECIPE, f"steps.train.estimator_params={params}"))
    expected = {1: 2.0, "lookup": {1: 2.0, "1": "a", date(2020, 1, 1): "b", False: "c"}}
    assert config.steps.train.estimator_params == expected
    assert step_options(config, "train")["estimator_params"] == expected
    assert yaml.safe_load(step_config_text(step_options(config, "train")))["estimator_params"] == expected
    names = [part.name for part in option_parts(step_options(config, "train")) if "estimator_params" in part.name]
    assert names == [
        "config estimator_params.1",
        "config estimator_params.lookup.1",
        'config estimator_params.lookup."1"',
        "config estimator_params.lookup.2020-01-01",
        "config estimator_params.lookup.false",
    ]


def test_problems_of_other_steps_do_not_matter(source) -> None:
    broken = source(RECIPE, "steps.train.estimator_method=", "steps.split.split_ratios=[1]", "model_registry=")
    assert parse(broken, ["ingest"]).steps.ingest.using == "parquet"
    with pytest.raises(ConfigError):
        parse(broken, ["ingest", "split"])


def test_empty_sections_mean_nothing_given(source) -> None:
    text = RECIPE.replace("  train:", "  split:\n  transform:\n  evaluate:\n  register:\n  predict:\n  train:")
    assert parse(source(text + "experiment:\n")).experiment.name is None


def test_the_registry_wins_and_has_two_names(source) -> None:
    config = parse(source(RECIPE, "steps.register={model_name: other, registry_uri: r}", "model_registry.uri=u"))
    assert (config.model_name, config.registry_uri) == ("m", "u")
    only = parse(source(RECIPE, "steps.register={model_name: other, registry_uri: r}", "model_registry="))
    assert (only.model_name, only.registry_uri) == ("other", "r")


def test_the_template_may_be_spelled_with_an_at(source) -> None:
    assert template_of(source(RECIPE, "recipe=regression@v1")) == "regression/v1"
    assert parse(source(RECIPE, "recipe=regression@v1")).recipe == "regression/v1"


@pytest.mark.parametrize("value", [1, "yes", True])
def test_positive_class_of_any_type(source, value: object) -> None:
    assert parse(source(RECIPE, f"positive_class={value}")).positive_class is not None


@pytest.mark.parametrize(
    ("override", "steps"),
    [
        ("steps.split.skip_data_profiling=true", []),
        ("experiment.run_name_prefix=x", []),
        ("steps.split.split_ratios=[0.75, 0.125, 0.125]", []),
        ("steps.split.split_ratios=[8, 1, 1]", ["split"]),
        ("target_col=z", ["ingest", "split", "transform", "train", "evaluate"]),
        ("primary_metric=max_error", ["train", "evaluate"]),
        ("steps.evaluate.validation_criteria=[{metric: max_error, threshold: 1}]", ["evaluate"]),
        ("experiment.name=x", ["train"]),
        ("model_registry.model_name=x", ["register"]),
        ("steps.train.estimator_params={a: 1}", ["train"]),
    ],
)
def test_which_steps_a_value_concerns(source, override: str, steps: list[str]) -> None:
    before, after = parse(source()), parse(source(RECIPE, override))
    names = ["ingest", "split", "transform", "train", "evaluate", "register"]
    assert [name for name in names if step_options(before, name) != step_options(after, name)] == steps


def test_a_default_spelled_out_is_the_default(small) -> None:
    """The key of a step holds typed values, so a default must be of the type that its spelled-out form is read as."""
    steps = ("ingest", "split", "transform", "train", "evaluate", "register")
    silent = parse(load_source(small.root, "local"))
    for step in steps:
        section = getattr(silent.steps, "register_" if step == "register" else step)
        spelled = json.dumps(section.model_dump(mode="json", exclude_none=True, exclude={"tuning"}))
        said = parse(load_source(small.root, "local", [f"steps.{step}={spelled}"]))
        assert value_digest(step_options(said, step)) == value_digest(step_options(silent, step)), step
