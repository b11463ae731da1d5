"""What the register knows about a worker, as the worker reads it: each thing with its source and the day it
was written down.

Numbers by which others could act for the person (ID, phone, account) are masked here as well: phones are read
over shoulders.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from portal.formats import date_cn
from portal.workforce.merged import merged_into
from portal.workforce.models import AttestedFact, Worker
from portal.workforce.models.facts import ATTESTED_WORDS, Attested
from portal.workforce.models.honours import HonourState
from portal.workforce.models.verification import Verification
from portal.workforce.record_kinds import is_written_by_portal

_TONES = {
    HonourState.VERIFIED: "good",
    HonourState.UNVERIFIED: "warn",
    Verification.CONFIRMED: "good",
    Verification.STATED: "warn",
    Verification.REFUTED: "bad",
    "proposed": "warn",
    "refused": "bad",
    "replaced": "plain",
}


@dataclass(frozen=True)
class Item:
    """One record: what it is, what it says, where it came from and when it was written down."""

    title: str
    facts: tuple[tuple[str, str], ...]
    source: str
    recorded_at: datetime | None
    state: str = ""
    tone: str = "plain"
    # Whether somebody else has held it against a document; of what was found wrong, what it was.
    verdict: str = ""
    verdict_tone: str = "plain"
    found_wrong: str = ""


@dataclass(frozen=True)
class Section:
    title: str
    items: list[Item] = field(default_factory=list)


def _facts(*pairs: tuple[str, Any]) -> tuple[tuple[str, str], ...]:
    """Pairs whose value is known; yes and no in words, days in Chinese."""
    known = [(label, value) for label, value in pairs if value not in (None, "")]
    return tuple((label, _text(value)) for label, value in known)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, date):
        return date_cn(value)
    return str(value)


def _verdict(record: Any) -> dict[str, str]:
    """What an item says of its confirmation; nothing where the portal wrote the record itself."""
    if is_written_by_portal(record):
        return {}
    verification = Verification(record.verification)
    return {
        "verdict": str(verification.label),
        "verdict_tone": _TONES[verification],
        "found_wrong": record.verified_from if verification == Verification.REFUTED else "",
    }


def sections(worker: Worker) -> list[Section]:
    """Everything the register holds, a query for each kind of record; kinds without a record are left out."""
    readers: tuple[tuple[str, Callable[[Worker], Iterable[Item]]], ...] = (
        ("本人信息", _person),
        ("就业", _employment),
        ("技能证书", _credentials),
        ("荣誉", _honours),
        ("核定事项", _attested),
        ("失业保险", _insurance),
        ("技工院校学历", _schooling),
        ("竞赛成绩", _competitions),
        ("已领取的补贴", _claims),
        ("收款账户", _payees),
    )
    every_kind = [Section(title, list(read(worker))) for title, read in readers]
    # What was written down under another number of theirs is theirs as well.
    for other in merged_into(worker):
        for section, (_, read) in zip(every_kind[1:], readers[1:], strict=True):
            section.items.extend(read(other))
    return [section for section in every_kind if section.items]


def _person(worker: Worker) -> Iterable[Item]:
    born = f"{worker.birth_on.year}年**月**日" if worker.birth_on else ""
    household = worker.household_region.full_name if worker.household_region else ""
    yield Item(
        worker.name,
        _facts(
            ("证件号码", worker.masked_id_number),
            ("性别", worker.get_sex_display()),
            ("出生日期", born),
            ("手机号", worker.masked_phone),
            ("工作地", worker.work_region.full_name),
            ("户籍地", household),
        ),
        worker.source,
        worker.updated_at,
    )


def _employment(worker: Worker) -> Iterable[Item]:
    for record in worker.employments.select_related("employer"):
        years = ""
        if record.front_line_years is not None:
            years = f"{record.front_line_years.normalize():f}年"
        yield Item(
            str(record),
            _facts(
                ("职业（工种）", record.occupation),
                ("生产服务一线岗位", record.on_front_line),
                ("一线年限", years),
                ("技能岗位", record.in_skilled_post),
                ("机关事业单位在编", record.public_institution_payroll),
                ("自", record.started_on),
                ("至", record.ended_on),
            ),
            record.source,
            record.recorded_at,
            "目前" if record.ended_on is None else "已结束",
            **_verdict(record),
        )


def _credentials(worker: Worker) -> Iterable[Item]:
    for record in worker.credentials.all():
        yield Item(
            str(record),
            _facts(
                ("证书编号", record.number),
                ("发证日期", record.issued_on),
                ("登记时查验", record.get_verified_how_display()),
            ),
            record.source,
            record.recorded_at,
            **_verdict(record),
        )


def _honours(worker: Worker) -> Iterable[Item]:
    for record in worker.honours.select_related("type"):
        yield Item(
            str(record),
            _facts(("类型", record.type.name), ("授予日期", record.conferred_on), ("文号", record.document)),
            record.source,
            record.recorded_at,
            record.get_state_display(),
            _TONES[HonourState(record.state)],
        )


def _attested(worker: Worker) -> Iterable[Item]:
    for record in worker.attested_facts.order_by("code", "-since"):
        value = record.value
        if record.code in ATTESTED_WORDS:
            value = ATTESTED_WORDS[record.code].get(record.value, "")
        yield Item(
            record.get_code_display(),
            _facts(("内容", value), ("依据", record.document), ("自", record.since), ("至", record.until)),
            record.source,
            record.recorded_at,
            **_verdict(record),
        )


def _insurance(worker: Worker) -> Iterable[Item]:
    record = getattr(worker, "insurance", None)
    if record:
        yield Item(
            f"截至{date_cn(record.as_of)}",
            _facts(
                ("累计缴费", f"{record.months}个月" if record.months is not None else ""),
                ("正在正常缴费", record.paying),
                ("正在领取失业保险金", record.drawing_benefit),
            ),
            record.source,
            record.recorded_at,
            **_verdict(record),
        )


def _schooling(worker: Worker) -> Iterable[Item]:
    for record in worker.schoolings.order_by("-id"):
        yield Item(
            str(record),
            _facts(("毕业日期", record.graduated_on)),
            record.source,
            record.recorded_at,
            **_verdict(record),
        )


def _competitions(worker: Worker) -> Iterable[Item]:
    for record in worker.competition_results.order_by("-id"):
        yield Item(
            record.name,
            _facts(
                ("赛事", record.get_competition_display()),
                ("届次", f"第{record.edition}届" if record.edition else ""),
                ("名次", f"第{record.rank}名" if record.rank else ""),
                ("奖项", record.get_prize_display()),
                ("身份", record.get_role_display()),
                ("比赛日期", record.held_on),
                ("文号", record.document),
            ),
            record.source,
            record.recorded_at,
            **_verdict(record),
        )


def _claims(worker: Worker) -> Iterable[Item]:
    for record in worker.claims.order_by("-claimed_on", "-id"):
        yield Item(
            str(record),
            _facts(("证书编号", record.certificate_number), ("申领日期", record.claimed_on)),
            record.source,
            record.recorded_at,
        )


def _payees(worker: Worker) -> Iterable[Item]:
    for record in worker.payee_accounts.all():
        yield Item(
            record.bank,
            _facts(("账号", record.masked_number)),
            record.source,
            record.recorded_at,
            record.get_state_display(),
            _TONES[record.state],
        )


@dataclass(frozen=True)
class RegistryState:
    """Whether the worker stands on the registry of leading talents, and on what this rests."""

    listed: bool
    since: date
    until: date | None
    document: str


def registry_state(worker: Worker, on: date) -> RegistryState | None:
    """The newest entry on the register about the leading-talent registry; None when there never was one."""
    fact: AttestedFact | None = (
        worker.attested_facts.filter(code=Attested.LEADING_TALENT, since__lte=on)
        .order_by("-since", "-id")
        .first()
    )
    if fact is None:
        return None
    listed = fact.value is True and (fact.until is None or fact.until >= on)
    return RegistryState(listed, fact.since, fact.until, fact.document)
