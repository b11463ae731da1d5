"""Units that employ workers, found by their unified social credit code."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from portal import audit
from portal.accounts.access import NotNow, require
from portal.workforce.actions.locking import check, check_version, written_by
from portal.workforce.identity import InvalidNumber, check_credit_code, narrow
from portal.workforce.models import Employer


def _code(text: str) -> str | None:
    if not text.strip():
        return None
    try:
        return check_credit_code(text)
    except InvalidNumber as error:
        raise ValidationError({"credit_code": str(error)}) from error


def _not_twice(employer: Employer) -> None:
    others = Employer.objects.select_related("region").exclude(pk=employer.pk)
    if employer.credit_code:
        same = others.filter(credit_code=employer.credit_code).first()
        if same:
            raise NotNow(
                f"该统一社会信用代码已登记为“{same.name}”（{same.region.name}），登记就业信息时可直接填写该代码选用。"
            )
    elif others.filter(name=employer.name, region=employer.region_id, credit_code__isnull=True).exists():
        raise NotNow("该地区已有同名且没有统一社会信用代码的单位，请填写代码加以区分。")


def _save(employer: Employer) -> None:
    try:
        with transaction.atomic():
            employer.save()
    except IntegrityError:
        # Two windows at once: the other one was first.
        _not_twice(employer)
        raise


def create_employer(
    *, name: str, credit_code: str, kind: str, region: Any, source: str, by: Any, on: date
) -> Employer:
    """Write down a unit. Raises Refused, ValidationError by field, NotNow when it is there already."""
    require(by, "worker.edit", region.pk)
    employer = Employer(
        name=narrow(name), credit_code=_code(credit_code), kind=kind, region=region, source=source
    )
    with written_by(by):
        _not_twice(employer)
        check(employer, on=on)
        _save(employer)
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
    """Correct what is known of a unit. Raises Refused, Stale, ValidationError, NotNow."""
    with written_by(by):
        employer = Employer.objects.select_for_update().get(pk=employer_id)
        require(by, "worker.edit", employer.region_id)
        check_version(employer, version)
        before = {f.attname: getattr(employer, f.attname) for f in employer._meta.concrete_fields}
        employer.name, employer.credit_code, employer.kind = narrow(name), _code(credit_code), kind
        employer.region, employer.source = region, source
        changed = [
            f.name
            for f in employer._meta.concrete_fields
            if f.name != "league_code" and getattr(employer, f.attname) != before[f.attname]
        ]
        if changed:
            _not_twice(employer)
            check(employer, on=on)
            _save(employer)
            audit.record(
                "employer.correct", by=by, obj=employer, region=employer.region_id, detail={"fields": changed}
            )
    return employer
