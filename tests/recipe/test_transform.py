"""What the model sees of a trip."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
from skops.io import dumps, get_untrusted_types, loads

from steps.transform import MINUTES_IN_WEEK, transformer_fn

FEATURES = [
    "hour",
    "weekday",
    "month",
    "week_sin",
    "week_cos",
    "pickup_zone",
    "dropoff_zone",
    "same_zone",
    "trip_distance",
    "passenger_count",
]


@pytest.fixture
def features(trips) -> pd.DataFrame:
    return trips.loaded().drop(columns="trip_minutes")


def test_features_by_name_and_value(features: pd.DataFrame) -> None:
    seen = transformer_fn().fit(features).transform(features)
    assert list(seen.columns) == FEATURES
    assert list(seen["hour"]) == [8, 0, 8]
    assert list(seen["weekday"]) == [0, 1, 6]
    assert list(seen["month"]) == [1, 1, 1]
    assert list(seen["same_zone"]) == [0, 1, 0]
    assert list(seen["pickup_zone"]) == [132, 48, 7]
    assert list(seen["dropoff_zone"]) == [48, 48, 230]
    pd.testing.assert_series_equal(seen["trip_distance"], features["trip_distance"])
    pd.testing.assert_series_equal(seen["passenger_count"], features["passenger_count"])


def test_names_are_known_without_a_row(features: pd.DataFrame) -> None:
    assert list(transformer_fn().fit(features).get_feature_names_out(features.columns)) == FEATURES


def test_what_else_is_in_the_table_is_not_seen(trips) -> None:
    training = trips.loaded(tip_amount=1.0, dropoff=trips.loaded()["pickup"])
    other = training.assign(trip_minutes=59.0, tip_amount=99.0)
    transformer = transformer_fn().fit(training)
    assert list(transformer.transform(training).columns) == FEATURES
    pd.testing.assert_frame_equal(transformer.transform(training), transformer.transform(other))


def test_the_week_has_no_seam(trips) -> None:
    pickup = pd.to_datetime(["2018-01-07 23:59", "2018-01-08 00:00", "2018-01-04 12:00"])
    seen = transformer_fn().fit_transform(trips.loaded(pickup=pickup))[["week_sin", "week_cos"]].to_numpy()
    assert np.linalg.norm(seen[0] - seen[1]) == pytest.approx(2 * np.pi / MINUTES_IN_WEEK, rel=1e-2)
    assert np.linalg.norm(seen[1] - seen[2]) == pytest.approx(2, rel=1e-6)  # Thursday noon is half a week away


def test_each_row_depends_on_itself_alone(features: pd.DataFrame) -> None:
    transformer = transformer_fn().fit(features)
    whole = transformer.transform(features)
    parts = pd.concat([transformer.transform(features.iloc[[row]]) for row in range(len(features))])
    pd.testing.assert_frame_equal(whole, parts)


def test_it_can_be_stored_with_pickle_and_with_skops(features: pd.DataFrame) -> None:
    transformer = transformer_fn().fit(features)
    expected = transformer.transform(features)
    pd.testing.assert_frame_equal(pickle.loads(pickle.dumps(transformer)).transform(features), expected)
    stored = dumps(transformer)
    unknown = get_untrusted_types(data=stored)
    assert {name.rpartition(".")[0] for name in unknown} == {"steps.transform"}
    pd.testing.assert_frame_equal(loads(stored, trusted=unknown).transform(features), expected)
