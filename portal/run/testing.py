"""`./jht test`: the checks, then every test, on a PostgreSQL and a Valkey that are thrown away."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from portal.run import scratch
from portal.run.layout import InUse
from portal.run.messages import complain, say
from portal.run.processes import Interrupted, StartFailed
from portal.run.supervisor import Supervisor

# name -> module or program and arguments, in the order in which they are quick to fail
CHECKS = {
    "ruff": ["ruff", "check", "."],
    "layout": ["ruff", "format", "--check", "."],
    "djlint": ["djlint", "--check", "--lint", "--quiet", "templates"],
    "import-linter": ["lint-imports"],
    "mypy": ["mypy"],
    # Holds nobody to anything: it prints how much a reader meets on a line.
    "measures": ["python", "-m", "tests.guards.layout"],
}
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
INSTALL_CHROMIUM = "apt-get install chromium fonts-noto-cjk"
INTERRUPTED = 130


def run(arguments: Sequence[str]) -> int:
    """Without arguments everything; with arguments pytest alone, with them. 0 only when nothing failed."""
    supervisor = Supervisor(quiet_end=True)  # pytest's summary stays the last line
    try:
        with scratch.servers(supervisor, durable=False) as (_, env):
            failed = [] if arguments else _checks(supervisor, env)
            if not any(shutil.which(name) for name in CHROMIUM):
                env["JHT_NO_BROWSER"] = INSTALL_CHROMIUM
            env["JHT_FAILED_CHECKS"] = " ".join(failed)
            status = scratch.call(supervisor, _pytest(arguments), env)
            return status or (1 if failed else 0)
    except Interrupted:
        return INTERRUPTED
    except (InUse, StartFailed) as error:
        complain(str(error))
        return 1


def _checks(supervisor: Supervisor, env: dict[str, str]) -> list[str]:
    """The names of the checks that failed."""
    failed = []
    for name, (program, *rest) in CHECKS.items():
        began = time.monotonic()
        status = scratch.call(supervisor, [str(Path(sys.executable).parent / program), *rest], env)
        say(f"{name}: {'FAILED' if status else 'passed'} ({time.monotonic() - began:.0f} s)")
        if status:
            failed.append(name)
    return failed


def _pytest(arguments: Sequence[str]) -> list[str]:
    command = [sys.executable, "-m", "pytest", "-p", "portal.run.pytest_summary"]
    workers = os.environ.get("JHT_TEST_WORKERS") or "2"
    chosen = any(
        argument.startswith(("-n", "--numprocesses", "--pdb", "--collect-only")) for argument in arguments
    )
    if not chosen and workers != "0":
        # By file: what a file starts for all its tests (a portal, a browser) is started once. In the order
        # that tests/conftest.py gives them: by number of tests, the long ones would come last.
        command += ["-n", workers, "--dist", "loadfile", "--no-loadscope-reorder"]
    return [*command, *arguments]
