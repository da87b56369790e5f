"""Configuration: `template.py` renders, `source.py` reads and merges, `models.py` says what is right."""
