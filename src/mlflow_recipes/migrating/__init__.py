"""From a recipe of MLflow 2.x, or a `pipeline.yaml` project of 1.x, to one that runs here.

`project` reads the files and asks the rules; a rule is a small function that takes one source and yields findings, and
the tables of rules are in `python_rules` and `yaml_rules`. A finding that can be corrected without knowing the data
carries its edits. `writing` makes them: by positions in the text, so that formatting and comments stay.
"""
