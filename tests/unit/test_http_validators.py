"""http sources, against a real server on this machine."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mlflow_recipes.fingerprint import FileDigests
from mlflow_recipes.http_validators import NO_VALIDATOR, HttpValidators
from mlflow_recipes.sources import Sources, source_parts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflow_recipes.records import Part


@dataclass
class Server:
    """Answers every path with the same headers; counts what it was asked."""

    headers: dict[str, str] = field(default_factory=dict)
    status: int = 200
    allowed: tuple[str, ...] = ("HEAD", "GET")
    asked: list[str] = field(default_factory=list)
    url: str = ""

    def part(self, digests: FileDigests, path: str = "/a.csv") -> Part:
        [part] = source_parts(Path("unused"), Sources((self.url + path,), "csv"), digests)
        return part


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    told = Server()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            told.asked.append(f"{self.command} {self.path}")
            self.send_response(told.status if self.command in told.allowed else 403)
            for name, value in told.headers.items():
                self.send_header(name, value)
            self.end_headers()

        do_GET = do_HEAD = answer

        def log_message(self, *_: object) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    told.url = f"http://127.0.0.1:{http.server_port}"
    told.stop = lambda: (http.shutdown(), http.server_close())  # type: ignore[attr-defined]
    yield told
    told.stop()  # type: ignore[attr-defined]
    thread.join()


def test_etag_counts(server: Server) -> None:
    server.headers = {"ETag": '"one"', "Last-Modified": "Tue, 01 Jan 2019 00:00:00 GMT"}
    before = server.part(FileDigests())
    assert before.name == f"source {server.url}/a.csv"
    assert before.shown == 'ETag "one"'
    server.headers["Last-Modified"] = "Wed, 02 Jan 2019 00:00:00 GMT"
    assert server.part(FileDigests()) == before
    server.headers["ETag"] = '"two"'
    assert server.part(FileDigests()).digest != before.digest


@pytest.mark.parametrize("changed", ["Last-Modified", "Content-Length"])
def test_without_etag_time_and_length_count(server: Server, changed: str) -> None:
    server.headers = {"Last-Modified": "Tue, 01 Jan 2019 00:00:00 GMT", "Content-Length": "7"}
    before = server.part(FileDigests())
    assert before.shown == "Tue, 01 Jan 2019 00:00:00 GMT, 7 bytes"
    server.headers[changed] += "0"
    assert server.part(FileDigests()).digest != before.digest


def test_server_that_says_nothing_is_taken_as_unchanging(server: Server) -> None:
    before = server.part(FileDigests())
    assert before.shown == "no ETag or Last-Modified: changes are not noticed"
    server.headers = {"Content-Length": "9"}
    assert server.part(FileDigests()) == before


@pytest.mark.parametrize("headers", [{"ETag": '"one"'}, {}])
def test_server_that_is_down_is_assumed_unchanged(server: Server, headers: dict[str, str]) -> None:
    server.headers = headers
    first = FileDigests()
    before = server.part(first)
    server.stop()  # type: ignore[attr-defined]
    known = json.loads(json.dumps(first.known()))
    second = FileDigests(known)
    after = server.part(second)
    assert after.digest == before.digest
    assert after.shown == "server not reachable; assumed unchanged"
    assert second.known() == known


def test_server_that_is_down_and_never_answered_has_a_digest_of_its_own(server: Server) -> None:
    answered = {server.part(FileDigests()).digest}
    server.stop()  # type: ignore[attr-defined]
    part = server.part(FileDigests())
    assert part.shown == "server not reachable, and nothing is known from before"
    assert part.digest not in answered


def test_error_answer_is_no_answer(server: Server) -> None:
    server.headers = {"ETag": '"one"'}
    first = FileDigests()
    before = server.part(first)
    server.status, server.headers = 404, {"ETag": '"of the error page"'}
    assert server.part(FileDigests(first.known())).digest == before.digest


def test_each_look_asks_once_and_a_new_look_asks_again(server: Server) -> None:
    server.headers = {"ETag": '"one"'}
    first = FileDigests()
    before = server.part(first)
    assert server.part(first) == before
    assert server.asked == ["HEAD /a.csv"]
    server.headers = {"ETag": '"two"'}
    assert server.part(FileDigests(first.known())).digest != before.digest


def test_address_signed_for_get_only_is_asked_with_get(server: Server) -> None:
    server.allowed, server.headers = ("GET",), {"ETag": '"one"'}
    assert HttpValidators().ask(f"{server.url}/a.csv") == 'ETag "one"'
    assert server.asked == ["HEAD /a.csv", "GET /a.csv"]


def test_host_that_does_not_answer_is_asked_once(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    import requests

    server.stop()  # type: ignore[attr-defined]
    tried: list[str] = []
    real = requests.Session.head
    monkeypatch.setattr(requests.Session, "head", lambda s, url, **more: tried.append(url) or real(s, url, **more))
    validators = HttpValidators()
    assert [validators.ask(f"{server.url}/{name}") for name in "abc"] == [None, None, None]
    assert tried == [f"{server.url}/a"]


def test_token_in_an_address_is_neither_shown_nor_kept_nor_counted(server: Server) -> None:
    server.headers = {"ETag": '"one"'}
    digests = FileDigests()
    one, other = (server.part(digests, f"/a.csv?token=hunter{n}") for n in (2, 3))
    assert one == other
    assert one.name == f"source {server.url}/a.csv?token=***"
    assert "hunter" not in json.dumps(digests.known())


def test_no_validator_is_not_the_same_as_no_answer(server: Server) -> None:
    assert HttpValidators().ask(server.url) == NO_VALIDATOR
    assert HttpValidators().ask("http://127.0.0.1:1/") is None
