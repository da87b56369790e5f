"""What people see of a step.

`<step>.py` turns a step's facts into tabs, and a line under the title; `parts.py` has what several of them share, and
`build.py` finds the builder of a step and makes the card of one that failed. A `Card` (`model.py`) is plain data,
the same for every output, and JSON both ways.

It has two faces. `render.py` makes one self-contained HTML page of it: no script, nothing loaded from elsewhere, all
HTML in `templates/`, one file a kind of block, escaped by one environment. `text.py` makes text for a terminal.
`profiles.py` sorts the columns of a data profile for both.

Whatever comes from data, configuration or user code is taken to be hostile: it is escaped, shortened, and its
invisible characters are shown as signs (`cleaning.clean`). Secrets are masked where a builder takes in text that may
hold one: places of data, stack traces, warnings, parameters.

To add a tab, put its facts into the step's `StepResult.facts` and its blocks into `cards/<step>.py`; leave it out
when the facts are absent. To add a kind of block, write its class in `model.py`, a template of its name, and its
lines in `text.py`.
"""
