"""Masking: by key in plain data, by what looks like a key in text."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mlflow_recipes.secrets import mask, masked, names_secret

SECRET_NAMES = (
    "password",
    "passwords",
    "DB_PASSWORD",
    "dbPassword",
    "PGPASSWORD",
    "passphrase",
    "MYSQL_PWD",
    "pass",
    "secret",
    "clientSecret",
    "SECRET_KEY",
    "secret_value",
    "token",
    "tokens",
    "token2",
    "accessToken",
    "id-token",
    "authtoken",
    "apikey",
    "api_keys",
    "APIKeys",
    "AccountKey",
    "AWSSecretAccessKey",
    "spark.hadoop.fs.s3a.secret.key",
    "sig",
    "SharedAccessSignature",
    "X-Amz-Signature",
    "X-Amz-Credential",
    "credentials",
    "Authorization",
    "sas",
)
OTHER_NAMES = (
    "token_count",
    "passenger_count",
    "tokenizer",
    "password_col",
    "compass",
    "bypass",
    "key",
    "primary_key",
    "monkey",
    "secretary",
    "secret_name",
    "passed",
    "passes",
    "significance",
    "design",
    "author",
    "",
    "42",
)


@pytest.mark.parametrize("name", SECRET_NAMES)
def test_names_of_secrets(name: str) -> None:
    assert names_secret(name)


@pytest.mark.parametrize("name", OTHER_NAMES)
def test_other_names(name: str) -> None:
    assert not names_secret(name)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgresql://me:pw@host:5432/db", "postgresql://me:***@host:5432/db"),
        ("postgresql://me:p/w@host/db", "postgresql://me:***@host/db"),
        ("postgresql://me:12/w@host/db", "postgresql://me:***@host/db"),
        ("postgresql://me:p@s/s@host/db", "postgresql://me:***@host/db"),
        ("mysql://me:p?w#x@host/db, see there", "mysql://me:***@host/db, see there"),
        ("'postgresql://me:se'cret@host/db'", "'postgresql://me:***@host/db'"),
        ("redis://:pw@host", "redis://:***@host"),
        ("a://b:c@d,e://f:g@h", "a://b:***@d,e://f:***@h"),
        ("https://me:p@w@host/x?mail=me@example.org", "https://me:***@host/x?mail=me@example.org"),
        ("https://ghp_0123456789abcdef@host/x", "https://***@host/x"),
        ("git+https://me:pw@host/repo@v1", "git+https://me:***@host/repo@v1"),
        ("https://x.blob/data?sv=1&sig=aB%2Bc%3D&se=2", "https://x.blob/data?sv=1&sig=***&se=2"),
        ("https://h/x?X-Amz-Signature=deadbeef&a=1", "https://h/x?X-Amz-Signature=***&a=1"),
        ("AccountName=a;AccountKey=abc123==;x=1", "AccountName=a;AccountKey=***;x=1"),
        ("password: hunter2", "password: ***"),
        ("DB_PASSWORD=hunter2", "DB_PASSWORD=***"),
        ('{"api_key": "k", "n": 1}', '{"api_key": "***", "n": 1}'),
        (r'"{\"apiKey\": \"k k\", \"n\": 1}"', r'"{\"apiKey\": \"***\", \"n\": 1}"'),
        ("Authorization: Bearer abcdefgh.ijkl", "Authorization: Bearer ***"),
        ("Authorization: Token abc", "Authorization: Token ***"),
        ("{'Authorization': 'Token abc'}", "{'Authorization': '***'}"),
        ("dapi0123456789abcdef0123456789abcdef", "***"),
        ("Incorrect API key: abc!", "Incorrect API key: ***"),
        ("bad clientSecret: S3CRET6", "bad clientSecret: ***"),
        ('os.environ["TOKEN"] = "a b"', 'os.environ["TOKEN"] = "***"'),
        ('password: "a, b; c # d"  # why', 'password: "***"  # why'),
        ("password='it''s'", "password='***'"),
        (r'password="a\"b" x', 'password="***" x'),
        ('password = """a\n"b\n"""\n', 'password = """***"""\n'),
        ('password: "not closed', 'password: "***'),
        ("  db password: a, b; c#d & e  # why\nx: 1", "  db password: ***, b; c#d & e  # why\nx: 1"),
        ("  password: a, b; c#d & e  # why\nx: 1", "  password: ***  # why\nx: 1"),
        ("- token: a b\n    deeper\n\n  x: 1", "- token: ***\n\n  x: 1"),
        ("token: |-\n  S3CRET4\n\n   S\nx: 1", "token: |-\n  ***\nx: 1"),
        ("a:\n  - token: >2 # c\n      S3CRET4\n    x: 1", "a:\n  - token: >2 # c\n      ***\n    x: 1"),
        ("tokens:\n- S3\n- S4\nx: 1", "tokens:\n***\nx: 1"),
        ("credentials: &c\n  user: me\n  of:\n    s: S\nx: 1", "credentials: &c\n  ***\nx: 1"),
        ('password: "[a b"', 'password: "***"'),
        ('tokens: ["a]", b,\n  c]\nx: 1', 'tokens: "***"\nx: 1'),
        ("-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----",
         "-----BEGIN PRIVATE KEY-----***-----END PRIVATE KEY-----"),
        ("{user: me, password: a b\n  c, n: 1}", "{user: me, password: ***, n: 1}"),
    ],
)  # fmt: skip
def test_secrets_are_masked(text: str, shown: str) -> None:
    assert mask(text) == shown
    assert mask(shown) == shown


@pytest.mark.parametrize(
    "text",
    [
        "sqlite:///metadata/mlflow/mlruns.db",
        "https://host/a@b/c?months=3",
        "http://host/path?x=me@example.org",
        "http://host:8080/path?x=me@example.org",
        "http://[::1]:8080/path?x=me@example.org",
        "http://host:8080 and me@example.org",
        "file:///a:b@c",
        "s3://bucket/a:b@c",
        "tokens are counted",
        "infer its signature: the columns",
        "x: 1 # password",
        "max_tokens: 5",
        "f(max_tokens=5, n=1)",
        "token_count: 5",
        "tokenizer: bert",
        "password_col: x",
        "password: null",
        "token: true",
        "password: ''",
        "password: {{ DB_PASSWORD }}",
        "token=${TOKEN}",
        "the token: %s",
        "std::pass::x",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert mask(text) == text


_SIGNS = st.sampled_from(
    [": ", "=", "'", '"', "\\", "\n", "  ", "- ", "|", "[", "{", "}", "]", ",", "#", "/", "?", "@"]
)
_FRAGMENTS = _SIGNS | st.sampled_from(
    ["token", "password", "x", "***", "://", "Bearer abcdefgh", "Token ", "null", "5"]
)


@settings(derandomize=True, max_examples=500)
@given(st.one_of(st.text(), st.lists(_FRAGMENTS, max_size=12).map("".join)))
def test_masking_twice_changes_nothing(text: str) -> None:
    assert mask(mask(text)) == mask(text)


def test_long_texts_take_no_time() -> None:
    for text in ("a" * 300_000, "a-" * 100_000, "token" * 50_000, "[" * 100_000, "a://" * 20_000, " " * 200_000):
        assert mask(text) == text


def test_plain_data_is_masked_by_its_keys() -> None:
    given_values = {
        "clientSecret": "S3CRET1",
        "password": "S3CRET2 S3CRET3",
        "credentials": {"user": "me", "any": ["S3CRET4"]},
        "api_keys": ["S3CRET5"],
        "sinks": [{"url": "postgresql://me:S3CRET6@h/db", "pwd": 12345}],
        "note": "token=S3CRET7",
    }
    assert masked(given_values) == {
        "clientSecret": "***",
        "password": "***",
        "credentials": "***",
        "api_keys": "***",
        "sinks": [{"url": "postgresql://me:***@h/db", "pwd": "***"}],
        "note": "token=***",
    }


def test_plain_data_that_is_no_secret_stays() -> None:
    values = {
        "max_tokens": 5,
        "tokens": [],
        "token": None,
        "secret": False,
        "password": "",
        "token_count": "many",
        1: (2, 3.5),
        "path": "data/x",
    }
    assert masked(values) == {**values, 1: [2, 3.5]}


_LETTERS = st.characters(codec="utf-8", categories=("L", "N", "P", "Z"))
_SECRETS = st.text(st.one_of(_LETTERS, st.just(" ")), max_size=90).map(lambda text: f"S3CRET{text}S3CRET")
_HARMLESS = st.one_of(st.integers(), st.booleans(), st.none(), st.sampled_from(["a b", "x: y", "it's", "#", "a\nb"]))


def _nested(secrets: st.SearchStrategy) -> st.SearchStrategy:
    """Random configurations; what `secrets` draws, or a list or map of it, is under the name of a secret."""
    held = st.one_of(
        secrets,
        st.lists(secrets, min_size=1, max_size=3),
        st.dictionaries(st.sampled_from(["a", "b"]), secrets, min_size=1),
    )
    names = st.sampled_from(["a", "b", "token_count", "key with space", "it's"])
    pairs = st.one_of(st.tuples(st.sampled_from(SECRET_NAMES), held), st.tuples(names, _HARMLESS))
    maps = st.lists(pairs, max_size=4).map(dict)
    return st.recursive(
        maps,
        lambda inner: st.one_of(
            st.lists(inner, max_size=3).map(lambda items: {"list": items}),
            st.dictionaries(names, inner, max_size=3),
            st.tuples(inner, inner).map(lambda both: {**both[0], **both[1]}),
        ),
        max_leaves=8,
    )


@settings(derandomize=True, max_examples=300, deadline=None)
@given(_nested(_SECRETS), st.sampled_from([40, 80, 10_000]), st.sampled_from([None, False, True]))
@example({"token": "S3CRET'\\ \"x"}, 80, False)
def test_no_secret_is_left_in_what_is_dumped(values: dict, width: int, flow: bool | None) -> None:
    assert "S3CRET" not in yaml.safe_dump(masked(values), width=width, default_flow_style=flow)
    text = yaml.safe_dump(values, width=width, default_flow_style=flow, allow_unicode=True, sort_keys=False)
    assert "S3CRET" not in mask(text), text


@settings(derandomize=True, max_examples=200, deadline=None)
@given(_nested(_SECRETS))
def test_what_is_not_secret_is_still_there(values: dict) -> None:
    def without(value: object) -> object:
        if isinstance(value, dict):
            return {name: without(item) for name, item in value.items() if not names_secret(str(name))}
        return [without(item) for item in value] if isinstance(value, list) else value

    assert without(masked(values)) == without(values)
