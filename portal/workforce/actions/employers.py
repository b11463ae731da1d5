"""Units that employ workers, found by their unified social credit code."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from portal import audit
from portal.accounts.access import NotNow, require
from portal.names import InvalidName, checked_unit_name, unit_spelling
from portal.workforce.actions.changing import propose_change
from portal.workforce.actions.locking import (
    changed_fields,
    check,
    check_version,
    stored_values,
    written_by,
)
from portal.workforce.identity import InvalidNumber, check_credit_code
from portal.workforce.merged import unit_counts
from portal.workforce.models import ChangeWhat, Employer
from portal.workforce.models.record_changes import OF_UNIT
from portal.workforce.placeholders import says_as_above, says_nothing


def _checked_code(text: str) -> str | None:
    if not text.strip():
        return None
    try:
        return check_credit_code(text)
    except InvalidNumber as error:
        raise ValidationError({"credit_code": str(error)}) from error


def _refuse_registered(employer: Employer) -> None:
    """NotNow when the unit is in the register already, by its code or, without one, by its name."""
    others = Employer.objects.select_related("region").exclude(pk=employer.pk)
    if employer.credit_code:
        same = others.filter(credit_code=employer.credit_code).first()
        if same:
            raise NotNow(
                f"该统一社会信用代码已登记为“{same.name}”（{same.region.name}），"
                "登记就业信息时可直接填写该代码选用。"
            )
        return
    same = others.called(employer.name).filter(region=employer.region_id, credit_code__isnull=True).first()
    if same:
        raise NotNow(
            f"该地区已有同名的单位“{same.name}”，没有统一社会信用代码。"
            "是同一单位的，直接选用；不是同一单位的，请填写代码加以区分。"
        )


def _save_or_refuse(employer: Employer) -> None:
    try:
        with transaction.atomic():
            employer.save()
    except IntegrityError:
        # Two windows at once: the other one was first.
        _refuse_registered(employer)
        raise


def _require_name(name: str) -> None:
    """ValidationError for what people write where there is no unit (无, 待业, /, 同上), and for private characters."""
    if says_nothing(name) or says_as_above(name):
        raise ValidationError({"name": f"“{name}”不是单位名称。"})
    try:
        checked_unit_name(name)
    except InvalidName as error:
        raise ValidationError({"name": f"{error}。"}) from error


def create_employer(
    *, name: str, credit_code: str, kind: str, region: Any, source: str, by: Any, on: date
) -> Employer:
    """Write down a unit. Raises Refused, ValidationError by field, NotNow when it is there already."""
    require(by, "worker.edit", region.pk)
    employer = Employer(
        name=unit_spelling(name),
        credit_code=_checked_code(credit_code),
        kind=kind,
        region=region,
        source=source,
    )
    _require_name(employer.name)
    with written_by(by):
        _refuse_registered(employer)
        check(employer, on=on)
        _save_or_refuse(employer)
        audit.record("employer.create", by=by, obj=employer, region=employer.region_id)
    return employer


def correct_employer(
    employer_id: int,
    *,
    version: str,
    name: str,
    credit_code: str,
    kind: str,
    region: Any,
    source: str,
    by: Any,
    on: date,
) -> Employer:
    """Correct what is known of a unit; another kind of one that confirmed work names is proposed.

    Raises Refused, Stale, ValidationError, NotNow.
    """
    with written_by(by):
        employer = Employer.objects.select_for_update().get(pk=employer_id)
        require(by, "worker.edit", employer.region_id)
        check_version(employer, version)
        before = stored_values(employer)
        employer.name = unit_spelling(name)
        employer.credit_code = _checked_code(credit_code)
        proposes = kind != employer.kind and bool(unit_counts(employer))
        if proposes:
            entered = {"kind": kind}
            propose_change(OF_UNIT, employer, ChangeWhat.CHANGE, reason=source, by=by, entered=entered)
        else:
            employer.kind = kind
        employer.region = region
        if not proposes or changed_fields(employer, before):
            # What is proposed alone has its source with the proposal.
            employer.source = source
        changed = changed_fields(employer, before)
        if "name" in changed:
            _require_name(employer.name)
        if {"name", "region", "credit_code"} & set(changed):
            _refuse_registered(employer)
        if changed:
            check(employer, on=on)
            _save_or_refuse(employer)
            audit.record(
                "employer.correct", by=by, obj=employer, region=employer.region_id, detail={"fields": changed}
            )
    return employer
