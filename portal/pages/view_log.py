"""Who saw which people in a list: one entry of the audit a page, with what was asked and whose rows were
shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from django import forms
from django.db.models import QuerySet

from portal import audit
from portal.formats import mask_name
from portal.workforce.identity import narrow
from portal.workforce.models import Worker

# As for the same list in the API.
LISTED = "worker.list"
# Whatever stands beside it: somebody types 1506…190Xx too.
_LONG_NUMBER = re.compile(r"(\d{3})\d{5,}(\d{2}[\dXx])")


def record_list(workers: Iterable[Worker], *, by: Any, asked: list[str]) -> None:
    """Write that `by` was shown these people. `asked` are the words of `asked_of`, or others without a number
    in the clear.
    """
    audit.record(LISTED, by=by, detail={"asked": asked}, people=[worker.pk for worker in workers])


def record_shown(numbers: Iterable[int | None], *, by: Any, asked: Iterable[str] = ()) -> None:
    """The same of a page that lists something else (cases, letters, nominations), by the people's numbers; nothing of a
    page on which there is nobody.
    """
    people = sorted({number for number in numbers if number is not None})
    if people:
        audit.record(LISTED, by=by, detail={"asked": list(asked)}, people=people)


def numbers_of(rows: QuerySet[Any], field: str) -> Iterator[int]:
    """The numbers of the people of a list, for the entry of its export: nothing of them is kept in memory."""
    found = rows.order_by().values_list(field, flat=True)
    return (number for number in found.iterator(chunk_size=20_000) if number is not None)


def asked_of(form: forms.Form) -> list[str]:
    """The filters that were set, in words. Names are masked, and long numbers that somebody typed into any of
    the fields.
    """
    return [
        f"{field.label}：{_said(field, form.cleaned_data[name])}"
        for name, field in form.fields.items()
        if _is_set(form, name)
    ]


def name_asked(text: str) -> str:
    return f"姓名：{mask_name(text)}"


def _is_set(form: forms.Form, name: str) -> bool:
    return form.cleaned_data.get(name) not in (None, "", False)


def _said(field: forms.Field, value: Any) -> str:
    if isinstance(field, forms.ChoiceField):
        return str(_labels(field.choices).get(str(value), value))
    text = _LONG_NUMBER.sub(r"\1***\2", narrow(str(value)))
    return mask_name(text) if field.label == "姓名" else text


def _labels(choices: Any) -> dict[str, Any]:
    """Choices of all groups by their value."""
    found: dict[str, Any] = {}
    for value, label in choices:
        found |= _labels(label) if isinstance(label, list | tuple) else {str(value): label}
    return found
