"""Publishing what was confirmed: entries and letters for those selected, a decision for those who are not.

One transaction a nominee: whoever has been done has a closed case, so that a killed publication is taken up
where it was, and nobody gets an entry or a letter twice. The state of the round itself is moved by the step
(selection.steps).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from portal.cases.actions import NotNow, transition
from portal.cases.models import Case, CaseDuty, NoticeVersion
from portal.cases.numbers import take_numbers
from portal.cases.workflow import Duty
from portal.letters.actions import BadLetter
from portal.letters.actions import request_print as request_print_file
from portal.letters.models import Letter, PrintFile
from portal.outgoing.actions import announce
from portal.outgoing.kinds import DECISION
from portal.workforce.models import SkillLevel
from talent_registry import benefits, letters
from talent_registry.actions.deciding import NUMBER_PREFIX, shown_id
from talent_registry.attestation import attest
from talent_registry.models import Basis, ListedNominee, Nomination, RegistryEntry, SelectionRound
from talent_registry.selection.announcing import NAME, NOT_KNOWN, OCCUPATION, UNIT
from talent_registry.selection.explain import (
    Words,
    conditions_of_listed,
    not_recommended_sentence,
    reason_sentence,
)
from talent_registry.selection.ranking import Reason
from talent_registry.selection.scheme import CRITERIA, points_text
from talent_registry.selection.workflow import NominationState, RoundState

Progress = Callable[..., None]
# Letters of one print file: as many as one takes from a printer at a time.
PER_VOLUME = 500
_TOGETHER = 200
_RELATED = ("case__region__parent", "case__employer", "worker", "determination")


@dataclass(frozen=True)
class _Publication:
    """What every nominee's result needs, read once."""

    round: SelectionRound
    approver: Any
    announced: dict[str, list[str]]
    words: Words
    # The day that entries and letters bear: that of the first one, also when a killed publication is taken up
    # on a later day.
    on: date


def publish(round_: SelectionRound, *, by: Any, on: date, progress: Progress | None = None) -> dict[str, int]:
    """Decide every nominee of a confirmed round as the list in force says; how many are selected and not.

    Those on the list come first, by place, so that numbers of entries and letters run in the order of the
    list; then those whom their league did not recommend. Nobody else gets a letter. `progress(done, total=…,
    step=…)` is called after each part. Raises Refused (who), NotNow (not confirmed, a recommended nominee is
    not on the list).
    """
    publication = _read(round_, on)
    listed = list(_listed(round_))
    passed_over = _passed_over(round_)
    total = len(listed) + len(passed_over)
    done = 0
    counts = {"selected": 0, "not_selected": 0}
    for part in _parts(listed):
        for nominee in _in_order(ListedNominee.objects.filter(pk__in=part), part):
            _decide(publication, nominee.nomination, nominee, by=by)
            counts["selected" if nominee.selected else "not_selected"] += 1
        done += len(part)
        _report(progress, done, total)
    for part in _parts(passed_over):
        nominations = Nomination.objects.filter(pk__in=part).select_related(*_RELATED)
        for nomination in nominations.order_by("case__league_code", "pk"):
            _decide(publication, nomination, None, by=by)
            counts["not_selected"] += 1
        done += len(part)
        _report(progress, done, total)
    return counts


def _report(progress: Progress | None, done: int, total: int) -> None:
    if progress is not None:
        progress(done, total=total, step="公布入选人员，发出证书和结果决定")


def _parts(ids: list[int]) -> Iterable[list[int]]:
    for start in range(0, len(ids), _TOGETHER):
        yield ids[start : start + _TOGETHER]


def _in_order(nominees: Any, ids: list[int]) -> list[ListedNominee]:
    of_nomination = [f"nomination__{name}" for name in _RELATED]
    by_id = nominees.select_related(*of_nomination, "nomination__exclusion").in_bulk()
    return [by_id[nominee_id] for nominee_id in ids]


def _read(round_: SelectionRound, on: date) -> _Publication:
    case = Case.objects.get(pk=round_.pk)
    if case.state != RoundState.CONFIRMED or round_.standing_list_id is None:
        raise NotNow(f"{round_.title}当前为“{case.state_label}”，审定之后才能公布。")
    _require_all_recommended_listed(round_)
    approval = CaseDuty.objects.select_related("person").get(case=case, duty=Duty.APPROVE)
    version = NoticeVersion.objects.filter(notice=round_.notice_id).order_by("-position").first()
    announced = {}
    if version:
        announced = {row["key"]: row["cells"] for row in version.rows}
    first = round_.entries.order_by("id").values_list("included_on", flat=True).first()
    return _Publication(
        round=round_,
        approver=approval.person,
        announced=announced,
        words=Words.read(),
        on=first or on,
    )


def _require_all_recommended_listed(round_: SelectionRound) -> None:
    listed = ListedNominee.objects.filter(list=round_.standing_list_id).values("nomination")
    recommended = Nomination.objects.filter(round=round_, case__state=NominationState.RECOMMENDED)
    count = recommended.exclude(pk__in=listed).count()
    if count:
        raise NotNow(f"有{count}名已推荐的人选不在审定的名单中，不能公布。请联系系统管理员核查。")


def _listed(round_: SelectionRound) -> Iterable[int]:
    """Those on the list whose case is still open, by place."""
    undecided = ListedNominee.objects.filter(
        list=round_.standing_list_id,
        nomination__case__closed_at__isnull=True,
    )
    return undecided.order_by("position").values_list("pk", flat=True)


def _passed_over(round_: SelectionRound) -> list[int]:
    """Those whom their league did not recommend, by league."""
    nominations = Nomination.objects.filter(round=round_, case__state=NominationState.NOT_RECOMMENDED)
    return list(nominations.order_by("case__league_code", "pk").values_list("pk", flat=True))


def _decide(
    publication: _Publication, nomination: Nomination, listed: ListedNominee | None, *, by: Any
) -> None:
    """The result of one nominee with everything that follows, or nothing at all."""
    nomination.round = publication.round
    selected = listed is not None and listed.selected
    action = "select" if selected else "not_select"
    detail: dict[str, Any] = {}
    if listed is not None:
        detail = {
            "list": publication.round.standing_list_id,
            "position": listed.position,
            "reason": listed.reason,
        }
    try:
        with transition(nomination.pk, action, by=by, on=publication.on, detail=detail) as case:
            nomination.case.state = case.state
            nomination.outcome = case.state
            nomination.save(update_fields=["outcome"])
            if listed is not None and selected:
                _include(publication, nomination, listed, by)
            else:
                grounds = _grounds(publication, nomination, listed)
                letters.issue_selection_result(nomination, by=by, on=publication.on, grounds=grounds)
            announce(case, DECISION, by=by, on=publication.on)
    except NotNow:
        # Done meanwhile by another publication of the same round.
        if not Case.objects.filter(pk=nomination.pk, closed_at__isnull=False).exists():
            raise


def _include(publication: _Publication, nomination: Nomination, listed: ListedNominee, by: Any) -> None:
    """The entry, the fact, the notice and the certificate.

    Who has come onto the registry since the list was frozen gets a letter that says so.
    """
    current = RegistryEntry.objects.public().filter(worker=nomination.worker_id).first()
    if current is not None:
        letters.issue_selection_noted(nomination, current, by=by, on=publication.on)
        return
    entry = _entry(publication, nomination, listed)
    attest(entry, on=publication.on)
    letters.issue_inclusion(entry, by=by, on=publication.on)


def _entry(publication: _Publication, nomination: Nomination, listed: ListedNominee) -> RegistryEntry:
    """As announced: name, unit and occupation are those of the notice, the level is the frozen one."""
    worker = nomination.worker
    case = nomination.case
    cells = publication.announced.get(case.number)
    unit = cells[UNIT] if cells else NOT_KNOWN
    occupation = cells[OCCUPATION] if cells else NOT_KNOWN
    document, clause = benefits.basis_in_law()
    assert nomination.determination is not None  # noqa: S101  none is accepted without
    return RegistryEntry.objects.create(
        number=take_numbers(NUMBER_PREFIX, publication.on.year, 1)[0],
        worker=worker,
        case=case,
        determination=nomination.determination,
        confirmed_by=publication.approver,
        included_on=publication.on,
        basis=Basis.SELECTION,
        selection=publication.round,
        policy_number=document,
        clause=clause,
        name=cells[NAME] if cells else worker.name,
        id_shown=shown_id(worker.id_number),
        region=case.region,
        employer_name="" if unit == NOT_KNOWN else unit,
        occupation="" if occupation == NOT_KNOWN else occupation,
        skill_level=listed.facts.get("skill_level") or SkillLevel.NONE,
        status_since=publication.on,
    )


def _grounds(publication: _Publication, nomination: Nomination, listed: ListedNominee | None) -> str:
    if listed is None:
        return not_recommended_sentence(nomination, words=publication.words)
    list_in_force = publication.round.standing_list
    assert list_in_force is not None  # noqa: S101  checked at the beginning
    conditions = None
    if listed.reason == Reason.NOT_ELIGIBLE:
        conditions = conditions_of_listed(listed, list_in_force)
    reason = reason_sentence(listed, words=publication.words, conditions=conditions)
    parts = "、".join(
        f"{label}{points_text(listed.parts[code])}分"
        for code, label in CRITERIA.items()
        if code in listed.parts
    )
    return f"{reason}你的得分为：{parts}。"


# -- for the printer -----------------------------------------------------------------------------------------
GROUPS: dict[str, tuple[str, tuple[str, ...]]] = {
    "all": (
        "全部结果文书",
        (
            letters.SELECTION_INCLUSION,
            letters.SELECTION_CERTIFICATE,
            letters.SELECTION_NOTED,
            letters.SELECTION_RESULT,
        ),
    ),
    "selected": (
        "入选通知和证书",
        (letters.SELECTION_INCLUSION, letters.SELECTION_CERTIFICATE, letters.SELECTION_NOTED),
    ),
    "not_selected": ("遴选结果决定", (letters.SELECTION_RESULT,)),
}


def letters_in_order(round_: SelectionRound, group: str = "all") -> list[int]:
    """Ids of the letters in force with which the results of the round went out, in the order of the list.

    Behind the list come those who were not on it, by league and case, as they were published.
    """
    _, kinds = GROUPS[group]
    listed = ListedNominee.objects.filter(list=round_.standing_list_id)
    position_of = dict(listed.values_list("nomination_id", "position"))
    behind = len(position_of) + 1
    issued = Letter.objects.in_force().filter(kind__in=kinds, case__nomination__round=round_)
    keys: list[tuple[int, str, int, int]] = []
    for letter_id, case_id, league in issued.values_list("pk", "case_id", "case__league_code"):
        if case_id in position_of:
            keys.append((position_of[case_id], "", case_id, letter_id))
        else:
            keys.append((behind, league, case_id, letter_id))
    return [letter_id for _, _, _, letter_id in sorted(keys)]


def request_print(round_: SelectionRound, *, group: str, double_sided: bool, by: Any) -> list[PrintFile]:
    """Have the result letters of a round made ready for the printer, PER_VOLUME letters a file.

    They are in the order of the list. Raises Refused (who), BadLetter when there are none or some that `by`
    may not see.
    """
    ids = letters_in_order(round_, group)
    if not ids:
        raise BadLetter("本年度还没有可以打印的结果文书。")
    label, _ = GROUPS[group]
    volumes = [ids[start : start + PER_VOLUME] for start in range(0, len(ids), PER_VOLUME)]
    files = []
    for number, volume in enumerate(volumes, start=1):
        files.append(
            request_print_file(
                letter_ids=volume,
                double_sided=double_sided,
                by=by,
                title=f"{round_.year}年度遴选{label}，第{number}册（共{len(volumes)}册，{len(volume)}份）",
            )
        )
    return files
