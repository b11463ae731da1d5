"""What somebody looked for, understood: which kind of number it is, or else a name.

The last four characters of an ID number are nowhere stored by themselves. Beside a name they are held against the
numbers of the people of that name; alone against those of everybody in one's places, where these are a banner's people
and not a league's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from portal import audit, crypto
from portal.cases.models import Case
from portal.cases.models.life import NEWEST_FIRST
from portal.cases.numbers import number_as_issued
from portal.letters.models import Issuer, Letter, read_code
from portal.pages.desk import found_by_programme
from portal.workforce.identity import (
    InvalidNumber,
    certificate_number,
    check_id_number,
    check_phone,
    mask_id_number,
    mask_phone,
    narrow,
)
from portal.workforce.models import Employer, SkillCredential, Worker

MOST_REMEMBERED = 6
# In the session, encrypted: it may be an ID number.
_NOT_FOUND = "not_found"
SHOWN = 20
_CASE_NUMBER = re.compile(r"[A-Z]{1,4}-\d{4}-\d{6}")
_ID_NUMBER = re.compile(r"\d{17}[\dX]|\d{15}")
_PHONE = re.compile(r"1[3-9]\d{9}")
_NAME_AND_TAIL = re.compile(r"(?P<name>\D*?)\s*(?P<tail>\d{3}[\dX])")
# 3号, 2026-3, 〔2026〕3号, 匠〔2026〕3.
_SHORT_LETTER = re.compile(r"[^\d〔]*(?:〔?(?P<year>20\d\d)[〕\-年]{1,2})?(?P<sequence>\d{1,6})(?P<sign>号?)")
# Numbers are opened one by one to be compared: at most of so many people.
_MOST_OPENED = 8000
ADD_A_NAME = "您负责的地区人员较多，只凭末四位不能查找。请在前面加上姓名，姓名在前，末四位在后。"
_CREDIT_CODE = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}")


@dataclass(frozen=True)
class Hit:
    """The one record a number belongs to: where it is, and how the search is remembered (never with the
    number itself).
    """

    href: str
    remembered_as: str
    # Whose it is, where it is one person's.
    worker_id: int | None = None


def last_searches(request: HttpRequest) -> list[dict[str, str]]:
    """The last searches of the session, the newest first."""
    return request.session.get("searches", [])


def remember(request: HttpRequest, text: str, href: str) -> None:
    """Keep the last searches of the session, newest first, each once."""
    kept = [search for search in last_searches(request) if search["href"] != href]
    request.session["searches"] = [{"text": text[:40], "href": href}, *kept][:MOST_REMEMBERED]


def remember_not_found(request: HttpRequest, text: str) -> None:
    """What was looked for in vain, for whoever then writes the person down; never in an address."""
    sealed = crypto.encrypt(text, purpose=crypto.Purpose.SESSIONS, bound_to=_NOT_FOUND.encode())
    request.session[_NOT_FOUND] = sealed.hex()


def to_write_down(request: HttpRequest) -> dict[str, str]:
    """What a new record begins with after a search in vain: the ID number, or the name, that was typed."""
    if "searched" not in request.GET:
        return {}
    text = _not_found(request)
    compact = "".join(narrow(text).split()).upper()
    if re.fullmatch(r"\d{17}[\dX]", compact):
        return {"id_number": compact}
    return {"name": text} if text and not re.search(r"\d", compact) else {}


def _not_found(request: HttpRequest) -> str:
    """What was looked for in vain; nothing when it does not open any more."""
    sealed = bytes.fromhex(request.session.get(_NOT_FOUND, ""))
    try:
        return crypto.decrypt(sealed, purpose=crypto.Purpose.SESSIONS, bound_to=_NOT_FOUND.encode())
    except crypto.Undecipherable:
        return ""


def exact(text: str, user: Any) -> tuple[Hit | None, str]:
    """(the record whose number this is, or None; what to say when it looks like a number but nothing was
    found).
    """
    plain = narrow(text)
    compact = re.sub(r"\s", "", plain).upper()
    if _ID_NUMBER.fullmatch(compact):
        return _by_id_number(compact, user)
    if _PHONE.fullmatch(compact):
        return _by_phone(compact, user)
    if (worker_id := found_by_programme(text, user)) is not None:
        return Hit(reverse("window:worker", args=[worker_id]), text, worker_id), ""
    case_number = number_as_issued(text)
    if _CASE_NUMBER.fullmatch(case_number):
        return _by_case_number(case_number, user)
    letter = _letter(plain, compact, user)
    if letter is not None:
        return Hit(reverse("letters:detail", args=[letter.code]), letter.number_text, letter.worker_id), ""
    if _CREDIT_CODE.fullmatch(compact):
        employer = Employer.objects.visible_to(user).filter(credit_code=compact).first()
        if employer is not None:
            return Hit(f"{reverse('window:workers')}?employer={compact}", employer.name), ""
    return _by_certificate(plain, user), ""


def _by_case_number(number: str, user: Any) -> tuple[Hit | None, str]:
    case = Case.objects.visible_to(user).filter(number=number).only("worker_id").first()
    if case is not None:
        return Hit(reverse("window:case", args=[number]), number, case.worker_id), ""
    return None, f"没有编号为 {number} 的办件，或该办件不属于您负责的地区。"


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
    return Hit(reverse("window:worker", args=[worker.pk]), f"{worker.name} {masked}", worker.pk), ""


def _by_phone(compact: str, user: Any) -> tuple[Hit | None, str]:
    """Written to the audit as well. A phone that several share leads to all of them."""
    phone = check_phone(compact)
    owners = list(Worker.objects.visible_to(user).with_phone(phone)[:2])
    owner = owners[0] if len(owners) == 1 else None
    audit.record(
        "worker.search",
        by=user,
        obj=owner,
        worker=owner,
        region=owner.work_region_id if owner else None,
        detail={"by": "phone", "found": bool(owners)},
    )
    masked = mask_phone(phone)
    if not owners:
        return None, f"您负责的地区没有手机号为 {masked} 的人员。请改用姓名或证件号码查找。"
    if owner is None:
        return None, ""
    return Hit(reverse("window:worker", args=[owner.pk]), f"{owner.name} {masked}", owner.pk), ""


def _letter(plain: str, compact: str, user: Any) -> Letter | None:
    """The letter whose number was typed, with whatever brackets, or else its code."""
    letters = Letter.objects.visible_to(user)
    number = re.sub(r"\s", "", plain)
    number = re.sub(r"[\[(（【]", "〔", number)
    number = re.sub(r"[\])）】]", "〕", number)
    if "〔" in number:
        whole = letters.filter(number_text=number).first()
        if whole is not None:
            return whole
    short = _letters_numbered(number, user)
    if len(short) == 1:
        return short[0]
    code = read_code(compact)
    return letters.filter(code=code).first() if code else None


def _letters_numbered(number: str, user: Any) -> list[Letter]:
    """The letters that a short number may mean: the order number with the year, or with 号 behind it; then of this
    year, or else of the one before.
    """
    match = _SHORT_LETTER.fullmatch(number)
    if match is None or not (match["year"] or match["sign"]):
        return []
    this_year = timezone.localdate().year
    years = [int(match["year"])] if match["year"] else [this_year, this_year - 1]
    seen = Letter.objects.visible_to(user).filter(issuer__in=Issuer.objects.values("pk"))
    of_number = seen.filter(year__in=years, sequence=int(match["sequence"]))
    letters = list(of_number.select_related("worker").defer("context").order_by("-year", "-id")[: SHOWN + 1])
    return [letter for letter in letters if letter.year == letters[0].year]


def _by_certificate(plain: str, user: Any) -> Hit | None:
    """The worker with a skill certificate of that number: letters and digits, six at least."""
    owners = set(_certificates_numbered(plain, user).values_list("worker_id", "worker__name")[:2])
    if len(owners) != 1:
        return None
    [(worker_id, name)] = owners
    return Hit(reverse("window:worker", args=[worker_id]), f"{name}（证书{plain}）", worker_id)


def _certificates_numbered(text: str, user: Any) -> Any:
    """The certificates of a number: letters and digits, six at least; as typed, or in its one form."""
    certificates = SkillCredential.objects.visible_to(user)
    number = certificate_number(text)
    if not re.fullmatch(r"[A-Z0-9-]{6,40}", number):
        return certificates.none()
    return certificates.filter(number__in={narrow(text), number})


def _sharing_a_certificate(text: str, user: Any) -> list[Worker]:
    """The people under whose names one and the same certificate is registered: it cannot be theirs all."""
    owners = _certificates_numbered(text, user).values("worker_id")
    workers = Worker.objects.visible_to(user).filter(pk__in=owners)
    return list(workers.select_related("work_region__parent", "employer").order_by("-id")[: SHOWN + 1])


def _sharing_a_phone(text: str, user: Any) -> list[Worker]:
    """The people with one and the same phone."""
    compact = re.sub(r"\s", "", narrow(text))
    if not _PHONE.fullmatch(compact):
        return []
    workers = Worker.objects.visible_to(user).with_phone(compact)
    return list(workers.select_related("work_region__parent", "employer").order_by("-id")[: SHOWN + 1])


def _with_tail(name: str, tail: str, user: Any) -> list[Worker]:
    """The people whose ID number ends like that, of a name or of everybody in one's places. Nobody where that would be
    too many to look at.
    """
    seen = Worker.objects.visible_to(user)
    if name:
        seen = seen.named(name)
    numbers = list(seen.order_by("-id").values_list("pk", "id_number", "id_digest")[: _MOST_OPENED + 1])
    if len(numbers) > _MOST_OPENED:
        return []
    ending = [pk for pk, number, _ in numbers if str(number).endswith(tail)]
    workers = Worker.objects.visible_to(user).filter(pk__in=ending[: SHOWN + 1])
    return list(workers.select_related("work_region__parent", "employer").order_by("-id"))


def tail_is_too_common(text: str, user: Any) -> bool:
    """Whether four characters were typed without a name where too many people would have to be looked at."""
    match = _NAME_AND_TAIL.fullmatch(narrow(text).upper())
    if match is None or match["name"]:
        return False
    some = Worker.objects.visible_to(user).order_by("-id").values("pk")[: _MOST_OPENED + 1]
    return some.count() > _MOST_OPENED


def by_name(text: str, user: Any) -> list[dict[str, Any]]:
    """Groups of what the name may mean, empty groups left out: people, units, open and closed cases of these
    people.
    """
    if sharing := _sharing_a_certificate(text, user):
        return [_group("workers", f"证书编号 {narrow(text)} 登记在多人名下，请核对", sharing)]
    if sharing := _sharing_a_phone(text, user):
        return [_group("workers", "登记了同一手机号的人员，请核对", sharing)]
    if match := _NAME_AND_TAIL.fullmatch(narrow(text).upper()):
        ending = _with_tail(match["name"], match["tail"], user)
        title = f"证件号码末四位为 {match['tail']} 的人员"
        return [_group("workers", title, ending)] if ending else []
    if letters := _letters_numbered(re.sub(r"\s", "", narrow(text)), user):
        return [_group("letters", "发文字号相近的信函", letters)]
    workers = _workers_named(text, user)
    groups = [
        _group("workers", "人员", workers, f"{reverse('window:workers')}?name={text}"),
        _group("employers", "用人单位", _employers_named(text, user)),
        _group("cases", "上述人员的办件", _cases_of(workers[:SHOWN], user)),
    ]
    return [group for group in groups if group["rows"]]


def _group(kind: str, title: str, rows: list[Any], href: str = "") -> dict[str, Any]:
    return {
        "kind": kind,
        "title": title,
        "rows": rows[:SHOWN],
        "more": len(rows) > SHOWN,
        "href": href,
    }


def _workers_named(text: str, user: Any) -> list[Worker]:
    workers = Worker.objects.visible_to(user).named(text)
    return list(workers.select_related("work_region__parent", "employer").order_by("-id")[: SHOWN + 1])


def _employers_named(text: str, user: Any) -> list[Employer]:
    if len(text) < 2:
        return []
    employers = Employer.objects.visible_to(user).named(text)
    return list(employers.select_related("region__parent").order_by("name")[: SHOWN + 1])


def _cases_of(workers: list[Worker], user: Any) -> list[Case]:
    if not workers:
        return []
    cases = Case.objects.visible_to(user).filter(worker__in=[worker.pk for worker in workers])
    return list(cases.select_related("worker", "region__parent").order_by(*NEWEST_FIRST)[: SHOWN + 1])
