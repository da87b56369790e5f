from __future__ import annotations

import base64
import logging
import pickle
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from mlflow_recipes import RecipeError
from mlflow_recipes.cards.build import failure
from mlflow_recipes.compat.cards import BaseCard, CardTab, FailureCard

if TYPE_CHECKING:
    from pathlib import Path


def test_a_card_made_by_hand() -> None:
    card = BaseCard("taxi", "train")
    tab = card.add_tab("Own", "<b>{{ A }}</b>{{ B }}{{ C }}")
    assert tab.add_html("A", "<i>1</i>").add_html("B", "{{ A }}") is tab
    assert tab.to_html() == "<b><i>1</i></b>{{ A }}"
    assert card.get_tab("Own") is tab
    assert card.get_tab("other") is None
    assert card.add_text("one ").add_text("two") is card
    assert card.to_text() == "one two"
    html = card.to_html()
    assert "<title>Train@taxi</title>" in html
    assert '<a href="#own">Own</a>' in html
    assert "<b><i>1</i></b>{{ A }}" in html


def test_names_are_escaped() -> None:
    card = BaseCard("<script>", "x")
    card.add_tab("<script>", "")
    assert "<script>" not in card.to_html()


def test_an_unknown_slot() -> None:
    tab = CardTab("Own", "{{ A }}{% for x in B %}{{ x }}{% endfor %}")
    with pytest.raises(RecipeError) as caught:
        tab.add_html("C", "")
    assert str(caught.value) == "'C' is not a valid template variable of the tab 'Own'. Its variables: A, B."
    for add in (tab.add_markdown, tab.add_pandas_profile, tab.add_image):
        with pytest.raises(RecipeError, match="not a valid template variable"):
            add("C", "nowhere.png")


def test_a_template_that_is_none() -> None:
    with pytest.raises(RecipeError) as caught:
        CardTab("Own", "\n{{ A")
    assert str(caught.value) == (
        "line 2: The template of the tab 'Own' is no valid Jinja: "
        "unexpected end of template, expected 'end of print statement'."
    )


def test_templates_run_in_a_sandbox() -> None:
    tab = CardTab("Own", "{{ A.__class__.__mro__ }}").add_html("A", "x")
    with pytest.raises(RecipeError) as caught:
        tab.to_html()
    assert str(caught.value) == (
        "The template of the tab 'Own' failed: access to attribute '__class__' of 'str' object is unsafe."
    )


def test_markdown() -> None:
    tab = CardTab("Own", "{{ A }}")
    tab.add_markdown("A", "**Id:** `r<1`\n\n<script>x</script>\n\n[go](javascript:x)\n\n|a|\n|-|\n|1|")
    assert tab.to_html() == (
        "<p><strong>Id:</strong> <code>r&lt;1</code></p>\n"
        "<p>&lt;script&gt;x&lt;/script&gt;</p>\n"
        "<p>[go](javascript:x)</p>\n"
        "<table>\n<thead>\n<tr>\n<th>a</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>1</td>\n</tr>\n</tbody>\n</table>\n"
    )


@pytest.mark.parametrize(("suffix", "kind"), [("png", "image/png"), ("svg", "image/svg+xml"), ("odd", "image/odd")])
def test_image(tmp_path: Path, suffix: str, kind: str) -> None:
    file = tmp_path / f"a'b&.{suffix}"
    file.write_bytes(b"\x89PNG")
    data = base64.b64encode(b"\x89PNG").decode()
    tab = CardTab("Own", "{{ A }}").add_image("A", str(file), width=300, height=200)
    assert tab.to_html() == f'<img src="data:{kind};base64,{data}" alt="a&#x27;b&amp;" width="300" height="200">'


def test_image_that_is_missing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = tmp_path / "none.png"
    with caplog.at_level(logging.WARNING):
        tab = CardTab("Own", "{{ A }}").add_image("A", file)
    assert tab.to_html() == "Image Unavailable"
    assert caplog.messages == [f"There is no image {file} to show in 'A' of the tab 'Own'."]


def test_profile_in_a_frame_of_its_own() -> None:
    tab = CardTab("Own", "{{ A }}").add_pandas_profile("A", "<p class='x'>\"</p>")
    assert tab.to_html() == (
        '<iframe srcdoc="&lt;p class=&#x27;x&#x27;&gt;&quot;&lt;/p&gt;" title="Own: A" sandbox="allow-scripts" '
        'referrerpolicy="no-referrer" width="100%" height="500"></iframe>'
    )


def test_saved_and_loaded(tmp_path: Path) -> None:
    card = BaseCard("taxi", "train").add_text("words")
    card.add_tab("Own", "{{ A }}{{ B }}").add_html("A", "<b>é</b>")
    card.save(tmp_path)
    card.save(str(tmp_path / "card.pkl"))
    assert (tmp_path / "card.json").read_bytes() == (tmp_path / "card.pkl").read_bytes()
    for path in (tmp_path, str(tmp_path), tmp_path / "card.pkl"):
        loaded = BaseCard.load(path)
        assert (loaded.to_html(), loaded.to_text()) == (card.to_html(), "words")
        tab = loaded.get_tab("Own")
        assert tab is not None
        assert tab.add_html("B", "more").to_html() == "<b>é</b>more"
    card.save_as_html(tmp_path)
    card.save_as_html(tmp_path / "other.html")
    assert (tmp_path / "card.html").read_text(encoding="utf-8") == card.to_html()
    assert (tmp_path / "other.html").read_text(encoding="utf-8") == card.to_html()


def test_a_steps_own_card_can_be_loaded(tmp_path: Path) -> None:
    (tmp_path / "card.json").write_text(failure("split", "taxi", "a < b").to_json(), encoding="utf-8")
    card = BaseCard.load(tmp_path)
    assert card.to_text().startswith("Split@taxi\n==========\nFailed\n")
    tab = card.get_tab("Stacktrace")
    assert tab is not None
    assert tab.to_html().strip() == "<pre><code>a &lt; b</code></pre>"


class Bomb:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return pytest.fail, ("a pickle was loaded",)


@pytest.mark.parametrize("protocol", [0, pickle.HIGHEST_PROTOCOL])
def test_pickles_are_refused(tmp_path: Path, protocol: int) -> None:
    file = tmp_path / "card.pkl"
    file.write_bytes(pickle.dumps(Bomb(), protocol))
    for path in (tmp_path, file):
        with pytest.raises(RecipeError) as caught:
            BaseCard.load(path)
        assert str(caught.value) == (
            f"{file} is a pickle. Cards are JSON; a pickle could run anything when loaded, so none is.\n"
            "Run the step again, or save the card again, to get one that can be loaded."
        )


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"kind": "mlflow.recipes card 1"}', "\xff"])
def test_what_is_no_card_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "x.json"
    file.write_bytes(content.encode("latin-1"))
    with pytest.raises(RecipeError) as caught:
        BaseCard.load(file)
    assert caught.value.summary.startswith(f"{file} is not a card. ")


def test_nothing_to_load(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"card\.json"):
        BaseCard.load(tmp_path)


def cells(html: str) -> list[str]:
    """What is between tags."""
    return [part.rpartition(">")[2] for part in html.split("</t") if part.rpartition(">")[2].strip()]


def test_tables() -> None:
    frame = pd.DataFrame({"a<": ["<b>", "x"], "b": [1.23456789012, 2.0]}, index=["r<1", "r2"])
    assert cells(BaseCard.render_table(frame)) == ["a&lt;", "b", "&lt;b&gt;", "1.23456789012", "x", "2.0"]
    assert cells(BaseCard.render_table(frame, columns=["b"])) == ["b", "1.23456789012", "2.0"]
    assert cells(BaseCard.render_table(frame[["b"]], hide_index=False))[1:3] == ["r&lt;1", "1.23456789012"]
    assert cells(BaseCard.render_table([(1, "<i>")], columns=["n", "t"])) == ["n", "t", "1", "&lt;i&gt;"]


def test_a_styled_table_stays_as_its_maker_styled_it() -> None:
    frame = pd.DataFrame({"a": [1.23456]}, index=["r1"])
    assert "1.23" in BaseCard.render_table(frame.style.format(precision=2))
    assert "r1" not in BaseCard.render_table(frame.style)
    assert "r1" in BaseCard.render_table(frame.style, hide_index=False)


def test_failure_card(tmp_path: Path) -> None:
    card = FailureCard("taxi", "split", "Trace: <b>\n  line", str(tmp_path))
    assert isinstance(card, BaseCard)
    status, trace = card.get_tab("Step Status"), card.get_tab("Stacktrace")
    assert status is not None
    assert "Step status: Failed" in status.to_html()
    assert trace is not None
    assert trace.to_html() == "<pre>Trace: &lt;b&gt;\n  line</pre>"
    assert card.get_tab("Warning Logs") is None
    (tmp_path / "warning_logs.txt").write_text("<i> careful\n", encoding="utf-8")
    logs = FailureCard("taxi", "split", "", tmp_path).get_tab("Warning Logs")
    assert logs is not None
    assert logs.to_html() == "<pre>&lt;i&gt; careful\n</pre>"
