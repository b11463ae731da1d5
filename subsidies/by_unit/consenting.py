"""What a person answers to a claim that their unit put forward: on their own page, or on signed paper at the window.

Who agrees hands in a claim of their own, by the same action as whoever takes an offer up; the unit is told nothing but
the stage.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from portal.accounts.access import NotNow, Refused, can
from portal.cases.actions import transition, transition_many
from portal.cases.evidence import files
from portal.cases.models import Case, Channel
from portal.file_inspection import Inspected
from portal.reasons import reason_in
from portal.workforce.actions import propose_own_payee, propose_payee
from portal.workforce.merged import records_of, units_of_person
from portal.workforce.models import PayeeAccount
from portal.workforce.models.base import own_records, records_of_person
from subsidies.by_unit.models import Proposal
from subsidies.by_unit.retention import forget_accounts
from subsidies.claiming import accounts_of, choose_account, claim_at_once
from subsidies.models import Claim
from subsidies.workflow import TAKE_IN

PAPER = "本人签字的同意书"
_CHUNK = 500


def is_own(proposal: Proposal, user: Any) -> bool:
    """Whether the user is the person it is about."""
    return proposal.worker_id in own_records(user)


def reason_against_paper(proposal: Proposal, user: Any) -> str:
    """Why this officer does not take the paper in; empty when they may."""
    if not can(user, TAKE_IN, proposal.case.region_id):
        return "书面同意由本人工作地的服务窗口收取。"
    if proposal.worker_id in records_of_person(user) or proposal.unit_id in units_of_person(user):
        return "这件申请与您本人或者您经办的单位有关，须由其他人员收取书面同意。"
    return ""


def consent(
    case_id: int, *, account_id: int | None = None, takes_account: bool = False, by: Any, on: date
) -> Claim:
    """The person agrees on their own page, and names the account: one of theirs, or the one that the unit gave.

    Raises Refused, NotNow.
    """
    with transition(case_id, "consent", by=by, on=on) as case:
        proposal = _of(case)
        if not is_own(proposal, by):
            raise Refused("是否同意由本人答复。到窗口答复的，须提交本人签字的同意书。")
        _require_in_time(proposal, on)
        return _hand_in(proposal, Channel.SELF, account_id, takes_account, by=by, on=on)


def consent_on_paper(
    case_id: int, paper: Inspected, *, takes_account: bool = False, by: Any, on: date
) -> Claim:
    """The window takes in the paper on which the person agreed, and keeps it. Raises Refused, NotNow, FileRefused."""
    with transition(case_id, "consent", by=by, on=on) as case:
        proposal = _of(case)
        if reason := reason_against_paper(proposal, by):
            raise Refused(reason)
        _require_in_time(proposal, on)
        files.keep(case, paper, label=PAPER, by=by, on=on)
        return _hand_in(proposal, Channel.WINDOW, None, takes_account, by=by, on=on)


def decline(case_id: int, *, reason: str = "", by: Any, on: date) -> Proposal:
    """The person does not want it; the window writes down how they said so. Raises Refused, NotNow."""
    with transition(case_id, "decline", by=by, on=on, reason=reason) as case:
        proposal = _of(case)
        if not is_own(proposal, by):
            if against := reason_against_paper(proposal, by):
                raise Refused(against)
            if not reason_in(reason):
                raise NotNow("窗口代为记录的，须写明本人在何时、以何种方式表示不同意。")
        forget_accounts([proposal.row_id])
        return proposal


def lapse_due(on: date) -> int:
    """What nobody has answered until the last day lapses; of how many. Safe at any time, and twice."""
    due = Proposal.objects.waiting().filter(consent_until__lt=on).order_by("pk")
    lapsed = 0
    ids = list(due.values_list("pk", flat=True))
    for start in range(0, len(ids), _CHUNK):
        lapsed += _lapse(ids[start : start + _CHUNK], on)
    return lapsed


@transaction.atomic
def _lapse(ids: Sequence[int], on: date) -> int:
    with transition_many(ids, "lapse", by=None, on=on) as moving:
        moved = Proposal.objects.filter(pk__in=[case.pk for case in moving.cases])
        moved.update(lapsed=True)
        forget_accounts(list(moved.values_list("row_id", flat=True)))
    return len(moving.cases)


def _of(case: Case) -> Proposal:
    proposal = Proposal.objects.select_related("row", "unit", "worker").get(case=case)
    proposal.case = case
    return proposal


def _require_in_time(proposal: Proposal, on: date) -> None:
    if on > proposal.consent_until:
        raise NotNow("确认期限已过。需要申请的，可在“培训补贴”中自行申请，或者请单位重新提出。")


def _hand_in(
    proposal: Proposal, channel: Channel, account_id: int | None, takes_account: bool, *, by: Any, on: date
) -> Claim:
    account = _account_of_unit(proposal, by=by, on=on) if takes_account else None
    claim = claim_at_once(
        proposal.subject_id, proposal.kind, channel=channel, by=by, on=on, about=proposal.subject_kind
    )
    chosen = account.pk if account else account_id
    if chosen is not None and chosen != claim.account_id:
        claim = choose_account(claim.pk, chosen, by=by, on=on)
    proposal.claim = claim
    proposal.save(update_fields=["claim"])
    forget_accounts([proposal.row_id])
    return claim


def _account_of_unit(proposal: Proposal, *, by: Any, on: date) -> PayeeAccount:
    """What the unit gave becomes what the person says, for a second person to confirm."""
    row = proposal.row
    if not row.account_number:
        raise NotNow("单位没有填写收款账户，请选择其他收款账户。")
    propose = propose_own_payee if is_own(proposal, by) else propose_payee
    try:
        return propose(
            records_of(proposal.worker_id)[0],
            bank=row.bank,
            account_number=row.account_number,
            source=f"单位代为提出补贴申请，本人确认（{proposal.case.number}）"[:120],
            by=by,
            on=on,
        )
    except ValidationError as error:
        raise NotNow("；".join(error.messages)) from error


def offers_account(proposal: Proposal) -> bool:
    """Whether the person is asked about the account that the unit gave: none of theirs waits or is the same."""
    number = proposal.row.account_number
    if not number:
        return False
    held = list(accounts_of(proposal.worker_id))
    waits = any(account.confirmed_at is None for account in held)
    return not waits and all(account.account_number != number for account in held)
