"""Settings come from the environment: complete, refused when unsafe, clean by Django's own deployment check,
documented.
"""

from __future__ import annotations

import ast
import os
import re
import runpy
import secrets
import subprocess
import sys
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import pytest

from tests import copies
from tests.installed import python_files
from tests.stack.running import ROOT, own_environment

PRODUCTION = {
    "DATABASE_URL": "postgresql://jht_app:c2f0@db.internal:5432/jht",
    "REDIS_URL": "redis://broker.internal:6379/0",
    "JHT_SECRET_KEY": secrets.token_hex(48),
    "JHT_DATA_KEYS": "1:" + secrets.token_hex(16),
    "JHT_INDEX_KEY": secrets.token_hex(32),
    "JHT_AUDIT_KEY": secrets.token_hex(32),
    "JHT_PUBLIC_URL": "https://jht.example.gov.cn",
    "JHT_ALLOWED_HOSTS": "jht.example.gov.cn,127.0.0.1",
    "JHT_BEHIND_PROXY": "1",
}


def settings_read(**changes: str | None) -> copies.Ended:
    """Reads the settings anew in the environment of a production with these changes. It prints how sessions,
    plain HTTP and errors are dealt with, and who the database's user is.
    """
    given = {name: value for name, value in (PRODUCTION | changes).items() if value is not None}

    def read() -> None:
        os.environ.clear()
        os.environ.update(own_environment(**given))
        found = runpy.run_path(str(ROOT / "portal" / "settings.py"))
        told = [found[name] for name in ("SESSION_COOKIE_SECURE", "SECURE_SSL_REDIRECT", "DEBUG")]
        print(*told, found["DATABASES"]["default"]["USER"])

    return copies.told(read)


def test_production_is_secure_unless_told_otherwise() -> None:
    assert settings_read().printed.split() == ["True", "True", "False", "jht_app"]
    assert settings_read(JHT_PLAIN_HTTP="1").printed.split()[:2] == ["False", "False"]


def test_djangos_deployment_check_is_clean(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        env=own_environment(**PRODUCTION, JHT_VAR=str(tmp_path)),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert "no issues" in result.stdout


@pytest.mark.parametrize(
    "name", ["DATABASE_URL", "REDIS_URL", "JHT_SECRET_KEY", "JHT_DATA_KEYS", "JHT_INDEX_KEY", "JHT_AUDIT_KEY"]
)
def test_what_is_missing_is_named(name: str) -> None:
    result = settings_read(**{name: None})
    assert result.status != 0
    assert f"{name} is not set. Set it, or {name}_FILE" in result.complained


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("JHT_SECRET_KEY", "short"),
        ("JHT_SECRET_KEY", "django-insecure-" + "4f81c2" * 12),
        ("JHT_SECRET_KEY", "change-me-" + "4f81c2" * 12),
        ("JHT_SECRET_KEY", "a" * 80),
        ("JHT_DATA_KEYS", "1:" + "0" * 32),
        ("JHT_INDEX_KEY", "secret" * 10),
    ],
)
def test_an_example_secret_refuses_to_start(name: str, value: str) -> None:
    result = settings_read(**{name: value})
    assert result.status != 0
    assert name in result.complained
    # The value itself must not end in a log.
    assert value not in result.complained


def test_a_secret_may_lie_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "url"
    path.write_text("postgresql://jht_other:x@db/jht\n")
    read = settings_read(DATABASE_URL=None, DATABASE_URL_FILE=str(path))
    assert read.printed.split()[3] == "jht_other"
    missing = settings_read(DATABASE_URL=None, DATABASE_URL_FILE=str(tmp_path / "none"))
    assert "DATABASE_URL_FILE points to" in missing.complained


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("JHT_DEBUG", "perhaps", "neither yes nor no"),
        ("JHT_SESSION_MINUTES", "half an hour", "not a whole number"),
        ("DATABASE_URL", "mysql://jht@db/jht", "must begin with postgresql://"),
    ],
)
def test_a_value_that_is_none_is_named(name: str, value: str, says: str) -> None:
    result = settings_read(**{name: value})
    assert result.status != 0
    assert f"{name}" in result.complained and says in result.complained


def test_a_start_on_servers_of_ones_own_refuses_in_one_line(tmp_path: Path) -> None:
    variables = {name: value for name, value in PRODUCTION.items() if name != "JHT_SECRET_KEY"}
    result = subprocess.run(
        [sys.executable, "-m", "portal.run", "run"],
        env=own_environment(**variables, JHT_VAR=str(tmp_path)),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1
    assert (
        result.stderr
        == "jht: JHT_SECRET_KEY is not set. Set it, or JHT_SECRET_KEY_FILE to a file that holds it.\n"
    )


# -- the page on operating -----------------------------------------------------------------------------------
READERS = {"text", "secret", "flag", "whole", "choice", "needed", "words", "database"}
OURS = re.compile(r"(JHT|DATABASE|REDIS)_[A-Z_]+")
# Set by one part of ./jht test for another; nobody else sets or reads them.
INTERNAL = {"JHT_FAILED_CHECKS", "JHT_NO_BROWSER"}


def sources() -> Iterator[Path]:
    yield from (ROOT / "jht", ROOT / "manage.py")
    yield from python_files()


@lru_cache(maxsize=1)
def read_variables() -> dict[str, bool]:
    """Every variable that the code reads; whether it may also be given as a file."""
    found: dict[str, bool] = {}
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name, from_file = read_by(node)
            if name and OURS.fullmatch(name):
                found[name] = found.get(name, False) or from_file
    return found


def read_by(node: ast.AST) -> tuple[str, bool]:
    if (
        isinstance(node, ast.Subscript)
        and ast.unparse(node.value).endswith("environ")
        and isinstance(node.slice, ast.Constant)
    ):
        return str(node.slice.value), False
    if not (isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant)):
        return "", False
    called, name = ast.unparse(node.func), str(node.args[0].value)
    if called in {"os.environ.get", "os.getenv", "environ.get"}:
        return name, False
    owner, _, reader = called.rpartition(".")
    return (name, True) if owner in {"env", "environment"} and reader in READERS else ("", False)


def documented_variables() -> dict[str, bool]:
    page = (ROOT / "docs" / "OPERATING.md").read_text(encoding="utf-8")
    return {
        match[1]: bool(match[2]) for match in re.finditer(r"^\| `([A-Z_]+)`( \*)? \|", page, re.MULTILINE)
    }


def test_every_variable_is_on_the_page_on_operating() -> None:
    read = {name: from_file for name, from_file in read_variables().items() if name not in INTERNAL}
    documented = documented_variables()
    assert set(read) - set(documented) == set(), "read by the code, not explained in docs/OPERATING.md"
    assert set(documented) - set(read) == set(), "explained in docs/OPERATING.md, read by nobody"
    assert documented == read, "the star says that NAME_FILE works"


def test_defaults_on_the_page_are_those_of_the_settings() -> None:
    page = (ROOT / "docs" / "OPERATING.md").read_text(encoding="utf-8")
    settings = (ROOT / "portal" / "settings.py").read_text(encoding="utf-8")
    for name, default in re.findall(r'env\.whole\("(\w+)", (\d+)\)', settings):
        assert f"| `{name}` * | {default} |" in page, name
