"""Every task is taken by a worker, everything by the clock is a task, every variable is explained: in `./jht run` and in
docker-compose.yml. The second half takes something away and wants it told.
"""

from __future__ import annotations

import copy
import re
from typing import Any

import pytest
import yaml

from portal import clock, queues
from portal.celery import app
from portal.run import workers
from portal.run.processes import StartFailed
from tests.guards.layers import ROOT
from tests.guards.queues import clock_faults, consumed_by, is_worker, queue_faults, variable_faults
from tests.stack.test_settings import documented_variables, read_variables

TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
PAGE = (ROOT / "docs" / "OPERATING.md").read_text(encoding="utf-8")
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(TEXT)["services"]
OURS = [name for name, service in SERVICES.items() if service.get("build") == "."]
APART = {name: service["command"] for name, service in SERVICES.items() if is_worker(service.get("command"))}
TOGETHER = workers.commands()
WAYS = {"compose": APART, "jht run": TOGETHER}


def tasks() -> set[str]:
    """Every task of ours that a worker knows."""
    app.loader.import_default_modules()
    return {name for name in app.tasks if not name.startswith("celery.")}


def faults_of_queues(commands: dict[str, list[str]], **changes: Any) -> list[str]:
    given = {
        "known": queues.ALL,
        "tasks": tasks(),
        "routed": queues.by_task(),
        "queue_of": queues.queue_of,
    }
    return queue_faults(commands.values(), **(given | changes))


def faults_of_clock(entries: dict[str, Any], commands: dict[str, list[str]], **changes: Any) -> list[str]:
    served = {queue for command in commands.values() for queue in consumed_by(command, queues.ALL)}
    given = {"tasks": tasks(), "served": served, "queue_of": queues.queue_of, "expected": clock.schedule()}
    return clock_faults(entries, **(given | changes))


def faults_of_variables(**changes: Any) -> list[str]:
    given: dict[str, Any] = {
        "compose": TEXT,
        "services": SERVICES,
        "ours": OURS,
        "read": read_variables(),
        "documented": documented_variables(),
        "page": PAGE,
    }
    given |= changes
    return variable_faults(given.pop("compose"), given.pop("services"), **given)


# -- ours ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("way", WAYS)
def test_every_queue_has_a_worker(way: str) -> None:
    assert faults_of_queues(WAYS[way]) == []


@pytest.mark.parametrize("way", WAYS)
def test_everything_by_the_clock_is_a_task_that_is_taken(way: str) -> None:
    assert faults_of_clock(clock.schedule(), WAYS[way]) == []


def test_every_variable_is_read_and_explained() -> None:
    assert faults_of_variables() == []


def test_the_workers_of_the_compose_file_are_those_that_the_probe_knows() -> None:
    assert set(APART) == set(workers.WORKERS)
    assert set(OURS) == {"migrate", "web", "beat", *APART}


def test_celery_sends_by_the_table() -> None:
    """Not by what a task or a message says itself."""
    router = app.amqp.Router()
    for name in tasks():
        assert router.route({}, name)["queue"].name == queues.queue_of(name), name
        assert getattr(app.tasks[name], "queue", None) is None, f"{name} names a queue of its own"


@pytest.mark.parametrize("waited_for", [queues.LETTERS, queues.DEFAULT, queues.MESSAGES])
@pytest.mark.parametrize("way", WAYS)
def test_a_long_import_keeps_nothing_waiting(way: str, waited_for: str) -> None:
    """However many there are: somebody takes what is waited for and never an import."""
    assert queues.queue_of("jobs.run") == queues.BULK
    free = [c for c in WAYS[way].values() if queues.BULK not in consumed_by(c, queues.ALL)]
    assert any(waited_for in consumed_by(command, queues.ALL) for command in free)


# -- what is taken away is told ------------------------------------------------------------------------------
def without_queue(commands: dict[str, list[str]], queue: str) -> dict[str, list[str]]:
    """The same workers, none of which takes from the queue."""
    changed = copy.deepcopy(commands)
    for command in changed.values():
        at = command.index("--queues") + 1
        command[at] = ",".join(name for name in command[at].split(",") if name != queue)
    return changed


@pytest.mark.parametrize("queue", queues.ALL)
@pytest.mark.parametrize("way", WAYS)
def test_a_queue_without_a_worker_is_told(way: str, queue: str) -> None:
    commands = without_queue(WAYS[way], queue)
    assert f"no worker takes from {queue}" in faults_of_queues(commands)


@pytest.mark.parametrize("name", APART)
def test_a_worker_that_was_taken_away_is_told(name: str) -> None:
    commands = {other: command for other, command in APART.items() if other != name}
    assert f"no worker takes from {workers.APART[name][0]}" in faults_of_queues(commands)


def test_a_queue_that_only_a_task_knows_is_told() -> None:
    faults = faults_of_queues(APART, queue_of=lambda name: "elsewhere" if name == "jobs.run" else "default")
    assert faults == ["jobs.run goes to elsewhere, which no worker takes from"]


def test_a_queue_that_is_none_is_told() -> None:
    changed = {**APART, "more": ["celery", "worker", "--queues", "lettres"]}
    assert faults_of_queues(changed) == ["a worker takes from lettres, which no task goes to"]


def test_a_route_of_no_task_is_told() -> None:
    faults = faults_of_queues(APART, routed=[*queues.by_task(), "letters.bild"])
    assert faults == ["letters.bild has a queue and is no task"]


@pytest.mark.parametrize("name", clock.schedule())
def test_an_entry_that_was_taken_away_is_told(name: str) -> None:
    entries = {other: entry for other, entry in clock.schedule().items() if other != name}
    (fault,) = faults_of_clock(entries, APART)
    assert fault.startswith(name) and fault.endswith("is missing")


@pytest.mark.parametrize("name", clock.schedule())
def test_an_entry_whose_task_was_taken_away_is_told(name: str) -> None:
    task = clock.schedule()[name]["task"]
    assert f"{name} runs {task}, which is no task" in faults_of_clock(
        clock.schedule(), APART, tasks=tasks() - {task}
    )


@pytest.mark.parametrize("queue", sorted({queues.queue_of(e["task"]) for e in clock.schedule().values()}))
def test_an_entry_that_nobody_takes_is_told(queue: str) -> None:
    faults = faults_of_clock(clock.schedule(), without_queue(TOGETHER, queue))
    assert faults and all(fault.endswith(f"goes to {queue}, which no worker takes from") for fault in faults)


@pytest.mark.parametrize("variable", sorted(set(re.findall(r"(?<!\$)\$\{(\w+)", TEXT))))
def test_a_variable_whose_explanation_was_taken_away_is_told(variable: str) -> None:
    page = PAGE.replace(f"`{variable}`", "`…`")
    documented = {name: star for name, star in documented_variables().items() if name != variable}
    faults = faults_of_variables(page=page, documented=documented)
    assert any(variable in fault and "not explained" in fault for fault in faults)


@pytest.mark.parametrize("variable", ["DATABASE_URL", "JHT_VAR", "JHT_AUDIT_KEY", "JHT_BEHIND_PROXY"])
def test_a_variable_that_nothing_reads_is_told(variable: str) -> None:
    read = {name: star for name, star in read_variables().items() if name != variable}
    assert f"web is given {variable}, which nothing reads" in faults_of_variables(read=read)
    documented = {name: star for name, star in documented_variables().items() if name != variable}
    assert f"web is given {variable}, which is not explained" in faults_of_variables(documented=documented)


def test_a_variable_that_was_taken_away_is_told() -> None:
    changed = TEXT.replace("${JHT_BROKER_MEMORY:-2g}", "2g")
    assert faults_of_variables(compose=changed) == ["JHT_BROKER_MEMORY is explained and not taken"]


# -- how many processes --------------------------------------------------------------------------------------
@pytest.mark.parametrize(("given", "long_work"), [("", "1"), ("1", "1"), ("2", "1"), ("4", "3")])
def test_one_process_never_does_long_work(
    monkeypatch: pytest.MonkeyPatch, given: str, long_work: str
) -> None:
    monkeypatch.setenv("JHT_WORKERS", given)
    commands = workers.commands()
    processes = {name: command[command.index("--concurrency") + 1] for name, command in commands.items()}
    assert processes == {"worker": "1", "bulk": long_work}


def test_a_number_of_processes_that_is_none_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JHT_WORKERS", "two")
    with pytest.raises(StartFailed, match="JHT_WORKERS=two is not a whole number"):
        workers.commands()
