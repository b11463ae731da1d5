"""Worklist, registry and worker search at 650,000 workers: the whole page, from the request to the rendered
answer.

Each list is asked for its first page under every filter alone, under combinations of filters, for one and two
characters inside a name, and for the deepest page there is. The baseline is how such a list is usually
written: OFFSET for the page, count(*) for the number of rows, LIKE for the part of a name; it is measured on
the same rows in the same run.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Iterable
from typing import Any

from django.core.management import call_command
from django.db import connection
from django.test import Client

from bench.crowd import RARE, populate
from portal.accounts.models import RoleAssignment, User
from portal.workforce.models import Worker

LIMIT_MS = 100.0


def _p95(call: Callable[[], Any], rounds: int) -> float:
    times = []
    for _ in range(rounds):
        begin = time.perf_counter()
        call()
        times.append((time.perf_counter() - begin) * 1000)
    return statistics.quantiles(times, n=20)[-1] if len(times) > 1 else times[0]


def _client() -> Client:
    """Asks under a name that the settings allow."""
    return Client(SERVER_NAME="localhost")


def _person(username: str, role: str, region: str) -> Client:
    user = User.objects.create_user(username, display_name=username)
    RoleAssignment.objects.create(user=user, role=role, region_id=region)
    client = _client()
    client.force_login(user, backend="portal.accounts.backends.ActiveUserBackend")
    return client


def _asks(client: Client, address: str) -> Callable[[], None]:
    def ask() -> None:
        response = client.get(address)
        content = b"".join(response.streaming_content) if response.streaming else response.content
        if response.status_code != 200 or not content:
            raise SystemExit(f"{address} answered {response.status_code}")

    return ask


def _deepest(client: Client, address: str, model: Any) -> str:
    """The address of the page before the end: walked to by the pager's own cursor, made for the last but 30
    rows.
    """
    from portal.paging import page_of

    low = list(model.order_by("id").values_list("id", flat=True)[:31])
    page = page_of(model.filter(id__gte=low[0]), order=("-id",), before="", size=1)
    assert page.rows  # noqa: S101
    from portal.paging import _write

    cursor = _write(type("Row", (), {"id": low[-1]})(), ("-id",))
    joint = "&" if "?" in address else "?"
    return f"{address}{joint}after={cursor}"


def _naive(sql: str, *params: Any) -> Callable[[], None]:
    def ask() -> None:
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            cursor.fetchall()

    return ask


def _report(title: str, rows: Iterable[tuple[str, Callable[[], None]]], rounds: int) -> float:
    print(f"\n{title}")
    worst = 0.0
    for label, call in rows:
        for _ in range(3):  # plans, templates and the pages of the database in memory, as they are all day
            call()
        took = _p95(call, rounds)
        worst = max(worst, took)
        print(f"  {took:8.1f} ms  {label}", flush=True)
    return worst


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="bench lists")
    parser.add_argument("--workers", type=int, default=650_000)
    parser.add_argument("--rounds", type=int, default=60)
    asked = parser.parse_args(argv)
    # Pages name their static files by the manifest, as in production.
    call_command("collectstatic", verbosity=0, interactive=False)
    begin = time.perf_counter()
    populate(asked.workers)
    print(
        f"{asked.workers:,} workers, as many open cases, honours and entries, in {time.perf_counter() - begin:.0f} s"
    )

    public = _client()
    region = _person("bench.region", "registry_officer", "150000")
    league = _person("bench.league", "league_reviewer", "150600")
    banner = _person("bench.banner", "window_clerk", "150624")

    registry = [
        "",
        "year=2021",
        "league=150600",
        "occupation=焊工",
        "honour=grassland_talent",
        "status=suspended",
        "name=王",
        "name=建国",
        f"name={RARE}",
        "name=国",
        "year=2021&league=150600",
        "year=2021&league=150600&occupation=中式烹调师&honour=may_day_medal",
        f"league=152900&name={RARE}",
        "year=2019&occupation=育婴员&name=国",
        "league=152900&occupation=中式烹调师&name=建国",
    ]
    workers = [
        "",
        "region=150600",
        "region=150624",
        "level=40",
        "level=80",
        "occupation=焊工",
        "occupation=中式烹调师",
        "name=王",
        "name=建国",
        f"name={RARE}",
        "name=国",
        "region=152923&name=建国",
        "region=150600&level=40&occupation=焊工",
        "region=152923&level=80&name=国",
    ]
    deepest_registry = _deepest(public, "/registry/", _entries())
    deepest_workers = _deepest(region, "/window/workers/", Worker.objects.all())
    worst = max(
        _report(
            "published registry, first page",
            [(f"/registry/?{q}", _asks(public, f"/registry/?{q}")) for q in registry],
            asked.rounds,
        ),
        _report(
            "registry, deepest page",
            [("after the last but 30", _asks(public, deepest_registry))],
            asked.rounds,
        ),
        _report(
            "workers, first page, whole region",
            [(f"/window/workers/?{q}", _asks(region, f"/window/workers/?{q}")) for q in workers],
            asked.rounds,
        ),
        _report(
            "workers, deepest page", [("after the last but 30", _asks(region, deepest_workers))], asked.rounds
        ),
        _report(
            "workers and search, one league and one banner",
            [
                ("league, name=国", _asks(league, "/window/workers/?name=国")),
                ("banner, name=国", _asks(banner, "/window/workers/?name=国")),
                (f"search {RARE}", _asks(region, f"/window/search/?q={RARE}")),
                ("search 建国", _asks(league, "/window/search/?q=建国")),
                ("banner, search 王", _asks(banner, "/window/search/?q=王")),
            ],
            asked.rounds,
        ),
        _report(
            "worklist",
            [
                ("region", _asks(region, "/window/")),
                ("league", _asks(league, "/window/")),
                ("banner", _asks(banner, "/window/")),
            ],
            asked.rounds,
        ),
    )
    naive = [
        (
            "OFFSET 640,000",
            _naive(
                "SELECT * FROM workforce_worker ORDER BY id DESC LIMIT 30 OFFSET %s",
                max(asked.workers - 10_000, 0),
            ),
        ),
        ("count(*)", _naive("SELECT count(*) FROM workforce_worker")),
        (
            "LIKE '%建国%' in a league",
            _naive(
                "SELECT * FROM workforce_worker WHERE league_code = '152900' AND name LIKE %s ORDER BY id DESC LIMIT 30",
                f"%{RARE}%",
            ),
        ),
    ]
    slow = _report("baseline, database alone: the usual way", naive, 5)
    deep = _p95(_asks(region, deepest_workers), asked.rounds)
    first = _p95(_asks(region, "/window/workers/"), asked.rounds)
    print(
        f"\nworst page p95 {worst:.1f} ms (limit {LIMIT_MS:.0f}); deepest / first page {deep / first:.2f}; slowest baseline {slow:.0f} ms"
    )
    return 0 if worst <= LIMIT_MS and deep <= first * 1.5 else 1


def _entries() -> Any:
    from talent_registry.models import RegistryEntry

    return RegistryEntry.objects.public()
