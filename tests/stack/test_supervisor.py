"""The supervisor with small processes in the place of servers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from portal.run import processes
from portal.run.processes import Interrupted, StartFailed, spawn, wait_for
from portal.run.supervisor import Child, Supervisor
from tests.live import wait_until

pytestmark = pytest.mark.program

SLEEP = [sys.executable, "-c", "import signal; signal.pause()"]
STUBBORN = [
    sys.executable,
    "-c",
    # Whoever starts the tests in the background hands down an ignored SIGQUIT.
    "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); signal.signal(signal.SIGQUIT, signal.SIG_DFL); "
    "print('deaf', flush=True); signal.pause()",
]


def launcher(command: list[str], log: Path | None = None) -> Callable[[], subprocess.Popen]:
    def launch() -> subprocess.Popen:
        if log is None:
            return spawn(command, env=os.environ, cwd="/", output=None)
        with log.open("ab") as output:
            return spawn(command, env=os.environ, cwd="/", output=output)

    return launch


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    handlers = {
        number: signal.getsignal(number)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD)
    }
    supervisor = Supervisor()
    yield supervisor
    supervisor.down()
    signal.set_wakeup_fd(-1)
    for number, handler in handlers.items():
        signal.signal(number, handler)


def within(seconds: float) -> Callable[[], bool]:
    """An `until` that fails the test instead of going on for ever."""
    deadline = time.monotonic() + seconds

    def over() -> bool:
        assert time.monotonic() < deadline, "it took too long"
        return False

    return over


def test_what_ends_is_started_again(supervisor: Supervisor) -> None:
    child = Child("one", launcher(SLEEP))
    supervisor.up([child])
    assert child.process
    first = child.process.pid
    os.kill(first, signal.SIGKILL)
    limit = within(20)

    def back() -> bool:
        return limit() or (child.running and child.process is not None and child.process.pid != first)

    assert supervisor.watch(until=back) == 0


def test_what_keeps_ending_stops_everything(supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Supervisor, "MOST_RESTARTS", 2)
    healthy = Child("healthy", launcher(SLEEP))
    failing = Child("failing", launcher([sys.executable, "-c", "raise SystemExit(3)"]))
    supervisor.up([healthy, failing])
    assert supervisor.watch(until=within(30)) == 1
    assert len(failing.ended) == 3
    supervisor.down()
    assert not healthy.running


def test_what_hangs_is_ended_and_started_again(supervisor: Supervisor) -> None:
    child = Child("one", launcher(SLEEP), alive=lambda: False, patience=0.2)
    supervisor.up([child])
    assert child.process
    first = child.process.pid
    limit = within(30)
    supervisor.watch(until=lambda: limit() or (child.process is not None and child.process.pid != first))
    assert not Path(f"/proc/{first}").exists()


def test_what_works_is_left_alone(supervisor: Supervisor) -> None:
    child = Child("one", launcher(SLEEP), alive=lambda: True, patience=0.0)
    supervisor.up([child])
    assert child.process
    first, looks = child.process.pid, []
    child.alive = lambda: looks.append(1) is None
    signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)  # wakes it often, so that the test need not wait
    before = signal.signal(signal.SIGALRM, lambda *_: None)
    try:
        limit = within(20)
        supervisor.watch(until=lambda: limit() or len(looks) > 5)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert child.process.pid == first
    assert child.ended == []


def test_a_deaf_process_is_killed_in_the_end(supervisor: Supervisor, tmp_path: Path) -> None:
    log = tmp_path / "log"
    child = Child("deaf", launcher(STUBBORN, log), stop_seconds=0.3)
    supervisor.up([child])
    wait_until(lambda: "deaf" in log.read_text(), seconds=20, says="its start")
    supervisor.down()
    assert child.process
    assert child.process.returncode == -signal.SIGKILL


def test_a_hurried_process_needs_no_kill(supervisor: Supervisor, tmp_path: Path) -> None:
    log = tmp_path / "log"
    child = Child("deaf", launcher(STUBBORN, log), hurry_signal=signal.SIGQUIT, stop_seconds=3)
    supervisor.up([child])
    wait_until(lambda: "deaf" in log.read_text(), seconds=20, says="its start")
    supervisor.down()
    assert child.process
    assert child.process.returncode == -signal.SIGQUIT


def test_services_stop_after_what_uses_them(supervisor: Supervisor) -> None:
    order: list[str] = []

    class Noted(Child):
        @property
        def running(self) -> bool:
            if super().running and supervisor.stopping and self.name not in order:
                order.append(self.name)
            return super().running

    supervisor.up([Noted(name, launcher(SLEEP)) for name in ("postgres", "valkey", "web", "worker")])
    supervisor.down()
    assert order == ["web", "worker", "valkey", "postgres"]


def test_a_stop_request_ends_a_start(supervisor: Supervisor) -> None:
    def never(stopping: Callable[[], bool]) -> None:
        wait_for(lambda: False, name="slow", seconds=30, stopping=stopping)

    child = Child("slow", launcher(SLEEP), ready=never)
    signal.signal(signal.SIGALRM, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    with pytest.raises(Interrupted):
        supervisor.up([child])
    assert supervisor.stopping


def test_a_step_that_fails_is_named(supervisor: Supervisor) -> None:
    with pytest.raises(StartFailed, match="the step failed with 4"):
        supervisor.step(launcher([sys.executable, "-c", "raise SystemExit(4)"])(), "the step")


def test_a_process_that_ends_instead_of_starting_is_reported_at_once(supervisor: Supervisor) -> None:
    process = launcher([sys.executable, "-c", "raise SystemExit(5)"])()
    with pytest.raises(StartFailed, match="web ended with 5"):
        wait_for(lambda: False, name="web", seconds=30, process=process)


def test_a_child_dies_with_its_supervisor(tmp_path: Path) -> None:
    """Even by kill -9, which no handler sees: the kernel tells the child."""
    code = (
        "import os, signal, sys\n"
        "from portal.run.processes import spawn\n"
        "child = spawn([sys.executable, '-c', 'import signal; signal.pause()'], env=os.environ, cwd='/', output=None)\n"
        "print(child.pid, flush=True)\n"
        "signal.pause()\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait(10)
    parent.stdout.close()
    wait_until(lambda: not alive(child), seconds=20, says="the end of the child")


def alive(number: int) -> bool:
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_what_was_left_behind_is_found_by_its_mark_and_by_its_folder(tmp_path: Path) -> None:
    mark = f"{tmp_path}/var"
    marked = spawn(SLEEP, env={**os.environ, processes.MARK: mark}, cwd="/", output=None)
    working = spawn(SLEEP, env=os.environ, cwd=tmp_path, output=None)
    other = spawn(SLEEP, env={**os.environ, processes.MARK: mark + "2"}, cwd="/", output=None)
    try:
        wait_until(lambda: processes.marked(mark) == [marked.pid], seconds=20, says="the mark")
        assert processes.working_in(tmp_path) == [working.pid]
    finally:
        for process in (marked, working, other):
            process.kill()
            process.wait()
    assert processes.marked(mark) == []
    assert processes.end(lambda: processes.working_in(tmp_path), politely=signal.SIGTERM, seconds=1) == 0
