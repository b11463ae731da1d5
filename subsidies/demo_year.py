"""The year before the demonstration: claims of three leagues to two funds, approved and paid. What some of them lack is left
to whoever plays: batches at each stage, payments that came back, and payments that are asked back.

How much technicians are paid no document says that was found; for the months that are told of a sample stands in, which
says that it is one and ends with them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from portal import crypto
from portal.accounts.access import NotNow
from portal.accounts.models import RoleAssignment, User
from portal.accounts.roles import Role
from portal.cases.models import Channel
from portal.cases.moving import Moving
from portal.demo import Demo
from portal.funds.demo import LEAGUES, Office, begin_of_year, telling
from portal.funds.demo_payments import CLOSED, OTHER_NAME, Cashier
from portal.funds.models import AuthorisingDocument, DocumentKind, Line
from portal.policy.actions import add_parameter_value, confirm_parameter_value
from portal.policy.facts import SkillLevel
from portal.policy.models import Parameter
from portal.workforce.actions.payees import confirm_payee, propose_payee
from portal.workforce.models import CertificateAnswer, PayeeAccount, RegisterExtract, SkillCredential, Worker
from portal.workforce.models.credentials import PayeeState, VerifiedHow
from portal.workforce.models.extracts import Extracted, ExtractPhase
from portal.workforce.models.verification import Verification
from subsidies import claiming, handling
from subsidies.demo_recoveries import Recoveries
from subsidies.models import Claim
from subsidies.on_notice import announcing
from subsidies.schemes import SCHEMES, SKILL_UPGRADE, TECHNICIAN


@dataclass(frozen=True)
class _Told:
    """What is told of some claims of a league to a fund: how long before the demonstration they were handed in, how many,
    in what words the first of them came back from the bank, and how far they or their batch have come.
    """

    league: str
    kind: str
    before: int
    count: int
    returned: str = ""
    stops: str = ""


ORDOS, BAOTOU, HOHHOT = LEAGUES
_YEAR = (
    _Told(ORDOS, SKILL_UPGRADE, 300, 2, returned=CLOSED),
    _Told(BAOTOU, TECHNICIAN, 250, 2),
    _Told(HOHHOT, SKILL_UPGRADE, 190, 2),
    # The first of these is whoever signs in as the worker.
    _Told(ORDOS, TECHNICIAN, 150, 2, returned=CLOSED),
    _Told(BAOTOU, SKILL_UPGRADE, 105, 2, returned=OTHER_NAME, stops="answered"),
    # With what came back of the first of all, which was mended.
    _Told(ORDOS, SKILL_UPGRADE, 60, 1),
    # The first of these was paid out of the other fund before.
    _Told(HOHHOT, TECHNICIAN, 50, 2, stops="sent"),
    _Told(BAOTOU, TECHNICIAN, 40, 1, stops="locked"),
    _Told(BAOTOU, TECHNICIAN, 30, 1, stops="notice"),
)
# Longer than five working days, whatever holidays there are.
_NOTICE_IS_OVER = 20
_SAMPLE_DOCUMENT = "示例标准（合成数据，仅供演示，不是公布的文件）"
_SAMPLE_AMOUNT = "3000.00"
_CLERKS = {
    "150600": ("niandu.eerduosi", "萨仁"),
    "150200": ("niandu.baotou", "程远"),
    "150100": ("niandu.huhehaote", "白雪"),
}
_REVIEWERS = {"150600": "reviewer", "150200": "baotou_reviewer", "150100": "hohhot_reviewer"}


@dataclass
class _Group:
    """Claims of a league to a fund that went their way together."""

    told: _Told
    first_day: date
    workers: list[Worker]
    credentials: list[SkillCredential] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)

    @property
    def league(self) -> str:
        return self.told.league

    @property
    def kind(self) -> str:
        return self.told.kind

    @property
    def level(self) -> SkillLevel:
        return SkillLevel.SENIOR if self.kind == SKILL_UPGRADE else SkillLevel.TECHNICIAN

    @property
    def numbers(self) -> list[int]:
        return [claim.pk for claim in self.claims]

    def day(self, after: int) -> date:
        return self.first_day + timedelta(days=after)

    @property
    def approved_on(self) -> date:
        """Those to the employment subsidy fund are on public notice before."""
        return self.day(8 if self.kind == SKILL_UPGRADE else _NOTICE_IS_OVER + 1)

    def paid_on(self, after: int) -> date:
        return self.approved_on + timedelta(days=after)


def load(demo: Demo) -> None:
    """Groups in the order in which they were handed in; each is paid before the next one of its league and fund."""
    year = _Year(demo)
    for group in year.groups:
        year.hand_in(group)
    year.give()
    for group in year.groups:
        year.decide(group)
        if group.told.stops == "notice":
            continue
        year.pay(group)
        if group is year.groups[0]:
            year.mend(group)
    year.ask_back()


class _Year:
    """Who did what in the year, and what is left to do."""

    def __init__(self, demo: Demo) -> None:
        self._demo = demo
        self._cashier = Cashier(demo)
        self._clerks = {league: _clerk(league) for league in LEAGUES}
        self._reviewers = {
            league: demo.people.get(name) or demo.backstage[name] for league, name in _REVIEWERS.items()
        }
        self.groups = list(self._grouped())
        _state_sample_figure(demo, self.groups)
        self._certify()
        self._give_accounts()
        self._cashier.explain()

    def _grouped(self) -> Iterator[_Group]:
        """Other people each time; but two of them claim from both funds."""
        begin, own = begin_of_year(self._demo.on), Worker.objects.get(account=self._demo.people["worker"])
        people = {league: _people(league, 6) for league in LEAGUES}
        twice = people[HOHHOT][0]
        for told in _YEAR:
            workers = [people[told.league].pop(0) for _ in range(told.count)]
            if (told.league, told.kind) == (ORDOS, TECHNICIAN):
                workers[0] = own
            elif (told.league, told.kind) == (HOHHOT, TECHNICIAN):
                workers[0] = twice
            day = self._demo.on - timedelta(days=told.before)
            yield _Group(told, max(day, begin), workers)

    # -- what they bring -------------------------------------------------------------------------------------
    def _certify(self) -> None:
        """Certificates of some weeks before, confirmed, and found in the national query: many at once, as one by one."""
        made: list[SkillCredential] = []
        for group in self.groups:
            by = self._clerks[group.league]
            group.credentials = [
                _certificate(one, group, by, len(made) + place) for place, one in enumerate(group.workers)
            ]
            made += group.credentials
        SkillCredential.objects.bulk_create(made)
        for league, reviewer in self._reviewers.items():
            of_league = [
                one.pk for group in self.groups if group.league == league for one in group.credentials
            ]
            SkillCredential.objects.filter(pk__in=of_league).update(
                verification=Verification.CONFIRMED,
                verified_by=reviewer,
                verified_at=timezone.now(),
                verified_from="查验证书原件",
            )
        for group in self.groups:
            self._find_in_the_query(group)

    def _find_in_the_query(self, group: _Group) -> None:
        as_of = group.day(1)
        extract = RegisterExtract.objects.create(
            kind=Extracted.CERTIFICATES,
            fingerprint=hashlib.sha256(f"subsidies.demo_year {group.told.before}".encode()).hexdigest(),
            register="技能人才评价证书全国联网查询系统（演示）",
            as_of=as_of,
            place_id=group.league,
            covers_from=as_of,
            covers_until=as_of,
            file_name=f"联网查询结果{as_of:%Y%m%d}（演示）.csv",
            suffix=".csv",
            by=self._reviewers[group.league],
            phase=ExtractPhase.DONE,
            rows_read=len(group.credentials),
            added=len(group.credentials),
            merged_at=timezone.now(),
        )
        CertificateAnswer.objects.bulk_create(
            CertificateAnswer(credential=one, found=True, as_of=as_of, extract=extract)
            for one in group.credentials
        )

    def _give_accounts(self) -> None:
        """An account of each, written down by the window and confirmed by the league."""
        rows: dict[int, PayeeAccount] = {}
        for group in self.groups:
            for worker in group.workers:
                rows[worker.pk] = _account(worker, self._clerks[group.league], self._reviewers[group.league])
        PayeeAccount.objects.bulk_create(rows.values())

    # -- up to the decision ----------------------------------------------------------------------------------
    def hand_in(self, group: _Group) -> None:
        """Who does not meet the conditions has no claim."""
        clerk = self._clerks[group.league]
        for credential in group.credentials:
            try:
                claim = claiming.claim_at_once(
                    credential.pk, group.kind, channel=Channel.WINDOW, by=clerk, on=group.first_day
                )
            except NotNow:
                continue
            group.claims.append(claim)

    def give(self) -> None:
        """At the beginning of the year each line is given what these claims come to, besides what it has."""
        office, begin = Office(self._demo), begin_of_year(self._demo.on)
        sums: dict[Line, int] = {}
        for group in self.groups:
            line = self._line(group)
            for claim in group.claims:
                assert claim.determination is not None  # noqa: S101  handed in
                sums[line] = sums.get(line, 0) + int(claim.determination.amount or 0)
        orders = AuthorisingDocument.objects.filter(kind=DocumentKind.PAYMENT_ORDER)
        for line, amount in sums.items():
            document = orders.get() if line.fund.arrives_by == DocumentKind.PAYMENT_ORDER else line.document
            with telling(begin):
                office.give(line, amount, document)

    def _line(self, group: _Group) -> Line:
        lines = Line.objects.select_related("fund", "document")
        found: Line = lines.get(fund=SCHEMES[group.kind].fund, region=group.league)
        return found

    def decide(self, group: _Group) -> None:
        """Taken in, reviewed and approved; with the approval the money is set aside. Or on public notice today."""
        numbers, on = group.numbers, group.approved_on
        _all(claiming.accept_many(numbers, by=self._clerks[group.league], on=group.day(1)))
        reviewer, note = self._reviewers[group.league], "证书、参保信息与登记一致。"
        _all(handling.review_many(numbers, by=reviewer, on=group.day(3), note=note))
        if group.kind == TECHNICIAN:
            for number in numbers:
                handling.review_again(number, by=self._demo.people["regional_reviewer"], on=group.day(5))
            if group.told.stops == "notice":
                _all(announcing.announce_many(numbers, by=reviewer, on=self._demo.on - timedelta(days=2)))
                return
            _all(announcing.announce_many(numbers, by=reviewer, on=group.day(6)))
            _all(announcing.end_many(numbers, by=reviewer, on=group.day(_NOTICE_IS_OVER)))
        with telling(on):
            _all(handling.approve_many(numbers, by=self._demo.people["approver"], on=on))

    # -- the money -------------------------------------------------------------------------------------------
    def pay(self, group: _Group) -> None:
        """Posted, drawn up and sent, as far as the batch has come; what was answered is closed, but for the last."""
        cashier, line, stops = self._cashier, self._line(group), group.told.stops
        cashier.post(group.numbers, group.paid_on(2))
        batch = cashier.lock(cashier.draw_up(line, group.paid_on(3)), group.paid_on(3))
        if stops == "locked":
            return
        batch = cashier.send(batch, group.paid_on(4))
        if stops == "sent":
            return
        day = group.paid_on(5 + 3 * LEAGUES.index(group.league))
        returned = {group.numbers[0]: group.told.returned} if group.told.returned else {}
        cashier.answer(batch, day, returned)
        if stops == "answered":
            # What came back is drawn up anew; nobody has mended the account.
            cashier.draw_up(line, day)
        else:
            cashier.close(batch, day)

    def mend(self, group: _Group) -> None:
        """The first worker brings another account to the window; the league confirms it, and it is paid the next time."""
        worker, on = group.claims[0].worker, group.paid_on(30)
        proposed = propose_payee(
            worker.pk,
            bank="合成银行储蓄所",
            account_number=f"62{worker.pk:014d}",
            source="社会保障卡",
            by=self._clerks[group.league],
            on=on,
        )
        confirm_payee(proposed.pk, by=self._reviewers[group.league], on=on)

    def ask_back(self) -> None:
        """What was paid to the last of the first claims and to the last of another league."""
        first, other = self.groups[0], self.groups[2]
        Recoveries(self._demo, self._cashier).load(first.claims[-1], other.claims[-1])


def _all(moving: Moving) -> None:
    """RuntimeError where one of the demonstration's own claims cannot go on."""
    if moving.refused:
        raise RuntimeError(f"the demonstration's claims were refused: {list(moving.refused.values())[:3]}")


def _clerk(league: str) -> User:
    """Of the window of a league. Nobody signs in as them."""
    username, name = _CLERKS[league]
    clerk: User = User.objects.create_user(username, None, display_name=name)
    RoleAssignment.objects.create(user=clerk, role=Role.WINDOW_CLERK, region_id=league)
    return clerk


def _people(league: str, count: int) -> list[Worker]:
    """Who is in work and insured for long enough, elsewhere than where the clerk of the demonstration sits."""
    found = Worker.objects.filter(
        league_code=league,
        employments__status="employed",
        employments__verification=Verification.CONFIRMED,
        insurance__months__gte=36,
        insurance__verification=Verification.CONFIRMED,
    )
    return list(found.exclude(work_region_id="150624").distinct().order_by("pk")[:count])


def _certificate(worker: Worker, group: _Group, by: Any, place: int) -> SkillCredential:
    """Of another trade than theirs: a lower level after a higher one would ask to be explained."""
    trades = ("铣工", "起重装卸机械操作工") if group.kind == TECHNICIAN else ("化学检验员", "汽车维修工")
    return SkillCredential(
        worker=worker,
        occupation=trades[0] if worker.occupation != trades[0] else trades[1],
        level=group.level,
        number=f"Y0000{group.league}{place + 1:05d}",
        issued_on=group.first_day - timedelta(days=30 + place % 20),
        verified_how=VerifiedHow.ORIGINAL_SEEN,
        source="窗口登记（演示）",
        recorded_by=by,
    )


def _account(worker: Worker, clerk: Any, reviewer: Any) -> PayeeAccount:
    number = f"6217{worker.pk:012d}"
    return PayeeAccount(
        worker=worker,
        bank="合成银行营业部",
        account_number=number,
        account_digest=crypto.digest(number, purpose="payee"),
        source="社会保障卡（演示）",
        recorded_by=clerk,
        state=PayeeState.CONFIRMED,
        confirmed_by=reviewer,
        confirmed_at=timezone.now(),
    )


def _state_sample_figure(demo: Demo, groups: Sequence[_Group]) -> None:
    """From the first of these claims to the last; before and after nobody knows how much it is, as the law stands."""
    days = [group.first_day for group in groups if group.kind == TECHNICIAN]
    entered = add_parameter_value(
        Parameter.objects.get(code="training.technician.amount"),
        _SAMPLE_AMOUNT,
        since=min(days),
        until=max(days),
        document=_SAMPLE_DOCUMENT,
        by=demo.people["policy_officer"],
    )
    confirm_parameter_value(entered, by=demo.people["second_policy_officer"])
