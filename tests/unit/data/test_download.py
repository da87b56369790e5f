"""Downloads against a real server on loopback: kept, asked again, broken off, refused."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from mlflow_recipes.data.download import fetch_http
from mlflow_recipes.errors import DataError, UnavailableError

BODY = b"PAR1" + bytes(range(256)) * 2000
NO_WAIT = (0.0, 0.0)
Answer = Callable[[BaseHTTPRequestHandler], None]


class Server:
    """Gives the answers it is told, one a request, the last one again and again; remembers what it was asked."""

    def __init__(self) -> None:
        self.answers: list[Answer] = [whole()]
        self.asked: list[dict[str, str]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append(dict(self.headers))
                (outer.answers.pop(0) if len(outer.answers) > 1 else outer.answers[0])(self)

            def log_message(self, *parts: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


def whole(body: bytes = BODY, **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def half(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(BODY)))
    handler.end_headers()
    handler.wfile.write(BODY[: len(BODY) // 2])


def status(code: int, reason: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(code, reason)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    yield running
    running.stop()


def fetch(server: Server, folder: Path, path: str = "/trips/green 2018.parquet") -> tuple[Path, list[str]]:
    said: list[str] = []
    file = fetch_http(server.url + path, folder, said.append, NO_WAIT)
    return file, [line.replace(server.url, "") for line in said]


def test_the_file_its_name_and_what_is_said(server: Server, tmp_path: Path) -> None:
    file, said = fetch(server, tmp_path, "/trips/green%202018.parquet?sig=secret")
    assert file.read_bytes() == BODY
    assert file.name == "green_2018.parquet"
    assert said == [f"/trips/green%202018.parquet?sig=***: downloaded {len(BODY):,} bytes"]
    assert "secret" not in (file.parent / "source.json").read_text()
    assert server.asked[0]["Accept-Encoding"] == "identity"


@pytest.mark.parametrize(
    ("path", "name"),
    [("/", "data"), ("/..", "data"), ("/a/..%2F..%2Fetc%2Fpasswd", "passwd"), ("/%00x;rm -rf", "_x_rm_-rf")],
)
def test_a_name_never_leaves_the_folder(server: Server, tmp_path: Path, path: str, name: str) -> None:
    file, _ = fetch(server, tmp_path, path)
    assert file.name == name
    assert file.parent.parent == tmp_path


def test_an_unchanged_file_is_asked_for_and_not_sent_again(server: Server, tmp_path: Path) -> None:
    server.answers = [whole(ETag='"one"', Last_Modified="Mon, 01 Jan 2018 00:00:00 GMT"), status(304, "Not Modified")]
    first, _ = fetch(server, tmp_path)
    second, said = fetch(server, tmp_path)
    assert first == second
    assert second.read_bytes() == BODY
    assert said == ["/trips/green 2018.parquet: unchanged since it was downloaded"]
    assert server.asked[1]["If-None-Match"] == '"one"'
    assert server.asked[1]["If-Modified-Since"] == "Mon, 01 Jan 2018 00:00:00 GMT"


def test_a_changed_file_replaces_the_kept_one(server: Server, tmp_path: Path) -> None:
    server.answers = [whole(ETag='"one"'), whole(b"new", ETag='"two"')]
    fetch(server, tmp_path)
    file, _ = fetch(server, tmp_path)
    assert file.read_bytes() == b"new"


def test_a_lost_file_is_fetched_whole(server: Server, tmp_path: Path) -> None:
    server.answers = [whole(ETag='"one"')]
    file, _ = fetch(server, tmp_path)
    file.unlink()
    again, _ = fetch(server, tmp_path)
    assert again.read_bytes() == BODY
    assert "If-None-Match" not in server.asked[1]


def test_a_download_that_breaks_off_is_tried_again(server: Server, tmp_path: Path) -> None:
    server.answers = [half, status(503, "Busy"), whole()]
    file, said = fetch(server, tmp_path)
    assert file.read_bytes() == BODY
    assert len(said) == 3
    assert said[0].endswith("; trying again (2 of 3)")
    assert said[1] == "/trips/green 2018.parquet: the server answered 503 Busy; trying again (3 of 3)"


def test_never_half_a_file(server: Server, tmp_path: Path) -> None:
    server.answers = [half]
    with pytest.raises(UnavailableError) as caught:
        fetch(server, tmp_path)
    assert str(caught.value).endswith("Check the address and the connection, and run again.")
    assert "could not be downloaded in 3 tries" in str(caught.value)
    assert len(server.asked) == 3
    assert [file.name for file in tmp_path.rglob("*.parquet")] == []


def test_what_was_kept_serves_while_the_server_is_down(server: Server, tmp_path: Path) -> None:
    server.answers = [whole(ETag='"one"'), status(500, "Oops")]
    fetch(server, tmp_path)
    file, said = fetch(server, tmp_path)
    assert file.read_bytes() == BODY
    assert said[-1] == ("/trips/green 2018.parquet: the server answered 500 Oops; using what was downloaded before")


def damage(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-1] + b"?")


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:100])


def of_unknown_digest(file: Path) -> None:
    facts = json.loads((file.parent / "source.json").read_text())
    del facts["digest"]
    (file.parent / "source.json").write_text(json.dumps(facts))


@pytest.mark.parametrize("harm", [damage, cut, of_unknown_digest])
def test_a_kept_file_that_is_not_what_was_downloaded_is_fetched_again(
    server: Server, tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    server.answers = [whole(ETag='"one"', Last_Modified="Mon, 01 Jan 2018 00:00:00 GMT")]
    harm(fetch(server, tmp_path)[0])
    file, said = fetch(server, tmp_path)
    assert file.read_bytes() == BODY
    assert said == [
        "/trips/green 2018.parquet: what was downloaded before has been damaged or changed since; downloading it again",
        f"/trips/green 2018.parquet: downloaded {len(BODY):,} bytes",
    ]
    assert not {"If-None-Match", "If-Modified-Since"} & set(server.asked[1])


def test_a_damaged_file_does_not_serve_while_the_server_is_down(server: Server, tmp_path: Path) -> None:
    server.answers = [whole(ETag='"one"'), status(500, "Oops")]
    damage(fetch(server, tmp_path)[0])
    with pytest.raises(UnavailableError) as caught:
        fetch(server, tmp_path)
    assert str(caught.value) == (
        f"steps.ingest.location: '{server.url}/trips/green 2018.parquet' could not be downloaded in 3 tries: "
        "the server answered 500 Oops.\nCheck the address and the connection, and run again."
    )


def test_a_refusal_is_not_tried_again(server: Server, tmp_path: Path) -> None:
    server.answers = [status(404, "Not Found")]
    with pytest.raises(DataError) as caught:
        fetch(server, tmp_path, "/no.parquet?token=abc")
    assert str(caught.value) == (
        f"steps.ingest.location: The server answered 404 Not Found for '{server.url}/no.parquet?token=***'.\n"
        "Check the address; the file may not be published (yet), or need credentials."
    )
    assert len(server.asked) == 1


def test_no_server(tmp_path: Path) -> None:
    gone = Server()
    gone.stop()
    with pytest.raises(UnavailableError, match="could not be downloaded in 3 tries: ConnectionError") as caught:
        fetch(gone, tmp_path)
    assert caught.value.exit_code == 4
