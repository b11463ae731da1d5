"""Properties of the import: order does not matter, a second time changes nothing, what came back and was put
right goes in, and no file whatever breaks it or is half stored.
"""

from __future__ import annotations

import contextlib
import csv
import io
import os
import random
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from portal.spreadsheets.header import FileRefused
from portal.workforce.identity import check_digit
from portal.workforce.models import (
    Employer,
    Employment,
    Honour,
    ImprobableRecord,
    NameConflict,
    RosterImport,
    SkillCredential,
    UnemploymentInsurance,
    Worker,
)
from portal.workforce.roster.importing import import_file
from portal.workforce.synthetic import credit_code
from tests.cast import KUNDULUN, OTOG
from tests.roster.conftest import LABELS, counts, csv_bytes

# JHT_EXAMPLES=2000 searches longer than there is time for with every change.
QUICK = settings(
    max_examples=int(os.environ.get("JHT_EXAMPLES", "15")),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)

# Few people, few units, few values: so that rows meet.
_draw = random.Random(1)
CODES = [credit_code(_draw) for _ in range(3)]
NUMBERS = []
for _serial in range(6):
    _first = f"159999{date(1980, 1, 1) + timedelta(days=400 * _serial):%Y%m%d}{_serial:03d}"
    NUMBERS.append(_first + check_digit(_first))


def _own_number(given: dict[str, str]) -> dict[str, str]:
    """A certificate is a person's own, except S9, which several have."""
    if given["证书编号"] in {"S1", "S2"}:
        given["证书编号"] += given["证件号码"][6:]
    return given


right_rows = st.fixed_dictionaries(
    {
        "姓名": st.sampled_from(["王建国", "王建国", "王建国", "乌云"]),
        "证件号码": st.sampled_from(NUMBERS),
        "工作地区划代码": st.sampled_from([OTOG, OTOG, KUNDULUN]),
        "用人单位": st.sampled_from(["", "甲公司", "甲公司", "甲 公司", "乙公司"]),
        "统一社会信用代码": st.sampled_from(["", "", "", *CODES]),
        "职业工种": st.sampled_from(["焊工", "电工"]),
        "技能等级": st.sampled_from(["", "高级工", "三级", "技师"]),
        "证书编号": st.sampled_from(["", "S1", "S1", "S2", "S9"]),
        "发证日期": st.sampled_from(["", "2015-05-01", "2016年5月1日"]),
        "一线岗位": st.sampled_from(["", "是", "否"]),
        "一线年限": st.sampled_from(["", "3", "3.0", "4.5"]),
        "失业保险累计月数": st.sampled_from(["", "12", "24"]),
        "荣誉": st.sampled_from(
            [
                "",
                "",
                "北疆工匠@2021",
                "北疆工匠@2021@甲〔2021〕1号",
                "北疆工匠@2021@乙〔2021〕2号、全国技术能手@2020",
            ]
        ),
        "手机号": st.sampled_from(["", "13800000000", "13800000001"]),
        "情况说明": st.sampled_from(["", "已核对证书原件"]),
    }
).map(_own_number)
rosters = st.lists(right_rows, min_size=1, max_size=10)


def give(folder: Path, content: bytes) -> Any:
    path = folder / "given.csv"
    path.write_bytes(content)
    return import_file(path, name="花名册.csv", by=None, refused_path=folder / "refused.csv")


def register() -> dict[str, Any]:
    """Everything that an import writes, without the numbers of rows, moments and nonces."""
    found: dict[str, Any] = defaultdict(list)
    for unit in Employer.objects.all():
        found["units"].append((unit.name, unit.credit_code or "", unit.region_id))
    for worker in Worker.objects.select_related("employer"):
        found["people"].append(
            (
                worker.id_number,
                worker.name,
                worker.phone or "",
                bytes(worker.phone_digest or b""),
                worker.work_region_id,
                str(worker.employer),
                worker.skill_level,
                worker.occupation,
                str(worker.birth_on),
                worker.sex,
            )
        )
    for record, fields in (
        (
            Employment,
            ("employer__name", "status", "occupation", "on_front_line", "front_line_years", "ended_on"),
        ),
        (SkillCredential, ("occupation", "level", "number", "issued_on")),
        (UnemploymentInsurance, ("months",)),
        (Honour, ("type_id", "year", "document", "named_as", "state")),
        (NameConflict, ("roster_name", "registered_name", "decision")),
        (ImprobableRecord, ("kind", "rule", "words", "reason")),
    ):
        rows = record.objects.values_list("worker__id_digest", *fields)
        found[record.__name__] = [(bytes(row[0]), *map(str, row[1:])) for row in rows]
    return {key: sorted(rows) for key, rows in found.items() if rows}


@contextlib.contextmanager
def undone():
    """One example's writes are taken back before the next."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@given(rows=rosters, order=st.randoms(use_true_random=False))
@QUICK
def test_any_order_of_the_rows_gives_the_same_end(
    db: None, tmp_path: Path, rows: list[dict], order: random.Random
) -> None:
    with undone():
        first = give(tmp_path, csv_bytes(rows))
        state = register()
    shuffled = order.sample(rows, len(rows))
    with undone():
        second = give(tmp_path, csv_bytes(shuffled))
        assert register() == state
    assert (second.read, second.added, second.refused) == (first.read, first.added, first.refused)


@given(before=rosters, rows=rosters)
@example(before=[], rows=[])
@QUICK
def test_a_second_time_changes_nothing(
    db: None, tmp_path: Path, before: list[dict], rows: list[dict]
) -> None:
    if not rows:
        return
    with undone():
        if before:
            give(tmp_path, csv_bytes(before))
        first = give(tmp_path, csv_bytes(rows))
        state, stored = register(), list(Worker.objects.order_by("pk").values())
        second = give(tmp_path, csv_bytes(rows))
        assert register() == state
        assert list(Worker.objects.order_by("pk").values()) == stored
        assert (second.added, second.changed) == (0, 0)
        assert second.refused == first.refused
        assert second.unchanged == first.added + first.changed + first.unchanged


spoils = st.sampled_from(
    [
        ("证件号码", "150624850615001"),
        ("证件号码", ""),
        ("姓名", "王1"),
        ("手机号", "12"),
        ("技能等级", "大师"),
        ("发证日期", "昨天"),
        ("荣誉", "世界之最@2020"),
        ("一线岗位", "也许"),
        ("一线年限", "很久"),
        ("失业保险累计月数", "1.5"),
        ("工作地区划代码", "999999"),
        ("统一社会信用代码", "1234"),
        ("用人单位", "123"),
    ]
)


@given(chosen=st.lists(spoils, min_size=1, max_size=6), good=st.integers(0, 3))
@QUICK
def test_what_came_back_goes_in_when_it_is_put_right(
    db: None, tmp_path: Path, chosen: list, good: int
) -> None:
    right = [
        dict(
            zip(
                LABELS,
                [
                    "王建国",
                    number,
                    OTOG,
                    "甲公司",
                    "",
                    "焊工",
                    "高级工",
                    f"S{number}",
                    "2015-05-01",
                    "是",
                    "3",
                    "12",
                    "",
                    "",
                    "",
                ],
                strict=True,
            )
        )
        for number in NUMBERS
    ]
    spoiled = [one | {label: cell} for one, (label, cell) in zip(right, chosen, strict=False)]
    with undone():
        first = give(tmp_path, csv_bytes(spoiled + right[len(spoiled) : len(spoiled) + good]))
        assert first.refused == len(spoiled)
        back = list(csv.DictReader(io.StringIO((tmp_path / "refused.csv").read_text(encoding="utf-8-sig"))))
        assert [{label: one[label] for label in LABELS} for one in back] == spoiled
        for one, (label, _), whole in zip(back, chosen, right, strict=False):
            assert f"“{label}”" in one["错误"]
            one[label] = whole[label]
        second = give(tmp_path, csv_bytes(back, labels=[*LABELS, "错误"]))
        assert (second.added, second.refused) == (len(spoiled), 0)
        assert set(Worker.objects.values_list("name", flat=True)) == {"王建国"}


cells = st.one_of(
    st.text(max_size=30),
    st.sampled_from(["", " ", "\t", "=1+1", "1e5", "是", "高级工", OTOG, *NUMBERS, *CODES, "9" * 400]),
    st.sampled_from(["'", '"', "\\", "\\N", "@", "、", "@@"]),
)


@given(rows=st.lists(st.lists(cells, max_size=17), max_size=8))
@QUICK
def test_no_cells_whatever_break_it(db: None, tmp_path: Path, rows: list[list[str]]) -> None:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(LABELS)
    writer.writerows(
        [[cell.replace("\0", "").encode("utf-8", "ignore").decode() for cell in row] for row in rows]
    )
    with undone():
        try:
            outcome = give(tmp_path, text.getvalue().encode())
        except FileRefused:
            assert not Worker.objects.exists()
            return
        assert outcome.read == sum(counts(outcome)) + outcome.proposed
        assert (Worker.objects.count() > 0) == (outcome.added > 0)


HEAD = ",".join(LABELS)
beginnings = st.sampled_from(
    [
        b"",
        b"PK\x03\x04",
        b"%PDF",
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        HEAD.encode() + b"\n",
        HEAD.encode("gb18030") + b"\r\n",
    ]
)


@given(beginning=beginnings, rest=st.binary(max_size=400))
@QUICK
def test_no_bytes_whatever_break_it(db: None, tmp_path: Path, beginning: bytes, rest: bytes) -> None:
    with undone():
        try:
            outcome = give(tmp_path, beginning + rest)
        except FileRefused as refused:
            assert str(refused).endswith("。")
            assert not RosterImport.objects.exists()
        else:
            assert outcome.refused == outcome.read
        assert not Worker.objects.exists()


@pytest.mark.parametrize("position", range(0, 3000, 173))
def test_no_damage_to_a_workbook_breaks_it(db: None, tmp_path: Path, position: int) -> None:
    from tests.roster.conftest import row, xlsx_bytes

    content = bytearray(xlsx_bytes([row() for _ in range(5)]))
    at = position % len(content)
    content[at : at + 8] = bytes(byte ^ 0x5A for byte in content[at : at + 8])
    with contextlib.suppress(FileRefused):
        outcome = give(tmp_path, bytes(content))
        assert outcome.read == outcome.added + outcome.refused
