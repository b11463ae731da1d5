"""Probes: what they answer when all is well, and when one part is not."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import redis
from celery.exceptions import WorkerTerminate
from django.conf import settings
from django.db import OperationalError, connection
from django.test import Client

from portal import clock, health, heartbeats, queues
from portal.audit import heads
from portal.consumer import Consumer
from portal.letters import fonts
from portal.run import probe


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Iterator[redis.Redis]:
    """A Redis database of our own: other tests empty theirs."""
    url = settings.REDIS_URL.split("?")[0].removesuffix("/0") + (
        "?db=15" if "unix:" in settings.REDIS_URL else "/15"
    )
    client = redis.Redis.from_url(url)
    monkeypatch.setattr(heartbeats, "client", lambda: client)
    monkeypatch.setenv("REDIS_URL", url)
    kinds = ("worker", "bulk", "beat", *map(heartbeats.queue, queues.ALL))
    keys = [heartbeats.key(kind, node) for kind in kinds for node in ("", socket.gethostname())]
    client.delete(*keys)
    yield client
    client.delete(*keys)
    client.close()


@pytest.fixture
def dead_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    client = redis.Redis(unix_socket_path="/nonexistent/redis.sock")
    monkeypatch.setattr(heartbeats, "client", lambda: client)
    monkeypatch.setenv("REDIS_URL", "unix:///nonexistent/redis.sock?db=0")


@pytest.fixture
def fonts_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "status", lambda: "ready")
    monkeypatch.setattr(fonts, "subsetter_status", lambda: "ready")
    monkeypatch.setattr(heads, "status", lambda: "ready")


# What the workers of a whole portal send.
CONSUMED = tuple(map(heartbeats.queue, queues.ALL))


def readyz() -> tuple[int, dict[str, str]]:
    answer = Client().get("/readyz")
    return answer.status_code, answer.json()


def test_alive_says_nothing_about_others(dead_broker: None) -> None:
    """No database fixture: pytest would fail a query."""
    answer = Client().get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert "no-store" in answer.headers["Cache-Control"]
    assert Client().post("/healthz").status_code == 405


@pytest.mark.django_db
def test_all_is_well(broker: redis.Redis, fonts_ready: None) -> None:
    heartbeats.send(*CONSUMED)
    heartbeats.send(heartbeats.BEAT)
    assert readyz() == (
        200,
        dict.fromkeys(("database", "broker", "worker", "beat", "fonts", "subsetter", "audit"), "ready"),
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kinds", "beating", "silent"),
    [(CONSUMED, "worker", "beat"), ((heartbeats.BEAT,), "beat", "worker")],
)
def test_worker_and_beat_are_told_apart(
    broker: redis.Redis, kinds: tuple[str, ...], beating: str, silent: str
) -> None:
    heartbeats.send(*kinds)
    status, parts = readyz()
    assert status == 503
    assert (parts[beating], parts[silent]) == ("ready", "missing")


@pytest.mark.django_db
@pytest.mark.parametrize("silent", queues.ALL)
def test_a_queue_that_nobody_consumes_is_told(
    broker: redis.Redis, silent: str, caplog: pytest.LogCaptureFixture
) -> None:
    heartbeats.send(heartbeats.BEAT, *(kind for kind in CONSUMED if kind != heartbeats.queue(silent)))
    status, parts = readyz()
    assert (status, parts["worker"]) == (503, "missing")
    assert f"no worker consumes {silent}" in caplog.text


def test_a_worker_beats_for_itself_and_for_what_it_consumes(broker: redis.Redis) -> None:
    repeated: list[tuple[str, ...]] = []
    timer = SimpleNamespace(call_repeatedly=lambda seconds, send, kinds: repeated.append(kinds))
    amqp = SimpleNamespace(queues=SimpleNamespace(consume_from={"bulk": None, "letters": None}))
    consumer = SimpleNamespace(hostname="bulk@here", timer=timer, app=SimpleNamespace(amqp=amqp))
    heartbeats.WorkerHeartbeat(consumer).start(consumer)
    assert repeated == [("bulk", "queue-bulk", "queue-letters")]
    assert broker.exists(heartbeats.key("bulk", socket.gethostname()), heartbeats.key("queue-letters")) == 2
    assert not broker.exists(heartbeats.key(heartbeats.WORKER), heartbeats.key("queue-default"))


@pytest.mark.django_db
def test_a_heartbeat_ends_by_itself(broker: redis.Redis) -> None:
    heartbeats.send(heartbeats.WORKER)
    assert 0 < broker.ttl(heartbeats.key(heartbeats.WORKER)) <= heartbeats.KEPT_SECONDS
    assert heartbeats.KEPT_SECONDS > 3 * heartbeats.EVERY_SECONDS


@pytest.mark.django_db
def test_fonts_that_are_being_prepared_keep_nobody_from_working(
    broker: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    heartbeats.send(*CONSUMED)
    heartbeats.send(heartbeats.BEAT)
    monkeypatch.setattr(fonts, "status", lambda: "preparing")
    monkeypatch.setattr(fonts, "subsetter_status", lambda: "missing")
    status, parts = readyz()
    assert status == 200
    assert (parts["fonts"], parts["subsetter"]) == ("preparing", "missing")


@pytest.mark.django_db
def test_a_dead_broker(dead_broker: None) -> None:
    status, parts = readyz()
    assert status == 503
    assert (parts["database"], parts["broker"], parts["worker"], parts["beat"]) == (
        "ready",
        "missing",
        "missing",
        "missing",
    )


@pytest.mark.django_db
def test_a_dead_database(broker: redis.Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> Any:
        raise OperationalError("the server is gone")

    monkeypatch.setattr(health.connection, "cursor", refuse)
    monkeypatch.setattr(health.connection, "close", lambda: None)
    status, parts = readyz()
    assert (status, parts["database"]) == (503, "missing")


@pytest.mark.django_db
def test_code_that_is_newer_than_the_schema_is_not_ready(
    broker: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "_migrated", set())
    monkeypatch.setattr(health.MigrationExecutor, "migration_plan", lambda *_: ["one more"])
    assert readyz()[1]["database"] == "preparing"
    monkeypatch.undo()
    # And once the migration was applied, it is asked no more.
    health._migrated.clear()
    assert health.parts()["database"] == "ready"
    assert connection.settings_dict["NAME"] in health._migrated


def test_a_heartbeat_without_a_broker_is_told_and_harms_nothing(
    dead_broker: None, caplog: pytest.LogCaptureFixture
) -> None:
    heartbeats.send(heartbeats.WORKER)
    assert "heartbeat of worker could not be sent" in caplog.text


def test_a_probe_is_about_its_own_machine(broker: redis.Redis, capsys: pytest.CaptureFixture[str]) -> None:
    broker.set(heartbeats.key(heartbeats.WORKER, "another-machine"), "1", ex=5)
    assert probe.run(["worker"]) == 1
    heartbeats.send(heartbeats.WORKER)
    assert probe.run(["worker"]) == 0
    assert probe.run(["beat"]) == 1
    assert probe.run(["bulk"]) == 1
    assert probe.run(["all"]) == 2


def test_a_probe_of_a_dead_broker(dead_broker: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert probe.run(["worker"]) == 1
    assert "the broker does not answer" in capsys.readouterr().err


@pytest.mark.parametrize("held", [0, 2])
def test_a_worker_that_holds_messages_of_a_lost_broker_starts_afresh(
    held: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that holds none reconnects by itself."""
    channels = [SimpleNamespace(do_restore=True)]
    worker = Consumer.__new__(Consumer)
    worker.connection = SimpleNamespace(transport=SimpleNamespace(channels=channels))
    reconnected: list[Exception] = []
    monkeypatch.setattr(
        "celery.worker.consumer.Consumer.on_connection_error_after_connected",
        lambda self, error: reconnected.append(error),
    )
    monkeypatch.setattr("celery.worker.state.reserved_requests", set(range(held)))
    error = ConnectionError("gone")
    if held:
        with pytest.raises(WorkerTerminate):
            worker.on_connection_error_after_connected(error)
        assert not channels[0].do_restore and not reconnected
    else:
        worker.on_connection_error_after_connected(error)
        assert reconnected == [error]


def test_every_app_may_list_what_runs_by_the_clock() -> None:
    from portal.celery import app

    entries = clock.schedule()
    app.loader.import_default_modules()
    assert entries
    assert {entry["task"] for entry in entries.values()} <= set(app.tasks), (
        "an entry that no worker knows is never run"
    )


def test_two_apps_with_one_name_are_a_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    import portal.jobs.tasks as tasks

    twice = type("Config", (), {"name": "portal.jobs"})()
    monkeypatch.setattr("django.apps.apps.get_app_configs", lambda: [twice, twice])
    assert tasks.SCHEDULE
    with pytest.raises(clock.DuplicateEntry):
        clock.schedule()
