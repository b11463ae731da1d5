"""The pages of the check, alike for everybody, for a worker of the register, and for the clerk at the desk.

A site says where its pages stand and what is known before anything is asked. GET shows, POST checks what was
given and answers 303 with the address of the next page, in which the state of the check stands.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import urlencode

from portal.calendar_file import calendar_response
from portal.entitlements.application_windows import days_within_window
from portal.entitlements.check_state import (
    PARAMETER,
    BadCheckState,
    CheckState,
    answers_for_facts,
    facts_to_ask,
    missing_facts_in,
)
from portal.entitlements.for_units import what_the_unit_can_claim
from portal.entitlements.forms import StepForm
from portal.entitlements.groups import AnswerGroup, group_answers
from portal.entitlements.guides import Guidance, guidance_for
from portal.entitlements.known_facts import KnownFact, known_values, what_is_missing
from portal.entitlements.numbers import entries_of
from portal.entitlements.places import banners_by_league, service_window_of
from portal.entitlements.questions import (
    Step,
    benefits_worth_telling,
    is_listed,
    next_step,
    step_asking,
    steps,
    steps_by_code,
    vocabulary_as_asked,
    without_saying,
)
from portal.entitlements.wording import (
    ELIGIBLE,
    INELIGIBLE,
    UNDETERMINED,
    ExplainedAnswer,
    Vocabulary,
    explain_answers,
    fact_label,
    register_vocabulary,
    value_in_words,
)
from portal.policy import policy_version
from portal.policy.contradictions import find_contradictions
from portal.policy.explain import find_verdicts
from portal.policy.following import amount_if_entitled, what_follows
from portal.policy.law import DayLaw, law_on
from portal.workforce.models import HonourType

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
    sheet_file_address: str
    start_address: str
    calendar_address: str
    bound_to: str = ""
    known: Sequence[KnownFact] = ()
    # The division whose window serves the person; empty where they choose it themselves.
    region: str = ""
    context: Mapping[str, Any] = field(default_factory=dict)

    @property
    def register(self) -> dict[str, Any]:
        return known_values(list(self.known))

    def facts(self, state: CheckState) -> dict[str, Any]:
        """What is known in all; the register's word stands before what was typed in, and either before what goes
        without saying.
        """
        return {**self.presumed(state), **state.facts, **self.register}

    def presumed(self, state: CheckState) -> dict[str, bool]:
        """What nobody has said and nobody is asked: who has no work has no post."""
        said = {**state.facts, **self.register}
        return {fact: value for fact, value in without_saying(said).items() if fact not in said}

    def state_from(self, request: HttpRequest, on: date) -> CheckState:
        """The state in the address; an empty one where there is none. Raises BadCheckState."""
        token = request.GET.get(PARAMETER, "")
        return CheckState.read(token, on, self.bound_to) if token else CheckState()

    def addresses_with(self, state: CheckState) -> Callable[..., str]:
        """Puts the state into addresses: sealed once, however many links a page has."""
        token = state.token(self.bound_to)
        return lambda address, **more: f"{address}?{urlencode({PARAMETER: token, **more})}"

    def address_with(self, address: str, state: CheckState, **more: str) -> str:
        return str(self.addresses_with(state)(address, **more))


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


def next_address(site: CheckSite, state: CheckState, on: date) -> str:
    """The address of the next page: the first step that can still change an answer, else the result."""
    step = next_step(_missing_facts(site, state, on), state.skipped)
    address = site.step_address(step.code) if step else site.result_address
    return site.address_with(address, state)


def _missing_facts(site: CheckSite, state: CheckState, on: date) -> set[str]:
    return missing_facts_in(_answers_told(site, state, on))


def _answers_told(site: CheckSite, state: CheckState, on: date) -> list[dict[str, Any]]:
    facts = site.facts(state)
    return answers_for_facts(facts, on, benefits_worth_telling(state.benefits, facts))


# -- one step ------------------------------------------------------------------------------------------------


def step_page(request: HttpRequest, site: CheckSite, code: str) -> HttpResponse:
    """Show one step, or take its answer; `?then=result` leads back to the result."""
    on = timezone.localdate()
    step = steps_by_code()[code]
    try:
        state = site.state_from(request, on)
    except BadCheckState as error:
        return unusable_address_page(request, site, error)
    facts = facts_to_ask(step, state, _missing_facts(site, state, on), site.register)
    if not facts:
        return HttpResponseRedirect(next_address(site, state, on))
    given = _given_by_button(request, step, facts)
    form = _step_form(request, site, step, facts, state, on, filled_in=given is None)
    if given is None and form.is_valid():
        given = form.given
    back_to_result = request.GET.get("then") == TO_RESULT
    if request.method == "POST" and given is not None:
        state = state.after_step(step, facts, given)
        if back_to_result:
            return SeeOther(site.address_with(site.result_address, state))
        return SeeOther(next_address(site, state, on))
    context = _step_context(site, state, step, form, back_to_result=back_to_result)
    return render(request, "check/step.html", context)


def _given_by_button(request: HttpRequest, step: Step, facts: Sequence[str]) -> dict[str, Any] | None:
    """What "skip" or "none of these" says for the whole page; None when the form itself was filled in."""
    button = request.POST.get("do", "") if request.method == "POST" else ""
    if button == "skip":
        return {}
    if button == "none":
        return {fact: value for fact, value in step.none_facts.items() if fact in facts}
    return None


def _step_form(
    request: HttpRequest,
    site: CheckSite,
    step: Step,
    facts: Sequence[str],
    state: CheckState,
    on: date,
    *,
    filled_in: bool,
) -> StepForm:
    honours = _honours_to_choose(on) if "honours" in facts else []
    data = request.POST if request.method == "POST" and filled_in else None
    others = {fact: value for fact, value in site.facts(state).items() if fact not in facts}
    return StepForm(step, facts, data, on=on, known=state.facts, honours=honours, others=others)


def _honours_to_choose(on: date) -> list[tuple[str, str]]:
    """The honours that count on the day, each by all the names it goes by."""
    codes = law_on(on).value(_HONOURS) or []
    called = {kind.code: kind.called for kind in HonourType.objects.prefetch_related("aliases")}
    return [(code, called.get(code, code)) for code in codes]


def _step_context(
    site: CheckSite, state: CheckState, step: Step, form: StepForm, *, back_to_result: bool
) -> dict[str, Any]:
    address_of = site.addresses_with(state)
    page_before = "" if back_to_result else state.page_before(step)
    may_restart = not site.bound_to and not back_to_result
    return {
        **site.context,
        "base": site.base,
        "title": step.title,
        "step": step,
        "form": form,
        "number": state.page_number(step),
        "none_label": "" if step.none_facts.keys().isdisjoint(form.fields) else step.none_label,
        "back_to_result": back_to_result,
        "back": address_of(site.step_address(page_before)) if page_before else "",
        "start": address_of(site.start_address) if may_restart else "",
        "result": address_of(site.result_address),
    }


# -- the result ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class GuidedAnswer:
    """One answer with what to bring, where and how long, and the pages that ask what it lacks."""

    answer: ExplainedAnswer
    guide: Guidance
    asks: list[tuple[str, str]]


@dataclass(frozen=True)
class SharedReason:
    """Benefits that fail for the same reason, told once."""

    because: list[dict[str, Any]]
    answers: list[ExplainedAnswer]


def result_page(request: HttpRequest, site: CheckSite, *, sheet: bool = False) -> HttpResponse:
    """What one can have, what is missing, and the rest; or the same on a sheet to print."""
    on = timezone.localdate()
    try:
        state = site.state_from(request, on)
    except BadCheckState as error:
        return unusable_address_page(request, site, error)
    template = "check/sheet.html" if sheet else "check/result.html"
    return render(request, template, result_context(site, state, on))


def result_context(site: CheckSite, state: CheckState, on: date) -> dict[str, Any]:
    """Everything both pages show; a bounded number of queries, nothing is stored."""
    words_as_asked = vocabulary_as_asked(register_vocabulary())
    answers = _answers_told(site, state, on)
    explained = _explained(site, state, answers, on)
    facts = site.facts(state)
    open_facts = missing_facts_in(answers)
    later = [answer for answer in explained if answer.outcome == INELIGIBLE and answer.days.begin]
    ineligible = [answer for answer in explained if answer.outcome == INELIGIBLE and not answer.days.begin]
    groups = [group for group in group_answers(explained) if group.code != INELIGIBLE]
    step = next_step(open_facts, state.skipped)
    law = law_on(on)
    address_of = site.addresses_with(state)
    return {
        **site.context,
        "base": site.base,
        "on": on,
        "version": policy_version(on),
        "listed": is_listed(facts),
        "contradictions": [one.says for one in find_contradictions(facts)],
        "presumed": [fact_label(fact) for fact in site.presumed(state)],
        "groups": [(group, _guided_answers(site, address_of, group, law)) for group in groups],
        "had": sum(len(group.answers) for group in groups if group.code != UNDETERMINED),
        "following": what_follows(find_verdicts(facts, on)[0]),
        "for_unit": what_the_unit_can_claim(facts, law),
        "calendar": address_of(site.calendar_address) if any(one.days.any for one in explained) else "",
        "later": [(answer, amount_if_entitled(answer.benefit, facts, law)) for answer in later],
        "ineligible": ineligible,
        "causes": _shared_reasons(ineligible),
        "typed": _typed_facts(site, state, address_of, words_as_asked, open_facts),
        "known": [fact for fact in site.known if fact.known],
        "unknown": [fact for fact in site.known if not fact.known and fact.name not in facts],
        "uncovered": what_is_missing(site.known),
        "goes_on": address_of(site.step_address(step.code)) if step else "",
        "sheet": address_of(site.sheet_address),
        "sheet_file": address_of(site.sheet_file_address),
        "result": address_of(site.result_address),
        "start": address_of(site.start_address),
        "check_state": state,
        "minutes": settings.CHECK_MINUTES,
        "place": service_window_of(site.region or state.banner),
        "leagues": [] if site.region else banners_by_league(),
    }


def _explained(
    site: CheckSite, state: CheckState, answers: Sequence[Mapping[str, Any]], on: date
) -> list[ExplainedAnswer]:
    words = register_vocabulary()
    words = words if site.known else vocabulary_as_asked(words)
    explained = explain_answers(answers, words, on=on, facts=site.facts(state))
    return [
        replace(answer, days=days_within_window(answer.benefit, answer.days))
        if answer.outcome == ELIGIBLE
        else answer
        for answer in explained
    ]


def result_calendar(request: HttpRequest, site: CheckSite) -> HttpResponse:
    """The days of the result to take along; nothing of what was answered stands in the file."""
    on = timezone.localdate()
    try:
        state = site.state_from(request, on)
    except BadCheckState as error:
        return unusable_address_page(request, site, error)
    entries = []
    issued = site.facts(state).get("certificate_issued_on", "")
    for answer in _explained(site, state, _answers_told(site, state, on), on):
        entries += entries_of(answer.benefit, answer.title, answer.days, basis=issued)
    return calendar_response(entries, "待遇申请日期")


def _guided_answers(
    site: CheckSite, address_of: Callable[..., str], group: AnswerGroup, law: DayLaw
) -> list[GuidedAnswer]:
    guides = guidance_for(group.answers, law)
    return [
        GuidedAnswer(answer, guides[answer.benefit], _pages_asking(site, address_of, answer))
        for answer in group.answers
    ]


def _pages_asking(
    site: CheckSite, address_of: Callable[..., str], answer: ExplainedAnswer
) -> list[tuple[str, str]]:
    """(what is missing, the page that asks just that), a page at a time; no page where nobody is asked."""
    labels_by_page: dict[str, list[str]] = {}
    for fact, label in answer.missing:
        step = step_asking(fact)
        labels_by_page.setdefault(step.code if step else "", []).append(label)
    pages = []
    for code, labels in labels_by_page.items():
        address = address_of(site.step_address(code), then=TO_RESULT) if code else ""
        pages.append(("、".join(labels), address))
    return pages


def _shared_reasons(answers: Sequence[ExplainedAnswer]) -> list[SharedReason]:
    """What does not apply, by reason: eleven benefits that ask for the same are one paragraph."""
    reasons: dict[tuple[str, ...], SharedReason] = {}
    for answer in answers:
        sentences = []
        for condition in answer.because:
            sentences.append(f"{condition['label']} {condition['clause']} {condition['remedy']}")
        reason = reasons.setdefault(tuple(sentences), SharedReason(answer.because, []))
        reason.answers.append(answer)
    return list(reasons.values())


def _typed_facts(
    site: CheckSite,
    state: CheckState,
    address_of: Callable[..., str],
    words: Vocabulary,
    open_facts: Collection[str],
) -> list[tuple[Step, list[tuple[str, str]], str]]:
    """What was typed in, or skipped although it would matter, by page, each with the address at which it is
    changed. Nobody without a certificate is said not to know its date.
    """
    answered = (state.facts.keys() | (state.skipped & set(open_facts))) - site.register.keys()
    rows = []
    for step in steps():
        lines = []
        for fact in step.facts:
            if fact in answered:
                lines.append((fact_label(fact), value_in_words(fact, state.facts.get(fact), words)))
        if lines:
            rows.append((step, lines, address_of(site.step_address(step.code), then=TO_RESULT)))
    return rows
