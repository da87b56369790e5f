"""`mlflow-recipes init`: a new project, made of templates and of what the data is like.

`data` reads a file or writes one that scikit-learn ships, `looking` says what its columns and its target are,
`project` renders the files of `mlflow_recipes/templates`, `placing` puts them where they belong without losing any.
"""
