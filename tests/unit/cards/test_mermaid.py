from __future__ import annotations

import re

import pytest

from mlflow_recipes.cards.mermaid import to_mermaid
from mlflow_recipes.cards.model import Diagram, Node

HOSTILE = [
    *("end", "graph", "1. one", "- two", "# head", "`x`", 'say "x"', "a]b[c{d}", "<script>x</script>", "a<br>b"),
    *("#quot;", "%% no", "--> x", "[l](http://x)", "$$x$$", "@{ shape: x }", "fa:fa-car", ":::bad", "\\n", "a\nb\r\nc"),
    *("\u202eevil", "\x1b[31m", "\ud800", "click s1 f", "&lt;", "x" * 1_000_000),
]
# What every line has to look like, whatever the data.
TEXT = r"(?:[^\"<>\[\]{}`#&$@\\|]|#\d+;|<br/>)*"
LINE = re.compile(
    rf'flowchart TD|    s\d+\["{TEXT}"\]:::stale|    s\d+ -->\|"{TEXT}"\| s\d+|'
    r"    classDef stale fill:#\w+,stroke:#\w+,color:#\w+"
)


@pytest.mark.parametrize("text", HOSTILE)
def test_any_text_stays_text(text: str) -> None:
    diagram = Diagram(text, [Node(text, [text], "stale", text), Node("b", (), "stale")], [(text, "b", text)])
    found = to_mermaid(diagram).split("\n")
    assert len(found) == 5
    for line in found:
        assert LINE.fullmatch(line), line
        assert len(line) < 1000


def test_what_mermaid_acts_on_even_where_it_is_escaped_is_parted() -> None:
    text = to_mermaid(Diagram("", [Node("$$x$$ fa:fa-car \\n")], []))
    assert 's1["#36;#8203;#36;x#36;#8203;#36; fa:#8203;fa-car #92;#8203;n"]' in text


def test_an_unknown_tone_and_an_edge_to_nowhere() -> None:
    assert to_mermaid(Diagram("", [Node("a", tone="x")], [("a", "b", "x")])).splitlines()[1:] == [
        '    s1["a"]:::neutral',
        "    classDef neutral fill:#f5f7f8,stroke:#4a5561,color:#4a5561",
    ]
