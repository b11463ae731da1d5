"""Pages asked for as people ask for them, from the request to the rendered page, and how long each takes."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.test import Client

from portal.accounts.models import RoleAssignment, User

Ask = Callable[[], Any]
# A title, and what is asked with a label each.
Group = tuple[str, list[tuple[str, Ask]]]


def p95(times: list[float]) -> float:
    return times[0] if len(times) == 1 else statistics.quantiles(times, n=20)[-1]


def milliseconds(call: Ask) -> float:
    began = time.perf_counter()
    call()
    return (time.perf_counter() - began) * 1000


def p95_of(call: Ask, rounds: int) -> float:
    return p95([milliseconds(call) for _ in range(rounds)])


def client() -> Client:
    """Asks under a name that the settings allow."""
    return Client(SERVER_NAME="localhost")


def person(username: str, role: str, region: str) -> User:
    """Somebody with a role in a place."""
    user = User.objects.create_user(username, display_name=username)
    RoleAssignment.objects.create(user=user, role=role, region_id=region)
    return user


def signed_in(user: User) -> Client:
    """A client on which they are signed in, with a second factor."""
    own = client()
    own.force_login(user, backend="portal.accounts.backends.ActiveUserBackend")
    session = own.session
    session["factor"] = {"kind": "totp", "at": 0}
    session.save()
    return own


def asks(of: Client, address: str) -> Ask:
    """Asks for a page, and is content with nothing but the page."""

    def ask() -> None:
        response = of.get(address)
        content = b"".join(response.streaming_content) if response.streaming else response.content
        if response.status_code != 200 or not content:
            raise SystemExit(f"{address} answered {response.status_code}")

    return ask


def queries(of: Client, path: str, asked: Iterable[str]) -> list[tuple[str, Ask]]:
    addresses = [f"{path}?{query}" for query in asked]
    return [(address, asks(of, address)) for address in addresses]


def deepest(address: str, rows: Any, order: Sequence[str] = ("-id",)) -> str:
    """The address of the page before the end, by the pager's own cursor for the last but 30 rows."""
    from portal.paging import _write_cursor

    row = rows.order_by(*(key.removeprefix("-") for key in order))[30]
    return f"{address}?after={_write_cursor(row, order)}"


def report(title: str, rows: Iterable[tuple[str, Ask]], rounds: int) -> float:
    """Print the p95 of each; the worst of them."""
    print(f"\n{title}")
    worst = 0.0
    for label, call in rows:
        for _ in range(3):  # plans, templates and the pages of the database in memory, as they are all day
            call()
        took = p95_of(call, rounds)
        worst = max(worst, took)
        print(f"  {took:8.1f} ms  {label}", flush=True)
    return worst
