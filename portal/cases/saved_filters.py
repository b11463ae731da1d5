"""Filters of lists are kept by whoever uses them, and given up again."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.db import transaction

from portal import audit
from portal.accounts.access import NotNow, require
from portal.accounts.models import User
from portal.cases.models.saved import ListPage, SavedFilter
from portal.reasons import NUMBER_IN_FULL, names_id_number

AT_MOST = 20
# What is kept of an address: never the name of a person, nor the place in the list.
KEPT = ("list", "region", "kind", "state", "due", "sort")


def kept_of(query: str) -> str:
    """The part of an address that a saved filter has."""
    given = [(name, value) for name, value in parse_qsl(query) if name in KEPT and value]
    return urlencode(given)


@transaction.atomic
def save_filter(page: str, name: str, query: str, *, by: Any) -> SavedFilter:
    """Keep a filter; one of the same name is replaced. Raises Refused, NotNow (no name, nothing filtered, too many)."""
    require(by, "case.view")
    name, kept = " ".join(name.split()), kept_of(query)
    if page not in ListPage.values or not 0 < len(name) <= 20:
        raise NotNow("请填写筛选的名称，不超过20个字。")
    if names_id_number(name):
        raise NotNow(NUMBER_IN_FULL)
    if not kept or len(kept) > 300:
        raise NotNow("当前没有可以保存的筛选条件；姓名不保存。请先选择条件并查询。")
    # Two windows of one person at once.
    User.objects.select_for_update().get(pk=by.pk)
    others = SavedFilter.objects.filter(person=by).exclude(page=page, name=name)
    if others.count() >= AT_MOST:
        raise NotNow(f"最多保存{AT_MOST}个筛选，请先删除不用的。")
    saved, _ = SavedFilter.objects.update_or_create(person=by, page=page, name=name, defaults={"query": kept})
    audit.record("filter.save", by=by, detail={"name": name})
    return saved


@transaction.atomic
def remove_filter(filter_id: int, *, by: Any) -> str:
    """Give one of one's own up; its name. Raises SavedFilter.DoesNotExist."""
    saved = SavedFilter.objects.select_for_update().get(pk=filter_id, person=by)
    saved.delete()
    audit.record("filter.remove", by=by, detail={"name": saved.name})
    return saved.name
