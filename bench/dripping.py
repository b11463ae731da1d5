"""How the one-command mode answers while clients drip: 500 connections that never finish their request, or never
fetch the answer, against gunicorn's own threads with 16 of them. They drip from ten addresses, because of one the web
server holds a hundred at most; whoever asks comes from another.

Reached when 95 of 100 others are answered within 200 ms, all of them answered, and requests a second without anybody
dripping are not fewer than with gunicorn's own worker by more than a tenth.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from django.core.management import call_command

from bench.drip import ask, dripping, slowest_but
from portal.run.layout import ROOT
from portal.run.processes import wait_for
from portal.run.stack import web_command

WANTED_SECONDS = 0.2
DRIPPING = [f"127.3.0.{number}" for number in range(1, 11)]
ASKING = "127.0.0.2"
# So many answers that do not come are enough to know.
LOST_ENOUGH = 10
PATHS = ("/", "/accounts/login/", "/healthz", "/policy/")


@contextlib.contextmanager
def _serving(port: int, worker: str) -> Iterator[subprocess.Popen]:
    """The web server of the one-command mode, with this class of worker."""
    command = [
        worker if part == "portal.web_server.Worker" else part for part in web_command(f"127.0.0.1:{port}")
    ]
    process = subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env={**os.environ, "JHT_PLAIN_HTTP": "1", "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(lambda: ask(port, "/healthz") is not None, name="web", seconds=60, process=process)
        yield process
    finally:
        process.terminate()
        process.wait(30)


def _answers(port: int, count: int, seconds: float = 5.0) -> tuple[list[float], int]:
    """How long the answers took, and how many did not come; the asking ends when it has lost enough."""
    came: list[float] = []
    lost = 0
    for place in range(count):
        taken = ask(port, PATHS[place % len(PATHS)], seconds=seconds, address=ASKING)
        if taken is None:
            lost += 1
        else:
            came.append(taken)
        if lost >= LOST_ENOUGH:
            break
    return came, lost


def _a_second(port: int) -> float:
    _answers(port, 50)
    began = time.perf_counter()
    _answers(port, 200)
    return 200 / (time.perf_counter() - began)


def _memory_of(process: subprocess.Popen) -> float:
    """MiB that the server and its workers hold for themselves alone."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    total = 0
    for number in [str(process.pid), *children]:
        for line in Path(f"/proc/{number}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return total / 1024


def main(arguments: Sequence[str]) -> int:
    """0 when it was reached."""
    parser = argparse.ArgumentParser(prog="bench dripping")
    parser.add_argument("--sockets", type=int, default=500)
    parser.add_argument("--requests", type=int, default=400)
    parser.add_argument("--port", type=int, default=8653)
    given = parser.parse_args(arguments)
    port = given.port
    # Pages name static files, which a start collects and a benchmark does not: without them each is an error.
    call_command("collectstatic", interactive=False, verbosity=0)
    with _serving(port, "gthread") as process:
        before, memory = _a_second(port), _memory_of(process)
        with dripping(port, 16, addresses=DRIPPING):
            time.sleep(1)
            came, lost = _answers(port, 4, seconds=3.0)
    print(
        f"gthread: {before:.0f} requests/s, {memory:.0f} MiB; 16 drip: {len(came)} of 4 answered within 3 s"
    )
    with _serving(port, "portal.web_server.Worker") as process:
        rate, memory = _a_second(port), _memory_of(process)
        with dripping(port, given.sockets, addresses=DRIPPING) as drip:
            time.sleep(2)
            came, lost = _answers(port, given.requests)
            held = _memory_of(process)
    p50, p95 = [slowest_but(share, came) if came else float("inf") for share in (0.5, 0.95)]
    print(
        f"ours:    {rate:.0f} requests/s, {memory:.0f} MiB; {given.sockets} drip: {held:.0f} MiB, {lost} lost,"
    )
    print(f"         p50 {p50 * 1000:.0f} ms, p95 {p95 * 1000:.0f} ms, {drip.closed} were closed")
    reached = p95 <= WANTED_SECONDS and not lost and rate >= 0.9 * before
    print("reached" if reached else "not reached")
    return 0 if reached else 1
