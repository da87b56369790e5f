"""Python source: secrets go, code stays as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlflow_recipes.code_secrets import mask_code


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ('TOKEN = "S"', 'TOKEN = "***"'),
        ('token: str = ("S"\n    "T")\n', 'token: str = ("***")\n'),
        ('self.clientSecret = other["api_key"] = b"S"', 'self.clientSecret = other["api_key"] = "***"'),
        ('connect(user="me", password="S", retries=3)', 'connect(user="me", password="***", retries=3)'),
        ('{"password": "S", "n": "x", **rest}', '{"password": "***", "n": "x", **rest}'),
        ('def f(a, token="S", *, pwd="T", n="x"): pass', 'def f(a, token="***", *, pwd="***", n="x"): pass'),
        ('if token == "S" or "T" != token: pass', 'if token == "***" or "***" != token: pass'),
        ('if (token := "S"): pass', 'if (token := "***"): pass'),
        ('token = os.environ.get("API_TOKEN", "S")', 'token = os.environ.get("API_TOKEN", "***")'),
        ('password = f"S{x}"', 'password = "***"'),
        ("password = 12345", 'password = "***"'),
        ('password = """S\nä"""; x = "ü"', 'password = "***"; x = "ü"'),
        ('warnings.warn("bad clientSecret: S")', 'warnings.warn("bad clientSecret: ***")'),
        ('ä = "ö"; read("postgresql://me:S@h/db")', 'ä = "ö"; read("postgresql://me:***@h/db")'),
        ('"""Doc.\n\ntoken: S T\n"""\n', '"""Doc.\n\ntoken: ***\n"""\n'),
        ("x = 1  # password: S\n", "x = 1  # password: ***\n"),
        ('token = ("S"  # one\n    "T")  # two\n', 'token = ("***")  # two\n'),
        ('x = ("a"  # password: S\n    "b")', 'x = ("a"  # password: ***\n    "b")'),
        ("token = 'S' +", "token = '***' +"),
    ],
)
def test_secrets_in_code(source: str, shown: str) -> None:
    assert mask_code(source) == shown


@pytest.mark.parametrize(
    "source",
    [
        "token = tokens[0]\nmax_tokens = 5\n",
        "def f(token: str, password=None, pwd: bool = True) -> str:\n    return token or password\n",
        'token = os.environ["API_TOKEN"]\nsecret = os.getenv("CLIENT_SECRET")\n',
        'print(f"token: {token} of {tokens}", "%s", tokenizer="bert")\n',
        'password_col = "x"\nsignature = infer_signature(x, y)\nif token:\n    pass\n',
        'x = ("a"  # one\n    "b"  # two\n    "c")  # three\n',
        "class Token:\n\ttoken = secrets.token_hex()\n",
        "",
    ],
)
def test_code_without_secrets_is_not_touched(source: str) -> None:
    assert mask_code(source) == source


def test_our_own_code_is_not_touched() -> None:
    folder = Path(__file__).parents[2] / "src" / "mlflow_recipes"
    for file in folder.rglob("*.py"):
        if file.name not in ("secrets.py", "code_secrets.py", "git.py"):
            source = file.read_text(encoding="utf-8")
            assert mask_code(source) == source, file
