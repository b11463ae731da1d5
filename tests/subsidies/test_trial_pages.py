"""The page on which a list of payments is tried: given in, decided, looked at, taken away; and the command."""

from __future__ import annotations

import io
import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone
from python_calamine import CalamineWorkbook

from portal import sealed_files
from portal.accounts.access import NotNow, Refused
from portal.accounts.actions import end_role
from portal.audit.models import Entry
from portal.jobs import runner
from portal.jobs.models import Job, JobState
from portal.spreadsheets.header import FileRefused
from portal.window.office.audit_labels import label_of
from subsidies.trials.jobs import KEPT, start_trial, sweep_files
from tests.cast import BAOTOU, KUNDULUN, ORDOS, OTOG, REGION, id_number, make_worker
from tests.subsidies.conftest import certificate, in_work
from tests.subsidies.paid_lists import HEAD, content_of, line_of, list_of

pytestmark = pytest.mark.django_db
DAY = "2026-10-12"


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner.run_job, "delay", lambda job_id: None)


def started(by: Any, *lines: dict[str, str], place: str = ORDOS) -> Job:
    return start_trial(list_of(*lines), place=place, verified=False, by=by)


def carried_out(by: Any, *lines: dict[str, str], place: str = ORDOS) -> Job:
    job = started(by, *lines, place=place)
    runner.run_job(job.pk)
    job.refresh_from_db()
    return job


def kept_files() -> list[str]:
    """What lies on the disk of trials."""
    root = sealed_files.path_of("trials")
    return sorted(path.name for path in root.glob("*/*"))


@pytest.fixture
def lines(cast: Any, welder: Any, welding: Any) -> list[dict[str, str]]:
    """One that agrees, one paid otherwise, one that the rules refuse, a stranger, and one nobody can read."""
    fitter = certificate(welder, cast("reviewer"), occupation="钳工", number="S2")
    newcomer = in_work(make_worker("李强"), cast("reviewer"), months=35)
    refused = certificate(newcomer, cast("reviewer"), number="S3")
    return [
        line_of(welding, DAY),
        line_of(fitter, DAY, "1800"),
        line_of(refused, DAY),
        line_of(welding, DAY, 证件号码=id_number(), 姓名="赵无名"),
        line_of(welding, DAY, ""),
    ]


def test_from_the_upload_to_the_workbook(cast: Any, as_user: Any, lines: Any, welder: Any) -> None:
    desk = as_user(cast("reviewer"))
    assert "您还没有试算过名单" in desk.get(reverse("subsidies:trials")).content.decode()
    given = {"file": list_of(*lines), "place": ORDOS, "basis": "stated"}
    sent = desk.post(reverse("subsidies:trials"), given)
    job = Job.objects.get()
    assert sent.url == reverse("subsidies:trial", args=[job.pk])
    assert "等待中" in desk.get(sent.url).content.decode()
    assert kept_files() == ["source.csv"]
    runner.run_job(job.pk)
    assert kept_files() == ["result.json"], "the list is let go"
    page = desk.get(sent.url)
    assert [one["rows"] for one in page.context["outcomes"]] == [1, 1, 1, 1, 1]
    text = page.content.decode()
    assert "不符合：失业保险累计缴费达到规定月数" in text and "鄂托克旗" in text
    assert lines[0]["证件号码"] not in text and f"{lines[0]['证件号码'][:6]}********" in text
    seen = Entry.objects.filter(action="worker.list").latest("pk")
    assert seen.actor_id == cast("reviewer").pk and welder.pk in seen.detail["shown"]
    taken = desk.get(reverse("subsidies:trial_export", args=[job.pk]))
    book = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(taken.streaming_content)))
    assert book.sheet_names == ["汇总", "原因", "地区", "逐笔"]
    rows = book.get_sheet_by_name("逐笔").to_python()
    assert [row[10] for row in rows[1:]] == ["一致", "按规则金额不同", "按规则不予发放", "不能认定", "未读出"]
    assert (rows[2][8], rows[2][9]) == (1800, 1500)
    assert lines[0]["证件号码"] not in str(rows)
    export = Entry.objects.get(action="trial.export")
    assert export.detail["count"] == 5 and welder.pk in export.detail["shown"]


def test_the_rows_are_narrowed_by_outcome_and_by_reason(cast: Any, as_user: Any, lines: Any) -> None:
    job = carried_out(cast("reviewer"), *lines)
    desk, address = as_user(cast("reviewer")), reverse("subsidies:trial", args=[job.pk])
    assert [row["line"] for row in desk.get(address, {"outcome": "refuses"}).context["rows"]] == [4]
    assert [row["line"] for row in desk.get(address, {"reason": "1"}).context["rows"]] == [5]
    for nonsense in ({"outcome": "x"}, {"reason": "99"}, {"reason": "²"}):
        assert len(desk.get(address, nonsense).context["rows"]) == 5


def test_only_whoever_gave_it_in_sees_what_came_of_it(cast: Any, as_user: Any, lines: Any) -> None:
    job = carried_out(cast("reviewer"), *lines)
    for name in ("subsidies:trial", "subsidies:trial_progress", "subsidies:trial_export"):
        assert as_user(cast("second_reviewer")).get(reverse(name, args=[job.pk])).status_code == 404
    for other in ("clerk", "approver", "auditor", "policy_officer", "system_admin"):
        assert as_user(cast(other)).get(reverse("subsidies:trials")).status_code == 403
        with pytest.raises(Refused):
            started(cast(other), lines[0])


@pytest.mark.parametrize("who", ["regional_reviewer", "supervisor"])
def test_officers_of_the_region_try_lists_of_every_place(
    cast: Any, as_user: Any, lines: Any, who: str
) -> None:
    choices = as_user(cast(who)).get(reverse("subsidies:trials")).context["form"].fields["place"].choices
    assert choices[0] == (REGION, "全区") and len(choices) == 13
    job = carried_out(cast(who), *lines, place=REGION)
    assert job.state == JobState.DONE


def test_a_reviewer_tries_lists_of_the_own_league_only(cast: Any, as_user: Any, lines: Any) -> None:
    desk = as_user(cast("reviewer"))
    sent = desk.post(
        reverse("subsidies:trials"), {"file": list_of(lines[0]), "place": BAOTOU, "basis": "stated"}
    )
    assert sent.status_code == 400 and "place" in sent.context["form"].errors
    for place in (REGION, BAOTOU, KUNDULUN):
        with pytest.raises(Refused):
            started(cast("reviewer"), lines[0], place=place)
    with pytest.raises(NotNow):
        started(cast("reviewer"), lines[0], place="999999")
    assert kept_files() == [] and not Job.objects.exists()
    assert started(cast("reviewer"), lines[0], place=OTOG).pk


def test_whoever_lost_the_role_meanwhile_learns_nothing(cast: Any, lines: Any) -> None:
    job = started(cast("reviewer"), *lines)
    end_role(cast("reviewer").assignments.get().pk, by=cast("security_admin"))
    runner.run_job(job.pk)
    job.refresh_from_db()
    assert job.state == JobState.FAILED and "权限" in job.message
    assert kept_files() == []


def test_what_lies_on_the_disk_says_nothing(cast: Any, lines: Any) -> None:
    job = started(cast("reviewer"), *lines)
    folder = sealed_files.path_of(f"trials/{job.params['folder']}")
    said = [lines[0]["证件号码"], lines[0]["姓名"], lines[0]["证书编号"]]
    before = (folder / "source.csv").read_bytes()
    runner.run_job(job.pk)
    after = (folder / "result.json").read_bytes()
    assert not any(text.encode() in content for text in said for content in (before, after))
    assert lines[0]["证件号码"] not in sealed_files.read(f"trials/{folder.name}/result.json").decode()
    assert not any(text in json.dumps([job.params, job.title, job.result]) for text in said)


@pytest.mark.parametrize(
    ("upload", "says"),
    [
        (SimpleUploadedFile("名单.csv", content_of()), "没有数据行"),
        (SimpleUploadedFile("名单.csv", "甲,乙\n1,2".encode()), "表头"),
        (SimpleUploadedFile("名单.pdf", b"%PDF-1.7"), "PDF"),
        (SimpleUploadedFile("名单.csv", content_of(head=HEAD[:-1])), "补贴金额"),
    ],
)
def test_what_is_no_such_list_is_refused(cast: Any, upload: Any, says: str) -> None:
    try:
        job = start_trial(upload, place=ORDOS, verified=False, by=cast("reviewer"))
    except FileRefused as refused:
        assert says in str(refused)
    else:
        runner.run_job(job.pk)
        job.refresh_from_db()
        assert job.state == JobState.FAILED and says in job.message
    assert kept_files() == []


def test_files_whose_time_is_over_are_swept(cast: Any, as_user: Any, lines: Any) -> None:
    job = carried_out(cast("reviewer"), *lines)
    waiting = started(cast("reviewer"), *lines)
    assert sweep_files() == 0
    stopped = started(cast("reviewer"), *lines)
    runner.cancel(stopped.pk, by=cast("reviewer"))
    long_ago = (timezone.now() - KEPT - timedelta(hours=1)).timestamp()
    for one in (job, waiting, stopped):
        os.utime(sealed_files.path_of(f"trials/{one.params['folder']}"), (long_ago, long_ago))
    assert sweep_files() == 2
    assert kept_files() == ["source.csv"], "a job waits for this one"
    page = as_user(cast("reviewer")).get(reverse("subsidies:trial", args=[job.pk]))
    assert "已超过保存期限" in page.content.decode()
    gone = as_user(cast("reviewer")).get(reverse("subsidies:trial_export", args=[job.pk]))
    assert gone.status_code == 302 and not Entry.objects.filter(action="trial.export").exists()


def test_a_result_that_was_changed_is_not_shown(cast: Any, as_user: Any, lines: Any) -> None:
    job = carried_out(cast("reviewer"), *lines)
    path = sealed_files.path_of(f"trials/{job.params['folder']}/result.json")
    path.write_bytes(path.read_bytes()[:-1] + b"\0")
    page = as_user(cast("reviewer")).get(reverse("subsidies:trial", args=[job.pk]))
    assert page.status_code == 200 and "rows" not in page.context
    assert Entry.objects.filter(action="trial.not_shown").exists()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_template_is_a_list(cast: Any, as_user: Any, kind: str) -> None:
    answer = as_user(cast("reviewer")).get(reverse("subsidies:trial_template", args=[kind]))
    assert answer.status_code == 200 and answer.content
    assert as_user(cast("reviewer")).get("/subsidies/trials/template.pdf").status_code == 404
    upload = SimpleUploadedFile(f"名单.{kind}", answer.content)
    job = start_trial(upload, place=ORDOS, verified=False, by=cast("reviewer"))
    runner.run_job(job.pk)
    job.refresh_from_db()
    assert job.message == "文件中没有数据行。请填写后重新上传。"


def test_what_the_audit_calls_it() -> None:
    assert [label_of(f"trial.{verb}") for verb in ("run", "export", "not_shown")] == [
        "试算已发补贴名单",
        "导出补贴试算",
        "补贴试算结果异常，未显示",
    ]


# -- the command ---------------------------------------------------------------------------------------------
def shadow(*arguments: Any) -> str:
    out = io.StringIO()
    call_command("shadow", *map(str, arguments), stdout=out, stderr=io.StringIO())
    return out.getvalue()


@pytest.fixture
def path(tmp_path: Path, lines: list[dict[str, str]]) -> Path:
    file = tmp_path / "名单.csv"
    file.write_bytes(content_of(*lines))
    return file


def test_the_command_tells_counts_and_money(path: Path, lines: Any) -> None:
    said = shadow(path, "--league", ORDOS)
    assert "agrees 1 paid 1500.00 by the rules 1500.00" in said
    assert "otherwise 1 paid 1800.00 by the rules 1500.00" in said
    assert "refuses 1 paid 1500.00: 不符合：失业保险累计缴费达到规定月数" in said
    assert lines[0]["证件号码"] not in said and lines[0]["姓名"] not in said
    assert Entry.objects.filter(action="trial.run", actor_name="system").count() == 1


def test_the_command_gives_each_row_by_its_line_as_json(path: Path) -> None:
    said = json.loads(shadow(path, "--league", BAOTOU, "--json"))
    assert [row["outcome"] for row in said["rows"]] == ["unknown"] * 4 + ["unread"]
    assert not {"name", "number", "certificate", "worker"} & said["rows"][0].keys()


def test_the_command_says_what_is_wrong(path: Path) -> None:
    with pytest.raises(CommandError, match="no place"):
        shadow(path, "--league", "1506")
    with pytest.raises(CommandError, match="No such file"):
        shadow(path.with_name("no.csv"))
    path.write_bytes(b"")
    with pytest.raises(CommandError, match="文件是空的"):
        shadow(path)
