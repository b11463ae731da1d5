"""Every page of every house, with axe-core, at a desk and on a phone."""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from typing import Any
from unittest import mock
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest
from django.test import override_settings
from django.urls import Resolver404, resolve

from portal.accounts.models import User
from portal.cases.models import Case
from portal.funds.models import Order
from portal.jobs import runner
from portal.letters.models import Letter
from portal.workforce.actions import remove_record, save_record, version_of
from portal.workforce.models import Honour, ImprobableRecord, SkillCredential, Worker
from subsidies.models import Claim, ClaimFile, CompletedTraining, Proposal
from subsidies.trials.jobs import start_trial
from talent_registry.models import RegistryEntry
from tests.cast import company, id_number
from tests.journeys.people import Person, sits_down
from tests.live import Live, needs_browser
from tests.looking import overflow, violations
from tests.subsidies.paid_lists import line_of, list_of

pytestmark = [pytest.mark.journey, needs_browser]
# The demonstration has letters that nobody here waits for.
WITHOUT_WORKER = True
__all__ = ["sits_down"]


@pytest.fixture(scope="module")
def furnished(live: Live) -> dict[str, Any]:
    """The demonstration's people, units and letters: no page is empty."""
    done = live.manage("load_demo")
    assert done.returncode == 0, done.stderr
    entry = RegistryEntry.objects.select_related("worker").order_by("id").first()
    honour = Honour.objects.filter(state="unverified").order_by("id").first()
    return {
        "worker": entry.worker_id,
        "local": Worker.objects.filter(work_region_id="150624").order_by("id").first().pk,
        "entry": entry.number,
        "letter": Letter.objects.order_by("id").first().code,
        "honour": honour.pk,
        "case": Case.objects.filter(state="proposed").order_by("id").first().number,
        "improbable": ImprobableRecord.objects.order_by("id").first().pk,
        "change": _proposed_change().pk,
        "trial": _tried_list(live),
        "line": Order.objects.latest("pk").from_line_id,
        "order": Order.objects.latest("pk").pk,
        "done": entry.case.number,
        "employer": Worker.objects.get(pk=entry.worker_id).employer_id,
        "code": Letter.objects.order_by("id").first().code,
        "proposal": Proposal.objects.filter(case__state="proposed").order_by("pk").first().case.number,
        "unit_list": ClaimFile.objects.latest("pk").pk,
        "claim": Claim.objects.filter(case__state="accepted").order_by("pk").first().case.number,
        "draft": Claim.objects.filter(case__state="submitted").order_by("pk").first().case.number,
        "unasked": Claim.objects.filter(
            training__isnull=True, credential__national_answer__isnull=True, case__closed_at__isnull=True
        )
        .order_by("pk")
        .first()
        .case.number,
        "training": CompletedTraining.objects.filter(state="entered").order_by("pk").first().pk,
        "training_claim": Claim.objects.filter(training__isnull=False).order_by("pk").first().case.number,
        "reviewed": Claim.objects.filter(case__state="reviewed").order_by("pk").first().case.number,
        **{
            state: Claim.objects.filter(case__state=state).order_by("pk").first().case.number
            for state in ("rejecting", "rejected", "approved", "annulled", "reconsidering", "upheld")
        },
    }


def _tried_list(live: Live) -> int:
    """The reviewer has tried a list of payments: one by a certificate of the league, one of somebody unknown."""
    league = company()("reviewer").assignments.get().region_id
    held = SkillCredential.objects.filter(worker__league_code=league, level__in=[20, 30, 40], number__gt="")
    credential = held.exclude(issued_on=None).select_related("worker").order_by("id").first()
    line = line_of(credential, "2026-10-12")
    stranger = line | {"证件号码": id_number(), "姓名": "赵无名"}
    with (
        override_settings(MEDIA_ROOT=live.environment["JHT_FILES"]),
        mock.patch.object(runner.run_job, "delay"),
    ):
        upload = list_of(line, stranger, line | {"补贴金额": ""})
        job = start_trial(upload, place=league, verified=False, by=company()("reviewer"))
        runner.run_job(job.pk)
    job.refresh_from_db()
    assert job.state == "done", job.message
    return job.pk


def _proposed_change() -> Any:
    """A clerk of the reviewer's league wants an earlier claim of somebody taken back."""
    clerk = User.objects.get(username="chuangkou")
    worker = Worker.objects.filter(work_region=clerk.assignments.get().region_id).order_by("id").first()
    on = date(2026, 11, 20)
    entered = {
        "kind": "skill_upgrade",
        "occupation": "焊工",
        "level": 30,
        "certificate_number": "",
        "claimed_on": date(2024, 3, 1),
        "source": "经办系统查询",
    }
    claim = save_record("claim", worker.pk, entered, by=clerk, on=on)
    claim.refresh_from_db()
    given = {"version": version_of(claim), "by": clerk, "on": on}
    return remove_record("claim", worker.pk, claim.pk, reason="登记到了他人名下", **given)


STRANGER = [
    "/",
    "/policy/",
    "/policy/一/",
    "/policy/figures/",
    "/policy/figures/leave.annual.days/",
    "/benefits/",
    "/benefits/?for=hired",
    "/benefits/training.skill-upgrade/",
    "/find/?q=补贴",
    "/find/?q=没有这个词",
    "/windows/",
    "/windows/150624/",
    "/about/",
    "/case-status/",
    "/sheet/?s=cut",
    "/check/",
    "/registry/",
    "/registry/?name=王&league=150600",
    "/registry/{entry}/",
    "/letters/verify/",
    "/letters/verify/{code}/",
    "/accounts/login/",
    "/accounts/activate/",
    "/accounts/set-password/",
    "/api/docs/",
    "/api/docs/subsidies/",
    "/no-such-page/",
    "/components/",
]
DESKS = {
    "registry_officer": [
        "/window/", "/window/search/?q=王", "/window/workers/", "/window/workers/{worker}/", "/window/workers/{worker}/check/",
        "/window/cases/", "/window/news/", "/window/letters/", "/window/cases/hand-over/", "/window/absences/",
        "/window/jobs/", "/window/employers/", "/window/occupations/", "/registry/proposals/",
        "/registry/cases/{case}/", "/registry/cases/{done}/",
        "/registry/cases/{case}/confirm/", "/registry/cases/{case}/decline/", "/registry/cases/{case}/correction/",
        "/registry/entries/", "/registry/entries/{entry}/", "/registry/entries/{entry}/status/", "/registry/timeliness/",
        "/registry/corrections/",
        "/letters/{letter}/", "/accounts/password/", "/accounts/factors/", "/accounts/factors/app/",
    ],
    "reviewer": [
        "/window/", "/window/honours/", "/window/honours/{honour}/verify/", "/window/honours/{honour}/refute/",
        "/window/roster/", "/window/roster/names/", "/window/payees/", "/window/office/",
        "/window/merges/", "/window/merges/person/new/{worker}/?void=1",
        "/window/records/changes/", "/window/records/changes/{change}/", "/window/records/changes/{change}/confirm/",
        "/subsidies/claims/", "/subsidies/claims/move/found/?action=review",
        "/subsidies/claims/{claim}/", "/subsidies/claims/{claim}/do/review/",
        "/window/records/extracts/", "/window/records/extracts/new/insurance/", "/window/records/extracts/new/claims/",
        "/window/records/coverage/", "/window/records/coverage/new/", "/subsidies/trials/", "/subsidies/trials/{trial}/",
        "/subsidies/trainings/", "/subsidies/trainings/{training}/", "/subsidies/claims/{training_claim}/",
        "/subsidies/claims/{unasked}/", "/subsidies/claims/{unasked}/answer/",
    ],
    "approver": [
        "/subsidies/claims/{reviewed}/", "/subsidies/claims/{reviewed}/do/approve/",
        "/subsidies/claims/{reviewed}/do/reject/",
        "/window/funds/orders/{order}/approve/", "/window/funds/documents/",
    ],
    "finance_officer": [
        "/window/funds/", "/window/funds/lines/{line}/", "/window/funds/lines/{line}/order/appropriate/",
        "/window/funds/lines/{line}/order/reallocate/", "/window/funds/documents/new/",
        "/window/funds/statement/", "/window/funds/spending/?by=month",
        "/window/funds/batches/", "/window/funds/batches/new/", "/window/funds/payments/", "/window/funds/profiles/",
        "/window/funds/answers/", "/window/funds/answers/new/", "/window/funds/causes/", "/window/funds/causes/new/",
        "/window/funds/payables/?bucket=reserved", "/window/funds/awaiting/", "/window/funds/lines/{line}/draw/",
        "/window/funds/forecast/", "/window/funds/recoveries/", "/window/funds/closings/",
        "/window/funds/closings/new/?fund=employment_subsidy_fund&year=2026",
    ],
    "clerk": [
        "/subsidies/claims/{draft}/", "/subsidies/claims/{draft}/do/accept/",
        "/subsidies/claims/{draft}/do/return_for_correction/",
        "/subsidies/claims/{rejected}/", "/subsidies/claims/{rejected}/do/ask_reconsideration/",
        "/subsidies/claims/{reconsidering}/", "/subsidies/claims/{reconsidering}/do/withdraw_request_rejection/",
        "/subsidies/trainings/new/{worker}/", "/subsidies/claims/new/{worker}/",
        "/subsidies/units/", "/subsidies/units/files/{unit_list}/", "/subsidies/units/files/{unit_list}/consent/",
        "/subsidies/proposals/{proposal}/", "/subsidies/proposals/{proposal}/do/consent/",
        "/window/", "/window/desk/", "/window/desk/?q=王", "/window/desk/{local}/", "/window/desk/new/",
        "/window/workers/new/", "/window/roster/", "/window/office/", "/window/office/150624/"],
    "supervisor": [
        "/window/", "/window/clock/", "/window/office/", "/window/records/unusual/", "/window/supervision/",
        "/window/supervision/?part=in-time", "/window/supervision/?part=funnel", "/window/supervision/?part=imports",
        "/subsidies/courses/", "/subsidies/courses/new/", "/subsidies/shares/",
        "/subsidies/claims/{rejecting}/", "/subsidies/claims/{rejecting}/do/countersign_rejection/",
        "/subsidies/claims/{rejecting}/do/decline_rejection/", "/subsidies/claims/{approved}/do/annul/",
        "/subsidies/claims/{annulled}/", "/subsidies/claims/{upheld}/", "/subsidies/claims/{reconsidering}/",
        "/subsidies/claims/{reconsidering}/do/uphold/", "/subsidies/claims/{reconsidering}/do/turn/",
        "/window/records/unusual/{improbable}/review/",
    ],
    "auditor": ["/window/audit/", "/window/workers/{worker}/"],
    "policy_officer": [
        "/window/", "/window/law/", "/window/law/award.worldskills.prize/enter/", "/window/law/leave.annual.days/",
        "/window/law/office.litigation-courts/", "/window/law/office.litigation-courts/enter/",
        "/window/calendar/", "/window/calendar/2026/", "/window/clock/", "/window/simulations/", "/window/guides/",
    ],
    "system_admin": [
        "/window/", "/accounts/users/", "/accounts/users/new/", "/accounts/releases/",
        "/accounts/sessions/", "/accounts/tokens/",
    ],
    "security_admin": ["/accounts/users/", "/accounts/releases/"],
    "audit_admin": ["/window/audit/"],
}  # fmt: skip


def _looks(
    person: Person,
    paths: list[str],
    furnished: dict[str, Any],
    *,
    widths: tuple[int, ...] = (1280,),
    phones: int = 0,
) -> list[str]:
    """What is wrong with these pages, each opened once and made narrower; the first `phones` are looked at by
    axe on a phone too.
    """
    wrong = []
    for place, path in enumerate(paths):
        for width in widths:
            person.page.set_viewport_size({"width": width, "height": 900})
            if width == widths[0]:
                person.go(path.format(**furnished))
            if (over := overflow(person.page)) > 0:
                wrong.append(f"{person.path}: {over} px too wide at {width}")
            if width == widths[0] or (width == 390 and place < phones):
                wrong += violations(person.page, contrast=width == widths[0])
        if person.page.locator("h1").count() != 1:
            wrong.append(f"{person.path}: {person.page.locator('h1').count()} h1")
    return wrong


def test_what_everybody_sees(furnished: dict[str, Any], sits_down: Any) -> None:
    assert _looks(sits_down(None), STRANGER, furnished, widths=(1280, 390, 320), phones=len(STRANGER)) == []


@pytest.mark.parametrize("who", DESKS)
def test_what_stands_on_a_desk(furnished: dict[str, Any], sits_down: Any, who: str) -> None:
    assert _looks(sits_down(who), DESKS[who], furnished, widths=(1280, 390), phones=4) == []


def test_a_form_for_every_fact(furnished: dict[str, Any], sits_down: Any) -> None:
    """A clerk of the worker's own banner writes facts down."""
    from portal.workforce.record_kinds import KINDS

    worker = Worker.objects.filter(work_region_id="150624").order_by("id").first()
    paths = [
        f"/window/workers/{worker.pk}/",
        f"/window/workers/{worker.pk}/edit/",
        f"/window/workers/{worker.pk}/activation/",
    ]
    paths += [f"/window/workers/{worker.pk}/{kind}/new/" for kind in KINDS] + [
        f"/window/workers/{worker.pk}/payee/new/"
    ]
    assert _looks(sits_down("clerk"), paths, furnished) == []


# Pages that say that there is nothing at an address.
MEANT_TO_FAIL = ("no-such-page", "/sheet/?s=cut")


def test_links_lead_somewhere(furnished: dict[str, Any], sits_down: Any) -> None:
    """Every kind of link on every page an officer opens answers: of those that differ in what they are about,
    the first of a page.
    """
    person = sits_down("registry_officer")
    asked: set[str] = set()
    wrong = []
    for path in DESKS["registry_officer"] + STRANGER:
        here = person.base + path.format(**furnished)
        answer = person.page.request.get(here)
        if "text/html" not in answer.headers["content-type"]:
            continue
        of_this_page: dict[Any, str] = {}
        for href in re.findall(r'<a\b[^>]*?\shref="([^"]*)"', answer.text()):
            address = urljoin(here, unescape(href)).split("#")[0]
            if address.startswith(person.base):
                of_this_page.setdefault(_kind_of(address.removeprefix(person.base)), address)
        for address in sorted(set(of_this_page.values()) - asked):
            status = person.page.request.get(address, max_redirects=5).status
            if status >= 400 and not any(meant in address for meant in MEANT_TO_FAIL):
                wrong.append(f"{status} {address} on {path}")
        asked |= set(of_this_page.values())
    assert len(asked) > 60, "hardly any link was found"
    assert wrong == []


def _kind_of(address: str) -> tuple[Any, ...]:
    """Links of one kind lead to the same view with the same questions: only the person, the letter, the page
    differ.
    """
    parts = urlsplit(address)
    try:
        found = resolve(parts.path)
    except Resolver404:
        return (address,)
    words = {
        key: value
        for key, value in found.kwargs.items()
        if not any(letter.isdigit() for letter in str(value))
    }
    return (
        found.view_name,
        tuple(sorted(words.items())),
        tuple(sorted(key for key, _ in parse_qsl(parts.query))),
    )


def test_buttons_below_a_list_follow_what_is_chosen(furnished: dict[str, Any], sits_down: Any) -> None:
    """What takes the chosen rows waits for a choice; what takes the whole list does not."""
    reviewer = sits_down("reviewer").go("/window/honours/")
    assert reviewer.page.get_by_role("button", name="核实所选").is_disabled()
    assert reviewer.page.get_by_role("button", name="核实全部筛选结果").is_enabled()
    officer = sits_down("registry_officer").go("/window/letters/")
    one_sided = officer.page.get_by_role("button", name="合并打印（单面）")
    assert one_sided.is_disabled()
    officer.page.locator("tbody input[type=checkbox]").first.check()
    assert one_sided.is_enabled()
    assert officer.page.locator("[data-bulk-count]").inner_text() == "1"
    officer.page.locator("[data-bulk-all]").check()
    officer.press("合并打印（单面）").sees("按所选顺序合并为一个文件")


def test_a_stranger_watches_a_long_list_being_made(
    furnished: dict[str, Any], live: Live, sits_down: Any
) -> None:
    """Public pages load no htmx but where something is waited for: there the page moves by itself."""
    from django.utils import timezone

    from portal.jobs.models import Job, JobState
    from portal.lists.models import ListFile

    job = Job.objects.create(
        kind="registry.list-file",
        title="名录（PDF）",
        state=JobState.RUNNING,
        total=900,
        beat_at=timezone.now(),
    )
    file = ListFile.objects.create(job=job, state="watched", on=timezone.localdate(), rows=900)
    stranger = sits_down(None, width=390).go(f"/registry/files/{file.code}/").sees("进行中")
    assert violations(stranger.page) == [] and overflow(stranger.page) <= 0
    Job.objects.filter(pk=job.pk).update(done=400, beat_at=timezone.now())
    stranger.sees("400 / 900")
    Job.objects.filter(pk=job.pk).update(state=JobState.FAILED, message="名单中有字库不能印出的字。")
    stranger.sees("名单中有字库不能印出的字").sees("返回名录")
