"""From a recipe of MLflow 2.x, or a `pipeline.yaml` project of 1.x, to one that runs here.

`project` reads the files and asks the rules; a rule is a small function that takes one source and yields findings, and
the tables of rules are in `python_rules`, `yaml_rules`, `value_rules`, `meaning_rules` and `text_rules`. A finding that
can be corrected without knowing the data carries its edits, by positions in the text, so that formatting and comments
stay; in a configuration `yaml_meaning` checks that they keep what it says. `writing` puts all files in place, or none.
"""
