"""Two records of one person or unit as the pages of a merge show them, side by side."""

from __future__ import annotations

import re
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse

from portal.formats import date_iso
from portal.pages.view_log import name_asked, record_list
from portal.workforce.actions.pointers import PointerKind
from portal.workforce.identity import InvalidNumber, check_id_number, narrow
from portal.workforce.models import Employer, Worker

# Others that are offered to choose from.
MOST_FOUND = 20


def visible_record(request: HttpRequest, row: PointerKind, record_id: int) -> Any:
    """A worker or a unit that stands for itself, or 404 when there is none that the user may see."""
    if row.code == "person":
        seen = Worker.objects.visible_to(request.user).select_related("work_region__parent", "employer")
        return get_object_or_404(seen, pk=record_id)
    units = Employer.objects.visible_to(request.user).select_related("region__parent")
    return get_object_or_404(units, pk=record_id)


def address_of(row: PointerKind, record: Any) -> str:
    return reverse("window:worker" if row.code == "person" else "window:employer", args=[record.pk])


def others(request: HttpRequest, row: PointerKind, source: Any, text: str) -> list[dict[str, Any]]:
    """What the text may mean: an ID number or a name, a credit code or a name. The first is left out."""
    if row.code == "person":
        found = list(_people(request, text).exclude(pk=source.pk)[:MOST_FOUND])
        record_list(found, by=request.user, asked=[name_asked(text)])
    else:
        found = list(_units(request, text).exclude(pk=source.pk)[:MOST_FOUND])
    here = reverse("window:merge_new", args=[row.code, source.pk])
    return [{**shown(row, record, request.user), "choose": f"{here}?with={record.pk}"} for record in found]


def _people(request: HttpRequest, text: str) -> Any:
    people = Worker.objects.visible_to(request.user).select_related("work_region__parent", "employer")
    compact = "".join(narrow(text).split()).upper()
    if re.search(r"\d", compact):
        try:
            return people.with_id_number(check_id_number(compact))
        except InvalidNumber:
            return people.none()
    return people.named("".join(text.split())).order_by("-id")


def _units(request: HttpRequest, text: str) -> Any:
    units = Employer.objects.visible_to(request.user).select_related("region__parent")
    if len(text) == 18 and text.isascii():
        return units.filter(credit_code=text.upper())
    return units.filter(name__contains=text).order_by("name")


def shown(row: PointerKind, record: Any, user: Any) -> dict[str, Any]:
    """A record in lines, each with its label; numbers masked."""
    place = record.work_region if row.code == "person" else record.region
    if row.code == "person":
        level = record.get_skill_level_display() if record.skill_level else "未登记"
        lines = [
            ("姓名", record.name),
            ("证件号码", record.masked_id_number),
            ("手机号", record.masked_phone),
            ("出生日期", date_iso(record.birth_on)),
            ("性别", record.get_sex_display()),
            ("工作地", place.full_name),
            ("用人单位", record.employer.name if record.employer else ""),
            ("职业（工种）", record.occupation),
            ("技能等级", level),
            ("建档", f"{date_iso(record.created_at)} {record.source}"),
        ]
    else:
        lines = [
            ("单位名称", record.name),
            ("统一社会信用代码", record.credit_code or ""),
            ("单位性质", record.get_kind_display()),
            ("所在地", place.full_name),
            ("在职人员", f"{record.workers.count()}人"),
            ("建档", f"{date_iso(record.created_at)} {record.source}"),
        ]
    return {"record": record, "lines": lines, "href": address_of(row, record)}


def side_by_side(row: PointerKind, source: Any, target: Any, user: Any) -> dict[str, Any]:
    """Both as rows of a table: the label, the one, the other, and whether they say the same."""
    first = shown(row, source, user)
    second = shown(row, target, user) if target is not None else None
    rows = []
    for place, (label, said) in enumerate(first["lines"]):
        other = second["lines"][place][1] if second else ""
        rows.append({"label": label, "source": said, "target": other, "differs": second and said != other})
    return {"kind": row, "source": first, "target": second, "pair": rows}


def pointers_of(row: PointerKind, record: Any) -> list[dict[str, Any]]:
    """Every pointer from or to the record, newest first."""
    pointers = row.pointer.objects.filter(Q(source=record) | Q(target=record))
    return [
        {
            "pointer": pointer,
            "href": reverse("window:merge", args=[row.code, pointer.pk]),
            "label": _pointer_label(pointer, record),
        }
        for pointer in pointers.select_related("source", "target", "proposed_by", "decided_by").order_by(
            "-pk"
        )
    ]


def _pointer_label(pointer: Any, record: Any) -> str:
    """What a pointer is called on the page of one of its records."""
    if pointer.source_id != record.pk:
        return f"{pointer.source.name}的另一份档案{pointer.title}"
    into = f"：{pointer.target.name}" if pointer.target else ""
    return f"本档案{pointer.title}{into}"
