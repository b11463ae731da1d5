"""A file of the audit proves itself, without the database, and what was changed in it is told."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from portal import audit
from portal.audit import heads
from portal.audit.models import Entry


def export(*arguments: str) -> tuple[int, str]:
    """(exit code, what was printed)."""
    out = StringIO()
    try:
        call_command("export_audit", *arguments, stdout=out)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue()
    return 0, out.getvalue()


@pytest.fixture
def file(committed: str, tmp_path: Path) -> Path:
    """Of ten entries; a head notes the sixth."""
    for number in range(10):
        audit.record("test.step", by=None, detail={"number": number, "word": "登记"})
        if number == 5:
            heads.note()
    path = tmp_path / "audit.jsonl"
    # Whichever day it is when the test ends.
    days = [str(timezone.localdate() - timedelta(days=1)), str(timezone.localdate())]
    assert export(*days, str(path)) == (0, f"10 entries with their links in {path}\n")
    return path


def test_an_export_proves_itself(file: Path) -> None:
    assert file.stat().st_mode & 0o777 == 0o600
    assert export("--verify", str(file)) == (0, "OK  10 links, 1 of them noted as heads\n")
    assert Entry.objects.latest("id").action == "audit.export"


def change(place: int, **fields: Any) -> Any:
    def of(lines: list[dict[str, Any]]) -> None:
        lines[place] |= fields

    return of


def swap(lines: list[dict[str, Any]]) -> None:
    lines[3]["entry"], lines[4]["entry"] = lines[4]["entry"], lines[3]["entry"]


def word(lines: list[dict[str, Any]]) -> None:
    lines[4]["entry"] = lines[4]["entry"].replace("登记", "删除")


@pytest.mark.parametrize(
    ("tamper", "says"),
    [
        (word, "link 4 or its entry was changed"),
        (swap, "link 3 or its entry was changed"),
        (change(2, moment='"2026-01-01T00:00:00+00:00"'), "link 2 or its entry was changed"),
        (change(0, before="ab" * 32), "link 1 or its entry was changed"),
        (lambda lines: lines.pop(5), "link 6 follows link 4"),
        (lambda lines: lines.pop(), "there were 10 links"),
    ],
)
def test_what_was_changed_in_it_is_told(file: Path, tamper: Any, says: str) -> None:
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    tamper(lines)
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    code, printed = export("--verify", str(file))
    assert code == 1 and printed == f"BROKEN  {says}\n"


def test_another_chain_is_not_the_one_that_was_noted(file: Path, settings: Any) -> None:
    rows = [json.loads(line) for line in settings.AUDIT_HEADS.read_text().splitlines()]
    other = heads.Head(**{**rows[0], "digest": "ab" * 32, "mac": ""}).signed()
    settings.AUDIT_HEADS.write_bytes(other.line())
    code, printed = export("--verify", str(file))
    assert code == 1 and "link 6 is not the one that a head has noted" in printed


def test_a_file_that_is_there_is_left_alone(file: Path) -> None:
    before = file.read_bytes()
    with pytest.raises(CommandError, match="is there already"):
        export("2026-01-01", "2026-01-02", str(file))
    assert file.read_bytes() == before


@pytest.mark.parametrize("days", [[], ["2026-01-01"], ["x", "2026-01-01"], ["2026-02-02", "2026-01-01"]])
def test_days_that_are_none_are_said_to_be_none(db: None, tmp_path: Path, days: list[str]) -> None:
    with pytest.raises(CommandError):
        export(*days, str(tmp_path / "f"))
    assert not (tmp_path / "f").exists()


def test_a_file_that_is_none_is_said_to_be_none(db: None, tmp_path: Path) -> None:
    (tmp_path / "f").write_text("hello\n")
    with pytest.raises(CommandError, match="none of an export"):
        export("--verify", str(tmp_path / "f"))
