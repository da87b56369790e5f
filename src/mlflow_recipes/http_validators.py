"""What a web server says of a file's version: its ETag, or when it was last modified and how long it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import requests

NO_VALIDATOR = ""
_TIMEOUT_SECONDS = 5.0
# Answers of servers that know the file but not the HEAD method, such as stores behind addresses signed for GET.
_TRY_GET = (400, 403, 405, 501)


class HttpValidators:
    """Asks servers, each address once; a host that does not answer is not asked again."""

    def __init__(self) -> None:
        self._answers: dict[str, str | None] = {}
        self._silent: set[str] = set()
        self._session: requests.Session | None = None

    def ask(self, url: str) -> str | None:
        """The validator of what is behind an address.

        Returns:
            `NO_VALIDATOR` when the server gives none; None when it does not answer, or answers with an error.
        """
        if url not in self._answers:
            self._answers[url] = self._ask(url)
        return self._answers[url]

    def _ask(self, url: str) -> str | None:
        host = url.partition("//")[2].partition("/")[0]
        if host in self._silent:
            return None
        try:
            answer = self._head(url)
        except (OSError, ValueError):  # requests' own errors are OSErrors; odd addresses raise ValueErrors
            self._silent.add(host)
            return None
        return _validator(answer) if answer.ok else None

    def _head(self, url: str) -> requests.Response:
        import requests

        if self._session is None:
            self._session = requests.Session()
            # Some servers give a compressed answer another ETag.
            self._session.headers["Accept-Encoding"] = "identity"
        answer = self._session.head(url, allow_redirects=True, timeout=_TIMEOUT_SECONDS)
        if answer.status_code in _TRY_GET:
            answer = self._session.get(url, stream=True, timeout=_TIMEOUT_SECONDS)
            answer.close()  # only its headers are wanted
        return answer


def _validator(answer: requests.Response) -> str:
    if etag := answer.headers.get("ETag"):
        return f"ETag {etag}"
    if modified := answer.headers.get("Last-Modified"):
        return f"{modified}, {answer.headers.get('Content-Length', '?')} bytes"
    return NO_VALIDATOR
