"""How a csv file is written is found out from the file, and only where it is certain."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from mlflow_recipes.errors import DataError
from mlflow_recipes.scaffold.data import of_file


def written(folder: Path, text: str, encoding: str = "utf-8") -> tuple[dict[str, Any], dict[str, str]]:
    """What `csv` has to say, and the types of the columns when they are read so."""
    (folder / "d.csv").write_bytes(text.encode(encoding))
    found = of_file(folder / "d.csv", folder)
    types = {field.name: str(field.type) for field in found.table.schema}
    return found.csv.model_dump(exclude_defaults=True), types


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    (tmp_path / "d.csv.gz").write_bytes(gzip.compress(f"x{delimiter}y\n1{delimiter}2\n".encode()))
    found = of_file(tmp_path / "d.csv.gz", tmp_path)
    assert (found.using, found.csv.delimiter, found.table.column_names) == ("csv", delimiter, ["x", "y"])


@pytest.mark.parametrize(
    ("rows", "is_comma"),
    [
        ("1,5;a\n2;b\n-0,25;c\n", True),
        ("1,5;2,5\n,5;2.5\n", True),  # more of the columns have commas
        ("1,5;2\n2,5;\n", True),  # a whole number with a gap is no decimal point
        ("1,234;a\n2,345;b\n", False),  # thousands
        ("1,234;a\n2,34;b\n", True),
        ("1.5;a\n2.5;b\n", False),
        ("1,5;2.5\n1,5;3.5\n", False),  # as many as have points
        ("1,5,6;a\n1,b;c\n", False),
    ],
)
def test_decimal_commas_are_found(tmp_path: Path, rows: str, is_comma: bool) -> None:
    csv, types = written(tmp_path, f"x;y\n{rows}")
    assert (csv.get("decimal") == ",", types["x"] == "double") == (is_comma, is_comma or rows[1] == ".")


def test_a_quoted_comma_between_commas_is_none_of_a_decimal(tmp_path: Path) -> None:
    assert written(tmp_path, 'x,y\n"1,5",a\n"2,5",b\n') == ({}, {"x": "string", "y": "string"})


@pytest.mark.parametrize(
    ("encoding", "found"), [("utf-8", None), ("utf-8-sig", None), ("utf-16", "utf-16"), ("cp1252", "cp1252")]
)
def test_the_encoding_is_found(tmp_path: Path, encoding: str, found: str | None) -> None:
    csv, types = written(tmp_path, "größe;preis\n1;„a“\n", encoding)
    assert csv == {"delimiter": ";"} | ({"encoding": found} if found else {})
    assert list(types) == ["größe", "preis"]


@pytest.mark.parametrize("content", ["a,b\n1,é\n".encode("utf-16-le"), b"a,b\n1,\x81\xff\n"])
def test_an_encoding_that_is_not_found_is_said(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "d.csv").write_bytes(content)
    with pytest.raises(DataError, match=r"d\.csv is in none of the encodings that are found out.*\nWrite it again in"):
        of_file(tmp_path / "d.csv", tmp_path)


@pytest.mark.parametrize(
    ("times", "formats"),
    [
        (("04.01.2015 02:00", "31.12.2015 23:59"), ["%d.%m.%Y %H:%M"]),
        (("4.1.15", "31.12.15"), ["%d.%m.%y"]),
        (("12/31/2015 1:05:00 PM", "01/02/2015 11:00:00 AM"), ["%m/%d/%Y %I:%M:%S %p"]),
        (("31/12/2015", "01/02/2015"), ["%d/%m/%Y"]),
        (("2015/12/31", "2015/01/02"), ["%Y/%m/%d"]),
        (("01/02/2015", "03/04/2015"), None),  # either way round
        (("31.12.2015", "soon"), None),
        (("2015-12-31", "2015-01-02 12:00:00"), None),  # nothing needs to be said
    ],
)
def test_the_format_of_times_is_found_where_it_is_certain(
    tmp_path: Path, times: tuple[str, ...], formats: list[str] | None
) -> None:
    csv, types = written(tmp_path, "t,x\n" + "".join(f"{time},1\n" for time in times))
    assert list(csv.get("timestamp_formats", ())) == (formats or [])
    assert types["t"].startswith("timestamp") == (formats is not None or "-" in times[0])


def test_another_column_tells_the_order_of_day_and_month(tmp_path: Path) -> None:
    csv, types = written(tmp_path, "a,b\n01/02/2015 10:00,31/12/2015\n01/03/2015 10:00,01/01/2015\n")
    assert csv["timestamp_formats"] == ("%d/%m/%Y", "%d/%m/%Y %H:%M")
    assert set(types.values()) == {"timestamp[us]"}


def test_digits_that_begin_with_zero_are_texts(tmp_path: Path) -> None:
    csv, types = written(tmp_path, "zip,gap,n,x,\n01234,,0,0.5,\n99999,01,10,1,\n")
    assert csv == {"types": {"zip": "string", "gap": "string"}}
    assert types == {"zip": "string", "gap": "string", "n": "int64", "x": "double", "": "null"}
