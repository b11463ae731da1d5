"""The pages of records, honours, accounts, units and jobs: what is posted becomes an action, what is refused
is said.
"""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from portal.jobs.models import Job
from portal.workforce.actions import propose_payee, version_of
from portal.workforce.models import (
    AttestedFact,
    Employer,
    PayeeAccount,
    SkillCredential,
)
from tests.cases.conftest import picture, upload
from tests.cast import KUNDULUN, OTOG, make_honour, make_worker
from tests.window.given import ON, known_worker, make_case, make_employer

pytestmark = pytest.mark.django_db

POSTED = {
    "employment": {"status": "employed", "occupation": "焊工", "on_front_line": "true", "in_skilled_post": "unknown",
                   "public_institution_payroll": "false", "started_on": "2020-01-01"},
    "credential": {"occupation": "焊工", "level": "40", "number": "1501", "issued_on": "2020-01-01", "verified_how": "roster"},
    "insurance": {"months": "36", "drawing_benefit": "false", "as_of": "2026-10-31"},
    "attested": {"code": "recruited", "value": '"by_region"', "since": "2024-01-01"},
    "schooling": {"graduated_from": "senior", "school": "鄂尔多斯技师学院"},
    "competition": {"competition": "regional", "name": "焊接大赛", "role": "competitor", "for_inner_mongolia": "unknown"},
    "claim": {"kind": "skill_upgrade", "occupation": "焊工", "level": "30", "claimed_on": "2019-01-01"},
    "honour": {"type": "national_technical_expert", "year": "2025", "document": "人社部发〔2025〕1号"},
}  # fmt: skip


@pytest.mark.parametrize("kind", POSTED)
def test_every_kind_is_added_through_one_page(kind, cast, as_user):
    worker = make_worker()
    # What a register says is written down by hand only with a picture of it.
    pictured = kind in ("insurance", "claim")
    desk, address = as_user(cast("clerk")), reverse("window:record_new", args=[worker.pk, kind])
    given = POSTED[kind] | {"source": "窗口登记"}
    if pictured:
        assert "请上传登记库查询结果的图片" in desk.post(address, given).text
        given |= {"attachment": upload(picture(), "查询结果.png")}
    page = desk.post(address, given, follow=True)
    assert page.status_code == 200 and "已保存" in page.content.decode(), (
        page.context and page.context.get("form") and page.context["form"].errors
    )


@pytest.mark.parametrize("kind", POSTED)
def test_an_empty_form_is_refused_with_a_summary(kind, cast, as_user):
    page = as_user(cast("clerk")).post(reverse("window:record_new", args=[make_worker().pk, kind]), {})
    assert page.status_code == 200 and "请更正以下内容" in page.content.decode()


def test_what_the_action_refuses_stands_beside_its_field(cast, as_user):
    worker = make_worker()
    page = as_user(cast("clerk")).post(
        reverse("window:record_new", args=[worker.pk, "credential"]),
        POSTED["credential"] | {"source": "窗口登记", "issued_on": "2999-01-01"},
    )
    assert (
        page.context["form"].errors["issued_on"] == ["日期不能晚于今天。"]
        and not SkillCredential.objects.exists()
    )


def test_a_unit_is_found_by_code_or_name(cast, as_user):
    unit = make_employer()
    elsewhere = make_employer("包头钢厂", region=KUNDULUN, code="12150000460000000X")
    client, sent = as_user(cast("clerk")), POSTED["employment"] | {"source": "窗口登记"}
    for typed, found in ((unit.name, unit), (unit.credit_code, unit), (elsewhere.credit_code, elsewhere)):
        worker = make_worker()
        client.post(reverse("window:record_new", args=[worker.pk, "employment"]), sent | {"employer": typed})
        worker.refresh_from_db()
        assert worker.employer == found
    page = client.post(
        reverse("window:record_new", args=[make_worker().pk, "employment"]), sent | {"employer": "包头钢厂"}
    )
    assert "没有找到这个用人单位" in page.content.decode()


def test_an_attestation_is_yes_or_no_or_one_of_the_words(cast, as_user):
    worker, client = make_worker(), as_user(cast("clerk"))
    address = reverse("window:record_new", args=[worker.pk, "attested"])
    page = client.post(
        address, {"code": "superb_skill", "value": '"by_region"', "since": "2024-01-01", "source": "x"}
    )
    assert "value" in page.context["form"].errors
    client.post(address, {"code": "superb_skill", "value": "true", "since": "2024-01-01", "source": "x"})
    record = AttestedFact.objects.get()
    assert record.value is True
    shown = client.get(reverse("window:record", args=[worker.pk, "attested", record.pk])).content.decode()
    assert '<option value="true" selected>' in shown


def test_a_record_is_ended_and_another_taken_back(cast, as_user):
    worker, client = known_worker(cast("clerk")), as_user(cast("clerk"))
    job = worker.employments.get()
    sent = {"ended_on": "2026-11-01", "version": version_of(job)}
    assert (
        client.post(reverse("window:record_end", args=[worker.pk, "employment", job.pk]), sent).status_code
        == 302
    )
    assert client.get(reverse("window:record_end", args=[worker.pk, "employment", job.pk])).status_code == 404
    certificate = worker.credentials.get()
    address = reverse("window:record_remove", args=[worker.pk, "credential", certificate.pk])
    assert "理由" in client.post(address, {"reason": "", "version": version_of(certificate)}).content.decode()
    assert client.post(address, {"reason": "重复登记", "version": version_of(certificate)}).status_code == 302
    worker.refresh_from_db()
    assert (worker.employer, worker.skill_level) == (None, 0)


def test_keeping_on_entering(cast, as_user):
    worker = make_worker()
    address = reverse("window:record_new", args=[worker.pk, "credential"])
    page = as_user(cast("clerk")).post(address, POSTED["credential"] | {"source": "x", "another": "1"})
    assert page["Location"] == address


# -- accounts and units --------------------------------------------------------------------------------------
def test_an_account_is_proposed_confirmed_and_shown_only_for_that(cast, as_user):
    worker = make_worker()
    sent = {
        "bank": "农行",
        "account_number": "6228480012345678",
        "again": "6228 4800 1234 5678",
        "source": "本人填报",
    }
    clerk = as_user(cast("clerk"))
    address = reverse("window:payee_new", args=[worker.pk])
    assert "again" in clerk.post(address, sent | {"again": "1"}).context["form"].errors
    assert clerk.post(address, sent).status_code == 302
    payee = PayeeAccount.objects.get()
    page = reverse("window:payee", args=[payee.pk])
    assert "6228480012345678" not in clerk.get(page).content.decode()
    reviewer = as_user(cast("reviewer"))
    assert "6228 4800 1234 5678" in reviewer.get(page).content.decode()
    assert reviewer.get(reverse("window:payees")).context["page"].rows == [payee]
    assert "reason" in reviewer.post(page, {"do": "refuse", "reason": ""}).context["form"].errors
    assert clerk.post(page, {"do": "confirm"}).status_code == 403
    assert reviewer.post(page, {"do": "confirm"}).status_code == 302
    payee.refresh_from_db()
    assert payee.state == "confirmed"
    again = as_user(cast("second_reviewer")).get(page, follow=True)
    assert again.redirect_chain == [(reverse("window:payees"), 302)]
    assert "该收款账户已处理，状态为“已复核”" in again.content.decode()
    assert "6228480012345678" not in reviewer.get(reverse("window:worker", args=[worker.pk])).content.decode()


def test_an_account_is_withdrawn(cast, as_user):
    payee = propose_payee(
        make_worker().pk, bank="农行", account_number="6228480012345678", source="x", by=cast("clerk"), on=ON
    )
    assert (
        as_user(cast("clerk")).post(reverse("window:payee", args=[payee.pk]), {"do": "withdraw"}).status_code
        == 302
    )
    assert not PayeeAccount.objects.exists()


def test_a_unit_is_written_down_and_corrected(cast, as_user):
    client = as_user(cast("clerk"))
    sent = {
        "name": "机械厂",
        "credit_code": "91150624MA0N0XTH5Q",
        "kind": "private",
        "region": OTOG,
        "source": "营业执照",
    }
    assert (
        "credit_code"
        in client.post(reverse("window:employer_new"), sent | {"credit_code": "1"}).context["form"].errors
    )
    client.post(reverse("window:employer_new"), sent)
    unit = Employer.objects.get()
    address = reverse("window:employer_edit", args=[unit.pk])
    opened = client.get(address).context["form"].initial["version"]
    assert client.post(address, sent | {"name": "重型机械厂", "version": opened}).status_code == 302
    assert "已被他人更改" in client.post(address, sent | {"version": opened}).content.decode()
    assert client.get(reverse("window:employers"), {"name": "重型"}).context["page"].rows == [unit]


# -- jobs ----------------------------------------------------------------------------------------------------
def test_the_progress_of_a_job_ends_the_polling_when_it_has_finished(cast, as_user):
    job = Job.objects.create(
        kind="workforce.verify-honours",
        title="批量核实荣誉（2项）",
        by=cast("reviewer"),
        total=2,
        state="running",
    )
    client, address = as_user(cast("reviewer")), reverse("window:job_progress", args=[job.pk])
    assert client.get(address).status_code == 200
    assert "hx-get" in client.get(reverse("window:job", args=[job.pk])).content.decode()
    Job.objects.filter(pk=job.pk).update(state="done", finished_at=timezone.now())
    ended = client.get(address)
    assert (
        ended.status_code == 286
        and "查看逐项结果" in ended.content.decode()
        and ended["HX-Refresh"] == "true"
    )


def test_a_job_is_cancelled_by_who_started_it(cast, as_user):
    job = Job.objects.create(
        kind="workforce.verify-honours",
        title="批量核实荣誉（2项）",
        by=cast("reviewer"),
        total=2,
        state="running",
    )
    page = as_user(cast("reviewer")).post(reverse("window:job_cancel", args=[job.pk]), follow=True)
    job.refresh_from_db()
    assert job.state == "cancelled" and "已由发起人取消" in page.content.decode()


def test_what_was_refused_can_be_taken_away_as_a_table(cast, as_user):
    honour = make_honour(make_worker(), recorded_by=cast("clerk"))
    job = Job.objects.create(
        kind="workforce.verify-honours", title="批量核实荣誉（2项）", by=cast("reviewer"), state="done"
    )
    job.items.create(key=str(honour.pk), ok=False, message="该荣誉没有文号")
    job.items.create(key="999999", ok=True, message="已核实")
    client = as_user(cast("reviewer"))
    file = b"".join(client.get(reverse("window:job_errors", args=[job.pk])).streaming_content).decode(
        "utf-8-sig"
    )
    assert "王建国" in file and "该荣誉没有文号" in file and "999999" not in file
    assert len(client.get(reverse("window:job", args=[job.pk]), {"only": "refused"}).context["items"]) == 1


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "/etc/passwd", "missing.csv"])
def test_a_file_outside_the_folder_is_not_handed_out(cast, as_user, name):
    job = Job.objects.create(kind="x", title="x", by=cast("reviewer"), file=name)
    assert as_user(cast("reviewer")).get(reverse("window:job_file", args=[job.pk])).status_code == 404


def test_the_list_of_cases_its_filters_its_order_and_its_export(cast, as_user):
    first, second = make_case(make_worker("王建国")), make_case(make_worker("李秀英"))
    client, address = as_user(cast("registry_officer")), reverse("window:cases")

    def shown(**query):
        return [row["case"] for row in client.get(address, query).context["rows"]]

    assert (
        shown() == [second, first]
        and shown(sort="opened") == [first, second]
        and shown(sort="nonsense") == [second, first]
    )
    assert shown(name="秀") == [second] and shown(state="closed") == [] and len(shown(state="open")) == 2
    assert len(shown(state="registry.direct-inclusion:proposed")) == 2
    # By deadline runs what is open, whichever way it was asked for.
    today = timezone.localdate()
    type(first).objects.filter(pk=first.pk).update(due_on=today)
    type(first).objects.filter(pk=second.pk).update(due_on=None)
    assert shown(state="open") == shown(sort="due") == [first, second] and shown(sort="-due") == [
        second,
        first,
    ]
    assert (
        shown(due="week") == [first]
        and shown(due="none") == [second]
        and shown(due="overdue") == shown(due="stopped") == []
    )
    file = b"".join(client.get(reverse("window:cases_export"), {"name": "秀"}).streaming_content).decode()
    assert second.number in file and first.number not in file
