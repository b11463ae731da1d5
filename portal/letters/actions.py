"""The only code that issues, supersedes or serves letters.

`issue` and `issue_many` are called by the actions of programmes, inside their transaction and after they have
checked who may: a letter without its decision, or a decision without its letter, cannot be committed. One
letter is a list of one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from portal import audit
from portal.accounts.access import require
from portal.letters import building, kinds
from portal.letters.kinds import Kind
from portal.letters.models import Issuer, Letter, LetterFile, LetterSeries, PrintFile, Service
from portal.letters.printing import JOB_KIND

# An ID number in full: 17 digits and a digit or X.
_ID_NUMBER = re.compile(r"(?<![0-9A-Za-z])\d{17}[\dXx](?![0-9A-Za-z])")
_BATCH = 1000


class BadLetter(ValueError):
    """What the letter is to say is incomplete, or says too much about the person."""


class AlreadyDone(Exception):
    """The letter was superseded or served before; the message says by which letter, or how and when."""


@dataclass(frozen=True)
class Draft:
    """What one letter says and to whom. `worker`, `case` and `region` may be objects or their keys."""

    addressee: str
    region: Any
    context: Mapping[str, Any] = field(default_factory=dict)
    worker: Any = None
    case: Any = None
    # Only for adverse kinds: why, by which clause, and what can be done about it (portal.letters.remedies).
    grounds: str = ""
    clause: str = ""
    remedy: str = ""


def _key(value: Any) -> Any:
    return getattr(value, "pk", value)


def _texts(value: Any) -> list[str]:
    if isinstance(value, Mapping):
        return [text for item in value.values() for text in _texts(item)]
    if isinstance(value, list | tuple):
        return [text for item in value for text in _texts(item)]
    return [str(value)]


def _check(kind: Kind, draft: Draft) -> None:
    missing = [key for key in kind.needs if draft.context.get(key) in (None, "")]
    if missing:
        raise BadLetter(f"a {kind.code} letter needs {', '.join(missing)}")
    if any(_ID_NUMBER.search(text) for text in [*_texts(draft.context), draft.addressee, draft.grounds]):
        raise BadLetter("a letter holds ID numbers only masked")
    if kind.adverse and not (draft.grounds.strip() and draft.clause.strip() and draft.remedy.strip()):
        raise BadLetter(f"a {kind.code} letter states grounds, clause and remedy")


def _take_numbers(issuer: Issuer, year: int, count: int) -> range:
    """The next `count` numbers. The row lock is held until the transaction ends; a rollback gives the numbers
    back.
    """
    LetterSeries.objects.bulk_create([LetterSeries(issuer=issuer, year=year)], ignore_conflicts=True)
    series = LetterSeries.objects.select_for_update().get(issuer=issuer, year=year)
    first = series.last_number + 1
    series.last_number += count
    series.save(update_fields=["last_number"])
    return range(first, first + count)


@transaction.atomic
def issue_many(*, kind: str, issuer: str, drafts: Sequence[Draft], by: Any, on: date) -> list[Letter]:
    """Issue letters of one kind with consecutive numbers in the order given; their files are built after the
    commit.

    `issuer` is the code of the issuer, `on` the date they bear, `by` who signed them (None: the system
    itself). Raises BadLetter, kinds.UnknownKind or Issuer.DoesNotExist; then nothing is issued and no number
    is used.
    """
    if not drafts:
        return []
    sort = kinds.current(kind)
    for draft in drafts:
        _check(sort, draft)
    office = Issuer.objects.get(code=issuer)
    now = timezone.now()
    numbers = _take_numbers(office, on.year, len(drafts))
    letters = Letter.objects.bulk_create(
        [
            Letter(
                issuer=office,
                issuer_name=office.name,
                year=on.year,
                sequence=number,
                number_text=f"{office.mark}〔{on.year}〕{number}号",
                kind=kind,
                template_version=sort.version,
                title=sort.title,
                addressee=draft.addressee,
                context=dict(draft.context),
                worker_id=_key(draft.worker),
                case_id=_key(draft.case),
                region_id=_key(draft.region),
                is_sample=office.is_sample,
                issued_on=on,
                issued_at=now,
                issued_by=by,
                adverse=sort.adverse,
                grounds=draft.grounds or None,
                clause=draft.clause,
                remedy=draft.remedy,
            )
            for number, draft in zip(numbers, drafts, strict=True)
        ],
        batch_size=_BATCH,
    )
    LetterFile.objects.bulk_create(
        [LetterFile(letter=letter, queued_at=now) for letter in letters], batch_size=_BATCH
    )
    audit.record_many(
        "letter.issue",
        by=by,
        about=[
            (one, one.worker_id, one.region_id, {"number": one.number_text, "kind": kind}) for one in letters
        ],
    )
    building.enqueue([letter.pk for letter in letters])
    return letters


def issue(
    *,
    kind: str,
    issuer: str,
    context: Mapping[str, Any],
    addressee: str,
    region: Any,
    by: Any,
    on: date,
    worker: Any = None,
    case: Any = None,
    grounds: str = "",
    clause: str = "",
    remedy: str = "",
    supersedes: Letter | None = None,
) -> Letter:
    """Issue one letter; see `issue_many`. With `supersedes` the named letter is replaced by it at once."""
    draft = Draft(addressee, region, context, worker, case, grounds, clause, remedy)
    with transaction.atomic():
        (letter,) = issue_many(kind=kind, issuer=issuer, drafts=[draft], by=by, on=on)
        if supersedes is not None:
            supersede(letter_id=supersedes.pk, replacement=letter, by=by)
    return letter


@transaction.atomic
def supersede(*, letter_id: int, replacement: Letter, by: Any) -> Letter:
    """Note that a letter no longer holds because `replacement` takes its place. AlreadyDone when another one
    did before.

    The caller has checked that `by` may. The old letter stays readable, and its verification page names the
    new one.
    """
    letter = Letter.objects.select_for_update(of=("self",)).select_related("superseded_by").get(pk=letter_id)
    if letter.superseded_by is not None:
        raise AlreadyDone(f"{letter.number_text}已被{letter.superseded_by.number_text}替代。")
    letter.superseded_by = replacement
    letter.save(update_fields=["superseded_by"])
    audit.record(
        "letter.supersede",
        by=by,
        obj=letter,
        worker=letter.worker_id,
        region=letter.region_id,
        detail={"number": letter.number_text, "by": replacement.number_text},
    )
    return letter


@transaction.atomic
def record_service(*, letter_id: int, how: str, served_on: date, by: Any) -> Letter:
    """Note how and on which day a letter reached its addressee. Once: AlreadyDone afterwards, Refused without
    the duty.
    """
    letter = Letter.objects.visible_to(by).select_for_update(of=("self",)).get(pk=letter_id)
    require(by, "letter.serve", letter.region_id)
    if letter.served_on is not None:
        raise AlreadyDone(
            f"{letter.number_text}已于{letter.served_on:%Y-%m-%d}{letter.get_served_how_display()}。"
        )
    if not letter.issued_on <= served_on <= timezone.localdate():
        raise BadLetter("送达日期不能早于成文日期，也不能晚于今天。")
    letter.served_how, letter.served_on = Service(how), served_on
    letter.save(update_fields=["served_how", "served_on"])
    audit.record(
        "letter.serve",
        by=by,
        obj=letter,
        worker=letter.worker_id,
        region=letter.region_id,
        detail={"number": letter.number_text, "how": letter.served_how, "on": served_on.isoformat()},
    )
    return letter


@transaction.atomic
def request_print(
    *, letter_ids: Sequence[int], double_sided: bool = False, title: str = "", by: Any
) -> PrintFile:
    """Have many letters made into one file for the printer, in the order given; `title` names it among the
    jobs.

    BadLetter when one may not be seen.
    """
    from portal.jobs import runner

    require(by, "letter.print")
    wanted = list(dict.fromkeys(letter_ids))
    allowed = set(Letter.objects.visible_to(by).filter(pk__in=wanted).values_list("pk", flat=True))
    if not wanted:
        raise BadLetter("没有选择信函。请先选中要打印的信函。")
    if len(allowed) != len(wanted):
        raise BadLetter("所选信函中有不存在或者不属于您负责地区的，请重新选择。")
    job = runner.start(JOB_KIND, title=title or f"合并打印{len(wanted)}份信函", by=by, total=len(wanted))
    print_file = PrintFile.objects.create(job=job, letters=wanted, double_sided=double_sided)
    audit.record("letter.print", by=by, obj=print_file, detail={"letters": len(wanted)})
    return print_file


@transaction.atomic
def confirm_issuer(*, code: str, mark: str, name: str | None = None, by: Any) -> Issuer:
    """An office confirms its mark and name; from now on its letters are no samples. What was issued stays as
    it was.
    """
    issuer = Issuer.objects.select_for_update().get(code=code)
    issuer.mark, issuer.name, issuer.is_sample = mark.strip(), (name or issuer.name).strip(), False
    issuer.save()
    audit.record("letter.issuer", by=by, obj=issuer, region=issuer.region_id, detail={"mark": issuer.mark})
    return issuer
