"""A published row that the register contradicts: corrected by two people, or kept as it is.

Who was registered under a wrong name, occupation, level or place was published with it. One officer proposes what
the register says now, another confirms; the public row, its search and its files then show it, and every letter
that prints what was wrong is replaced by one that says what is right.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from portal import audit
from portal.accounts.access import NotNow, Refused, require
from portal.reasons import reason_in
from portal.workforce.merged import person_of
from talent_registry import correction_letters
from talent_registry.actions.deciding import shown_id
from talent_registry.models import (
    CorrectionState,
    EntryCorrection,
    PublishedDifference,
    RegistryEntry,
    Status,
)
from talent_registry.models.corrections import CORRECTABLE, difference_of, in_words

PROPOSE, CONFIRM = "registry.correct", "registry.correct.confirm"


# Of a field that is compared by the database: its mark in the difference.
_MARKED = {
    "employer_name": "other_employer",
    "occupation": "other_occupation",
    "skill_level": "other_level",
    "region": "other_region",
}


def _registered_values(entry: RegistryEntry) -> dict[str, Any]:
    """What the row would say if it were published today."""
    person = person_of(entry.worker) or entry.worker
    return {
        "name": person.name,
        "id_shown": shown_id(str(person.id_number)),
        "employer_name": person.employer.name if person.employer else "",
        "occupation": person.occupation,
        "skill_level": person.skill_level,
        "region": person.work_region,
    }


def _said_differently(entry: RegistryEntry) -> list[dict[str, Any]]:
    """Every field of which the register says something else, whether the row was right on its day or not."""
    registered = _registered_values(entry)
    return [
        difference_of(field, getattr(entry, field), registered[field])
        for field in CORRECTABLE
        if getattr(entry, field) != registered[field]
    ]


def differences_of(
    entry: RegistryEntry, difference: PublishedDifference | None = None
) -> list[dict[str, Any]]:
    """Where the register contradicts what is published: field, label, before and after.

    Whoever changed jobs, or learnt something else, was published rightly: that is no difference.
    """
    if difference is None:
        difference = PublishedDifference.objects.filter(entry=entry).first()
    return [
        row
        for row in _said_differently(entry)
        if row["field"] not in _MARKED or (difference and getattr(difference, _MARKED[row["field"]]))
    ]


def correctable(entry: RegistryEntry) -> list[dict[str, Any]]:
    """What may be proposed: what contradicts the row, and what became otherwise since or was missing then.

    A field of which the register says nothing is not taken from the row, unless it is contradicted.
    """
    contradicted = {row["field"] for row in differences_of(entry)}
    rows = [row for row in _said_differently(entry) if row["after"] or row["field"] in contradicted]
    return [{**row, "contradicted": row["field"] in contradicted} for row in rows]


@transaction.atomic
def propose_correction(
    entry_id: int, fields: Collection[str], *, reason: str, by: Any, on: date
) -> EntryCorrection:
    """Propose that these fields of the published row shall say what the register says.

    Raises Refused (who), NotNow (nothing differs, somebody has proposed, no reason).
    """
    entry = _locked(entry_id)
    require(by, PROPOSE, entry.region_id)
    _require_none_open(entry)
    chosen = [difference for difference in correctable(entry) if difference["field"] in fields]
    if not chosen:
        raise NotNow("请选择要更正的内容。所选内容与登记信息已经一致的，无须更正。")
    correction = _record(entry, chosen, CorrectionState.PROPOSED, reason, by)
    _audit("registry.correct", correction, by, on)
    return correction


@transaction.atomic
def keep_published(entry_id: int, *, reason: str, by: Any, on: date) -> EntryCorrection:
    """Decide that what is published was right on its day and stays; the reason says why.

    It is asked again when the register says something else again. Raises Refused, NotNow.
    """
    entry = _locked(entry_id)
    require(by, CONFIRM, entry.region_id)
    _require_none_open(entry)
    difference = PublishedDifference.objects.select_for_update().filter(entry=entry, kept=None).first()
    if difference is None:
        raise NotNow("公布的内容与登记信息一致，或者已经决定保留，无须办理。")
    correction = _record(entry, differences_of(entry), CorrectionState.KEPT, reason, by, decided_on=on)
    difference.kept = correction
    difference.save(update_fields=["kept"])
    _audit("registry.keep", correction, by, on)
    return correction


@transaction.atomic
def confirm_correction(correction_id: int, *, by: Any, on: date) -> EntryCorrection:
    """Correct the published row as somebody else proposed, and replace the letters that carry what was wrong.

    Raises Refused (who), NotNow (decided meanwhile, or the register says something else by now).
    """
    correction = _locked_proposal(correction_id, by)
    entry = correction.entry
    _require_still_so(correction)
    entry.corrections_made += 1
    correction.position = entry.corrections_made
    _decide(correction, CorrectionState.CONFIRMED, by, on)
    for difference in correction.differences:
        setattr(entry, difference["field"], difference["value"])
    entry.save(update_fields=[*CORRECTABLE, "corrections_made"])
    correction_letters.replace_letters(correction, by=by, on=on)
    _audit("registry.correct.confirm", correction, by, on)
    return correction


@transaction.atomic
def refuse_correction(correction_id: int, *, reason: str, by: Any, on: date) -> EntryCorrection:
    """Leave the published row as it is, for a reason; it can be proposed anew. Raises Refused, NotNow."""
    reason = _given(reason)
    correction = _locked_proposal(correction_id, by)
    correction.verdict = reason
    _decide(correction, CorrectionState.REFUSED, by, on)
    _audit("registry.correct.refuse", correction, by, on)
    return correction


def _locked(entry_id: int) -> RegistryEntry:
    entries = RegistryEntry.objects.select_for_update(of=("self",)).select_related(
        "worker__employer", "worker__work_region__parent", "region__parent", "selection"
    )
    entry = entries.get(pk=entry_id)
    if entry.status == Status.REMOVED:
        raise NotNow(f"{entry.number}已移出名录，不再更正公布的内容。")
    return entry


def _locked_proposal(correction_id: int, by: Any) -> EntryCorrection:
    """The proposal with its entry locked first, as everywhere, for somebody who may decide on it."""
    entry_id = EntryCorrection.objects.values_list("entry_id", flat=True).get(pk=correction_id)
    entry = _locked(entry_id)
    require(by, CONFIRM, entry.region_id)
    correction = EntryCorrection.objects.select_for_update().get(pk=correction_id)
    correction.entry = entry
    if correction.state != CorrectionState.PROPOSED:
        raise NotNow(f"该项更正已处理，结果为“{correction.get_state_display()}”。")
    if correction.proposed_by_id == by.pk:
        raise Refused("该项更正由您提出，须由另一人复核。")
    return correction


def _require_none_open(entry: RegistryEntry) -> None:
    if entry.corrections.open().exists():
        raise NotNow("该条名录已有待复核的更正，请等待复核。")


def _require_still_so(correction: EntryCorrection) -> None:
    registered = _registered_values(correction.entry)
    for difference in correction.differences:
        field = difference["field"]
        if registered[field] != difference["value"]:
            raise NotNow(
                f"{difference['label']}在提出后又有变化，现登记为“{in_words(field, registered[field]) or '未登记'}”。"
                "请作“不予更正”处理后重新提出。"
            )


def _record(
    entry: RegistryEntry,
    differences: Collection[dict[str, Any]],
    state: CorrectionState,
    reason: str,
    by: Any,
    decided_on: date | None = None,
) -> EntryCorrection:
    values: dict[str, Any] = {}
    for field in CORRECTABLE:
        values[field] = values[f"{field}_before"] = getattr(entry, field)
    for difference in differences:
        values[difference["field"]] = difference["value"]
    if decided_on is not None:
        values |= {"decided_by": by, "decided_at": timezone.now(), "decided_on": decided_on}
    return EntryCorrection.objects.create(
        entry=entry, state=state, reason=_given(reason), proposed_by=by, **values
    )


def _decide(correction: EntryCorrection, state: CorrectionState, by: Any, on: date) -> None:
    correction.state = state
    correction.decided_by = by
    correction.decided_at = timezone.now()
    correction.decided_on = on
    correction.save(update_fields=["state", "decided_by", "decided_at", "decided_on", "verdict", "position"])


def _given(reason: str) -> str:
    reason = reason_in(reason)
    if not reason:
        raise NotNow("请写明理由。")
    return reason[:500]


def _audit(action: str, correction: EntryCorrection, by: Any, on: date) -> None:
    entry = correction.entry
    audit.record(
        action,
        by=by,
        obj=entry,
        worker=entry.worker_id,
        region=entry.region_id,
        detail={
            "number": entry.number,
            "fields": [difference["field"] for difference in correction.differences],
            "reason": (correction.verdict or correction.reason)[:200],
            "on": on.isoformat(),
        },
    )
