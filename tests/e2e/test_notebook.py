"""In a real notebook a card is shown inline, in a frame of its own."""

from __future__ import annotations

from html import unescape

import nbformat
from nbclient import NotebookClient


def test_cards_are_shown_inline(small) -> None:
    cells = [
        "from mlflow.recipes import Recipe",
        "recipe = Recipe(profile='local')",
        "recipe.run('split')",
        "recipe.inspect('ingest')",
        "recipe.inspect()",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    client = NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(small.root)}})
    client.execute()
    shown = [
        [output.data["text/html"] for output in cell.outputs if output.output_type == "display_data"]
        for cell in notebook.cells
    ]
    assert [len(found) for found in shown] == [0, 0, 2, 1, 1]
    for html, file in zip((shown[2][1], shown[3][0]), ("steps/split", "steps/ingest"), strict=True):
        assert '<iframe srcdoc="' in html
        assert "allow-scripts" not in html
        assert "allow-same-origin" not in html
        page = unescape(html.partition('srcdoc="')[2].partition('"')[0])
        card = (small.root / "metadata" / "recipes" / file / "outputs" / "card.html").read_text()
        assert page == card.replace("<head>", '<head><base href="about:srcdoc">', 1)
