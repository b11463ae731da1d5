"""How days, moments, money, counts and names are written, on pages, in letters, lists and messages alike."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils import timezone


def _local(value: Any) -> Any:
    if isinstance(value, datetime) and timezone.is_aware(value):
        return timezone.localtime(value)
    return value


def date_cn(value: date | datetime | None) -> str:
    """2026年11月22日, for prose. Moments are told in Asia/Shanghai. Nothing for no date."""
    value = _local(value)
    return f"{value.year}年{value.month}月{value.day}日" if value else ""


def date_iso(value: date | datetime | None) -> str:
    """2026-11-22, for tables."""
    value = _local(value)
    return f"{value:%Y-%m-%d}" if value else ""


def time_iso(value: datetime | None) -> str:
    """2026-11-22 09:05, for timelines and logs."""
    value = _local(value)
    return f"{value:%Y-%m-%d %H:%M}" if value else ""


def yuan(value: Decimal | int | str | None) -> str:
    """Money in yuan: 5,000,000元, and 1,234.50元 when there are fen. Nothing for no amount; what is no number
    raises.
    """
    if value is None or value == "":
        return ""
    try:
        amount = Decimal(str(value))
    except InvalidOperation as error:
        raise ValueError(f"{value!r} is not an amount") from error
    has_fen = amount != amount.to_integral_value()
    return f"{amount:,.2f}元" if has_fen else f"{amount:,.0f}元"


def thousands(value: int | Decimal | None) -> str:
    """A count with separators: 650,000."""
    return "" if value is None else f"{value:,}"


def mask_name(value: str | None) -> str:
    """王* and 王*明: the first and, from three characters on, the last character stay."""
    name = (value or "").strip()
    if len(name) < 2:
        return name
    if len(name) == 2:
        return f"{name[0]}*"
    return name[0] + "*" * (len(name) - 2) + name[-1]


def size_cn(value: int | None) -> str:
    """A file's size: 812 字节, 24 KB, 3.1 MB, 200 MB."""
    if value is None:
        return ""
    if value < 1024:
        return f"{value} 字节"
    if value < 1024 * 1024:
        return f"{value / 1024:.0f} KB"
    megabytes = f"{value / 1024 / 1024:.1f}".removesuffix(".0")
    return f"{megabytes} MB"


def elapsed(seconds: float | int | None) -> str:
    """A span of time: 42秒, 3分07秒, 1小时05分."""
    if seconds is None:
        return ""
    whole = int(seconds)
    if whole < 60:
        return f"{whole}秒"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes}分{rest:02d}秒"
    return f"{minutes // 60}小时{minutes % 60:02d}分"
