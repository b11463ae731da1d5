"""A claim as its page shows it: to the office, to the worker and to whoever filed it.

One screen holds what a reviewer decides on: the conditions with what was observed and from where, the files, what else
the person claimed, and what looks the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Prefetch
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from portal.accounts.access import NotNow, Refused, can
from portal.cases.applicants import check_person, may_write
from portal.cases.evidence import files
from portal.cases.models import Case, CaseEvent, Channel, Evidence
from portal.cases.reviews import Opinion, opinions_of
from portal.cases.workflow import Transition
from portal.entitlements.wording import determination_conditions
from portal.formats import date_iso
from portal.pages.action_page import Crumbs
from portal.pages.case_page import CasePage, Fact, NotOffered, found_by_number
from portal.pages.next_case import next_waiting
from portal.policy.benefits import FUNDS
from portal.policy.models import Determination
from portal.regions.models import Region
from portal.workforce.merged import records_of
from portal.workforce.models import BenefitClaim, SkillCredential, UnmaskedFor
from subsidies import adverse, handling, reconsidering
from subsidies.by_unit.models import OF_A_CLAIM
from subsidies.claiming import missing
from subsidies.decisions import what_changed
from subsidies.look_alikes import look_alikes
from subsidies.models import Claim, CompletedTraining
from subsidies.schemes import SCHEMES
from subsidies.views.against import Shown, decisions_of
from subsidies.views.money_part import MoneyPart
from subsidies.views.notes import Noted
from subsidies.views.on_notice import BY_NOTICE, OnNotice
from subsidies.views.reviewing import with_sources
from subsidies.views.waiting import WaitsForRegisters
from subsidies.workflow import ClaimState

LIST, MINE = "补贴申请", "培训补贴"
UNMASK = "worker.unmask"
# Steps that a person takes on a page of the claim; the others follow by themselves.
HERE = frozenset(
    {
        *("submit", "accept", "return_for_correction", "resubmit", "refuse", "withdraw"),
        *("review", "review_first", "review_again", "send_back", "announce", "end_notice"),
        *("approve", "reject", *adverse.COUNTERSIGN.values(), *adverse.DECLINE.values(), "annul"),
        *("ask_reconsideration", *reconsidering.WITHDRAW_REQUEST.values(), "uphold", "turn", "turn_refusal"),
    }
)
_OF_APPLICATION = frozenset({"submit", "accept", "return_for_correction", "resubmit", "refuse", "withdraw"})
_SHOWN = ("worker__employer", "credential", "course", "account")
# Not joined as well: the database would think longer about so many tables than it takes to read them. What few claims
# have is read when they have it.
_APART = (
    Prefetch("case__region", Region.objects.select_related("parent")),
    Prefetch("determination", Determination.objects.select_related("rule_version")),
    Prefetch("decision", Determination.objects.select_related("rule_version")),
    OF_A_CLAIM,
)
# What of these was written is not in force yet, or never came to be: the worker reads it in the decision.
_INSIDE: dict[str, str] = {
    **dict.fromkeys(("refuse", "reject", "annul"), "提交会签"),
    **dict.fromkeys(adverse.DECLINE.values(), "退回重新办理"),
    "uphold_objection": "异议经核查，退回重新审核",
}


@dataclass(frozen=True)
class Earlier:
    """Something the person has drawn or is claiming, out of which fund."""

    what: str
    fund: str
    when: str
    state: str
    source: str
    href: str = ""


def subject_facts(about: SkillCredential | CompletedTraining) -> list[Fact]:
    """What a claim rests on."""
    if isinstance(about, CompletedTraining):
        return [
            Fact("培训", f"{about}（{about.get_state_display()}）"),
            Fact("培训机构", about.provider),
            Fact("结业证书编号", about.number),
            Fact("结业日期", date_iso(about.completed_on)),
        ]
    return [
        Fact("证书", f"{about}（{about.get_verification_display()}）"),
        Fact("证书编号", about.number or "未登记"),
        Fact("发证日期", date_iso(about.issued_on)),
    ]


def _fund_of(record: BenefitClaim) -> str:
    """Out of which fund an earlier claim was paid, as far as its kind says it."""
    return next((FUNDS[one.fund] for one in SCHEMES.values() if one.earlier == record.kind), "")


@dataclass(frozen=True)
class ClaimPage(Noted, OnNotice, WaitsForRegisters, MoneyPart, CasePage):
    """One claim."""

    claim: Claim

    primary = frozenset(
        {
            *(
                "submit",
                "accept",
                "resubmit",
                "review",
                "review_first",
                "review_again",
                "announce",
                "approve",
            ),
            *adverse.COUNTERSIGN.values(),
            "ask_reconsideration",
        }
    )
    event_tones = {
        "accept": "good",
        "approve": "good",
        **dict.fromkeys(adverse.COUNTERSIGN.values(), "bad"),
        "uphold": "bad",
        "turn": "good",
        "turn_refusal": "good",
        "return_for_correction": "warn",
        "withdraw": "warn",
        "send_back": "warn",
    }

    @classmethod
    def open(cls, request: HttpRequest, number: str) -> ClaimPage:
        seen = Claim.objects.visible_to(request.user).select_related(*_SHOWN).prefetch_related(*_APART)
        claim = found_by_number(seen, number)
        if claim.worker.work_region_id == claim.case.region_id:
            claim.worker.work_region = claim.case.region
        return cls(claim.case, request.user, claim)

    # -- who reads it, and where it stands ---------------------------------------------------------------
    @cached_property
    def in_staff_frame(self) -> bool:
        return can(self.user, "window.use")

    @property
    def base(self) -> str:
        return "base_staff.html" if self.in_staff_frame else "base_public.html"

    @cached_property
    def office(self) -> bool:
        return can(self.user, "case.view", self.case.region_id)

    @property
    def title(self) -> str:
        return f"{self.name}：{self.case.kind_label}"

    @property
    def name(self) -> str:
        return self.claim.worker.name

    @property
    def address(self) -> str:
        return reverse("subsidies:claim", args=[self.case.number])

    @property
    def way_here(self) -> Crumbs:
        if self.in_staff_frame:
            return [("工作台", reverse("window:home")), (LIST, reverse("subsidies:claims"))]
        return [("我的待遇", reverse("my:home")), (MINE, reverse("subsidies:mine"))]

    @property
    def shows_letters(self) -> bool:
        return self.office

    @cached_property
    def next_case(self) -> Case | None:
        """The next claim on this officer's worklist."""
        return next_waiting(self.case, self.user) if self.office else None

    # -- what it says ------------------------------------------------------------------------------------
    @property
    def person(self) -> list[Fact]:
        worker = self.claim.worker
        number = [Fact("证件号码", worker.masked_id_number)] if self.office and not self.may_unmask else []
        return [
            Fact("姓名", worker.name),
            *number,
            Fact("工作地", worker.work_region.full_name),
            Fact("用人单位", worker.employer or "未登记"),
        ]

    @cached_property
    def may_unmask(self) -> bool:
        """Whether the full number is shown on request, for a purpose; that is counted and audited."""
        return self.office and can(self.user, UNMASK, self.claim.worker.work_region_id)

    @property
    def purposes(self) -> list[tuple[str, str]]:
        return UnmaskedFor.choices

    @property
    def asked(self) -> list[Fact]:
        claim = self.claim
        channel = claim.get_channel_display()
        if claim.channel == Channel.EMPLOYER:
            channel = f"{channel}（{self.case.employer}）"
        return [
            *subject_facts(claim.subject),
            Fact("申请方式", channel + ("，免填写" if claim.prefilled else "")),
            *self._put_forward,
            Fact("首次提交", date_iso(claim.handed_in_on) if claim.handed_in_on else "尚未提交"),
            Fact("资金来源", FUNDS[claim.fund]),
            Fact("收款账户", self._account),
        ]

    @property
    def _put_forward(self) -> list[Fact]:
        """Which unit put it forward before the worker agreed, for the office and the worker."""
        proposal = getattr(self.claim, "proposal", None)
        if proposal is None:
            return []
        return [Fact("代为提出", f"{proposal.unit}，本人已同意（{proposal.case.number}）")]

    @property
    def _account(self) -> str:
        account = self.claim.account
        if account is None:
            return "未登记。不影响审批，拨付前须登记并复核。"
        return f"{account}（{account.get_state_display()}）"

    @property
    def amount(self) -> Any:
        """What was approved; before that, what would be by what is verified, for the office and the worker."""
        if self.claim.amount is not None:
            return self.claim.amount
        return self.foreseen.amount if self.foreseen else None

    @cached_property
    def foreseen(self) -> Determination | None:
        """What would be decided today by what is verified, while nothing is decided."""
        if self.claim.decision or self.claim.handed_in_on is None:
            return None
        return handling.foreseen_decision(self.claim)

    @cached_property
    def determination(self) -> Determination | None:
        return self.claim.decision or self.foreseen or self.claim.determination

    @property
    def conditions(self) -> list[dict[str, Any]]:
        """To the office also from where each is known."""
        if self.determination is None:
            return []
        conditions = determination_conditions(self.determination)
        return with_sources(conditions, self.determination.fact_sources if self.office else {})

    @property
    def sources(self) -> list[Fact]:
        """From where each fact comes that was decided on."""
        if self.determination is None:
            return []
        said: dict[str, None] = dict.fromkeys(self.determination.fact_sources.values())
        return [Fact(source.split("，")[0], source.partition("，")[2]) for source in said]

    @property
    def changed(self) -> list[str]:
        """What comes out otherwise than when it was handed in."""
        if self.determination is None or self.determination is self.claim.determination:
            return []
        return what_changed(self.claim.determination, self.determination)

    @cached_property
    def missing(self) -> list[str]:
        return list(missing(self.claim)) if self.case.state == ClaimState.SUBMITTED else []

    # -- what stands beside it ---------------------------------------------------------------------------
    @cached_property
    def earlier(self) -> list[Earlier]:
        """All the person drew or is claiming besides, in all funds."""
        records = records_of(self.claim.worker_id)
        claims = Claim.objects.visible_to(self.user).filter(worker__in=records).exclude(pk=self.claim.pk)
        own = [
            Earlier(
                f"{one.case.kind_label}，{one.subject}",
                FUNDS[one.fund],
                date_iso(one.handed_in_on) if one.handed_in_on else "",
                one.case.state_label,
                f"本系统办件{one.case.number}",
                reverse("subsidies:claim", args=[one.case.number]),
            )
            for one in claims.select_related("case", "credential", "training").order_by("-pk")[:20]
        ]
        elsewhere = BenefitClaim.objects.visible_to(self.user).filter(
            worker__in=records, decided_here__isnull=True
        )
        drawn = [
            Earlier(str(one), _fund_of(one), date_iso(one.claimed_on), "已享受", one.source)
            for one in elsewhere.order_by("-claimed_on")[:20]
        ]
        return own + drawn

    @cached_property
    def look_alikes(self) -> list[str]:
        return look_alikes(self.claim)

    @cached_property
    def evidence(self) -> list[Evidence]:
        seen = Evidence.objects.visible_to(self.user).not_removed().filter(case_id=self.case.pk)
        return list(seen.select_related("uploaded_by"))

    @cached_property
    def may_attach(self) -> bool:
        return self.may_write and files.may_change(self.case, self.user)

    @cached_property
    def may_write(self) -> bool:
        return may_write(self.claim, self.user)

    # -- what may be done --------------------------------------------------------------------------------
    def has_page(self, row: Transition) -> bool:
        if row.action in {"review", "review_first"}:
            return row.action == self._review
        if row.action in reconsidering.WITHDRAW_REQUEST.values():
            return reconsidering.fits(self.claim, row.action)
        if row.action in {"turn", "turn_refusal"}:
            return reconsidering.against_finding(self.claim, row.action) is None
        return row.action in HERE and (row.action != "announce" or self.asks_for_notice)

    @cached_property
    def _review(self) -> str:
        amount = self.foreseen.amount if self.foreseen else None
        twice = self.claim.course is not None and self.claim.course.reviews_twice(amount)
        return "review_first" if twice else "review"

    def reason_against(self, row: Transition) -> str:
        if row.action == "approve" and self.lacking:
            return "".join(map(str, self.lacking))
        if row.action in BY_NOTICE:
            return self.against_by_notice(row.action)
        try:
            if row.action == "ask_reconsideration":
                reconsidering.require_may_ask(self.claim, self.user)
                reconsidering.require_can_be_asked(self.claim, timezone.localdate())
            elif row.action in reconsidering.WITHDRAW_REQUEST.values():
                reconsidering.require_may_withdraw(self.claim, self.user)
            elif row.action in _OF_APPLICATION:
                check_person(self.claim, row.action, self.user)
        except (Refused, NotNow) as refusal:
            return str(refusal)
        return ""

    def title_of(self, event: CaseEvent) -> str:
        return super().title_of(event) if self.office else _INSIDE.get(event.action, event.label)

    def text_of(self, event: CaseEvent) -> str:
        return "" if event.action in _INSIDE and not self.office else super().text_of(event)

    @cached_property
    def decisions(self) -> list[Shown]:
        """What was decided against the worker, newest first."""
        return decisions_of(self.claim, user=self.user, office=self.office, on=timezone.localdate())

    @cached_property
    def opinions(self) -> list[Opinion]:
        """What the reviewers said, for whoever decides."""
        return opinions_of(self.case) if self.office else []

    def address_of(self, row: Transition) -> str:
        return reverse("subsidies:step", args=[self.case.number, row.action])

    @property
    def refused(self) -> list[NotOffered]:
        """Which office does what is of use to staff alone."""
        return super().refused if self.in_staff_frame else []
