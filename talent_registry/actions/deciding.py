"""Deciding a proposal: confirm, decline, return for correction, take it back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from portal.cases.actions import NotNow, open_correction, resolve_correction, transition
from portal.cases.models import Case
from portal.cases.numbers import take_numbers
from portal.outgoing.actions import announce
from portal.outgoing.kinds import DECISION
from portal.policy.models import Determination
from portal.workforce.merged import records_of
from portal.workforce.models import Honour, MergedPerson
from portal.workforce.models.honours import HonourState
from talent_registry import benefits, letters
from talent_registry.attestation import attest
from talent_registry.models import CountedFrom, InclusionProposal, RegistryEntry

NUMBER_PREFIX = "LJ"


def confirm(case_id: int, *, by: Any, on: date, is_skilled_worker: bool = True, how: str) -> RegistryEntry:
    """Put the person on the registry, with entry, fact, inclusion letter and certificate.

    `is_skilled_worker` and `how` record the officer's own finding that the registry is for this person (some
    honours also go to others). The determination is made again as of `on`. Raises Refused (who), NotNow (no
    longer proposed, no longer entitled, not a skilled worker); then nothing has happened.
    """
    how = how.strip()
    if not is_skilled_worker:
        raise NotNow("名录面向技术工人。经核实本人不属于技术工人的，请办理“不予纳入”。")
    if not how:
        raise NotNow("请写明如何核实本人属于技术工人。")
    detail: dict[str, Any] = {"how": how}
    with transition(case_id, "confirm", by=by, on=on, detail=detail) as case:
        proposal = _proposal(case)
        _require_standing(proposal)
        _require_not_listed(proposal)
        determination = benefits.determine_again(proposal.worker_id, on=on)
        _require_still_founded(proposal, determination)
        proposal.is_skilled_worker = True
        proposal.established_how = how
        _settle(proposal, case, on)
        entry = _create_entry(case, proposal, determination, by, on)
        attest(entry, on=on)
        letters.issue_inclusion(entry, by=by, on=on)
        announce(case, DECISION, by=by, on=on)
    return entry


def _proposal(case: Case) -> InclusionProposal:
    proposals = InclusionProposal.objects.select_related(
        "honour__type",
        "worker__employer",
        "worker__work_region__parent",
        "determination",
    )
    return proposals.get(case=case)


def current_entry(worker_id: int) -> RegistryEntry | None:
    """The entry by which the worker is on the registry now, suspended ones included."""
    entries = RegistryEntry.objects.public().select_related("selection")
    return entries.filter(worker__in=records_of(worker_id)).first()


def _require_standing(proposal: InclusionProposal) -> None:
    """Of a record that was merged into another one nobody is included: it is proposed anew for the person."""
    if MergedPerson.objects.filter(source=proposal.worker_id).exists():
        raise NotNow(
            f"{proposal.worker.name}的档案已并入另一份档案或者已作废。请撤回本件，由系统按保留的档案重新提出。"
        )


def _require_not_listed(proposal: InclusionProposal) -> None:
    entry = current_entry(proposal.worker_id)
    if entry is not None:
        raise NotNow(
            f"{proposal.worker.name}已在名录中（{entry.number}，{entry.ground}），不再重复纳入。请撤回本件。"
        )


def _require_still_founded(proposal: InclusionProposal, determination: Determination) -> None:
    """What held when it was proposed must hold when it is decided; NotNow says what does not any more."""
    if proposal.honour.state != HonourState.VERIFIED:
        state = proposal.honour.get_state_display()
        raise NotNow(
            f"“{proposal.honour.named_as}”现为“{state}”，不能据此纳入。请撤回本件，或待重新核实后办理。"
        )
    if not benefits.holds_by(determination, proposal.basis):
        unmet = [
            f"{condition['label']}：{condition['remedy']}"
            for condition in benefits.explain(determination)
            if condition["holds"] is not True
        ]
        raise NotNow(f"重新认定后，纳入条件已不成立，不能确认。未符合的条件：{'；'.join(unmet)}")


def _create_entry(
    case: Case, proposal: InclusionProposal, determination: Determination, by: Any, on: date
) -> RegistryEntry:
    """The entry as published: who, by which honour and law, and how many days it took."""
    worker = proposal.worker
    honour = proposal.honour
    counted_from, start = _counted_from(honour, on)
    document, clause = benefits.basis_in_law()
    return RegistryEntry.objects.create(
        number=take_numbers(NUMBER_PREFIX, on.year, 1)[0],
        worker=worker,
        case=case,
        determination=determination,
        confirmed_by=by,
        included_on=on,
        basis=proposal.basis,
        policy_number=document,
        clause=clause,
        honour=honour,
        honour_type=honour.type,
        honour_name=honour.named_as or honour.type.name,
        honour_year=honour.year,
        honour_document=honour.document,
        name=worker.name,
        id_shown=shown_id(worker.id_number),
        region=worker.work_region,
        employer_name=worker.employer.name if worker.employer else "",
        occupation=worker.occupation,
        skill_level=worker.skill_level,
        counted_from=counted_from,
        counted_from_on=start,
        days_from_honour=(on - start).days if start else None,
        days_of_handling=(on - case.opened_on).days,
        status_since=on,
    )


def shown_id(number: str) -> str:
    """What is kept and published of an ID number: the last four characters.

    Digits 7 to 14 are the date of birth.
    """
    return f"{'*' * 14}{number[-4:]}"


def _counted_from(honour: Honour, on: date) -> tuple[str, date | None]:
    """The day from which "及时" is measured, and which day that is; none when neither is known."""
    if honour.conferred_on:
        return CountedFrom.CONFERRED, honour.conferred_on
    if honour.verified_at:
        return CountedFrom.VERIFIED, min(timezone.localdate(honour.verified_at), on)
    return "", None


def decline(case_id: int, *, by: Any, on: date, reason: str) -> Case:
    """Decide against inclusion; the person gets the decision with grounds, clause and what they can do.

    The same recognition is not proposed again by itself. Raises Refused, NotNow.
    """
    with transition(case_id, "decline", by=by, on=on, reason=reason) as case:
        proposal = _proposal(case)
        _settle(proposal, case, on)
        letters.issue_refusal(proposal, by=by, on=on, grounds=reason.strip())
        announce(case, DECISION, by=by, on=on)
    return case


def return_for_correction(case_id: int, *, by: Any, on: date, missing: Sequence[str]) -> Case:
    """Say once and in full what is missing; the clock stands still until it has been brought."""
    detail = {"missing": list(missing)}
    with transition(case_id, "return_for_correction", by=by, on=on, detail=detail) as case:
        open_correction(case, missing, by=by, on=on)
    return case


def resubmit(case_id: int, *, by: Any, on: date, reason: str = "") -> Case:
    """What was missing has been brought (`reason` says what): the officer has the case, the clock goes on."""
    with transition(case_id, "resubmit", by=by, on=on, reason=reason) as case:
        resolve_correction(case, by=by, on=on)
    return case


def withdraw(case_id: int, *, by: Any, on: date, reason: str) -> Case:
    """End a case whose recognition has fallen, or whose worker is on the registry by now.

    One whose recognition still holds has to be decided: then NotNow.
    """
    with transition(case_id, "withdraw", by=by, on=on, reason=reason) as case:
        proposal = _proposal(case)
        verified = proposal.honour.state == HonourState.VERIFIED
        founded = verified and benefits.holds(proposal.worker_id, on=on)
        founded = founded and not MergedPerson.objects.filter(source=proposal.worker_id).exists()
        if founded and current_entry(proposal.worker_id) is None:
            raise NotNow("所依据的荣誉仍然有效，应当作出决定。不应纳入的，请由名录管理员办理“不予纳入”。")
        resolve_correction(case, by=by, on=on)
        _settle(proposal, case, on)
    return case


def _settle(proposal: InclusionProposal, case: Case, on: date) -> None:
    proposal.settled_on = on
    proposal.outcome = case.state
    proposal.save(update_fields=["is_skilled_worker", "established_how", "settled_on", "outcome"])


def withdraw_unfounded(worker_ids: Sequence[int] | None = None, *, on: date) -> list[int]:
    """Take back the open proposals that rest on nothing any more; the ids of their cases.

    Their recognition is no longer verified, or their worker was selected meanwhile. For the system itself.
    """
    entries = RegistryEntry.objects.public().order_by().filter(worker=OuterRef("worker"))
    fallen = InclusionProposal.objects.unsettled().annotate(listed=Exists(entries))
    merged = Exists(MergedPerson.objects.filter(source=OuterRef("worker")))
    fallen = fallen.annotate(merged=merged)
    fallen = fallen.filter(~Q(honour__state=HonourState.VERIFIED) | Q(listed=True) | Q(merged=True))
    if worker_ids is not None:
        fallen = fallen.filter(worker_id__in=worker_ids)
    ended = []
    found = fallen.order_by("case_id").values_list("case_id", "listed", "merged")
    for case_id, on_registry, is_merged in found:
        reason = "所依据的荣誉经核实不符或已撤销核实。"
        if on_registry:
            reason = "本人已经年度遴选列入名录。"
        elif is_merged:
            reason = "该档案已并入另一份档案或者已作废。"
        try:
            withdraw(case_id, by=None, on=on, reason=reason)
        except NotNow:
            # Verified again, or decided, since the list was read.
            continue
        ended.append(case_id)
    return ended
