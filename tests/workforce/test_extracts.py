"""An extract of an official register confirms what agrees with it, and tells the rest line by line."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from portal.accounts.access import NotNow, Refused
from portal.audit.models import Entry
from portal.jobs import runner
from portal.jobs.models import Job
from portal.spreadsheets.header import FileRefused
from portal.workforce.extracts import start_extract
from portal.workforce.models import SkillCredential
from tests.cast import KUNDULUN, make_worker

pytestmark = pytest.mark.django_db
HEAD = "证件号码,职业工种,技能等级,证书编号,发证日期"
REGISTER = "技能人才评价证书全国联网查询系统"


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner.run_job, "delay", lambda job_id: None)


def certificate(worker: Any, by: Any, **values: Any) -> SkillCredential:
    given = {"occupation": "焊工", "level": 40, "number": f"S{worker.pk:09}", "issued_on": date(2020, 5, 1)}
    return SkillCredential.objects.create(worker=worker, source="窗口登记", recorded_by=by, **given | values)


def line_of(record: SkillCredential, **changed: str) -> str:
    given = {
        "number": record.worker.id_number,
        "occupation": record.occupation,
        "level": "高级工",
        "certificate": record.number,
        "issued_on": "2020-05-01",
    }
    return ",".join((given | changed).values())


def extract_of(*lines: str, head: str = HEAD) -> SimpleUploadedFile:
    return SimpleUploadedFile("摘录.csv", "\n".join([head, *lines]).encode("utf-8-sig"))


def carried_out(by: Any, *lines: str) -> tuple[Job, dict[str, str]]:
    job = start_extract(extract_of(*lines), register=REGISTER, as_of=date(2026, 11, 1), by=by)
    runner.run_job(job.pk)
    job.refresh_from_db()
    return job, dict(job.items.values_list("key", "message"))


def test_what_agrees_is_confirmed_and_says_from_what(worker: Any, clerk: Any, reviewer: Any) -> None:
    record = certificate(worker, clerk)
    job, told = carried_out(reviewer, line_of(record, certificate=record.number.lower(), level="三级"))
    record.refresh_from_db()
    digest = job.params["digest"]
    assert job.result == {"confirmed": 1, "refused": 0} and told == {"2": "已核验"}
    assert (record.verification, record.verified_by) == ("confirmed", reviewer)
    assert record.verified_from == f"登记库摘录：{REGISTER}（2026-11-01，文件摘要{digest[:12]}）"
    entry = Entry.objects.get(action="record.confirm")
    assert (entry.detail["register"], entry.detail["sha256"]) == (REGISTER, digest)
    assert (
        digest
        == hashlib.sha256(
            extract_of(line_of(record, certificate=record.number.lower(), level="三级")).read()
        ).hexdigest()
    )


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"occupation": "钳工"}, "职业（工种）登记为焊工，摘录为钳工"),
        ({"level": "技师"}, "技能等级登记为高级工，摘录为技师"),
        ({"issued_on": "2020-05-02"}, "发证日期登记为2020-05-01，摘录为2020-05-02"),
        ({"certificate": "S777"}, "没有登记这一证书编号"),
    ],
)
def test_what_differs_is_told_and_left_as_it_is(
    changed: dict[str, str], says: str, worker: Any, clerk: Any, reviewer: Any
) -> None:
    record = certificate(worker, clerk)
    job, told = carried_out(reviewer, line_of(record, **changed))
    record.refresh_from_db()
    assert says in told["2"] and record.verification == "stated"
    assert job.result == {"confirmed": 0, "refused": 1}


def test_who_is_elsewhere_what_is_ones_own_and_what_is_done_is_told(
    worker: Any, clerk: Any, reviewer: Any, baotou_clerk: Any
) -> None:
    elsewhere = certificate(make_worker("李静", region=KUNDULUN), baotou_clerk)
    own, right = certificate(worker, reviewer), certificate(make_worker("赵强"), clerk)
    _, told = carried_out(reviewer, *(line_of(record) for record in (elsewhere, own, right, right)))
    assert "您负责的地区没有此人的档案" in told["2"] and "另一人核验" in told["3"]
    assert told["4"] == "已核验" and "已由巴特尔核验" in told["5"]
    elsewhere.refresh_from_db()
    assert elsewhere.verification == "stated"


def test_what_was_changed_after_the_extract_was_given_in_waits(
    worker: Any, clerk: Any, reviewer: Any
) -> None:
    record = certificate(worker, clerk)
    job = start_extract(extract_of(line_of(record)), register=REGISTER, as_of=date(2026, 11, 1), by=reviewer)
    from django.utils import timezone

    SkillCredential.objects.filter(pk=record.pk).update(level=50, recorded_at=timezone.now())
    runner.run_job(job.pk)
    record.refresh_from_db()
    assert record.verification == "stated" and "有更改" in job.items.get().message


def test_only_an_officer_and_only_a_whole_extract(worker: Any, clerk: Any, reviewer: Any, cast: Any) -> None:
    line = line_of(certificate(worker, clerk))
    given = {"register": REGISTER, "as_of": date(2026, 11, 1)}
    for who in ("clerk", "supervisor", "registry_officer", "auditor"):
        with pytest.raises(Refused):
            start_extract(extract_of(line), **given, by=cast(who))
    for register, as_of in ((" ", date(2026, 11, 1)), (REGISTER, date(2099, 1, 1))):
        with pytest.raises(NotNow):
            start_extract(extract_of(line), register=register, as_of=as_of, by=reviewer)
    for upload, says in (
        (extract_of(), "没有数据行"),
        (extract_of(line, "1,焊工,高级工,S1,2020-05-01"), "第3行"),
        (extract_of(line, head="甲,乙,丙,丁,戊"), "表头"),
    ):
        with pytest.raises(FileRefused, match=says):
            start_extract(upload, **given, by=reviewer)
    assert not Job.objects.exists()


def test_the_page_starts_the_job_and_the_job_names_the_lines(
    worker: Any, clerk: Any, reviewer: Any, as_user: Any
) -> None:
    record = certificate(worker, clerk)
    desk = as_user(reviewer)
    assert "按登记库摘录核验证书" in desk.get("/window/records/").content.decode()
    assert "按登记库摘录核验证书" not in as_user(clerk).get("/window/records/").content.decode()
    assert as_user(clerk).get(reverse("window:extract")).status_code == 403
    given = {"register": REGISTER, "as_of": "2026-11-01"}
    wrong = desk.post(reverse("window:extract"), given | {"file": extract_of()}).content.decode()
    assert "文件中没有数据行" in wrong
    ahead = given | {"as_of": "2099-01-01", "file": extract_of(line_of(record))}
    errors = desk.post(reverse("window:extract"), ahead).context["form"].errors
    assert errors == {"as_of": ["摘录日期不能晚于今天。"]}
    sent = desk.post(reverse("window:extract"), given | {"file": extract_of(line_of(record))})
    job = Job.objects.get()
    assert sent.url == reverse("window:job", args=[job.pk])
    runner.run_job(job.pk)
    page = desk.get(sent.url).content.decode()
    assert f"第2行 {worker.name}" in page and "已核验" in page


def test_a_row_that_is_not_shown_confirms_nothing(
    worker: Any, clerk: Any, reviewer: Any, tmp_path: Any
) -> None:
    record, path = certificate(worker, clerk), tmp_path / "摘录.xlsx"
    with xlsxwriter.Workbook(path) as workbook:
        sheet = workbook.add_worksheet()
        for place, line in enumerate((HEAD, line_of(record), line_of(record))):
            for column, cell in enumerate(line.split(",")):
                sheet.write_string(place, column, cell)
        sheet.set_row(2, options={"hidden": True})
    upload = SimpleUploadedFile("摘录.xlsx", path.read_bytes())
    with pytest.raises(FileRefused, match="第3行是隐藏的"):
        start_extract(upload, register=REGISTER, as_of=date(2026, 11, 1), by=reviewer)
    assert not Job.objects.exists()


def test_a_cell_with_a_control_character_is_told_with_its_row(worker: Any, clerk: Any, reviewer: Any) -> None:
    record = certificate(worker, clerk)
    with pytest.raises(FileRefused, match="第2行：含有不可见的控制字符"):
        carried_out(reviewer, line_of(record, certificate="S1\x07"))
