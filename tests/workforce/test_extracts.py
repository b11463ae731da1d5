"""Answers of the national query: what agrees in every point is confirmed, the rest is told line by line."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from portal.accounts.access import NotNow, Refused
from portal.audit.models import Entry
from portal.spreadsheets.header import FileRefused
from portal.workforce.actions import refute_record
from portal.workforce.extracts import actions
from portal.workforce.models import CertificateAnswer, RegisterExtract, SkillCredential
from tests.cast import KUNDULUN, id_number, make_worker
from tests.workforce.extracting import (
    AS_OF,
    ON,
    came_back,
    counts,
    extract_file,
    keep_still,
    run,
    seen,
    stated,
    taken_in,
)
from tests.workforce.merging import merged

pytestmark = pytest.mark.django_db
KIND = "certificates"
REGISTER = "技能人才评价证书全国联网查询系统"


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    keep_still(monkeypatch)


def certificate(worker: Any, by: Any, **values: Any) -> SkillCredential:
    given = {"occupation": "焊工", "level": 40, "number": f"S{worker.pk:09}", "issued_on": date(2020, 5, 1)}
    return SkillCredential.objects.create(worker=worker, source="窗口登记", recorded_by=by, **given | values)


def line_of(record: SkillCredential, **changed: str) -> dict[str, str]:
    given = {
        "number": record.worker.id_number,
        "occupation": record.occupation,
        "level": "高级工",
        "certificate": record.number,
        "issued_on": "2020-05-01",
        "found": "查到",
    }
    return given | changed


def test_what_agrees_is_confirmed_and_says_from_what(worker: Any, clerk: Any, reviewer: Any) -> None:
    record = certificate(worker, clerk)
    before = seen(reviewer, KIND, line_of(record, certificate=record.number.lower(), level="三级"))
    record.refresh_from_db()
    assert counts(before) == (0, 1, 0, 0) and record.verification == "stated"
    assert before.understood[0]["cells"]["技能等级"] == "三级" and worker.id_number not in str(
        before.understood
    )
    extract = run(actions.confirm(before.pk, by=reviewer))
    record.refresh_from_db()
    digest = extract.fingerprint
    assert counts(extract) == (0, 1, 0, 0) and extract.understood == []
    assert (record.verification, record.verified_by) == ("confirmed", reviewer)
    assert record.verified_from == f"登记库摘录：{REGISTER}（2026-11-01，文件摘要{digest[:12]}）"
    entry = Entry.objects.get(action="extract.take_in")
    assert (entry.detail["register"], entry.detail["sha256"], entry.detail["changed"]) == (
        REGISTER,
        digest,
        1,
    )
    answer = CertificateAnswer.objects.get(credential=record)
    assert (answer.found, answer.as_of, answer.extract) == (True, AS_OF, extract)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"occupation": "钳工"}, "职业（工种）登记为焊工，摘录为钳工"),
        ({"level": "技师"}, "技能等级登记为高级工，摘录为技师"),
        ({"issued_on": "2020-05-02"}, "发证日期登记为2020-05-01，摘录为2020-05-02"),
        ({"certificate": "S777"}, "没有登记这一证书编号"),
        ({"occupation": ""}, "须填写职业工种、技能等级和发证日期"),
        ({"found": "不知道"}, "应填“查到”或“未查到”"),
        ({"issued_on": "2026-11-02"}, "日期晚于摘录日期"),
    ],
)
def test_what_differs_is_told_and_left_as_it_is(
    changed: dict[str, str], says: str, worker: Any, clerk: Any, reviewer: Any
) -> None:
    record, right = certificate(worker, clerk), certificate(make_worker("赵强"), clerk)
    extract = taken_in(reviewer, KIND, line_of(record, **changed), line_of(right))
    record.refresh_from_db()
    assert says in came_back(extract, reviewer)[worker.id_number] and record.verification == "stated"
    assert counts(extract) == (0, 1, 0, 1)


def test_who_is_elsewhere_what_is_ones_own_and_what_is_done_is_told(
    worker: Any, clerk: Any, reviewer: Any, second_reviewer: Any, baotou_clerk: Any
) -> None:
    elsewhere = certificate(make_worker("李静", region=KUNDULUN), baotou_clerk)
    own, right = certificate(worker, reviewer), certificate(make_worker("赵强"), clerk)
    nobody = line_of(right, number=id_number())
    lines = [*(line_of(record) for record in (elsewhere, own, right, right)), nobody]
    extract = taken_in(reviewer, KIND, *lines)
    told = came_back(extract, reviewer)
    assert "您负责的地区以外" in told[elsewhere.worker.id_number] and "另一人核验" in told[worker.id_number]
    assert "无此人档案" in told[nobody["number"]] and right.worker.id_number not in told
    # The same line twice counts once.
    assert counts(extract) == (0, 1, 1, 3) and extract.elsewhere == 2
    elsewhere.refresh_from_db()
    assert elsewhere.verification == "stated"
    again = taken_in(second_reviewer, KIND, line_of(right), line_of(own))
    assert counts(again) == (0, 1, 1, 0)


def test_what_was_changed_after_the_extract_was_given_in_waits(
    worker: Any, clerk: Any, reviewer: Any
) -> None:
    record = certificate(worker, clerk)
    other = certificate(make_worker("赵强"), clerk)
    extract = seen(reviewer, KIND, line_of(record), line_of(other))
    SkillCredential.objects.filter(pk=record.pk).update(source="更正", recorded_at=timezone.now())
    run(actions.confirm(extract.pk, by=reviewer))
    record.refresh_from_db()
    extract.refresh_from_db()
    assert record.verification == "stated" and "有更改" in came_back(extract, reviewer)[worker.id_number]


def test_only_an_officer_and_only_a_whole_statement(
    worker: Any, clerk: Any, reviewer: Any, cast: Any
) -> None:
    line = line_of(certificate(worker, clerk))
    for who in ("clerk", "supervisor", "registry_officer", "auditor", "baotou_reviewer"):
        with pytest.raises(Refused):
            actions.give_in(extract_file(KIND, line), stated(KIND), by=cast(who), on=ON)
    for said in ({"register": " "}, {"as_of": date(2099, 1, 1)}, {"covers_until": date(2026, 11, 2)}):
        with pytest.raises(Exception, match="登记库名称|不能为空|不能晚于|覆盖截止日"):
            actions.give_in(extract_file(KIND, line), stated(KIND, **said), by=reviewer, on=ON)
    for upload, says in ((extract_file(KIND, line, head="甲,乙,丙,丁,戊,己"), "表头"),):
        with pytest.raises(FileRefused, match=says):
            actions.give_in(upload, stated(KIND), by=reviewer, on=ON)
    assert not RegisterExtract.objects.exists()
    empty = seen(reviewer, KIND, file=extract_file(KIND))
    assert empty.phase == "failed" and "没有数据行" in empty.message


def test_a_row_that_is_not_shown_confirms_nothing(
    worker: Any, clerk: Any, reviewer: Any, tmp_path: Any
) -> None:
    record, other, path = (
        certificate(worker, clerk),
        certificate(make_worker("赵强"), clerk),
        tmp_path / "摘录.xlsx",
    )
    with xlsxwriter.Workbook(path) as workbook:
        sheet = workbook.add_worksheet()
        rows = [["证件号码", "职业工种", "技能等级", "证书编号", "发证日期"]]
        rows += [list(line_of(one).values())[:5] for one in (other, record)]
        for place, line in enumerate(rows):
            for column, cell in enumerate(line):
                sheet.write_string(place, column, cell)
        sheet.set_row(2, options={"hidden": True})
    extract = seen(reviewer, KIND, file=SimpleUploadedFile("摘录.xlsx", path.read_bytes()))
    run(actions.confirm(extract.pk, by=reviewer))
    record.refresh_from_db()
    other.refresh_from_db()
    extract.refresh_from_db()
    assert (record.verification, other.verification) == ("stated", "confirmed")
    assert counts(extract) == (0, 1, 0, 1)


def test_a_cell_with_a_control_character_comes_back(worker: Any, clerk: Any, reviewer: Any) -> None:
    record = certificate(worker, clerk)
    extract = seen(reviewer, KIND, line_of(record, certificate="S1\x07"))
    assert "不可见的控制字符" in came_back(extract, reviewer)[worker.id_number]
    with pytest.raises(NotNow, match="没有可以写入的行"):
        actions.confirm(extract.pk, by=reviewer)


def test_what_was_not_found_is_kept_and_confirms_nothing(worker: Any, clerk: Any, reviewer: Any) -> None:
    record = certificate(worker, clerk)
    missing = {"number": worker.id_number, "certificate": record.number, "found": "未查到"}
    extract = taken_in(reviewer, KIND, missing)
    record.refresh_from_db()
    assert counts(extract) == (1, 0, 0, 0) and "其中1本证书未查到" in extract.message
    assert record.verification == "stated" and not record.national_answer.found
    # An answer of before does not take the place of a later one.
    earlier = line_of(record)
    old = taken_in(reviewer, KIND, earlier, as_of=date(2026, 10, 1), covers_until=date(2026, 10, 1))
    record.national_answer.refresh_from_db()
    assert counts(old) == (0, 1, 0, 0) and not record.national_answer.found
    later = taken_in(reviewer, KIND, earlier | {"level": "三级"}, as_of=date(2026, 11, 5))
    record.national_answer.refresh_from_db()
    assert counts(later) == (0, 1, 0, 0) and record.national_answer.found


def test_a_certificate_found_wrong_counts_again_and_is_drawn(worker: Any, clerk: Any, reviewer: Any) -> None:
    record = certificate(worker, clerk)
    refute_record("credential", record.pk, reason="证书原件不符", by=reviewer, on=ON)
    worker.refresh_from_db()
    assert worker.skill_level == 0
    taken_in(reviewer, KIND, line_of(record))
    worker.refresh_from_db()
    assert worker.skill_level == 40


def test_the_certificate_of_a_merged_record_is_found_under_either_number(
    worker: Any, clerk: Any, reviewer: Any, cast: Any
) -> None:
    other = make_worker(worker.name)
    record = certificate(other, clerk)
    merged(cast, other, worker)
    extract = taken_in(reviewer, KIND, line_of(record, number=worker.id_number))
    record.refresh_from_db()
    assert counts(extract) == (0, 1, 0, 0) and record.verification == "confirmed"
