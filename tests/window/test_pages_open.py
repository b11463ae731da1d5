"""Every staff page opens for those it is for, is closed to everybody else, and hides what lies outside their
region.
"""

from __future__ import annotations

import pytest
from django.urls import reverse

from portal.jobs.models import Job
from portal.workforce.actions import propose_payee
from tests.cast import KUNDULUN, PEOPLE
from tests.roles import compared, drawn_once
from tests.window.given import ON, known_worker, make_case, make_employer, proposed_removal

pytestmark = pytest.mark.django_db

BUSINESS = {
    "clerk",
    "reviewer",
    "regional_reviewer",
    "approver",
    "finance_officer",
    "registry_officer",
    "supervisor",
}
SEES_WORKERS = BUSINESS | {"auditor"}
ASSIGNS = BUSINESS - {"approver", "finance_officer"}
CAST = [name for name, *_ in PEOPLE if not name.startswith(("second_", "baotou_"))]

# page: (arguments by name of what stands in `things`, who may open it)
PAGES = {
    "window:search": ((), SEES_WORKERS),
    "window:desk": ((), SEES_WORKERS),
    "window:intake": ((), {"clerk"}),
    "window:desk_person": (("worker",), SEES_WORKERS),
    "window:desk_receipt": (("worker",), {"clerk"}),
    "window:workers": ((), SEES_WORKERS),
    "window:worker": (("worker",), SEES_WORKERS),
    "window:check": (("worker",), SEES_WORKERS),
    "window:check_step": (("worker", "step"), SEES_WORKERS),
    "window:check_sheet": (("worker",), SEES_WORKERS),
    "window:guides": ((), {"policy_officer", "supervisor"}),
    "window:worker_new": ((), {"clerk"}),
    "window:worker_edit": (("worker",), {"clerk"}),
    "window:record_new": (("worker", "kind"), {"clerk"}),
    "window:record": (("worker", "kind", "record"), {"clerk"}),
    "window:record_end": (("worker", "kind", "record"), {"clerk"}),
    "window:record_remove": (("worker", "kind", "record"), {"clerk"}),
    "window:payee_new": (("worker",), {"clerk"}),
    "window:payee": (("payee",), {"clerk", "reviewer", "finance_officer"}),
    "window:merges": ((), SEES_WORKERS),
    "window:changes": ((), SEES_WORKERS),
    "window:change": (("change",), SEES_WORKERS),
    "window:change_confirm": (("change",), {"clerk", "reviewer", "regional_reviewer"}),
    "window:change_refuse": (("change",), {"clerk", "reviewer", "regional_reviewer"}),
    "window:change_withdraw": (("change",), SEES_WORKERS),
    "window:payees": ((), {"reviewer", "finance_officer"}),
    "window:employers": ((), SEES_WORKERS),
    "window:occupations": ((), SEES_WORKERS),
    "window:occupation_options": ((), SEES_WORKERS),
    "window:employer_new": ((), {"clerk"}),
    "window:employer": (("employer",), SEES_WORKERS),
    "window:employer_edit": (("employer",), {"clerk"}),
    "window:agent_dismiss": (("employer", "agent"), {"clerk", "reviewer"}),
    "window:employer_options": ((), {"clerk"}),
    "window:honours": ((), SEES_WORKERS),
    "window:honour_confirm": (("honour",), {"reviewer"}),
    "window:honour_refute": (("honour",), {"reviewer"}),
    "window:cases": ((), SEES_WORKERS),
    "window:news": ((), SEES_WORKERS),
    "window:hand_over": ((), ASSIGNS),
    "window:absences": ((), ASSIGNS),
    "window:case_assign": (("case",), ASSIGNS),
    "window:jobs": ((), BUSINESS | {"system_admin"}),
}


@pytest.fixture
def things(cast):
    clerk = cast("clerk")
    worker = known_worker(clerk)
    payee = propose_payee(
        worker.pk, bank="农行", account_number="6228480012345678", source="本人填报", by=clerk, on=ON
    )
    return {
        "worker": worker.pk,
        "kind": "employment",
        "step": "post",
        "record": worker.employments.get().pk,
        "payee": payee.pk,
        "employer": worker.employer_id,
        "honour": worker.honours.get().pk,
        "change": proposed_removal(worker, clerk).pk,
        "case": make_case(worker).number,
        "agent": worker.employer.agents.create(user=cast("employer_agent")).pk,
    }


@pytest.mark.sweep
def test_a_page_opens_for_its_roles_and_nobody_else(things, cast, as_user):
    with drawn_once(), compared() as expect:
        for who in CAST:
            client = as_user(cast(who))
            for page, (names, allowed) in PAGES.items():
                status = client.get(reverse(page, args=[things[name] for name in names])).status_code
                expect(f"{who} {page}", status, 200 if who in allowed else 403)


def test_a_record_of_another_league_is_not_there(cast, as_user):
    """404, so that a number that can be guessed does not tell whether it exists."""
    clerk = cast("baotou_clerk")
    worker = known_worker(clerk, "李外地", region=KUNDULUN)
    payee = propose_payee(
        worker.pk, bank="农行", account_number="6228480012345678", source="本人填报", by=clerk, on=ON
    )
    there = {
        "worker": worker.pk,
        "kind": "employment",
        "step": "post",
        "record": worker.employments.get().pk,
        "payee": payee.pk,
        "employer": worker.employer_id,
        "honour": worker.honours.get().pk,
        "change": proposed_removal(worker, clerk).pk,
        "case": make_case(worker).number,
        "agent": worker.employer.agents.create(user=cast("employer_agent")).pk,
    }
    clients = {who: as_user(cast(who)) for who in ("clerk", "reviewer")}
    with compared() as expect:
        for page, (names, allowed) in PAGES.items():
            if not names:
                continue
            client = clients["clerk" if "clerk" in allowed else "reviewer"]
            response = client.get(reverse(page, args=[there[name] for name in names]))
            expect(page, (response.status_code, "李外地" in response.text), (404, False))


def test_nobody_comes_in_without_logging_in(client, things):
    for page, (names, _) in PAGES.items():
        response = client.get(reverse(page, args=[things[name] for name in names]))
        assert response.status_code == 302 and response["Location"].startswith(reverse("accounts:login"))


def test_a_worker_does_not_see_the_staff_side(worker_user, things, as_user):
    client = as_user(worker_user)
    with compared() as expect:
        for page, (names, _) in PAGES.items():
            address = reverse(page, args=[things[name] for name in names])
            expect(page, client.get(address).status_code, 403)


def test_home_opens_for_all_staff(things, cast, as_user):
    from portal.accounts.access import can

    with compared() as expect:
        for who in CAST:
            status = as_user(cast(who)).get(reverse("window:home")).status_code
            expect(who, status, 200 if can(cast(who), "window.use") else 403)


def test_pages_are_not_kept_by_a_shared_browser(things, cast, as_user):
    response = as_user(cast("clerk")).get(reverse("window:worker", args=[things["worker"]]))
    assert "no-store" in response["Cache-Control"]


def test_a_job_of_somebody_else_is_not_there(things, cast, as_user):
    job = Job.objects.create(
        kind="workforce.verify-honours", title="批量核实荣誉（2项）", by=cast("reviewer")
    )
    for page in ("job", "job_progress", "job_errors", "job_file"):
        assert as_user(cast("clerk")).get(reverse(f"window:{page}", args=[job.pk])).status_code == 404
    assert as_user(cast("clerk")).post(reverse("window:job_cancel", args=[job.pk])).status_code == 404


def test_the_system_administrator_sees_that_a_job_runs_but_not_whom_it_is_about(things, cast, as_user):
    job = Job.objects.create(
        kind="workforce.verify-honours", title="批量核实荣誉（1项）", by=cast("reviewer")
    )
    job.items.create(key=str(things["honour"]), ok=True, message="已核实")
    admin = as_user(cast("system_admin"))
    page = admin.get(reverse("window:job", args=[job.pk]))
    assert page.status_code == 200 and "王建国" not in page.content.decode()
    assert admin.get(reverse("window:job_errors", args=[job.pk])).status_code == 404


def test_every_kind_of_record_has_its_pages(things, cast, as_user):
    from portal.workforce.models import Worker

    worker = Worker.objects.get(pk=things["worker"])
    records = {
        "employment": worker.employments.get(),
        "credential": worker.credentials.get(),
        "insurance": worker.insurance,
        "attested": worker.attested_facts.get(),
        "schooling": worker.schoolings.get(),
        "competition": worker.competition_results.get(),
        "claim": worker.claims.get(),
        "honour": worker.honours.get(),
    }
    clerk = as_user(cast("clerk"))
    with compared() as expect:
        for kind, record in records.items():
            for name in ("record_new", "record", "record_remove"):
                given = [worker.pk, kind] + ([] if name == "record_new" else [record.pk])
                status = clerk.get(reverse(f"window:{name}", args=given)).status_code
                expect(f"{kind} {name}", status, 200)


def test_an_unknown_kind_of_record_is_not_there(things, cast, as_user):
    assert (
        as_user(cast("clerk"))
        .get(reverse("window:record_new", args=[things["worker"], "secret"]))
        .status_code
        == 404
    )


def test_a_unit_of_ones_region_can_be_found_while_typing(things, cast, as_user):
    make_employer("包头钢厂", region=KUNDULUN, code=None)
    options = (
        as_user(cast("clerk"))
        .get(reverse("window:employer_options"), {"employer": "王建国"})
        .content.decode()
    )
    assert "王建国的单位" in options
    assert (
        "包头"
        not in as_user(cast("clerk"))
        .get(reverse("window:employer_options"), {"employer": "包头钢厂"})
        .content.decode()
    )
