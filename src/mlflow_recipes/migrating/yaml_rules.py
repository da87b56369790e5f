"""`pipeline.yaml` of MLflow 1.27 to 1.30 becomes `recipe.yaml`: other names, other places, the same meaning."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from mlflow_recipes.migrating.model import Edit, Finding, as_by_hand, edited
from mlflow_recipes.migrating.yaml_meaning import (
    FUNCTIONS,
    METRIC_MODULE,
    METRICS,
    MODULES,
    OUTPUT,
    SOURCES,
    means_the_same,
)
from mlflow_recipes.migrating.yaml_source import YamlSource

if TYPE_CHECKING:
    from mlflow_recipes.migrating.yaml_source import Entry

Rule = Callable[[YamlSource], Iterator[Finding]]

_REFUSED = "Correct it yourself: Jinja statements, anchors, brackets or a comment are in the way of doing it safely."


def template(source: YamlSource) -> Iterator[Finding]:
    """`template: regression/v1`."""
    if (entry := source.entry("template")) is not None and source.entry("recipe") is None:
        yield source.found("rewrite", entry, "`template` is `recipe`.", (source.renamed(entry, "recipe"),))


def formats(source: YamlSource) -> Iterator[Finding]:
    """`format` and `custom_loader_method` of the data."""
    sections = [one.value for one in map(source.entry, SOURCES) if one is not None]
    for top in (*SOURCES, *(f"steps.{step}" for step in SOURCES.values())):
        path = top.split(".")
        for old, new in (("format", "using"), ("custom_loader_method", "loader_method")):
            message = f"`{top}.{old}` is `{new}`."
            entry = source.entry(*path, old)
            if entry is not None and source.entry(*path, new) is None:
                edits = [source.renamed(entry, new)]
                if new == "loader_method":
                    edits += _bare(source, entry, MODULES["ingest"])
                yield source.found("rewrite", entry, message, tuple(edits))
            merged = source.entry(*path, "<<")
            is_corrected = merged is not None and any(merged.value is one for one in sections)
            if merged is not None and not is_corrected and old in source.merged_names(*path):
                yield source.found("by hand", merged, f"{message} It comes from an anchor here: give it anew.")
        if (entry := source.entry(*path, "custom_loader_method")) is not None:
            named = f"{top}.custom_loader_method"
            yield from (one for one in _function(source, entry, named, MODULES["ingest"]) if one.kind == "by hand")


def functions(source: YamlSource) -> Iterator[Finding]:
    """`estimator_method: steps.train.estimator_fn`."""
    for step, keys in FUNCTIONS.items():
        for key in keys:
            if (entry := source.entry("steps", step, key)) is not None:
                yield from _function(source, entry, f"steps.{step}.{key}", MODULES[step])
    for path in (("custom_metrics",), ("metrics", "custom")):
        for metric in source.items(*path):
            for entry in metric:
                if entry.name == "function":
                    yield from _function(source, entry, f"{path[0]}: {entry.text}", METRIC_MODULE)


def _function(source: YamlSource, entry: Entry, named: str, module: str) -> Iterator[Finding]:
    message = f"`{named}` names a function of {module.replace('.', '/')}.py, without its module."
    if edits := _bare(source, entry, module):
        yield source.found("rewrite", entry, message, tuple(edits))
    elif (entry.text or "").startswith("steps."):
        yield source.found("by hand", entry, f"{message} Import it there.")


def _bare(source: YamlSource, entry: Entry, module: str) -> list[Edit]:
    """The edit that leaves the function's own name, where it is in the file that its step reads."""
    given, _, name = (entry.text or "").rpartition(".")
    return [source.revalued(entry, name)] if given == module else []


def estimator_spec(source: YamlSource) -> Iterator[Finding]:
    """`train.using: estimator_spec`."""
    entry = source.entry("steps", "train", "using")
    if entry is not None and entry.text == "estimator_spec":
        yield source.found(
            "rewrite", entry, "`estimator_spec` is called `custom`.", (source.revalued(entry, "custom"),)
        )


def filter_scope(source: YamlSource) -> Iterator[Finding]:
    """The filter after the split kept rows of all three parts in 1.x; since 2.0 of the training rows alone."""
    entry = source.entry("steps", "split", "post_split_filter_method")
    is_old = source.entry("template") is not None
    if is_old and entry is not None and source.entry("steps", "split", "post_split_filter_scope") is None:
        line = f"{' ' * entry.indent}post_split_filter_scope: all\n"
        edit = source.inserted(entry.end_line, line)
        if (split := source.entry("steps", "split")) is not None and split.is_flow:
            edit = Edit(end := entry.value.end_mark.index, end, f", {line.strip()}")
        message = "MLflow 1.x filtered all three parts, and 2.x the training rows alone; this keeps what it did."
        found = source.found("rewrite", entry, message, (edit,), line.strip())
        yield replace(found, before="")  # nothing is taken away


def metrics(source: YamlSource) -> Iterator[Finding]:
    """`metrics: {primary: ..., custom: [...]}`."""
    entry = source.entry("metrics")
    if entry is None or not (children := source.entries("metrics")):
        return
    depth = children[0].indent - entry.indent
    if any(child.name not in METRICS for child in children) or children[0].line == entry.line:
        yield source.found("by hand", entry, "`metrics` is gone: write `primary_metric` and `custom_metrics`.")
        return
    edits = [source.cut(entry.line, entry.line + 1)]
    named = {child.line for child in children}
    edits += [_dedent(source, line, depth) for line in range(entry.line + 1, entry.end_line) if line not in named]
    for child in children:
        start = source.offset(child.line, entry.indent)
        edits.append(Edit(start, child.key.end_mark.index, METRICS[child.name]))
    message = "`metrics.primary` is `primary_metric`, and `metrics.custom` is `custom_metrics`."
    yield source.found("rewrite", entry, message, tuple(edits))


def _dedent(source: YamlSource, line: int, depth: int) -> Edit:
    text = source.lines[line]
    start = source.offset(line)
    return Edit(start, start + min(depth, len(text) - len(text.lstrip(" "))), "")


def data(source: YamlSource) -> Iterator[Finding]:
    """`data:` and `data_scoring:` are the sections of the steps that read them."""
    for key, step in SOURCES.items():
        if (entry := source.entry(key)) is None:
            continue
        message = f"`{key}` is `steps.{step}`."
        if entry.indent or entry.end_line == entry.line + 1:
            yield source.found("by hand", entry, f"{message} Move it there.")
            continue
        first = _with_comment(source, entry)
        yield source.found("rewrite", entry, message, tuple(_moved(source, entry, step, first)))


def _moved(source: YamlSource, entry: Entry, step: str, first: int) -> Iterator[Edit]:
    """Edits that take the lines from `first` to the end of `entry` away, and put them into a step's section."""
    comment, body = source.lines[first : entry.line], source.lines[entry.line + 1 : entry.end_line]
    head = step + source.lines[entry.line][entry.key.end_mark.column :]
    body = [line if line.endswith("\n") else f"{line}\n" for line in body]
    cut = source.cut(first, entry.end_line)
    steps, section = source.entry("steps"), source.entry("steps", step)
    children = source.entries("steps")
    if steps is None:
        yield replace(cut, text="steps:\n" + "".join(_indented([*comment, head, *body], 2)))
        return
    yield cut
    if section is None:
        depth = children[0].indent if children else 2
        inner = "".join(_indented([*comment, head, *body], depth))
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
    given = [found for key in OUTPUT if (found := source.entry("steps", "predict", key)) is not None]
    if not given or source.entry("steps", "predict", "output") is not None:
        return
    first, indent = given[0], given[0].indent
    written = [source.text[e.key.end_mark.index : source.offset(e.end_line)].rstrip() for e in given]
    inner = [" " * (indent + 2) + OUTPUT[entry.name] + text for entry, text in zip(given, written, strict=True)]
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
    """What these rules find in a configuration; what cannot be corrected safely is left to a hand."""
    refused = _corrected(source.file, source.text)[1]
    found = [replace(found, rule=name) for name, rule in RULES.items() for found in rule(source)]
    return [as_by_hand(one, _REFUSED) if (one.rule, one.message) in refused else one for one in found]


def corrected(file: str, text: str) -> str:
    """The configuration after every correction that keeps what it means, one after the other.

    Raises:
        UnreadableYaml: `text` is not YAML with Jinja.
    """
    return _corrected(file, text)[0]


def _corrected(file: str, text: str) -> tuple[str, set[tuple[str, str]]]:
    """The corrected text, and by rule and message what was not corrected, since the meaning would have changed."""
    refused: set[tuple[str, str]] = set()
    for name, rule in RULES.items():
        while True:
            source = YamlSource(file, text)
            found = [one for one in rule(source) if one.kind == "rewrite" and (name, one.message) not in refused]
            if not found:
                break
            after = edited(text, found[0].edits)
            if means_the_same(source, after):
                text = after
            else:
                refused.add((name, found[0].message))
    return text, refused
