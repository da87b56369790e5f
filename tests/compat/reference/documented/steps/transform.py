from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler


def transformer_fn():
    numbers = Pipeline([("impute", SimpleImputer()), ("scale", StandardScaler())])
    words = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    return Pipeline([("encode", ColumnTransformer([("numbers", numbers, ["a", "b"]), ("words", words, ["word"])]))])


def no_transformer():
    return ColumnTransformer([("numbers", "passthrough", ["a", "b"])], verbose_feature_names_out=False)
