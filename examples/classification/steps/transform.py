"""What the model sees of an application: its numbers, scaled, and a column for each value of its categories."""

from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.preprocessing import OneHotEncoder, StandardScaler


def transformer_fn():
    return make_column_transformer(
        (StandardScaler(), make_column_selector(dtype_include="number")),
        (
            # A purpose that is rare, or was never seen, is "infrequent".
            OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=15, sparse_output=False),
            make_column_selector(dtype_exclude="number"),
        ),
        verbose_feature_names_out=False,
    )
