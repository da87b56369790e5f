"""What the profiles name is what the recipe reads."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd
import pytest

from mlflow_recipes.config.models import parse
from mlflow_recipes.project import Project

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
TLC_ADDRESS = "https://d37ci6vzurychx.cloudfront.net/trip-data"


def locations(profile: str) -> list[str]:
    return list(parse(Project.load(profile, root=ROOT).source).steps.ingest.location)


def test_local_reads_the_twelve_months_that_come_with_the_project() -> None:
    [pattern] = locations("local")
    assert sorted(ROOT.glob(pattern)) == sorted((ROOT / "data").glob("*.parquet"))
    assert len(list(ROOT.glob(pattern))) == 12


def test_tlc_names_months_as_tlc_does() -> None:
    months = ["2021-01", "2023-01", "2024-01", "2025-01", "2025-02"]
    assert locations("tlc") == [f"{TLC_ADDRESS}/green_tripdata_{month}.parquet" for month in months]


class Months(SimpleHTTPRequestHandler):
    """Serves a folder and notes the status of each download; drops the connection in the middle of the first two."""

    statuses: ClassVar[list[int]] = []
    dropped: ClassVar[int] = 0

    def copyfile(self, source: Any, outputfile: Any) -> None:
        if Months.dropped == 2:
            super().copyfile(source, outputfile)
            return
        Months.dropped += 1
        outputfile.write(source.read(500_000))
        self.close_connection = True

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:  # noqa: ARG002 - as it is called
        if self.command == "GET":
            self.statuses.append(int(code))


@pytest.fixture
def server(tlc: Path) -> Iterator[str]:
    """The address of a server on this machine that has the months."""
    Months.statuses.clear()
    Months.dropped = 0
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Months, directory=str(tlc))) as serving:
        threading.Thread(target=serving.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{serving.server_port}"
        serving.shutdown()


def test_whole_months_from_before_and_after_tlc_changed_them_are_downloaded_once(tmp_path: Path, server: str) -> None:
    root = tmp_path / "recipe"
    for name in ("steps", "profiles"):
        shutil.copytree(ROOT / name, root / name)
    shutil.copy(ROOT / "recipe.yaml", root)
    profile = root / "profiles" / "tlc.yaml"
    profile.write_text(profile.read_text("utf-8").replace(TLC_ADDRESS, server), encoding="utf-8")
    variables = {name: value for name, value in os.environ.items() if not name.startswith("MLFLOW_")}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "mlflow_recipes", *arguments, "-p", "tlc"]
        return subprocess.run(command, cwd=root, env=variables, check=True, capture_output=True, text=True)

    ran = run("run", "-s", "split")
    assert Months.dropped == 2
    assert Months.statuses == [200] * 7
    assert "reconciled 9 columns between 5 files: VendorID (int64, int32 -> int64)" in ran.stderr
    assert "ehail_fee (null, double -> double)" in ran.stderr
    run("run", "-s", "ingest")
    assert 200 not in Months.statuses[7:]
    read = pd.read_parquet(run("get-artifact", "-a", "ingested_data").stdout.strip())
    assert read["PULocationID"].dtype == "int64"
    assert read["cbd_congestion_fee"].notna().sum() > 0
    frame = pd.read_parquet(run("get-artifact", "-a", "clean_data").stdout.strip())
    assert len(frame) == 275_840
    assert frame["trip_minutes"].between(1, 60).all()
