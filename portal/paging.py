"""Pages of a list by key, not by offset: the deepest page costs as much as the first, and rows that come or
go meanwhile neither repeat nor hide others.

    page = page_of(cases, order=("due_sort", "id"), after=request.GET.get("after", ""), size=30)
    page.rows, page.next_cursor, page.previous_cursor        # what {% pager page %} wants

The keys all run the same way ("due_sort", "id" or "-due_sort", "-id"), end in a unique column and are never
NULL: then one row comparison `(due_sort, id) > (…)` walks an index in that order, whatever the depth.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import reduce
from typing import Any, Generic, TypeVar

from django.core import signing
from django.core.exceptions import BadRequest, EmptyResultSet, ValidationError
from django.db import connection
from django.db.models import F, QuerySet
from django.db.models.fields.tuple_lookups import TupleGreaterThan, TupleLessThan

Row = TypeVar("Row")
PAGE_SIZE = 30
COUNTED_AT_MOST = 10_000


class BadCursor(BadRequest):
    """The cursor in the address was cut, changed, or made for another list. The message is for the person or
    the caller.
    """

    def __init__(self) -> None:
        super().__init__("翻页位置无效或已过期，请回到第一页重新查询。")


class Count(int):
    """How many there are, or at least how many: written 10,000+ when there are more than were counted."""

    more: bool

    def __new__(cls, number: int, more: bool = False) -> Count:
        count = super().__new__(cls, number)
        count.more = more
        return count

    def __format__(self, spec: str) -> str:
        return f"{int(self):{spec}}{'+' if self.more else ''}"

    def __str__(self) -> str:
        return format(self, ",")


@dataclass(frozen=True)
class Page(Generic[Row]):
    """The rows of one page; a cursor is None when there is no such page.

    `total` only when it was asked for.
    """

    rows: list[Row]
    previous_cursor: str | None
    next_cursor: str | None
    total: Count | None = None

    @property
    def shown(self) -> int:
        return len(self.rows)


def capped_count(queryset: QuerySet[Any], limit: int = COUNTED_AT_MOST) -> tuple[int, bool]:
    """(how many, whether there are more), without reading further than `limit` rows."""
    counted = queryset.order_by().values("pk")[: limit + 1].count()
    return min(counted, limit), counted > limit


def count_of(queryset: QuerySet[Any], limit: int = COUNTED_AT_MOST) -> Count:
    """How many rows there are, as a number that writes itself; no more than `limit` are counted."""
    return Count(*capped_count(queryset, limit))


def counts_of(querysets: Sequence[QuerySet[Any]], limit: int = COUNTED_AT_MOST) -> list[Count]:
    """The same of several, in one statement."""
    parts: list[str] = []
    parameters: list[Any] = []
    for queryset in querysets:
        try:
            sql, bound = queryset.order_by().values("pk")[: limit + 1].query.sql_with_params()
        except EmptyResultSet:
            parts.append("0")
            continue
        parts.append(f"(SELECT count(*) FROM ({sql}) counted)")  # noqa: S608 - statements of querysets
        parameters += bound
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", parameters)
        return [Count(min(number, limit), number > limit) for number in cursor.fetchone()]


def page_of(
    queryset: QuerySet[Any],
    *,
    order: Sequence[str],
    after: str = "",
    before: str = "",
    size: int = PAGE_SIZE,
    count: bool = False,
    count_up_to: int = COUNTED_AT_MOST,
    narrow: bool = False,
) -> Page[Any]:
    """The page after or before a cursor, or the first one; with `count` also how many rows there are in all.

    Rows that are little more than their keys are `narrow`: of the first page all that are counted are read, so that
    what is hard to find is looked for once and not twice. A page whose rows have all gone since the link was made is
    answered with the first page. Raises BadCursor.
    """
    backwards = bool(before and not after)
    descending = _runs_down(order) != backwards
    cursor = after or before
    reads_all_counted = count and narrow and not cursor
    total = count_of(queryset, count_up_to) if count and not reads_all_counted else None
    keys = [name.removeprefix("-") for name in order]
    in_order = queryset.order_by(*(f"-{key}" if descending else key for key in keys))
    if cursor:
        lookup = TupleLessThan if descending else TupleGreaterThan
        at = _read_cursor(cursor, queryset, order)
        in_order = in_order.filter(lookup(tuple(F(key) for key in keys), at))
    # One row more than the page holds says whether another page follows.
    rows = list(in_order[: max(size, count_up_to if reads_all_counted else 0) + 1])
    if cursor and not rows:
        return page_of(queryset, order=order, size=size, count=count, count_up_to=count_up_to, narrow=narrow)
    if reads_all_counted:
        total = Count(min(len(rows), count_up_to), len(rows) > count_up_to)
    goes_on = len(rows) > size
    rows = rows[:size]
    if backwards:
        rows.reverse()
    return Page(
        rows=rows,
        previous_cursor=_cursor_at(rows[:1], order, goes_on if backwards else bool(after)),
        next_cursor=_cursor_at(rows[-1:], order, backwards or goes_on),
        total=total,
    )


def _runs_down(order: Sequence[str]) -> bool:
    """Whether the keys run downwards; ValueError when they do not all run the same way."""
    directions = {name.startswith("-") for name in order}
    if len(directions) != 1:
        raise ValueError(f"the keys {tuple(order)} must all run the same way")
    return directions.pop()


def _cursor_at(edge: Sequence[Any], order: Sequence[str], wanted: bool) -> str | None:
    """The cursor of the row at an edge of a page; None for a page without rows, or when no page
    lies beyond.
    """
    if not edge or not wanted:
        return None
    return _write_cursor(edge[0], order)


def page_asked(
    queryset: QuerySet[Any], query: Mapping[str, Any], *, order: Sequence[str], **options: Any
) -> Page[Any]:
    """page_of with the cursors of a query string, `?after=…` or `?before=…`."""
    return page_of(
        queryset, order=order, after=query.get("after", ""), before=query.get("before", ""), **options
    )


def page_within(
    rows: Sequence[Row],
    query: Mapping[str, Any],
    *,
    name: str,
    key: Callable[[Row], tuple[Any, ...]],
    size: int = PAGE_SIZE,
) -> Page[Row]:
    """The page asked for of rows that are all at hand, in the order of `key`: for lists that are reckoned,
    not stored.

    The keys are numbers, texts and truth values, no two of them the same; `name` tells this list from others.
    Raises BadCursor.
    """
    keys = [key(row) for row in rows]
    signer = _signer([name])
    start, end = _place_asked(keys, query, signer, size)
    if start >= len(rows):
        start, end = 0, size
    end = min(end, len(rows))
    return Page(
        rows=list(rows[start:end]),
        previous_cursor=signer.sign_object(list(keys[start])) if start else None,
        next_cursor=signer.sign_object(list(keys[end - 1])) if end < len(rows) else None,
        total=Count(len(rows)),
    )


def _place_asked(
    keys: Sequence[tuple[Any, ...]], query: Mapping[str, Any], signer: signing.Signer, size: int
) -> tuple[int, int]:
    """Where the page begins and ends that lies behind or before the cursor of a query. Raises BadCursor."""
    after, before = query.get("after", ""), query.get("before", "")
    if not (after or before):
        return 0, size
    try:
        at = tuple(signer.unsign_object(after or before))
        if after:
            start = bisect_right(keys, at)
            return start, start + size
        end = bisect_left(keys, at)
    except (signing.BadSignature, TypeError, ValueError) as error:
        raise BadCursor from error
    # Nothing lies before the first row: then the first page is shown.
    return (max(0, end - size), end) if end else (0, size)


def _signer(order: Sequence[str]) -> signing.Signer:
    """A cursor is signed for its order: what comes back is what was handed out, for a list of the
    same keys.
    """
    return signing.Signer(salt=f"portal.paging {','.join(order)}")


def _write_cursor(row: Any, order: Sequence[str]) -> str:
    values = [_plain(_value_at(row, name.removeprefix("-"))) for name in order]
    return _signer(order).sign_object(values)


def _value_at(row: Any, path: str) -> Any:
    if isinstance(row, Mapping):
        return row[path]
    return reduce(getattr, path.split("__"), row)


def _plain(value: Any) -> Any:
    """The value as it can be written into a cursor."""
    if value is None:
        raise ValueError("a key of a list is NULL: such rows would never be reached")
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return value


def _read_cursor(cursor: str, queryset: QuerySet[Any], order: Sequence[str]) -> tuple[Any, ...]:
    try:
        values = _signer(order).unsign_object(cursor)
        fields = [queryset.query.resolve_ref(name.removeprefix("-")).output_field for name in order]
        return tuple(field.to_python(value) for field, value in zip(fields, values, strict=True))
    except (signing.BadSignature, ValidationError, ValueError) as error:
        raise BadCursor from error
