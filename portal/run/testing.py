"""`./jht test`: the checks and every test, on a PostgreSQL and a Valkey that are thrown away, in memory where there is
plenty (portal/run/in_memory.py).

`--keep` runs the named tests on servers that stay for the next call (see portal/run/kept.py). `--quick`
leaves out what drives a browser, starts or ends programs, goes over every page as every role, draws many
examples, or takes long (tests/long.txt).
"""

from __future__ import annotations

import contextlib
import itertools
import os
import secrets
import shutil
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from portal.run import foreign, in_memory, kept
from portal.run.layout import ROOT, InUse
from portal.run.messages import complain, say
from portal.run.processes import Interrupted, StartFailed

if TYPE_CHECKING:
    from portal.run.supervisor import Supervisor

OPTIONS = ("--keep", "--stop", "--quick")
# Markers of pyproject.toml, and Hypothesis's own.
LEFT_OUT_BY_QUICK = ("journey", "kill", "portal", "program", "sweep", "hypothesis", "long")
QUICK = ("-m", " and ".join(f"not {marker}" for marker in LEFT_OUT_BY_QUICK))
# name -> program and arguments, in the order in which they are quick to fail. They run side by side.
CHECKS = {
    "ruff": ["ruff", "check", "."],
    "layout": ["ruff", "format", "--check", "."],
    "djlint": ["djlint", "--check", "--lint", "--quiet", "templates"],
    "import-linter": ["lint-imports"],
    # Holds nobody to anything: it prints how much a reader meets on a line.
    "measures": ["python", "-m", "tests.guards.layout"],
    # No check: the tests would wait for it, and there is a processor free while mypy works.
    "test database": ["python", "-m", "tests.databases"],
    # The last one goes on while the tests run: it takes longest, and alone it would leave a processor idle.
    "mypy": ["mypy"],
}
# One more than the smallest machine has processors: tests that start portals mostly wait for them.
WORKERS = "3"
# What is left of a quick run waits for nothing.
QUICK_WORKERS = "2"
# The first draws the same pages with a third less work: it has no windows.
CHROMIUM = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
INSTALL_CHROMIUM = "apt-get install chromium-headless-shell fonts-noto-cjk"
INTERRUPTED = 130


def run(arguments: Sequence[str]) -> int:
    """Without arguments everything; with arguments pytest alone, with them. 0 only when nothing failed."""
    options = [argument for argument in arguments if argument in OPTIONS]
    passed_on = [argument for argument in arguments if argument not in OPTIONS]
    if "--quick" in options:
        passed_on = [*QUICK, *passed_on]
    in_memory.work_there()
    try:
        if "--stop" in options:
            say("stopped the kept servers" if kept.stop() else "there are no kept servers")
            return 0
        if "--keep" in options:
            return _on_kept_servers(passed_on)
        with_checks = not arguments or list(arguments) == ["--quick"]
        return _on_own_servers(passed_on, with_checks=with_checks)
    except (InUse, StartFailed) as error:
        complain(str(error))
        return 1


def _on_kept_servers(arguments: Sequence[str]) -> int:
    """Becomes pytest, holding the servers."""
    foreign.forget_foreign_variables()
    variables, held = kept.use()
    env = {**os.environ, **variables, **_browser()}
    os.set_inheritable(held.fileno(), True)
    os.chdir(ROOT)
    command = _pytest(arguments)
    os.execve(command[0], command, env)


def _on_own_servers(arguments: Sequence[str], *, with_checks: bool) -> int:
    from portal.run import scratch
    from portal.run.supervisor import Supervisor

    supervisor = Supervisor(quiet_end=True)  # pytest's summary stays the last line
    try:
        with scratch.servers(supervisor, durable=False) as (_, env):
            if with_checks:
                return _tests_and_checks(supervisor, arguments, env)
            return scratch.call(supervisor, _pytest(arguments), env | _browser())
    except Interrupted:
        return INTERRUPTED


def browser() -> str | None:
    """The path of the browser that journeys use, if this machine has one."""
    paths = (shutil.which(name) for name in CHROMIUM)
    return next((path for path in paths if path), None)


def _browser() -> dict[str, str]:
    """Tells pytest's summary the line that installs a browser, when there is none."""
    return {} if browser() else {"JHT_NO_BROWSER": INSTALL_CHROMIUM}


def _tests_and_checks(supervisor: Supervisor, arguments: Sequence[str], env: dict[str, str]) -> int:
    """The tests after all checks but the last, and that one beside them."""
    from portal.run import scratch

    programs = Path(sys.executable).parent
    commands = {name: [str(programs / program), *rest] for name, (program, *rest) in CHECKS.items()}
    with contextlib.closing(scratch.call_side_by_side(supervisor, commands, env)) as results:
        failed = _failed(itertools.islice(results, len(commands) - 1))
        env |= _browser() | {"JHT_FAILED_CHECKS": " ".join(failed)}
        status = scratch.call(supervisor, _pytest(arguments), env)
        failed += _failed(results)
    return status or (1 if failed else 0)


def _failed(results: Iterable[tuple[str, int, float]]) -> list[str]:
    """Says how each check ended; the names of those that failed."""
    failed = []
    for name, status, seconds in results:
        say(f"{name}: {'FAILED' if status else 'passed'} ({seconds:.0f} s)")
        if status:
            failed.append(name)
    return failed


def _pytest(arguments: Sequence[str]) -> list[str]:
    command = [sys.executable, "-m", "pytest", "-p", "portal.run.pytest_summary"]
    workers = os.environ.get("JHT_TEST_WORKERS") or (QUICK_WORKERS if QUICK[1] in arguments else WORKERS)
    chosen = any(
        argument.startswith(("-n", "--numprocesses", "--pdb", "--collect-only")) for argument in arguments
    )
    if not chosen and workers != "0" and not _is_one_file(arguments):
        # By file: what a file starts for all its tests (a portal, a browser) is started once. In the order
        # that tests/conftest.py gives them: by number of tests, the long ones would come last.
        command += ["-n", workers, "--dist", "loadfile", "--no-loadscope-reorder"]
    if os.environ.get("CI") and not any(argument.startswith("--hypothesis-seed") for argument in arguments):
        # One for all processes, so that pytest's summary can tell it.
        command.append(f"--hypothesis-seed={secrets.randbelow(2**32)}")
    return [*command, *arguments]


def _is_one_file(arguments: Sequence[str]) -> bool:
    """Whether the tests of one file are asked for: a second process would wait for it."""
    files = {name for name in (argument.partition("::")[0] for argument in arguments) if name.endswith(".py")}
    folders = [argument for argument in arguments if (ROOT / argument).is_dir()]
    return len(files) == 1 and not folders
