"""Downloads against a real server on loopback: kept, asked again, broken off, refused."""

from __future__ import annotations

import errno
import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from mlflow_recipes.data.download import Watch, fetch_all, fetch_http
from mlflow_recipes.errors import DataError, UnavailableError

BODY = b"PAR1" + bytes(range(256)) * 2000
NO_WAIT = (0.0, 0.0, 0.0)
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
    file = fetch_http(server.url + path, folder, Watch(said.append, NO_WAIT))
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
    broken = f"it broke off after {len(BODY) // 2:,} of {len(BODY):,} bytes"
    assert said[0] == f"/trips/green 2018.parquet: {broken}; trying again (2 of 4)"
    assert said[1] == "/trips/green 2018.parquet: the server answered 503 Busy; trying again (3 of 4)"


def test_never_half_a_file(server: Server, tmp_path: Path) -> None:
    server.answers = [half]
    with pytest.raises(UnavailableError) as caught:
        fetch(server, tmp_path)
    assert str(caught.value).endswith("Check the address and the connection, and run again.")
    assert "could not be downloaded in 4 tries" in str(caught.value)
    assert len(server.asked) == 4
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
        f"steps.ingest.location: '{server.url}/trips/green 2018.parquet' could not be downloaded in 4 tries: "
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
    refused = f"could not be downloaded in 4 tries: ConnectionError: {os.strerror(errno.ECONNREFUSED)}\\."
    with pytest.raises(UnavailableError, match=refused) as caught:
        fetch(gone, tmp_path)
    assert caught.value.exit_code == 4


# Going on


def ranged(body: bytes = BODY, *, stop: int | None = None, etag: str = '"one"', **headers: str) -> Answer:
    """An answer of a server that knows ranges; it drops the connection `stop` bytes after where it began."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        asked, condition = handler.headers.get("Range", ""), handler.headers.get("If-Range", etag)
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and condition == etag else 0
        handler.send_response(206 if start else 200)
        if start:
            handler.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        handler.send_header("Content-Length", str(len(body) - start))
        handler.send_header("ETag", etag)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body[start:] if stop is None else body[start : start + stop])

    return answer


def asked_ranges(server: Server) -> list[str | None]:
    return [headers.get("Range") for headers in server.asked]


def test_a_server_that_drops_twice_is_asked_only_for_what_is_missing(server: Server, tmp_path: Path) -> None:
    server.answers = [ranged(stop=100_000), ranged(stop=50_000), ranged()]
    file, said = fetch(server, tmp_path)
    assert file.read_bytes() == BODY
    assert asked_ranges(server) == [None, "bytes=100000-", "bytes=150000-"]
    assert [headers.get("If-Range") for headers in server.asked] == [None, '"one"', '"one"']
    assert said[-1] == f"/trips/green 2018.parquet: downloaded {len(BODY):,} bytes, {len(BODY) - 150_000:,} of them now"
    assert sorted(path.name for path in file.parent.iterdir()) == ["green_2018.parquet", "source.json"]


def test_a_later_run_goes_on_where_an_earlier_one_gave_up(server: Server, tmp_path: Path) -> None:
    server.answers = [ranged(stop=1000), status(503, "Busy")]
    with pytest.raises(UnavailableError):
        fetch(server, tmp_path)
    server.answers, server.asked = [ranged()], []
    assert fetch(server, tmp_path)[0].read_bytes() == BODY
    assert asked_ranges(server) == ["bytes=1000-"]


def test_halves_of_two_versions_are_never_glued(server: Server, tmp_path: Path) -> None:
    other = BODY[::-1]
    server.answers = [ranged(stop=100_000), ranged(other, etag='"two"')]
    assert fetch(server, tmp_path)[0].read_bytes() == other
    assert asked_ranges(server) == [None, "bytes=100000-"]


def of_another_version(handler: BaseHTTPRequestHandler) -> None:
    """What a server that does not know If-Range answers: the asked part, of whatever it has now."""
    handler.headers.replace_header("If-Range", '"two"')
    ranged(BODY[::-1], etag='"two"')(handler)


def of_another_place(handler: BaseHTTPRequestHandler) -> None:
    handler.headers.replace_header("Range", "bytes=5-")
    ranged()(handler)


@pytest.mark.parametrize("wrong", [of_another_version, of_another_place, status(416, "Range Not Satisfiable")])
def test_a_part_that_does_not_fit_starts_over(server: Server, tmp_path: Path, wrong: Answer) -> None:
    server.answers = [ranged(stop=100_000), wrong, ranged()]
    assert fetch(server, tmp_path)[0].read_bytes() == BODY
    assert asked_ranges(server) == [None, "bytes=100000-", None]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"ETag": 'W/"one"'},
        {"Last_Modified": "Mon, 01 Jan 2018 00:00:00 GMT", "Date": "Mon, 01 Jan 2018 00:00:10 GMT"},
        {"Last_Modified": "yesterday", "Date": "today"},
        {"ETag": '"one"', "Content_Encoding": "none"},
    ],
)
def test_without_what_tells_versions_apart_a_download_starts_over(
    server: Server, tmp_path: Path, headers: dict[str, str]
) -> None:
    def broken(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response_only(200)
        for name, value in {"Content-Length": str(len(BODY)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(BODY[:1000])

    server.answers = [broken, whole()]
    assert fetch(server, tmp_path)[0].read_bytes() == BODY
    assert asked_ranges(server) == [None, None]


def test_a_time_of_change_that_is_long_past_tells_versions_apart(server: Server, tmp_path: Path) -> None:
    def broken(handler: BaseHTTPRequestHandler) -> None:
        whole(BODY, Last_Modified="Mon, 01 Jan 2018 00:00:00 GMT")(Cut(handler, 1000))

    server.answers = [broken, status(503, "Busy"), whole()]
    assert fetch(server, tmp_path)[0].read_bytes() == BODY
    assert [headers.get("If-Range") for headers in server.asked][1:] == ["Mon, 01 Jan 2018 00:00:00 GMT"] * 2


class Cut:
    """A handler that sends no more than some bytes of a body."""

    def __init__(self, handler: BaseHTTPRequestHandler, most: int) -> None:
        self._handler, self._most = handler, most
        self.wfile = self

    def __getattr__(self, name: str) -> object:
        return getattr(self._handler, name)

    def write(self, body: bytes) -> None:
        self._handler.wfile.write(body[: self._most])


def test_a_begun_new_version_beside_a_whole_old_one(server: Server, tmp_path: Path) -> None:
    server.answers = [whole(b"old", ETag='"old"'), ranged(stop=1000), status(503, "Busy")]
    fetch(server, tmp_path)
    file, said = fetch(server, tmp_path)
    assert file.read_bytes() == b"old"
    assert said[-1].endswith("; using what was downloaded before")
    server.answers, server.asked = [ranged()], []
    assert fetch(server, tmp_path)[0].read_bytes() == BODY
    assert (server.asked[0]["If-None-Match"], server.asked[0]["Range"]) == ('"old"', "bytes=1000-")


# Waiting


def busy(retry_after: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(429, "Slow Down")
        handler.send_header("Retry-After", retry_after)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


def test_a_server_says_how_long_to_wait(server: Server, tmp_path: Path) -> None:
    server.answers = [busy("1"), whole()]
    started = time.monotonic()
    assert fetch(server, tmp_path)[0].read_bytes() == BODY
    assert time.monotonic() - started >= 1


@pytest.mark.parametrize("when", ["3600", "Fri, 31 Dec 2055 23:59:59 GMT"])
def test_nobody_waits_for_an_hour(server: Server, tmp_path: Path, when: str) -> None:
    server.answers = [busy(when)]
    with pytest.raises(UnavailableError, match=r"could not be downloaded \(it asks to wait [\d,]+ s\): the"):
        fetch(server, tmp_path)
    assert len(server.asked) == 1


# Several


def test_several_at_once(server: Server, tmp_path: Path) -> None:
    together = threading.Barrier(3, timeout=20)  # passes only where three are asked for at the same time

    def answer(handler: BaseHTTPRequestHandler) -> None:
        together.wait()
        whole(handler.path.encode())(handler)

    server.answers = [answer]
    urls = [f"{server.url}/{name}/a.parquet" for name in ("one", "two", "three")]
    said: list[str] = []
    files = fetch_all([*urls, urls[0]], tmp_path, said.append)
    assert [files[url].read_bytes() for url in urls] == [b"/one/a.parquet", b"/two/a.parquet", b"/three/a.parquet"]
    assert len(said) == len(server.asked) == 3


def test_one_of_several_that_is_not_there_is_named(server: Server, tmp_path: Path) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        (status(404, "Not Found") if "2023-13" in handler.path else whole())(handler)

    server.answers = [answer]
    urls = [f"{server.url}/green_2023-{month}.parquet" for month in (11, 12, 13)]
    with pytest.raises(DataError) as caught:
        fetch_all(urls, tmp_path, lambda _line: None)
    assert str(caught.value) == (
        f"steps.ingest.location: The server answered 404 Not Found for '{server.url}/green_2023-13.parquet'.\n"
        "Check the address; the file may not be published (yet), or need credentials."
    )
