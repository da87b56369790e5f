# Databricks notebook source
# MAGIC %md
# MAGIC # How long will this taxi trip take?
# MAGIC
# MAGIC The recipe of this repository, step by step, on Databricks: clone the repository as a Git folder and open this file
# MAGIC there. A step runs only when something that it depends on changed, so cells can be run again.

# COMMAND ----------

if __name__ != "__main__":  # in this folder, Python takes this file for the package that MLflow looks for
    raise ImportError("notebooks/databricks.py is a notebook; do os.chdir('..') before you import mlflow.")

# COMMAND ----------

# MAGIC %pip install --quiet mlflow-recipes

# COMMAND ----------

if "dbutils" in globals():
    dbutils.library.restartPython()

# COMMAND ----------

# MAGIC %load_ext autoreload
# MAGIC %autoreload 2

# COMMAND ----------

# MAGIC %md
# MAGIC The profile `databricks` says where data, experiment and model are: `profiles/databricks.yaml`. Choose another in the
# MAGIC widget, or, outside of Databricks, with the environment variable `MLFLOW_RECIPES_PROFILE`. Reading Delta tables with
# MAGIC Spark comes later: until then, take a profile that reads files.

# COMMAND ----------

import os

profile = os.environ.get("MLFLOW_RECIPES_PROFILE", "databricks")
if "dbutils" in globals():
    dbutils.widgets.text("profile", profile)
    profile = dbutils.widgets.get("profile")

# COMMAND ----------

from mlflow.recipes import Recipe

r = Recipe(profile=profile)

# COMMAND ----------

# MAGIC %md
# MAGIC `clean` forgets what earlier runs gave; what is in MLflow stays. `inspect` shows the steps and how they stand.

# COMMAND ----------

r.clean()
r.inspect()

# COMMAND ----------

# MAGIC %md
# MAGIC What a run would do, and why.

# COMMAND ----------

for decision in r.plan():
    print(f"{decision.step:10} {decision.action.value:10} {'; '.join(decision.reasons)}")

# COMMAND ----------

# MAGIC %md
# MAGIC ## Data

# COMMAND ----------

r.run("ingest")

# COMMAND ----------

r.run("clean")

# COMMAND ----------

r.run("split")

# COMMAND ----------

training = r.get_artifact("training_data")
training.head()

# COMMAND ----------

# MAGIC %md
# MAGIC ## Model

# COMMAND ----------

r.run("transform")

# COMMAND ----------

r.run("train")

# COMMAND ----------

r.run("evaluate")

# COMMAND ----------

# MAGIC %md
# MAGIC A model that passes is registered, as the challenger; `promote` makes it the champion.

# COMMAND ----------

r.run("register")

# COMMAND ----------

r.promote()

# COMMAND ----------

# MAGIC %md
# MAGIC The whole story of the last run on one page, and what the next run would have to do.

# COMMAND ----------

r.report()

# COMMAND ----------

print(r.why("train").reasons[0])
