"""Beginning a nomination: at the window for a worker who is present, by a unit's agent, by the worker."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from portal.accounts.access import Refused, require
from portal.cases import applicants
from portal.cases.models import Channel
from portal.my.record_of import no_record_page
from portal.pages.access import signed_in, staff
from portal.pages.action_page import ActionPage, Crumbs, Done, act_on, posted, show_action
from portal.pages.unit_tabs import unit_tabs
from portal.pages.view_log import name_asked, record_shown
from portal.paging import page_asked
from portal.workforce.models import Employer, Worker
from portal.workforce.models.base import own_records
from talent_registry import benefits
from talent_registry.models import Nomination, SelectionRound
from talent_registry.selection import nominating
from talent_registry.selection.nomination_forms import NominationForm
from talent_registry.selection.scheme import points_text
from talent_registry.selection.workflow import RoundState
from talent_registry.views import nominees

UNIT, MINE = "单位申报", "年度遴选"
_PUBLISHED = (RoundState.PUBLISHED, RoundState.CLOSED)


def _begin(
    request: HttpRequest,
    worker: Worker,
    channel: Channel,
    *,
    crumbs: Crumbs,
    back: str,
    unit: Employer | None = None,
) -> HttpResponse:
    """The page that begins a nomination: the person, how the conditions stand, what has to be written."""
    on = timezone.localdate()
    round_ = nominating.open_round(on)
    form = NominationForm(posted(request))

    def begin(round_: SelectionRound, given: dict[str, Any]) -> Done:
        made = nominating.draft(
            round_,
            worker.pk,
            channel=channel,
            **given,
            by=request.user,
            on=on,
            employer_id=unit.pk if unit else None,
        )
        return Done("", reverse("registry:nomination", args=[made.case.number]))

    answer = act_on(request, form, partial(begin, round_)) if round_ else None
    if answer:
        return answer
    determination = benefits.foreseen(worker.pk, on=on, benefit=benefits.NOMINATION)
    page = ActionPage(
        title=f"申报年度遴选：{worker.name}",
        crumbs=crumbs,
        heading="申报内容",
        submit="保存，下一步上传材料",
        back=back,
        base=nominees.frame_of(request.user),
    )
    return show_action(
        request,
        page,
        form,
        template="registry/nomination_new.html",
        round=round_,
        person=nominees.person_facts(worker, for_office=channel == Channel.WINDOW),
        records=nominees.records_of(worker),
        determination=determination,
        conditions=benefits.explain(determination),
    )


# -- at the window -------------------------------------------------------------------------------------------
@staff("nomination.take_in", "GET", "HEAD", "POST")
def nominate(request: HttpRequest, worker_id: int) -> HttpResponse:
    """For a worker who is present; from the worker's page."""
    seen = Worker.objects.visible_to(request.user).select_related("work_region__parent", "employer")
    worker = get_object_or_404(seen, pk=worker_id)
    require(request.user, "nomination.take_in", worker.work_region_id)
    here = reverse("window:worker", args=[worker.pk])
    trail = [("人员", reverse("window:workers")), (worker.name, here), ("申报年度遴选", "")]
    return _begin(request, worker, Channel.WINDOW, crumbs=trail, back=here)


# -- by a unit -----------------------------------------------------------------------------------------------
def _units(request: HttpRequest) -> list[Employer]:
    units = applicants.units_of(request.user)
    if not units:
        raise Refused(
            "本页供用人单位的经办人使用。您的账号没有登记为单位经办人，请联系单位所在地的服务窗口。"
        )
    return units


def _listed(nominations: QuerySet[Nomination]) -> QuerySet[Nomination]:
    """With everything a row shows, in the same query."""
    shown = nominations.select_related("case__region__parent", "case__employer", "worker", "round__case")
    return shown.defer("worker__id_number", "worker__phone", "statement")


def _rows(nominations: Iterable[Nomination]) -> list[dict[str, Any]]:
    return [
        {
            "nomination": nomination,
            "published": nomination.round.state in _PUBLISHED,
            "score": _published_score(nomination),
        }
        for nomination in nominations
    ]


def _published_score(nomination: Nomination) -> str:
    if nomination.panel_score is None or nomination.round.state not in _PUBLISHED:
        return ""
    return points_text(nomination.panel_score)


@signed_in()
def agent(request: HttpRequest) -> HttpResponse:
    """Where an agent's work begins: the round that is open, the units, and what they have nominated."""
    units = _units(request)
    own = Nomination.objects.visible_to(request.user).filter(
        case__employer__in=[unit.pk for unit in units], channel=Channel.EMPLOYER
    )
    page = page_asked(_listed(own), request.GET, order=("-case_id",), size=20)
    record_shown([nomination.worker_id for nomination in page.rows], by=request.user)
    context = {
        "title": UNIT,
        "crumbs": [("首页", reverse("public:home")), (UNIT, "")],
        "tabs": unit_tabs(request),
        "units": units,
        "round": nominating.open_round(timezone.localdate()),
        "page": page,
        "rows": _rows(page.rows),
    }
    return render(request, "registry/nomination_unit.html", context)


def _unit(request: HttpRequest, unit_id: int) -> Employer:
    _units(request)
    return get_object_or_404(Employer.objects.visible_to(request.user).acted_for_by(request.user), pk=unit_id)


@signed_in()
def people(request: HttpRequest, unit_id: int) -> HttpResponse:
    """Whom the unit can nominate: everybody who works there today, found by name."""
    unit, name = _unit(request, unit_id), request.GET.get("name", "").strip()[:20]
    found = applicants.people_of(request.user, unit.pk)
    found = found.named(name) if name else found
    page = page_asked(found.defer("phone"), request.GET, order=("id",), size=20)
    shown = [worker.pk for worker in page.rows]
    record_shown(shown, by=request.user, asked=[name_asked(name)] if name else [])
    context = {
        "title": f"选择申报人员：{unit}",
        "crumbs": [(UNIT, reverse("registry:agent")), ("选择申报人员", "")],
        "unit": unit,
        "page": page,
        "name": name,
        "round": nominating.open_round(timezone.localdate()),
    }
    return render(request, "registry/nomination_people.html", context)


@signed_in("GET", "HEAD", "POST")
def nominate_of_unit(request: HttpRequest, unit_id: int, worker_id: int) -> HttpResponse:
    """The agent nominates somebody who works in the unit."""
    unit = _unit(request, unit_id)
    people_here = applicants.people_of(request.user, unit.pk).select_related(
        "work_region__parent", "employer"
    )
    worker = get_object_or_404(people_here, pk=worker_id)
    back = reverse("registry:unit_people", args=[unit.pk])
    trail = [(UNIT, reverse("registry:agent")), ("选择申报人员", back), (worker.name, "")]
    return _begin(request, worker, Channel.EMPLOYER, crumbs=trail, back=back, unit=unit)


# -- by the worker -------------------------------------------------------------------------------------------
def _self(request: HttpRequest) -> Worker | None:
    user: Any = request.user
    seen = Worker.objects.visible_to(user).filter(pk__in=own_records(user))
    return seen.select_related("work_region__parent", "employer").first()


@signed_in()
def mine(request: HttpRequest) -> HttpResponse:
    """A worker's own nominations, whoever made them, and the way to a new one while a round is open."""
    worker = _self(request)
    if worker is None:
        return no_record_page(request, MINE)
    own = list(
        _listed(Nomination.objects.visible_to(request.user).filter(worker=worker)).order_by("-case_id")[:50]
    )
    round_ = nominating.open_round(timezone.localdate())
    standing = any(
        round_ and one.round_id == round_.pk and one.outcome not in {"withdrawn", "refused"} for one in own
    )
    context = {
        "title": MINE,
        "crumbs": [("我的待遇", reverse("my:home")), (MINE, "")],
        "worker": worker,
        "rows": _rows(own),
        "round": round_,
        "may_begin": round_ is not None and not standing,
        "standing": standing,
    }
    return render(request, "registry/nomination_mine.html", context)


@signed_in("GET", "HEAD", "POST")
def nominate_self(request: HttpRequest) -> HttpResponse:
    worker = _self(request)
    if worker is None:
        return no_record_page(request, MINE)
    back = reverse("registry:mine")
    return _begin(
        request,
        worker,
        Channel.SELF,
        crumbs=[("我的待遇", reverse("my:home")), (MINE, back), ("申报", "")],
        back=back,
    )
