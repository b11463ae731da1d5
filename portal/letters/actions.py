"""The only code that issues, supersedes or serves letters.

`issue` and `issue_many` are called by the actions of programmes, inside their transaction and after they have
checked who may: a letter without its decision, or a decision without its letter, cannot be committed. One
letter is a list of one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from portal import audit
from portal.accounts.access import NotNow, require
from portal.accounts.demonstration import is_demonstration
from portal.letters import building, kinds
from portal.letters.kinds import Kind
from portal.letters.models import Issuer, Letter, LetterFile, LetterSeries, PrintFile, Service
from portal.letters.printing import JOB_KIND
from portal.reasons import NUMBER_IN_FULL, names_id_number

_BATCH = 1000


class BadLetter(ValueError):
    """What the letter is to say is incomplete, or says too much about the person."""


class TooMuchSaid(BadLetter, NotNow):
    """Somebody typed an ID number in full into what the letter repeats; the message is for that person."""


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


def _key(object_or_key: Any) -> Any:
    return getattr(object_or_key, "pk", object_or_key)


def _texts(value: Any) -> Iterator[str]:
    """Every text in a context, however deep it lies."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)
    else:
        yield str(value)


def check(kind: Kind, draft: Draft) -> None:
    """BadLetter unless the draft says what its kind needs, and no ID number in full."""
    missing = [key for key in kind.needs if draft.context.get(key) in (None, "")]
    if missing:
        raise BadLetter(f"a {kind.code} letter needs {', '.join(missing)}")
    texts = [*_texts(draft.context), draft.addressee, draft.grounds]
    if any(names_id_number(text) for text in texts):
        raise TooMuchSaid(f"文书不能写明完整的证件号码。{NUMBER_IN_FULL}")
    states_why = draft.grounds.strip() and draft.clause.strip() and draft.remedy.strip()
    if kind.adverse and not states_why:
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
    newest = kinds.current(kind)
    for draft in drafts:
        check(newest, draft)
    office = Issuer.objects.get(code=issuer)
    now = timezone.now()
    letters = []
    for number, draft in zip(_take_numbers(office, on.year, len(drafts)), drafts, strict=True):
        letters.append(_letter(newest, office, number, draft, by=by, on=on, now=now))
    Letter.objects.bulk_create(letters, batch_size=_BATCH)
    files = [LetterFile(letter=letter, queued_at=now) for letter in letters]
    LetterFile.objects.bulk_create(files, batch_size=_BATCH)
    audit.record_many("letter.issue", by=by, about=[_as_issued(letter) for letter in letters])
    building.enqueue([letter.pk for letter in letters])
    return letters


def _letter(
    kind: Kind, office: Issuer, number: int, draft: Draft, *, by: Any, on: date, now: datetime
) -> Letter:
    return Letter(
        issuer=office,
        issuer_name=office.name,
        year=on.year,
        sequence=number,
        number_text=f"{office.mark}〔{on.year}〕{number}号",
        kind=kind.code,
        template_version=kind.version,
        title=kind.title,
        addressee=draft.addressee,
        context=dict(draft.context),
        worker_id=_key(draft.worker),
        case_id=_key(draft.case),
        region_id=_key(draft.region),
        # Also where somebody has made an issuer of the demonstration their own.
        is_sample=office.is_sample or is_demonstration(),
        issued_on=on,
        issued_at=now,
        issued_by=by,
        adverse=kind.adverse,
        grounds=draft.grounds or None,
        clause=draft.clause,
        remedy=draft.remedy,
    )


def _as_issued(letter: Letter) -> tuple[Letter, Any, str, dict[str, str]]:
    """The letter as the audit notes it: (object, worker, region, detail)."""
    detail = {"number": letter.number_text, "kind": letter.kind}
    return letter, letter.worker_id, letter.region_id, detail


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
    letter.served_how = Service(how)
    letter.served_on = served_on
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
    chosen = list(dict.fromkeys(letter_ids))
    if not chosen:
        raise BadLetter("没有选择信函。请先选中要打印的信函。")
    count = len(chosen)
    if Letter.objects.visible_to(by).filter(pk__in=chosen).count() != count:
        raise BadLetter("所选信函中有不存在或者不属于您负责地区的，请重新选择。")
    job = runner.start(JOB_KIND, title=title or f"合并打印{count}份信函", by=by, total=count)
    print_file = PrintFile.objects.create(job=job, letters=chosen, double_sided=double_sided)
    audit.record("letter.print", by=by, obj=print_file, detail={"letters": count})
    return print_file


@transaction.atomic
def confirm_issuer(*, code: str, mark: str, name: str | None = None, by: Any) -> Issuer:
    """An office confirms its mark and name; from now on its letters are no samples. What was issued stays as
    it was.
    """
    issuer = Issuer.objects.select_for_update().get(code=code)
    issuer.mark = mark.strip()
    issuer.name = (name or issuer.name).strip()
    issuer.is_sample = False
    issuer.save()
    audit.record("letter.issuer", by=by, obj=issuer, region=issuer.region_id, detail={"mark": issuer.mark})
    return issuer
