"""What tests throw away lies in memory, where there is plenty and nobody chose another place."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import pytest

from portal.run import in_memory

PLENTY = 32 << 30


class Machine:
    """A folder in memory, and how much is free of it and of the machine."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self.of_folder, self.of_machine, self.flags = PLENTY, PLENTY, 0
        self.folder = folder
        monkeypatch.setattr(tempfile, "tempdir", None)
        monkeypatch.setattr(in_memory, "FOLDER", folder)
        monkeypatch.setattr(in_memory, "_free_memory", lambda: self.of_machine)
        monkeypatch.setattr(os, "statvfs", self._facts)
        for name in ("TMPDIR", "TEMP", "TMP"):
            # Set first: whatever is set here is undone afterwards.
            monkeypatch.setenv(name, "")
            monkeypatch.delenv(name)

    def _facts(self, folder: Path) -> Any:
        if not folder.exists():
            raise FileNotFoundError(folder)
        return os.statvfs_result((4096, 4096, 0, 0, self.of_folder // 4096, 0, 0, 0, self.flags, 255))

    def is_used(self) -> bool:
        in_memory.work_there()
        return os.environ.get("TMPDIR") == str(self.folder) == tempfile.gettempdir()


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Machine:
    return Machine(monkeypatch, tmp_path)


def test_plenty_of_memory_is_used(machine: Machine) -> None:
    assert machine.is_used()


def test_a_place_that_a_person_chose_stays(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", "/srv/fast")
    assert not machine.is_used() and os.environ["TMPDIR"] == "/srv/fast"


def test_little_memory_is_left_alone(machine: Machine) -> None:
    machine.of_machine = in_memory.NEEDED_BYTES - 1
    assert not machine.is_used()


def test_a_small_folder_as_containers_have_it_is_left_alone(machine: Machine) -> None:
    machine.of_folder = 64 << 20
    assert not machine.is_used()


def test_a_folder_that_runs_no_programs_is_left_alone(machine: Machine) -> None:
    machine.flags = os.ST_NOEXEC
    assert not machine.is_used()


def test_without_the_folder_nothing_changes(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_memory, "FOLDER", machine.folder / "missing")
    assert not machine.is_used() and "TMPDIR" not in os.environ


def test_the_machine_says_how_much_it_has() -> None:
    assert 0 < in_memory._free_memory() < 1 << 50
