"""One eligibility check over HTTP, all benefits for a person, against OpenFisca's Web API.

Both answer by the same rules. They run under the same gunicorn (two processes of four threads) on the same
two cores, at the same time, and are asked in turns by eight clients that keep their connections. The portal
is measured whole: its middleware, the validator, the throttle, the database, every condition explained with
clause and remedy. OpenFisca is asked for the 21 outcomes and the amounts, and explains nothing. Before
anything is timed both must agree on made-up people.
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
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from django.db import connection

from bench.load import Measured, cpu_seconds, load, post
from bench.openfisca_facts import AMOUNTS, BENEFITS, ELIGIBLE, UNKNOWN, encoded, variable_of
from portal.policy import validate_facts
from portal.policy.facts import FACTS, choices_of
from portal.run.layout import ROOT
from portal.run.stack import web_command

LIMIT_MS = 25.0
RATIO = 3.5
CLIENTS = 8
SLICES = 4
WARM_UP_SECONDS = 5
ALONE_SECONDS = 3
DAYS = [
    dt.date(2018, 6, 30),
    dt.date(2019, 2, 20),
    dt.date(2023, 12, 31),
    dt.date(2024, 6, 30),
    dt.date(2025, 2, 28),
    dt.date(2025, 6, 30),
    dt.date(2026, 11, 22),
]
PATH, THEIRS = "/api/eligibility-checks/", "/calculate"
NAMES = {0: "ineligible", 1: "undetermined", 2: "eligible"}
# Values near the lines that rules draw.
_CLOSE: dict[str, list[Any]] = {
    "unemployment_insured_months": [0, 11, 12, 35, 36, 120],
    "claims_this_year": [0, 1, 2, 3],
    "scarce_claims_this_year": [0, 1, 2],
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
_DAYS_AGO = [0, 100, 365, 366, 367, 400]
Facts = Mapping[str, Any]
# (benefit, outcome, amount) of each benefit.
Answer = list[tuple[str, str, float | None]]


def somebody(chance: random.Random, on: dt.date) -> dict[str, Any]:
    """Facts of somebody who does not exist, a few of them unknown, near the lines that rules draw."""
    facts: dict[str, Any] = {}
    for name, fact in FACTS.items():
        if chance.random() < 0.1:
            continue
        if fact.get_internal_type() == "DateField":
            day = on - dt.timedelta(days=chance.choice(_DAYS_AGO))
            facts[name] = day.isoformat()
        else:
            values = _CLOSE.get(name) or list(choices_of(name)) or [True, False]
            facts[name] = chance.choice(values)
    return facts


def our_request(facts: Facts, on: dt.date) -> bytes:
    return json.dumps({"on": on.isoformat(), "facts": facts}, ensure_ascii=False).encode()


def their_request(facts: Facts, on: dt.date) -> bytes:
    day = on.isoformat()
    person: dict[str, Any] = {}
    for name, value in encoded(validate_facts(facts, on)).items():
        person[name] = {"ETERNITY": value}
    for name in [*map(variable_of, BENEFITS), *AMOUNTS.values()]:
        person[name] = {day: None}
    return json.dumps({"persons": {"somebody": person}}).encode()


def _ask(port: int, path: str, body: bytes) -> Any:
    connection_ = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection_.request("POST", path, body, {"Content-Type": "application/json"})
        answer = connection_.getresponse()
        content = answer.read()
        if answer.status != 200:
            shown = content[:500].decode(errors="replace")
            raise SystemExit(f"{path} answered {answer.status}: {shown}")
        return json.loads(content)
    finally:
        connection_.close()


def _our_answer(port: int, facts: Facts, on: dt.date) -> Answer:
    answer: Answer = []
    for result in _ask(port, PATH, our_request(facts, on))["results"]:
        amount = result["amount"]
        if result["benefit"] == "leave.annual":
            amount = result["gives"].get("days")
        if amount is not None:
            amount = float(amount)
        answer.append((result["benefit"], result["outcome"], amount))
    return answer


def _their_answer(port: int, facts: Facts, on: dt.date) -> Answer:
    day = on.isoformat()
    person = _ask(port, THEIRS, their_request(facts, on))["persons"]["somebody"]
    answer: Answer = []
    for benefit in BENEFITS:
        outcome = person[variable_of(benefit)][day]
        amount = None
        if benefit in AMOUNTS and outcome == ELIGIBLE:
            given = person[AMOUNTS[benefit]][day]
            amount = None if given == UNKNOWN else float(given)
        answer.append((benefit, NAMES[outcome], amount))
    return answer


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
    arguments = [program, *command[1:], "--log-level", "warning"]
    server = subprocess.Popen(arguments, env=env, cwd=ROOT)  # noqa: S603
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
    """This process, what it starts, and the database's server share two cores on any machine."""
    cores = set(sorted(os.sched_getaffinity(0))[:2])
    os.sched_setaffinity(0, cores)
    try:
        os.sched_setaffinity(database, cores)
    except OSError as error:
        return f"{len(cores)} cores (the database's server is not bound to them: {error})"
    return f"{len(cores)} cores"


@dataclass
class _Side:
    """One of the two servers: where it is asked, what its processes are, how it answered."""

    label: str
    port: int
    processes: tuple[int, ...]
    requests: list[bytes]
    measured: Measured = field(default_factory=Measured)

    def load(self, seconds: float) -> None:
        """Under load for so long, with what its processes use meanwhile."""
        before = sum(map(cpu_seconds, self.processes))
        load(self.port, self.requests, seconds, CLIENTS, self.measured)
        self.measured.cpu += sum(map(cpu_seconds, self.processes)) - before

    def warm_up(self) -> None:
        load(self.port, self.requests, WARM_UP_SECONDS, CLIENTS, Measured())


def _check_same(us: int, them: int, people: list[tuple[Facts, dt.date]]) -> None:
    """Both give the same outcomes and amounts for everybody."""
    outcomes: Counter[str] = Counter()
    for facts, on in people:
        ours = _our_answer(us, facts, on)
        theirs = _their_answer(them, facts, on)
        if ours != theirs:
            differing = [pair for pair in zip(ours, theirs, strict=True) if pair[0] != pair[1]]
            raise SystemExit(f"they differ on {on} about {facts}: {differing}")
        outcomes.update(outcome for _, outcome, _ in ours)
    count = len(people) * len(BENEFITS)
    print(f"both give the same {count:,} outcomes and amounts for {len(people)} people: {dict(outcomes)}")


def _print_line(label: str, measured: Measured) -> None:
    cpu = ""
    if measured.cpu:
        cpu = f"   {measured.cpu / len(measured.times) * 1000:.2f} ms of the processor each"
    print(
        f"  {label:22} p50 {measured.quantile(0.5):7.2f} ms   p95 {measured.quantile(0.95):7.2f} ms   "
        f"p99 {measured.quantile(0.99):7.2f} ms   {measured.per_second:7.0f} requests/s{cpu}"
    )


def _made_up_people(count: int) -> list[tuple[Facts, dt.date]]:
    chance = random.Random(2019)
    days = islice(cycle(DAYS), count)
    return [(somebody(chance, on), on) for on in days]


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
    people = _made_up_people(asked.people)
    with (
        _served("portal.wsgi", _free_port()) as (our_port, web),
        _served("bench.openfisca_web", _free_port()) as (their_port, openfisca),
    ):
        _check_same(our_port, their_port, people)
        our_requests = [post(PATH, our_request(*person)) for person in people]
        their_requests = [post(THEIRS, their_request(*person)) for person in people]
        us = _Side("the portal", our_port, (web, database), our_requests)
        them = _Side("OpenFisca", their_port, (openfisca,), their_requests)
        for side in (us, them):
            side.warm_up()
        for _ in range(SLICES):
            for side in (us, them):
                side.load(asked.seconds / SLICES)
        alone = Measured()
        load(us.port, us.requests, ALONE_SECONDS, 1, alone)
    for side in (us, them):
        _print_line(side.label, side.measured)
    _print_line("the portal, 1 client", alone)
    ratio = us.measured.per_second / them.measured.per_second
    p95 = us.measured.quantile(0.95)
    print(
        f"p95 {p95:.1f} ms (limit {LIMIT_MS:.0f}); "
        f"{ratio:.2f} times the throughput of OpenFisca's Web API (at least {RATIO:.1f})"
    )
    return 0 if p95 < LIMIT_MS and ratio >= RATIO else 1
