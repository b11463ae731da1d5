"""`./jht manage import_roster`: what it prints, how it ends, where refused rows go."""

from __future__ import annotations

import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from portal.workforce.models import Honour, RosterColumns, Worker
from tests import copies
from tests.cast import OTOG, id_number
from tests.live import ROOT
from tests.roster.conftest import csv_bytes, row, xlsx_bytes
from tests.roster.test_kept_tables import book


def run(*arguments: Any, **options: Any) -> tuple[int, list[str]]:
    """(exit status, lines printed)"""
    out = StringIO()
    status = 0
    try:
        call_command("import_roster", *map(str, arguments), stdout=out, stderr=StringIO(), **options)
    except SystemExit as end:
        status = end.code  # type: ignore[assignment]
    return status, out.getvalue().splitlines()


@pytest.fixture
def roster(db: None, tmp_path: Path) -> Path:
    path = tmp_path / "鄂托克旗.csv"
    path.write_bytes(csv_bytes([row(荣誉="北疆工匠@2021"), row(手机号="1"), row()]))
    return path


def test_it_counts_and_exits_with_1_when_a_row_was_refused(roster: Path) -> None:
    status, lines = run(roster)
    back = roster.with_name("鄂托克旗.refused.csv")
    assert lines == ["read 3", "added 2", "changed 0", "unchanged 0", "refused 1", f"refused rows: {back}"]
    assert status == 1
    assert "手机号应为11位数字" in back.read_text(encoding="utf-8-sig")
    assert Worker.objects.first().source == "花名册 鄂托克旗.csv"  # type: ignore[union-attr]


def test_it_exits_with_0_when_all_went_in(db: None, tmp_path: Path) -> None:
    path = tmp_path / "r.xlsx"
    path.write_bytes(xlsx_bytes([row(), row()]))
    assert run(path) == (0, ["read 2", "added 2", "changed 0", "unchanged 0", "refused 0"])
    assert run(path) == (0, ["read 2", "added 0", "changed 0", "unchanged 2", "refused 0"])
    assert list(tmp_path.iterdir()) == [path]


def test_a_dry_run_writes_nothing_at_all(roster: Path) -> None:
    status, lines = run(roster, "--dry-run")
    assert lines == [
        "read 3",
        "added 2",
        "changed 0",
        "unchanged 0",
        "refused 1",
        "dry run: nothing was changed",
    ]
    assert status == 1
    assert not Worker.objects.exists()
    assert list(roster.parent.iterdir()) == [roster]


def test_it_reads_what_a_unit_keeps_without_asking(db: None, clerk: Any, tmp_path: Path) -> None:
    """Given a workbook with titles, columns of its own and a hidden row, when the command says which sheet, columns and
    place, then it is read as on the page; what the account's office has named before need not be said again.
    """
    head = ["序号", "姓名", "档案码", "工种", "联系电话"]
    people = [
        [str(n), name, id_number(), "焊工", "0477"]
        for n, name in enumerate(("赵海燕", "高娃", "萨仁"), start=1)
    ]

    def hide(_: Any, sheets: list[Any]) -> None:
        sheets[1].set_row(4, None, None, {"hidden": True})

    path = tmp_path / "在册.xlsx"
    sheets = (("封面", [["花名册"]]), ("2026", [["花名册"], ["十一月"], head, *people]))
    path.write_bytes(book(*sheets, change=hide))
    how = ["--sheet", "2026", "--fixed", f"工作地区划代码={OTOG}", "--map", "联系电话="]
    with pytest.raises(CommandError, match="缺少列：证件号码"):
        run(path, *how)
    with pytest.raises(CommandError, match="没有名为“2025”的工作表"):
        run(path, "--sheet", "2025")
    status, lines = run(path, *how, "--map", "档案码=证件号码", "--header-line", "3")
    assert (status, lines[:2], lines[4]) == (1, ["read 3", "added 2"], "refused 1")
    RosterColumns.objects.create(office_id=OTOG, names={"档案码": "number"})
    status, lines = run(path, *how, "--take-hidden", "--by", clerk.username)
    assert (status, lines[:4]) == (0, ["read 3", "added 1", "changed 0", "unchanged 2"])
    assert set(Worker.objects.values_list("name", "work_region")) == {(row[1], OTOG) for row in people}


def test_a_dry_run_gives_refused_rows_when_asked(roster: Path, tmp_path: Path) -> None:
    status, lines = run(roster, "--dry-run", "--refused", tmp_path / "back.csv")
    assert status == 1
    assert (tmp_path / "back.csv").exists()


def test_as_an_account_it_stays_within_its_regions(roster: Path, clerk: Any, baotou_clerk: Any) -> None:
    status, lines = run(roster, "--by", baotou_clerk.username)
    assert (status, lines[:2], lines[4]) == (1, ["read 3", "added 0"], "refused 3")
    run(roster, "--by", clerk.username)
    assert Honour.objects.get().recorded_by == clerk


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nowhere.csv"], "No such file"),
        (["."], "directory"),
        (["{roster}", "--by", "nobody"], "there is no active account nobody"),
        (["{pdf}"], "文件是PDF"),
    ],
)
def test_what_cannot_be_read_is_told(roster: Path, arguments: list[str], says: str) -> None:
    pdf = roster.with_name("x.csv")
    pdf.write_bytes(b"%PDF-1.7")
    with pytest.raises(CommandError, match=says):
        run(*[argument.format(roster=roster, pdf=pdf) for argument in arguments])
    assert not Worker.objects.exists()


def test_who_may_not_import_is_told(roster: Path, auditor: Any) -> None:
    with pytest.raises(CommandError, match="没有“导入花名册”的权限"):
        run(roster, "--by", auditor.username)


def test_from_a_shell(committed: str, command_environment: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_bytes(csv_bytes([row(), row(证件号码="150624850615001")]))
    ended = subprocess.run(
        [sys.executable, "manage.py", "import_roster", str(path)],
        cwd=ROOT,
        env=command_environment,
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 1, ended.stderr
    assert ended.stdout.splitlines()[:5] == ["read 2", "added 1", "changed 0", "unchanged 0", "refused 1"]
    path.write_bytes(b"PK\x03\x04")
    refused = copies.manage("import_roster", str(path))
    assert (refused.status, refused.printed) == (1, "")
    assert "不是Excel工作簿" in refused.complained
    assert "Traceback" not in refused.complained
