"""The processes of a worker's pool."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.live import wait_until
from tests.stack.running import ROOT
from tests.stack.test_supervisor import alive

pytestmark = pytest.mark.program

# A parent that forks as the pool does, lets the child run what it runs at its start, and tells its number.
PARENT = """
import os, signal
from portal.celery import end_with_the_worker
child = os.fork()
if child == 0:
    end_with_the_worker()
    print(os.getpid(), flush=True)
    signal.pause()
signal.pause()
"""


def test_the_pool_ends_with_its_worker() -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True, cwd=ROOT, env=os.environ
    )
    assert parent.stdout
    child = int(parent.stdout.readline())
    assert alive(child)
    parent.kill()
    parent.wait(10)
    wait_until(lambda: not alive(child), seconds=20, says="the end of the pool's process")
    parent.stdout.close()
