"""`pipeline.yaml` of MLflow 1.27 to 1.30 becomes `recipe.yaml`: other names, other places, the same meaning."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from mlflow_recipes.migrating.model import Edit, Finding, edited
from mlflow_recipes.migrating.yaml_source import YamlSource

if TYPE_CHECKING:
    from mlflow_recipes.migrating.yaml_source import Entry

Rule = Callable[[YamlSource], Iterator[Finding]]

_SOURCES = {"data": "ingest", "data_scoring": "ingest_scoring"}
# Keys that named a function by module and name -> where they are
_FUNCTIONS = {
    "split": ("split_method", "post_split_method", "post_split_filter_method"),
    "transform": ("transformer_method",),
    "train": ("estimator_method",),
}
_OUTPUT = {"output_format": "using", "output_location": "location"}


def template(source: YamlSource) -> Iterator[Finding]:
    """`template: regression/v1`."""
    if (entry := source.entry("template")) is not None and source.entry("recipe") is None:
        yield source.found("rewrite", entry, "`template` is `recipe`.", (source.renamed(entry, "recipe"),))


def formats(source: YamlSource) -> Iterator[Finding]:
    """`format` and `custom_loader_method` of the data."""
    for top in (*_SOURCES, *(f"steps.{step}" for step in _SOURCES.values())):
        path = top.split(".")
        if (entry := source.entry(*path, "format")) is not None and source.entry(*path, "using") is None:
            yield source.found("rewrite", entry, "`format` is `using`.", (source.renamed(entry, "using"),))
        if (entry := source.entry(*path, "custom_loader_method")) is not None:
            edits = [source.renamed(entry, "loader_method"), *_bare(source, entry)]
            message = "`custom_loader_method` is `loader_method`, a function of steps/ingest.py."
            yield source.found("rewrite", entry, message, tuple(edits))


def functions(source: YamlSource) -> Iterator[Finding]:
    """`estimator_method: steps.train.estimator_fn`."""
    for step, keys in _FUNCTIONS.items():
        for key in keys:
            if (entry := source.entry("steps", step, key)) is not None and (edits := _bare(source, entry)):
                message = f"{key} names a function of steps/{step}.py, without its module."
                yield source.found("rewrite", entry, message, tuple(edits))


def _bare(source: YamlSource, entry: Entry) -> list[Edit]:
    """The edit that leaves the function's own name, where it is in a file that its step reads."""
    module, _, name = (entry.text or "").rpartition(".")
    return [source.revalued(entry, name)] if module.startswith("steps") else []


def estimator_spec(source: YamlSource) -> Iterator[Finding]:
    """`train.using: estimator_spec`."""
    entry = source.entry("steps", "train", "using")
    if entry is not None and entry.text == "estimator_spec":
        yield source.found("rewrite", entry, "It is called `custom`.", (source.revalued(entry, "custom"),))


def filter_scope(source: YamlSource) -> Iterator[Finding]:
    """The filter after the split kept rows of all three parts in 1.x; since 2.0 of the training rows alone."""
    entry = source.entry("steps", "split", "post_split_filter_method")
    is_old = source.entry("template") is not None
    if is_old and entry is not None and source.entry("steps", "split", "post_split_filter_scope") is None:
        line = f"{' ' * entry.indent}post_split_filter_scope: all\n"
        message = "MLflow 1.x filtered all three parts, and 2.x the training rows alone; this keeps what it did."
        yield source.found("rewrite", entry, message, (source.inserted(entry.end_line, line),), line.strip())


def metrics(source: YamlSource) -> Iterator[Finding]:
    """`metrics: {primary: ..., custom: [...]}`."""
    entry = source.entry("metrics")
    if entry is None or not (children := source.entries("metrics")):
        return
    names = {"primary": "primary_metric", "custom": "custom_metrics"}
    depth = children[0].indent - entry.indent
    if any(child.name not in names for child in children) or children[0].line == entry.line:
        yield source.found("by hand", entry, "`metrics` is gone: write `primary_metric` and `custom_metrics`.")
        return
    edits = [source.cut(entry.line, entry.line + 1)]
    named = {child.line for child in children}
    edits += [_dedent(source, line, depth) for line in range(entry.line + 1, entry.end_line) if line not in named]
    for child in children:
        start = source.offset(child.line, entry.indent)
        edits.append(Edit(start, start + depth + len(child.name), names[child.name]))
    message = "`metrics.primary` is `primary_metric`, and `metrics.custom` is `custom_metrics`."
    yield source.found("rewrite", entry, message, tuple(edits))


def _dedent(source: YamlSource, line: int, depth: int) -> Edit:
    text = source.lines[line]
    start = source.offset(line)
    return Edit(start, start + min(depth, len(text) - len(text.lstrip(" "))), "")


def data(source: YamlSource) -> Iterator[Finding]:
    """`data:` and `data_scoring:` are the sections of the steps that read them."""
    for key, step in _SOURCES.items():
        if (entry := source.entry(key)) is None or entry.indent:
            continue
        message = f"`{key}` is `steps.{step}`."
        if entry.end_line == entry.line + 1 or source.in_block(entry.line):
            yield source.found("by hand", entry, f"{message} Move it there.")
            continue
        first = _with_comment(source, entry)
        yield source.found("rewrite", entry, message, tuple(_moved(source, entry, step, first)))


def _moved(source: YamlSource, entry: Entry, step: str, first: int) -> Iterator[Edit]:
    """Edits that take the lines from `first` to the end of `entry` away, and put them into a step's section."""
    comment, body = source.lines[first : entry.line], source.lines[entry.line + 1 : entry.end_line]
    body = [line if line.endswith("\n") else f"{line}\n" for line in body]
    cut = source.cut(first, entry.end_line)
    steps, section = source.entry("steps"), source.entry("steps", step)
    children = source.entries("steps")
    if steps is None:
        yield replace(cut, text="steps:\n" + "".join(_indented([*comment, f"{step}:\n", *body], 2)))
        return
    yield cut
    if section is None:
        depth = children[0].indent if children else 2
        inner = "".join(_indented([*comment, f"{step}:\n", *body], depth))
        yield source.inserted(steps.line + 1, inner)
    else:
        yield source.inserted(section.line + 1, "".join(_indented(body, section.indent)))


def _indented(lines: list[str], depth: int) -> list[str]:
    return [" " * depth + line if line.strip() else line for line in lines]


def _with_comment(source: YamlSource, entry: Entry) -> int:
    """Index of the first line of the comment right above an entry, or of the entry."""
    first = entry.line
    while first and source.lines[first - 1].startswith("#"):
        first -= 1
    return first if first else entry.line  # a comment at the top is about the file


def output(source: YamlSource) -> Iterator[Finding]:
    """`predict.output_format` and `output_location`."""
    given = [found for key in _OUTPUT if (found := source.entry("steps", "predict", key)) is not None]
    if not given or source.entry("steps", "predict", "output") is not None:
        return
    first, indent = given[0], given[0].indent
    written = [source.text[source.offset(e.line, indent) : source.offset(e.end_line)].rstrip() for e in given]
    inner = [
        " " * (indent + 2) + _OUTPUT[entry.name] + text.removeprefix(entry.name)
        for entry, text in zip(given, written, strict=True)
    ]
    edits = [source.cut(entry.line, entry.end_line) for entry in given]
    edits[0] = replace(edits[0], text="\n".join([f"{' ' * indent}output:", *inner, ""]))
    message = "`output_format` and `output_location` are `output.using` and `output.location`."
    yield source.found("rewrite", first, message, tuple(edits))


RULES: dict[str, Rule] = {
    "pipeline.formats": formats,
    "pipeline.functions": functions,
    "pipeline.estimator-spec": estimator_spec,
    "pipeline.filter-scope": filter_scope,
    "pipeline.output": output,
    "pipeline.metrics": metrics,
    "pipeline.data": data,
    "pipeline.template": template,
}


def findings(source: YamlSource) -> list[Finding]:
    """What these rules find in a configuration."""
    return [replace(found, rule=name) for name, rule in RULES.items() for found in rule(source)]


def corrected(file: str, text: str) -> str:
    """The configuration after every correction, one rule after the other.

    Raises:
        UnreadableYaml: `text` is not YAML with Jinja.
    """
    for rule in RULES.values():
        while True:
            edits = [edit for found in rule(YamlSource(file, text)) if found.kind == "rewrite" for edit in found.edits]
            if not edits:
                break
            text = edited(text, edits)
    return text
