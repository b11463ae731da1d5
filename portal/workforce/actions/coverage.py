"""What is known of earlier claims is stated, confirmed and taken back."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from portal import audit, locks
from portal.accounts.access import NotNow, Refused, require
from portal.workforce.actions.locking import check, reason_given
from portal.workforce.models import DecidedHere, RegisterExtract
from portal.workforce.models.extracts import PERMISSION


@transaction.atomic
def state_decided_here(*, place: str, fund: str, since: date, basis: str, by: Any, on: date) -> DecidedHere:
    """Say that every claim of a place on a fund is decided in this portal since a day. Raises Refused, NotNow,
    ValidationError.
    """
    require(by, PERMISSION, place)
    basis = reason_given(basis, "请写明依据，例如文号或上线通知。")
    statement = DecidedHere(place_id=place, fund=fund, since=since, basis=basis[:160], stated_by=by)
    check(statement, on=on, past=("since",))
    locks.hold("workforce.coverage")
    if DecidedHere.objects.filter(place=place, fund=fund, until__isnull=True).exists():
        raise NotNow("该地区、该资金已有一项声明，请先确认、撤回，或写明其截止日期。")
    statement.save()
    _note("coverage.state", statement, by)
    return statement


def confirm_decided_here(statement_id: int, *, by: Any) -> DecidedHere:
    """Agree, as another officer of the place: from now on it counts. Raises Refused, NotNow."""
    with transaction.atomic():
        statement = _locked(statement_id, by)
        if statement.stated_by_id == by.pk:
            raise Refused("这项声明由您提出，须由另一人确认。")
        if statement.confirmed_at is not None:
            raise NotNow(f"该声明已由{statement.confirmed_by}确认。")
        statement.confirmed_by, statement.confirmed_at = by, timezone.now()
        statement.save(update_fields=["confirmed_by", "confirmed_at", "changed_at"])
        _note("coverage.confirm", statement, by)
        return statement


def end_decided_here(statement_id: int, *, until: date, by: Any) -> DecidedHere:
    """From the day after, claims are decided elsewhere as well. One officer suffices: less is known. Raises
    Refused, NotNow, ValidationError.
    """
    with transaction.atomic():
        statement = _locked(statement_id, by)
        if statement.confirmed_at is None:
            raise NotNow("该声明尚未确认，可直接撤回。")
        if statement.until is not None and until > statement.until:
            raise ValidationError({"until": "截止日期只能提前。"})
        if until < statement.since:
            raise ValidationError({"until": "截止日期不能早于起始日期。"})
        statement.until, statement.ended_by = until, by
        statement.save(update_fields=["until", "ended_by", "changed_at"])
        _note("coverage.end", statement, by)
        return statement


def take_back_decided_here(statement_id: int, *, by: Any) -> None:
    """A statement that nobody has confirmed is gone. Raises Refused, NotNow."""
    with transaction.atomic():
        statement = _locked(statement_id, by)
        if statement.confirmed_at is not None:
            raise NotNow("该声明已确认，不能撤回，只能写明截止日期。")
        _note("coverage.take_back", statement, by)
        statement.delete()


def withdraw_coverage(extract_id: int, *, reason: str, by: Any) -> RegisterExtract:
    """What an extract was said to cover it does not: its records stay, and what they do not say is unknown again.
    Raises Refused, NotNow.
    """
    with transaction.atomic():
        extract = RegisterExtract.objects.select_for_update(of=("self",)).get(pk=extract_id)
        require(by, PERMISSION, extract.place_id)
        reason = reason_given(reason, "请写明撤回的理由。")
        if extract.merged_at is None or extract.withdrawn_at is not None:
            raise NotNow("该摘录没有生效的覆盖声明，请刷新页面。")
        extract.withdrawn_at, extract.withdrawn_by, extract.withdrawn_for = timezone.now(), by, reason[:200]
        extract.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_for", "changed_at"])
        audit.record(
            "extract.withdraw", by=by, obj=extract, region=extract.place_id, detail={"reason": reason[:200]}
        )
        return extract


def _locked(statement_id: int, by: Any) -> DecidedHere:
    found = DecidedHere.objects.select_for_update(of=("self",)).select_related("confirmed_by")
    statement = found.filter(pk=statement_id).first()
    if statement is None:
        raise NotNow("该声明已撤回，请刷新页面。")
    require(by, PERMISSION, statement.place_id)
    return statement


def _note(action: str, statement: DecidedHere, by: Any) -> None:
    audit.record(
        action,
        by=by,
        obj=statement,
        region=statement.place_id,
        detail={
            "fund": statement.fund,
            "since": statement.since.isoformat(),
            "until": statement.until and statement.until.isoformat(),
            "basis": statement.basis,
        },
    )
