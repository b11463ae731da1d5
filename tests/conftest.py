"""Fixtures of all tests: databases, the cast, a running portal and a browser for journeys."""

from __future__ import annotations

import gc
import itertools
import os
import re
import sys
import uuid
import zlib
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from tests import databases, order, states

pytest_plugins = ["tests.cast", "tests.drawn", "tests.live", "tests.long"]


_numbers = itertools.count()
# The cache's names of this process: servers may be kept, and process numbers come again.
_CACHE = f"test-{uuid.uuid4().hex[:8]}"
# What tells one page of a kind from the next: numbers, and names with a number in them.
_KIND = re.compile(r"[^/]*[0-9][^/]*", re.ASCII)


@pytest.fixture(autouse=True, scope="session")
def sound_pages() -> Iterator[None]:
    """Every page that a test asks for is sound HTML: each kind of page is read once."""
    from django.test import Client

    from tests.markup import wrong_markup

    ask, read = Client.request, set()

    def ask_and_read(client: Any, **request: Any) -> Any:
        response = ask(client, **request)
        address = request.get("PATH_INFO", "")
        kind = (_KIND.sub("*", address), response.status_code, request.get("REQUEST_METHOD"))
        is_page = response.get("Content-Type", "").startswith("text/html") and not response.streaming
        if is_page and kind not in read:
            read.add(kind)
            assert wrong_markup(response.content.decode()) == [], kind
        return response

    Client.request = ask_and_read  # type: ignore[method-assign]
    yield
    Client.request = ask  # type: ignore[method-assign]


def pytest_configure(config: pytest.Config) -> None:
    """The template is made once, by the process that hands out the work."""
    from django.conf import settings

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # Tests read static files from their folders; the manifest is a matter of a deployment.
    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """Marks what starts programs and whole portals, before -m chooses by the marker; and puts the files in order when
    everybody else has: pytest-django puts all that use no transaction of its own last. Within a file nothing
    changes.
    """
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        if "live" in fixtures:
            item.add_marker(pytest.mark.portal)
        if "command_environment" in fixtures:
            item.add_marker(pytest.mark.program)
    yield
    files = [item.nodeid.partition("::")[0] for item in items]
    places = {name: place for place, name in enumerate(order.in_order(files))}
    items.sort(key=lambda item: places[item.nodeid.partition("::")[0]])


def pytest_collection_finish() -> None:
    """What is loaded by now stays until the end: whoever looks for garbage need not look through it each
    time.
    """
    gc.collect()
    gc.freeze()


def pytest_configure_node(node: Any) -> None:
    node.workerinput["template"] = _template(node.config)


def _template(config: pytest.Config) -> str:
    if not hasattr(config, "_jht_template"):
        given = getattr(config, "workerinput", {}).get("template") or os.environ.get("JHT_TEST_TEMPLATE")
        config._jht_template = given or databases.template()  # type: ignore[attr-defined]
    return config._jht_template  # type: ignore[attr-defined]


def _use(name: str) -> None:
    from django.db import connection

    connection.close()
    connection.settings_dict["NAME"] = name


@pytest.fixture(scope="session")
def template_database(request: pytest.FixtureRequest) -> str:
    return _template(request.config)


@pytest.fixture(scope="session")
def django_db_setup(template_database: str, django_db_blocker: Any) -> Iterator[None]:
    """A clone for this process; each test's transaction is rolled back."""
    name = f"jht_test_{os.getpid()}_{uuid.uuid4().hex[:6]}"
    databases.clone(template_database, name)
    with django_db_blocker.unblock():
        _use(name)
    yield
    with django_db_blocker.unblock():
        from django.db import connection

        connection.close()
    databases.drop(name)
    states.strike_all()


@pytest.fixture
def _stage(
    request: pytest.FixtureRequest, template_database: str, django_db_setup: None, django_db_blocker: Any
) -> Iterator[None]:
    """The database of the state in which a test begins (tests.states)."""
    with django_db_blocker.unblock():
        leave = states.enter(request.node, template_database)
    yield
    leave()


@pytest.fixture
def db(_stage: None, _django_db_helper: None) -> None:
    """As that of pytest-django, which begins a transaction; there where the test begins."""


@pytest.fixture
def committed(
    request: pytest.FixtureRequest, template_database: str, django_db_blocker: Any
) -> Iterator[str]:
    """A database of its own for a test that commits, uses several connections, or runs commands. Yields its
    name.
    """
    from django.db import connection, connections

    before = connection.settings_dict["NAME"]
    name = f"jht_test_{os.getpid()}_{uuid.uuid4().hex[:6]}"
    databases.clone(template_database, name)
    with django_db_blocker.unblock():
        _use(name)
        yield name
        connections.close_all()
        _use(before)
    databases.drop(name)


@pytest.fixture
def command_environment(committed: str) -> dict[str, str]:
    """The environment in which a command sees the test's own database."""
    return os.environ | {
        "DATABASE_URL": databases.renamed(os.environ["DATABASE_URL"], committed),
        "DATABASE_OWNER_URL": databases.renamed(os.environ["DATABASE_OWNER_URL"], committed),
    }


@pytest.fixture
def owner_sql(committed: str) -> Iterator[Callable[..., list[tuple]]]:
    """Runs SQL as the owner of the tables: what an intruder with the owner's password could do."""
    import psycopg2

    connection = psycopg2.connect(databases.renamed(os.environ["DATABASE_OWNER_URL"], committed))
    connection.autocommit = True

    def run(sql: str, *params: Any) -> list[tuple]:
        with connection.cursor() as cursor:
            cursor.execute(sql, params or None)
            return cursor.fetchall() if cursor.description else []

    yield run
    connection.close()


@pytest.fixture(autouse=True)
def _own_files(settings: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Nothing a test writes lands beside the data of a running portal. The folder is made by the first that is
    written: most tests write none.
    """
    settings.MEDIA_ROOT = tmp_path_factory.getbasetemp() / f"files-{next(_numbers)}"
    settings.AUDIT_HEADS = settings.MEDIA_ROOT / "heads.jsonl"


@pytest.fixture(autouse=True)
def _kind_of_portal(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A demonstration, whose staff sign in without a second factor; a real portal in tests/security."""
    from portal.accounts import demonstration

    marked = "security" not in request.path.parts
    monkeypatch.setattr(demonstration, "_known", {})
    monkeypatch.setattr(demonstration, "_state", lambda: (marked, True))


@pytest.fixture(autouse=True)
def _lightly_compressed() -> None:
    """PDFs are a little larger here: compressing them as well as one can takes a fifth of making them."""
    if pydyf := sys.modules.get("pydyf"):
        pydyf.zlib = SimpleNamespace(compressobj=lambda level: zlib.compressobj(level=1))  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def _fresh_cache() -> None:
    """What other tests have put into the cache has other names. Not cache.clear(): that empties the server for
    everybody on it.
    """
    from django.conf import settings
    from django.core.cache import caches

    # For caches that other threads open, and for that of this one, which is open.
    settings.CACHES["default"]["KEY_PREFIX"] = f"{_CACHE}-{next(_numbers)}"
    caches["default"].key_prefix = settings.CACHES["default"]["KEY_PREFIX"]
