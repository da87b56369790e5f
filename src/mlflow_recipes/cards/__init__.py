"""What people see of a step.

`<step>.py` turns a step's facts into a `Card` (`model.py`): plain data, the same for every output. `render.py` turns
a card into one self-contained HTML page or into text; all HTML is in `templates/`, escaped by one environment.
`build.py` finds the builder of a step. A card is stored as HTML and JSON, never as a pickle.
"""
