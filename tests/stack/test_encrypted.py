"""The addresses that deploy/make_secrets.py writes are understood by all that use them: database, cache, limits, heartbeats,
queue. A wrong password, another authority, another name are refused.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import redis

from portal.run.valkey import _program
from tests import databases
from tests.live import wait_until
from tests.stack.running import ROOT
from tests.stack.tls import in_front

pytestmark = pytest.mark.program

# What it says of each, or why not.
ASK = """
import json, django
django.setup()
from django.core.cache import cache
from django.db import connection
from portal import heartbeats, throttle
from portal.celery import app

def database():
    with connection.cursor():
        return connection.connection.info.ssl_in_use

def cached():
    cache.set("encrypted", "yes")
    return cache.get("encrypted") == "yes"

def queue():
    with app.connection() as line:
        line.ensure_connection(max_retries=0, timeout=5)
        simple = line.SimpleQueue("encrypted-test")
        simple.put({"said": True})
        message = simple.get(timeout=5)
        message.ack()
        return message.payload["said"]

def said(ask):
    try:
        return bool(ask())
    except Exception as error:
        return type(error).__name__

asked = [database, cached, lambda: throttle.Limit("encrypted", 3).wait("x") == 0, heartbeats.client().ping, queue]
print(json.dumps([said(one) for one in asked]))
"""
Addresses = Callable[..., list[bool | str]]


@pytest.fixture(scope="module")
def secret(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("deployed") / "secrets"
    make = [sys.executable, str(ROOT / "deploy" / "make_secrets.py"), str(folder)]
    subprocess.run(make, check=True, capture_output=True)
    return folder


@pytest.fixture
def broker(secret: Path, tmp_path: Path) -> Iterator[Path]:
    """Its password given as deploy/valkey.sh gives it."""
    path, password = tmp_path / "redis.sock", (secret / "redis_password").read_text()
    command = [
        str(_program()),
        "-",
        "--port",
        "0",
        "--unixsocket",
        str(path),
        "--save",
        "",
        "--dir",
        str(tmp_path),
    ]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    assert process.stdin is not None
    process.stdin.write(f"requirepass {password}\n".encode())
    process.stdin.close()

    def answers() -> bool:
        try:
            return bool(redis.Redis(unix_socket_path=str(path), password=password).ping())
        except redis.RedisError:
            return False

    try:
        wait_until(answers, seconds=20, says="the broker")
        yield path
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def addresses(secret: Path, broker: Path, committed: str) -> Iterator[Addresses]:
    """What answers at the addresses of the secrets, changed as said; TLS ends where the two servers are."""
    plain = urlsplit(databases.renamed(os.environ["DATABASE_URL"], committed))
    socket = Path(parse_qs(plain.query)["host"][0]) / ".s.PGSQL.5432"
    credentials = plain.netloc.rpartition("@")[0]

    def ask(
        *, host: str = "localhost", authority: str = "internal_ca", password: str = ""
    ) -> list[bool | str]:
        lies = ("/run/secrets/internal_ca", str(secret / authority))
        database = (secret / "database_url").read_text().replace(*lies)
        cache = (secret / "redis_url").read_text().replace(*lies)
        options = urlsplit(database).query
        if password:
            cache = cache.replace((secret / "redis_password").read_text(), password)
        env = os.environ | {
            "DATABASE_URL": f"postgresql://{credentials}@{host}:{of_database}/{committed}?{options}",
            "REDIS_URL": cache.replace("@redis:6379", f"@{host}:{of_broker}"),
            "DJANGO_SETTINGS_MODULE": "portal.settings",
        }
        done = subprocess.run(
            [sys.executable, "-c", ASK],
            env=env,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return list(json.loads(done.stdout.splitlines()[-1]))

    certificates = {
        name: (secret / f"{name}_certificate", secret / f"{name}_key") for name in ("postgres", "redis")
    }
    with (
        in_front(socket, *certificates["postgres"], of_postgres=True) as of_database,
        in_front(broker, *certificates["redis"]) as of_broker,
    ):
        yield ask


def test_everything_that_asks_them_understands_the_addresses(addresses: Addresses) -> None:
    assert addresses() == [True] * 5


@pytest.mark.parametrize(
    "wrong", [{"host": "127.0.0.1"}, {"authority": "another_ca"}], ids=["another name", "another authority"]
)
def test_who_is_not_who_they_say_is_left(addresses: Addresses, secret: Path, wrong: dict[str, str]) -> None:
    if "authority" in wrong:
        make = [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-days",
            "9",
        ]
        more = ["-subj", "/CN=another", "-keyout", "/dev/null", "-out", str(secret / "another_ca")]
        subprocess.run([*make, *more], check=True, capture_output=True)
    said = addresses(**wrong)
    assert all(isinstance(one, str) for one in said), said


def test_without_the_password_the_broker_says_nothing(addresses: Addresses) -> None:
    said = addresses(password="x" * 48)  # noqa: S106
    assert said[0] is True and all(isinstance(one, str) for one in said[1:]), said
