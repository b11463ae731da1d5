"""The pages of the check, the same in three houses: for everybody, for a worker of the register, and for the
clerk who serves one.

A site says where its pages stand and what is known before anything is asked; the rest is alike. GET shows,
POST checks what was given and answers 303 with the address of the next page, in which the walk stands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import urlencode

from portal.entitlements.check_state import (
    PARAMETER,
    BadCheckState,
    CheckState,
    answers_for_facts,
    facts_to_ask,
    missing_facts_in,
)
from portal.entitlements.forms import StepForm
from portal.entitlements.guides import Guidance, guidance_for
from portal.entitlements.known_facts import KnownFact, known_values
from portal.entitlements.questions import (
    Step,
    next_step,
    step_asking,
    steps,
    steps_by_code,
    vocabulary_as_asked,
)
from portal.entitlements.wording import (
    INELIGIBLE,
    UNDETERMINED,
    AnswerGroup,
    ExplainedAnswer,
    Vocabulary,
    explain_answers,
    fact_label,
    group_answers,
    register_vocabulary,
    value_in_words,
)
from portal.policy import policy_version
from portal.policy.law import DayLaw, law_on
from portal.regions.models import Region, ServiceWindow

_HONOURS = "registry.inclusion-honours"
TO_RESULT = "result"


class SeeOther(HttpResponseRedirect):
    """After a POST: the next page is read with GET, whatever the method was."""

    status_code = 303


@dataclass(frozen=True)
class CheckSite:
    """Whose check it is. `known` is what the register knows of the person; nothing of it is asked."""

    base: str
    step_address: Callable[[str], str]
    result_address: str
    sheet_address: str
    start_address: str
    bound_to: str = ""
    known: Sequence[KnownFact] = ()
    # The division whose window serves the person; empty where they choose it themselves.
    region: str = ""
    context: Mapping[str, Any] = field(default_factory=dict)

    @property
    def register(self) -> dict[str, Any]:
        return known_values(list(self.known))

    def facts(self, walk: CheckState) -> dict[str, Any]:
        """What is known in all; the register's word stands before what was typed in."""
        return {**walk.facts, **self.register}

    def state_from(self, request: HttpRequest, on: date) -> CheckState:
        """The walk in the address; an empty one where there is none. Raises BadWalk."""
        token = request.GET.get(PARAMETER, "")
        return CheckState.read(token, on, self.bound_to) if token else CheckState()

    def addresses_with(self, walk: CheckState) -> Callable[..., str]:
        """Puts the walk into addresses: sealed once, however many links a page has."""
        token = walk.token(self.bound_to)
        return lambda address, **more: f"{address}?{urlencode({PARAMETER: token, **more})}"

    def at(self, address: str, walk: CheckState, **more: str) -> str:
        return str(self.addresses_with(walk)(address, **more))


def unusable_address_page(request: HttpRequest, site: CheckSite, error: BadCheckState) -> HttpResponse:
    """The address is of no use any more: says why, and offers to begin again."""
    title = "本次查询已过期" if error.expired else "查询地址不完整"
    context = {
        **site.context,
        "base": site.base,
        "title": title,
        "expired": error.expired,
        "minutes": settings.CHECK_MINUTES,
        "again": site.start_address,
    }
    return render(request, "check/over.html", context, status=410 if error.expired else 400)


def next_address(site: CheckSite, walk: CheckState, on: date) -> str:
    """The address of the next page: the first step that can still change an answer, else the result."""
    asked = missing_facts_in(answers_for_facts(site.facts(walk), on, walk.benefits))
    step = next_step(asked, walk.skipped)
    return site.at(site.step_address(step.code), walk) if step else site.at(site.result_address, walk)


# -- one step ------------------------------------------------------------------------------------------------


def step_page(request: HttpRequest, site: CheckSite, code: str) -> HttpResponse:
    """Show one step, or take its answer. `?then=result` leads back to the result, for whoever came from
    there.
    """
    on, step = timezone.localdate(), steps_by_code()[code]
    try:
        walk = site.state_from(request, on)
    except BadCheckState as error:
        return unusable_address_page(request, site, error)
    asked = missing_facts_in(answers_for_facts(site.facts(walk), on, walk.benefits))
    shown = facts_to_ask(step, walk, asked, site.register)
    back_to_result = request.GET.get("then") == TO_RESULT
    if not shown:
        return HttpResponseRedirect(next_address(site, walk, on))
    words, law = register_vocabulary(), law_on(on)
    honours = [(name, words.honours.get(name, name)) for name in law.value(_HONOURS) or []]
    data = request.POST if request.method == "POST" else None
    # Who does not know, or says "none of these" to the whole page, has not filled in the form.
    given = {
        "skip": {},
        "none": {fact: value for fact, value in step.none_facts.items() if fact in shown},
    }.get(request.POST.get("do", "") if data else "")
    form = StepForm(step, shown, data if given is None else None, on=on, known=walk.facts, honours=honours)
    if given is None and form.is_valid():
        given = form.given
    if data is not None and given is not None:
        moved = walk.answered(step, shown, given)
        return SeeOther(
            site.at(site.result_address, moved) if back_to_result else next_address(site, moved, on)
        )
    before, at = walk.before(step), site.addresses_with(walk)
    context = {
        **site.context,
        "base": site.base,
        "title": step.title,
        "step": step,
        "form": form,
        "number": walk.number_of(step),
        "none_label": step.none_label if step.none_facts.keys() & set(shown) else "",
        "back_to_result": back_to_result,
        "back": at(site.step_address(before)) if before and not back_to_result else "",
        "start": at(site.start_address) if not site.bound_to and not back_to_result else "",
        "result": at(site.result_address),
    }
    return render(request, "check/step.html", context)


# -- the result ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shown:
    """One answer with what to bring, where and how long, and the pages that ask what it lacks."""

    said: ExplainedAnswer
    guide: Guidance
    asks: list[tuple[str, str]]


@dataclass(frozen=True)
class Cause:
    """Benefits that fail for the same reason, told once."""

    because: list[dict[str, Any]]
    titles: list[ExplainedAnswer]


def result_page(request: HttpRequest, site: CheckSite, *, sheet: bool = False) -> HttpResponse:
    """What one can have, what is missing, and the rest; or the same on a sheet to print."""
    on = timezone.localdate()
    try:
        walk = site.state_from(request, on)
    except BadCheckState as error:
        return unusable_address_page(request, site, error)
    return render(
        request, "check/sheet.html" if sheet else "check/result.html", result_context(site, walk, on)
    )


def result_context(site: CheckSite, walk: CheckState, on: date) -> dict[str, Any]:
    """Everything both pages show; a bounded number of queries, nothing is stored."""
    register_words = register_vocabulary()
    words = vocabulary_as_asked(register_words)
    law = law_on(on)
    answers = answers_for_facts(site.facts(walk), on, walk.benefits)
    said = explain_answers(answers, register_words if site.known else words)
    step, at = next_step(missing_facts_in(answers), walk.skipped), site.addresses_with(walk)
    groups = [
        (group, _shown(site, at, group, law)) for group in group_answers(said) if group.code != INELIGIBLE
    ]
    return {
        **site.context,
        "base": site.base,
        "on": on,
        "version": policy_version(on),
        "groups": groups,
        "had": sum(len(group.answers) for group, _ in groups if group.code != UNDETERMINED),
        "ineligible": [one for one in said if one.outcome == INELIGIBLE],
        "causes": _causes(said),
        "typed": _typed(site, walk, at, words),
        "known": [fact for fact in site.known if fact.known],
        "unknown": [fact for fact in site.known if not fact.known and fact.name not in walk.facts],
        "goes_on": at(site.step_address(step.code)) if step else "",
        "sheet": at(site.sheet_address),
        "result": at(site.result_address),
        "start": at(site.start_address),
        "walk": walk,
        "minutes": settings.CHECK_MINUTES,
        "place": window_of(site.region or walk.banner),
        "leagues": [] if site.region else leagues(),
    }


def _shown(site: CheckSite, at: Callable[..., str], group: AnswerGroup, law: DayLaw) -> list[Shown]:
    guides = guidance_for(group.answers, law)
    return [Shown(said, guides[said.benefit], _asks(site, at, said)) for said in group.answers]


def _asks(site: CheckSite, at: Callable[..., str], said: ExplainedAnswer) -> list[tuple[str, str]]:
    """(what is missing, the page that asks just that), a page at a time; no page where nobody can be asked."""
    pages: dict[str, list[str]] = {}
    for fact, label in said.missing:
        step = step_asking(fact)
        pages.setdefault(step.code if step else "", []).append(label)
    return [
        ("、".join(labels), at(site.step_address(code), then=TO_RESULT) if code else "")
        for code, labels in pages.items()
    ]


def _causes(said: Sequence[ExplainedAnswer]) -> list[Cause]:
    """What does not apply, by reason: eleven benefits that all ask for the same are one paragraph, not
    eleven.
    """
    causes: dict[tuple[str, ...], Cause] = {}
    for one in said:
        if one.outcome == INELIGIBLE:
            key = tuple(f"{cause['label']} {cause['clause']} {cause['remedy']}" for cause in one.because)
            causes.setdefault(key, Cause(one.because, [])).titles.append(one)
    return list(causes.values())


def _typed(
    site: CheckSite, walk: CheckState, at: Callable[..., str], words: Vocabulary
) -> list[tuple[Step, list[tuple[str, str]], str]]:
    """What was typed in, by page, each with the address at which it is changed. What was skipped is there,
    without a value.
    """
    rows = []
    told = (walk.facts.keys() | walk.skipped) - site.register.keys()
    for step in steps():
        said = [
            (fact_label(fact), value_in_words(fact, walk.facts.get(fact), words))
            for fact in step.facts
            if fact in told
        ]
        if said:
            rows.append((step, said, at(site.step_address(step.code), then=TO_RESULT)))
    return rows


# -- where to go ---------------------------------------------------------------------------------------------


def window_of(code: str) -> ServiceWindow | None:
    """The window of a division; an empty one where the office has given nothing, none where there is no such
    division.
    """
    if not code:
        return None
    region = Region.objects.select_related("parent").filter(pk=code).first()
    if region is None:
        return None
    place = ServiceWindow.objects.filter(region=region).first() or ServiceWindow(region=region)
    place.region = region
    return place


def leagues() -> list[tuple[str, list[tuple[str, str]]]]:
    """(league or city, its banners as code and name), for a grouped list of choices."""
    names = {region.pk: region.name for region in Region.objects.leagues()}
    below: dict[str, list[tuple[str, str]]] = {code: [] for code in names}
    for region in Region.objects.banners():
        below[region.league_code].append((region.pk, region.name))
    return [(names[code], banners) for code, banners in below.items() if banners]


def with_chosen_banner(walk: CheckState, code: str) -> CheckState:
    """The walk with the division that was chosen; as it was when there is no such banner."""
    return replace(walk, banner=code) if Region.objects.banners().filter(pk=code).exists() else walk
