"""Commands of ./jht test that run at the same time."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.live import wait_until
from tests.stack.running import ROOT, own_environment

pytestmark = pytest.mark.program

# Waits for the other one to have begun: done one after the other, neither would end.
BOTH = """
import pathlib, sys, time
here, other = (pathlib.Path(sys.argv[1], name) for name in sys.argv[2:4])
here.touch()
end = time.monotonic() + 30
while not other.exists() and time.monotonic() < end:
    time.sleep(0.02)
print(sys.argv[2], "saw the other" if other.exists() else "was alone")
sys.exit(int(sys.argv[4]))
"""
RUN = """
import json, os, sys
from portal.run import scratch
from portal.run.supervisor import Supervisor
commands = json.loads(sys.argv[1])
for name, status, _ in scratch.call_side_by_side(Supervisor(quiet_end=True), commands, os.environ):
    print(f"{name} ended with {status}", flush=True)
"""


def calling(commands: dict[str, list[str]]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-P", "-c", RUN, json.dumps(commands)],
        cwd=ROOT,
        env=own_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_they_run_at_the_same_time_and_are_told_in_their_order(tmp_path: Path) -> None:
    python = [sys.executable, "-c", BOTH, str(tmp_path)]
    said, _ = calling({"one": [*python, "a", "b", "0"], "two": [*python, "b", "a", "3"]}).communicate(
        timeout=60
    )
    assert said.splitlines() == [
        "a saw the other",
        "one ended with 0",
        "b saw the other",
        "two ended with 3",
    ]


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_ends_all_of_them(tmp_path: Path, asked: signal.Signals) -> None:
    waits = "import os, pathlib, sys, time; pathlib.Path(sys.argv[1]).write_text(str(os.getpid())); time.sleep(60)"
    files = [tmp_path / name for name in ("one", "two")]
    process = calling({file.name: [sys.executable, "-c", waits, str(file)] for file in files})
    wait_until(lambda: all(file.exists() and file.read_text() for file in files), seconds=30, says="both")
    process.send_signal(asked)
    process.communicate(timeout=60)
    assert process.returncode != 0
    assert not any(Path(f"/proc/{file.read_text()}").exists() for file in files)
