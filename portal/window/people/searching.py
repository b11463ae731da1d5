"""What somebody looked for, understood: which kind of number it is, or else a name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from portal import audit
from portal.cases.models import Case
from portal.letters.models import Letter, read_code
from portal.workforce.identity import InvalidNumber, check_id_number, mask_id_number, narrow
from portal.workforce.models import Employer, SkillCredential, Worker

MOST_REMEMBERED = 6
SHOWN = 20
_CASE_NUMBER = re.compile(r"[A-Z]{1,4}-\d{4}-\d{6}")
_ID_NUMBER = re.compile(r"\d{17}[\dX]|\d{15}")
_CREDIT_CODE = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}")


@dataclass(frozen=True)
class Hit:
    """The one record a number belongs to: where it is, and how the search is remembered (never with the
    number itself).
    """

    href: str
    remembered_as: str


def last_searches(request: HttpRequest) -> list[dict[str, str]]:
    return request.session.get("searches", [])


def remember(request: HttpRequest, text: str, href: str) -> None:
    """Keep the last searches of the session, newest first, each once."""
    kept = [search for search in last_searches(request) if search["href"] != href]
    request.session["searches"] = [{"text": text[:40], "href": href}, *kept][:MOST_REMEMBERED]


def exact(text: str, user: Any) -> tuple[Hit | None, str]:
    """(the record whose number this is, or None; what to say when it looks like a number but nothing was
    found).
    """
    plain = narrow(text)
    compact = re.sub(r"\s", "", plain).upper()
    if _ID_NUMBER.fullmatch(compact):
        return _by_id_number(compact, user)
    if _CASE_NUMBER.fullmatch(compact):
        if Case.objects.visible_to(user).filter(number=compact).exists():
            return Hit(reverse("window:case", args=[compact]), compact), ""
        return None, f"没有编号为 {compact} 的办件，或该办件不属于您负责的地区。"
    letter = _letter(plain, compact, user)
    if letter is not None:
        return Hit(reverse("letters:detail", args=[letter.code]), letter.number_text), ""
    if _CREDIT_CODE.fullmatch(compact):
        employer = Employer.objects.visible_to(user).filter(credit_code=compact).first()
        if employer is not None:
            return Hit(f"{reverse('window:workers')}?employer={compact}", employer.name), ""
    certificate = _by_certificate(plain, user)
    return certificate, ""


def _by_id_number(compact: str, user: Any) -> tuple[Hit | None, str]:
    """Looking somebody up by their ID number is written to the audit, found or not."""
    try:
        number = check_id_number(compact)
    except InvalidNumber as error:
        # Eighteen digits may also be a unit's code; the message is about what was most likely meant.
        return None, str(error)
    worker = Worker.objects.visible_to(user).with_id_number(number).first()
    audit.record(
        "worker.search",
        by=user,
        obj=worker,
        worker=worker,
        region=worker.work_region_id if worker else None,
        detail={"by": "id_number", "found": worker is not None},
    )
    masked = mask_id_number(number)
    if worker is None:
        return None, f"您负责的地区没有证件号码为 {masked} 的人员。请核对号码；本人前来办理的，由窗口登记。"
    return Hit(reverse("window:worker", args=[worker.pk]), f"{worker.name} {masked}"), ""


def _letter(plain: str, compact: str, user: Any) -> Letter | None:
    letters = Letter.objects.visible_to(user)
    number = re.sub(r"[\[(（【]", "〔", re.sub(r"[\])）】]", "〕", re.sub(r"\s", "", plain)))
    if "〔" in number:
        return letters.filter(number_text=number).first()
    code = read_code(compact)
    return letters.filter(code=code).first() if code else None


def _by_certificate(plain: str, user: Any) -> Hit | None:
    """The number of a skill certificate: letters and digits, six at least."""
    if not re.fullmatch(r"[A-Za-z0-9-]{6,40}", plain):
        return None
    found = (
        SkillCredential.objects.visible_to(user)
        .filter(number=plain)
        .values_list("worker_id", "worker__name")[:2]
    )
    if len({worker_id for worker_id, _ in found}) != 1:
        return None
    worker_id, name = found[0]
    return Hit(reverse("window:worker", args=[worker_id]), f"{name}（证书{plain}）")


def by_name(text: str, user: Any) -> list[dict[str, Any]]:
    """Groups of what the name may mean, empty groups left out: people, units, open and closed cases of these
    people.
    """
    text = "".join(text.split())
    workers = list(
        Worker.objects.visible_to(user)
        .named(text)
        .select_related("work_region__parent", "employer")
        .order_by("-id")[: SHOWN + 1]
    )
    employers = (
        list(
            Employer.objects.visible_to(user)
            .filter(name__contains=text)
            .select_related("region__parent")
            .order_by("name")[: SHOWN + 1]
        )
        if len(text) > 1
        else []
    )
    cases = (
        list(
            Case.objects.visible_to(user)
            .filter(worker__in=[worker.pk for worker in workers[:SHOWN]])
            .select_related("worker", "region__parent")
            .order_by("-id")[: SHOWN + 1]
        )
        if workers
        else []
    )
    groups = [
        {
            "kind": "workers",
            "title": "人员",
            "rows": workers[:SHOWN],
            "more": len(workers) > SHOWN,
            "href": f"{reverse('window:workers')}?name={text}",
        },
        {
            "kind": "employers",
            "title": "用人单位",
            "rows": employers[:SHOWN],
            "more": len(employers) > SHOWN,
            "href": "",
        },
        {
            "kind": "cases",
            "title": "上述人员的办件",
            "rows": cases[:SHOWN],
            "more": len(cases) > SHOWN,
            "href": "",
        },
    ]
    return [group for group in groups if group["rows"]]
