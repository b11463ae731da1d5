"""A process killed in the middle of an import, again and again, then left alone: the end is the same as
without.
"""

from __future__ import annotations

import io
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone

from portal.regions.models import Region
from portal.workforce import synthetic
from portal.workforce.models import (
    Employer,
    Employment,
    Honour,
    SkillCredential,
    UnemploymentInsurance,
    Worker,
)
from tests import copies
from tests.live import ROOT
from tests.roster.conftest import LABELS, csv_bytes

pytestmark = pytest.mark.kill
ALL = (Worker, Employer, Employment, SkillCredential, Honour, UnemploymentInsurance)
ROWS = 3000


def test_killed_at_any_moment_and_repeated(
    committed: str, command_environment: dict[str, str], tmp_path: Path
) -> None:
    draw = random.Random(5)
    units = synthetic.units(draw, list(Region.objects.banners().values_list("code", flat=True)), 20)
    rows = [
        dict(zip(LABELS, row, strict=True))
        for row in synthetic.roster_rows(draw, units, ROWS, today=timezone.localdate())
    ]
    path = tmp_path / "r.csv"
    path.write_bytes(csv_bytes(rows))

    def counts() -> list[int]:
        return [model.objects.count() for model in ALL]

    seen: set[bool] = set()
    for kills in range(32):
        process = copies.begin(
            lambda: call_command("import_roster", str(path), stdout=io.StringIO(), stderr=io.StringIO())
        )
        # The moment of death is what is tested: a quarter later each time, until one import came through,
        # however busy the machine.
        time.sleep(0.1 * 1.25**kills)
        came_through = os.waitpid(process, os.WNOHANG)[0] != 0
        if not came_through:
            os.killpg(process, signal.SIGKILL)
            copies.ended(process)
        whole = counts()[0] == ROWS
        assert whole or counts() == [0] * len(ALL)
        seen.add(whole)
        if came_through:
            break
    assert seen == {False, True}, "the kills came too early or too late to mean anything"

    command = [sys.executable, "manage.py", "import_roster", str(path)]
    again = subprocess.run(command, cwd=ROOT, env=command_environment, capture_output=True, text=True)
    assert again.returncode == 0, again.stderr
    assert again.stdout.splitlines() == [
        f"read {ROWS}",
        "added 0",
        "changed 0",
        f"unchanged {ROWS}",
        "refused 0",
    ]
    assert counts()[0] == counts()[2] == counts()[3] == counts()[5] == ROWS
