"""Documents that give money, and the lines that rest on them: recorded by one, confirmed by another."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from portal import audit
from portal.accounts.access import NotNow, require
from portal.funds.models import AuthorisingDocument, Fund, Line
from portal.funds.money import fen, yuan


@transaction.atomic
def record_document(
    fund: Fund, *, said: Mapping[str, Any], amount: Decimal, region: str, by: Any
) -> AuthorisingDocument:
    """Write down a document that gives the fund money in a place: kind, number, title, issuer, issued_on. It counts once
    somebody else has confirmed it. Raises Refused; ValueError for an amount that is no whole number of fen.
    """
    require(by, "funds.record", region)
    document = AuthorisingDocument.objects.create(
        fund=fund, region_id=region, amount=fen(amount), recorded_by=by, **said
    )
    audit.record(
        "funds.document.record",
        by=by,
        obj=document,
        region=region,
        detail={"number": document.number, "amount": str(yuan(document.amount))},
    )
    return document


@transaction.atomic
def confirm_document(document_id: int, *, by: Any) -> AuthorisingDocument:
    """Somebody else has held it against the paper. Raises Refused, NotNow."""
    document = AuthorisingDocument.objects.select_for_update().get(pk=document_id)
    require(by, "funds.confirm", document.region_id)
    if document.confirmed_at is not None:
        raise NotNow(f"文件{document.number}已经确认。")
    if document.recorded_by_id == by.pk:
        raise NotNow("登记人不能确认自己登记的文件，须由另一人对照原件确认。")
    document.confirmed_by, document.confirmed_at = by, timezone.now()
    document.save(update_fields=["confirmed_by", "confirmed_at"])
    audit.record(
        "funds.document.confirm",
        by=by,
        obj=document,
        region=document.region_id,
        detail={"number": document.number},
    )
    return document


@transaction.atomic
def open_line(
    document: AuthorisingDocument, *, use: str, region: str, year: int, usable: tuple[date, date], by: Any
) -> Line:
    """Open a line that rests on a confirmed document, spent on the days from `usable[0]` to `usable[1]`.

    Raises Refused, NotNow.
    """
    require(by, "funds.record", region)
    if document.confirmed_at is None:
        raise NotNow(f"文件{document.number}尚未由另一人确认，不能据以设立科目。")
    covering = {region, f"{region[:4]}00", f"{region[:2]}0000"}
    if document.region_id not in covering:
        raise NotNow(f"文件{document.number}的使用地是{document.region}，不能在其他地区据以设立科目。")
    rule = document.fund.rules.filter(use=use).first()
    if rule is None or not rule.permitted:
        said = f"（{rule.document}{rule.article}）" if rule else ""
        raise NotNow(f"{document.fund}不得用于该用途{said}。")
    line = Line.objects.create(
        fund=document.fund,
        year=year,
        region_id=region,
        use=use,
        document=document,
        usable_from=usable[0],
        usable_until=usable[1],
        opened_by=by,
    )
    audit.record(
        "funds.line.open",
        by=by,
        obj=line,
        region=region,
        detail={"fund": line.fund_id, "use": use, "document": document.number},
    )
    return line
