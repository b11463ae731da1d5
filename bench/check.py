"""One eligibility check over HTTP, all benefits for a person, against OpenFisca's Web API answering the same
rules.

Both run under the same gunicorn (two processes of four threads) on the same two cores, at the same time, and
are asked in turns by eight clients that keep their connections. The portal is measured whole: its middleware,
the validator, the throttle, the database, every condition explained with clause and remedy. OpenFisca is
asked for the 21 outcomes and the amounts, and explains nothing. Before anything is timed both must agree on
made-up people.
"""

from __future__ import annotations

import argparse
import datetime as dt
import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from django.db import connection

from bench.load import Measured, cpu_seconds, load, post
from bench.openfisca_rules import AMOUNTS, BENEFITS, ELIGIBLE, UNKNOWN, encoded, variable_of
from portal.policy import validate_facts
from portal.policy.facts import FACTS, choices_of
from portal.run.layout import ROOT
from portal.run.stack import web_command

LIMIT_MS, RATIO = 25.0, 3.0
CLIENTS, SLICES = 8, 4
DAYS = [
    dt.date(2018, 6, 30),
    dt.date(2019, 2, 20),
    dt.date(2023, 12, 31),
    dt.date(2024, 6, 30),
    dt.date(2026, 11, 22),
]
PATH, THEIRS = "/api/eligibility-checks/", "/calculate"
NAMES = {0: "ineligible", 1: "undetermined", 2: "eligible"}


def somebody(chance: random.Random, on: dt.date) -> dict[str, Any]:
    """Facts of somebody who does not exist, a few of them unknown, near the lines that rules draw."""
    close = {
        "unemployment_insured_months": [0, 11, 12, 35, 36, 120],
        "claims_this_year": [0, 2, 3],
        "competition_rank": [1, 3, 4],
        "competition_edition": [43, 44, 47],
        "continuous_months": [11, 12, 60],
        "worked_years": [1, 9.99, 10, 20, 31.5],
        "front_line_years": [0, 12.5],
        "honours": [[], ["banner_model_worker"], ["may_day_medal", "banner_model_worker"]],
        "certificate_occupation": ["焊工", "电工"],
        "work_region": ["150624"],
        "household_region": ["150600"],
    }
    facts: dict[str, Any] = {}
    for name, field in FACTS.items():
        if chance.random() < 0.1:
            continue
        if field.get_internal_type() == "DateField":
            facts[name] = (on - dt.timedelta(days=chance.choice([0, 100, 365, 366, 367, 400]))).isoformat()
        else:
            facts[name] = chance.choice(close.get(name) or list(choices_of(name)) or [True, False])
    return facts


def ours(facts: Mapping[str, Any], on: dt.date) -> bytes:
    return json.dumps({"on": on.isoformat(), "facts": facts}, ensure_ascii=False).encode()


def theirs(facts: Mapping[str, Any], on: dt.date) -> bytes:
    day = on.isoformat()
    asked: dict[str, Any] = {
        name: {"ETERNITY": value} for name, value in encoded(validate_facts(facts, on)).items()
    }
    asked |= {name: {day: None} for name in [*map(variable_of, BENEFITS), *AMOUNTS.values()]}
    return json.dumps({"persons": {"somebody": asked}}).encode()


def _ask(port: int, path: str, body: bytes) -> Any:
    with_server = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        with_server.request("POST", path, body, {"Content-Type": "application/json"})
        answer = with_server.getresponse()
        content = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{path} answered {answer.status}: {content[:500].decode(errors='replace')}")
        return json.loads(content)
    finally:
        with_server.close()


def _said_by_us(port: int, facts: Mapping[str, Any], on: dt.date) -> list[tuple[str, str, float | None]]:
    said = []
    for result in _ask(port, PATH, ours(facts, on))["results"]:
        amount = result["gives"].get("days") if result["benefit"] == "leave.annual" else result["amount"]
        said.append((result["benefit"], result["outcome"], None if amount is None else float(amount)))
    return said


def _said_by_them(port: int, facts: Mapping[str, Any], on: dt.date) -> list[tuple[str, str, float | None]]:
    found = {
        name: value[on.isoformat()]
        for name, value in _ask(port, THEIRS, theirs(facts, on))["persons"]["somebody"].items()
        if on.isoformat() in value
    }
    said = []
    for benefit in BENEFITS:
        outcome, amount = found[variable_of(benefit)], found.get(AMOUNTS.get(benefit, ""), UNKNOWN)
        said.append(
            (benefit, NAMES[outcome], None if amount == UNKNOWN or outcome != ELIGIBLE else float(amount))
        )
    return said


@contextmanager
def _served(module: str, port: int) -> Iterator[tuple[int, int]]:
    """gunicorn as `./jht run` starts it, for whichever application; its port and its process."""
    command = [module if part == "portal.wsgi" else part for part in web_command(f"127.0.0.1:{port}")]
    env = os.environ | {
        "JHT_CHECKS_PER_MINUTE": "1000000000",
        "JHT_LOG_LEVEL": "WARNING",
        "JHT_WEB_WORKERS": "2",
    }
    program = str(Path(sys.executable).parent / command[0])
    server = subprocess.Popen([program, *command[1:], "--log-level", "warning"], env=env, cwd=ROOT)  # noqa: S603
    try:
        for _ in range(600):
            if server.poll() is not None:
                raise SystemExit(f"{module} did not start")
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield port, server.pid
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _database_server() -> int:
    """The process that has started the one serving this connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (backend,) = cursor.fetchone()
    return int(Path(f"/proc/{backend}/status").read_text().split("PPid:")[1].split()[0])


def _on_two_cores(database: int) -> str:
    """This process, what it starts, and the database's server share two cores, on whatever machine this is."""
    cores = set(sorted(os.sched_getaffinity(0))[:2])
    os.sched_setaffinity(0, cores)
    try:
        os.sched_setaffinity(database, cores)
    except OSError as error:
        return f"{len(cores)} cores (the database's server is not bound to them: {error})"
    return f"{len(cores)} cores"


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="bench check")
    parser.add_argument(
        "--seconds", type=float, default=20, help="how long each is measured, after five seconds to get warm"
    )
    parser.add_argument("--people", type=int, default=250, help="made-up people on whom both must agree")
    asked = parser.parse_args(argv)
    database = _database_server()
    print(f"on {_on_two_cores(database)}; load of the machine before: {os.getloadavg()[0]:.1f}")
    connection.close()
    chance = random.Random(2019)
    people = [(somebody(chance, on), on) for on in (DAYS * (asked.people // len(DAYS) + 1))[: asked.people]]
    with ExitStack() as stack:
        us, web = stack.enter_context(_served("portal.wsgi", _free_port()))
        them, openfisca = stack.enter_context(_served("bench.openfisca_web", _free_port()))
        servers = {us: (web, database), them: (openfisca,)}
        outcomes: dict[str, int] = {}
        for facts, on in people:
            said, said_there = _said_by_us(us, facts, on), _said_by_them(them, facts, on)
            if said != said_there:
                differing = [pair for pair in zip(said, said_there, strict=True) if pair[0] != pair[1]]
                raise SystemExit(f"they differ on {on} about {facts}: {differing}")
            for _, outcome, _ in said:
                outcomes[outcome] = outcomes.get(outcome, 0) + 1
        print(
            f"both give the same {len(people) * len(BENEFITS):,} outcomes and amounts for {len(people)} people: {outcomes}"
        )
        found = {us: Measured(), them: Measured()}
        requests = {
            us: [post(PATH, ours(*person)) for person in people],
            them: [post(THEIRS, theirs(*person)) for person in people],
        }
        for port in found:
            load(port, requests[port], 5, CLIENTS, Measured())
        for _ in range(SLICES):
            for port, measured in found.items():
                before = sum(map(cpu_seconds, servers[port]))
                load(port, requests[port], asked.seconds / SLICES, CLIENTS, measured)
                measured.cpu += sum(map(cpu_seconds, servers[port])) - before
        alone = Measured()
        load(us, requests[us], 3, 1, alone)
    for label, measured in (
        ("the portal", found[us]),
        ("OpenFisca", found[them]),
        ("the portal, 1 client", alone),
    ):
        cpu = (
            f"   {measured.cpu / len(measured.times) * 1000:.2f} ms of the processor each"
            if measured.cpu
            else ""
        )
        print(
            f"  {label:22} p50 {measured.quantile(0.5):7.2f} ms   p95 {measured.quantile(0.95):7.2f} ms   "
            f"p99 {measured.quantile(0.99):7.2f} ms   {measured.per_second:7.0f} requests/s{cpu}"
        )
    ratio, p95 = found[us].per_second / found[them].per_second, found[us].quantile(0.95)
    print(
        f"p95 {p95:.1f} ms (limit {LIMIT_MS:.0f}); {ratio:.2f} times the throughput of OpenFisca's Web API (at least {RATIO:.0f})"
    )
    return 0 if p95 < LIMIT_MS and ratio >= RATIO else 1
