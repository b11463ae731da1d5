"""Money that is to come back: the list, and the page of each recovery; its steps are in recovery_pages."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from portal.accounts.access import can
from portal.formats import date_iso
from portal.formats import yuan as in_words
from portal.funds.asked_back import PARTS, AskedBack, late, plan_of, told_of, told_of_each
from portal.funds.closing import takes_returns_of
from portal.funds.court_documents import STORE
from portal.funds.models import (
    BankRow,
    CourtDocument,
    Line,
    Outcome,
    Recovery,
    RecoveryState,
    Revocation,
    Way,
)
from portal.funds.models.recoveries import RecoveryQuerySet
from portal.funds.money import yuan
from portal.funds.moves import Bucket
from portal.funds.splitting import split_of
from portal.opened_files import is_unscanned
from portal.pages.access import staff
from portal.pages.case_page import Fact
from portal.paging import page_asked
from portal.regions.calendar import OfficeCalendar
from portal.window.funds.pages import crumbs
from portal.window.funds.recovery_forms import RecoveryFilter

TITLE = "追回"
TONES = {
    RecoveryState.DRAWN: "warn",
    RecoveryState.DECIDED: "info",
    RecoveryState.DONE: "good",
    RecoveryState.DROPPED: "plain",
}
_SHOWN = 50


@staff("funds.view")
def recoveries(request: HttpRequest) -> HttpResponse:
    """The recoveries of the user's places, newest first, and what of them has to be looked at."""
    mine = Recovery.objects.visible_to(request.user)
    form = RecoveryFilter(request.GET, user=request.user, today=timezone.localdate())
    listed = form.apply(mine).select_related("payable__case", "payable__line__fund", "region__parent")
    page = page_asked(listed.prefetch_related(*PARTS), request.GET, order=("-id",), count=True)
    unknown = _unknown(request.user).select_related("recovery", "answer").order_by("-pk")
    context = {
        "title": TITLE,
        "crumbs": crumbs((TITLE, "")),
        "form": form,
        "page": page,
        "rows": [(told, TONES[RecoveryState(told.recovery.state)]) for told in told_of_each(page.rows)],
        "counts": _counts(request.user, mine),
        "unknown": unknown[:_SHOWN],
        "to_return": _to_return(request.user, mine),
    }
    return render(request, "window/funds/recoveries.html", context)


def _unknown(user: Any) -> QuerySet[BankRow]:
    """Rows that came by the number of a recovery and were not taken."""
    return BankRow.objects.visible_to(user).filter(recovery__isnull=False, outcome=Outcome.UNKNOWN)


def _counts(user: Any, mine: RecoveryQuerySet) -> list[dict[str, Any]]:
    asked = mine.exclude(state=RecoveryState.DROPPED).values("payable")
    fallen = Revocation.objects.visible_to(user).to_recover().exclude(payable__in=asked)
    address = reverse("window:fund_recoveries")
    return [
        {
            "label": "批准已撤销，尚未拟办追回",
            "value": fallen.count(),
            "href": f"{reverse('window:fund_payables')}?bucket=paid&revoked=1",
        },
        {
            "label": "待决定",
            "value": mine.filter(state=RecoveryState.DRAWN).count(),
            "href": f"{address}?state=drawn",
        },
        {
            "label": "追回中",
            "value": mine.under_way().count(),
            "href": f"{address}?state=decided",
        },
        {
            "label": "逾期未退",
            "value": late(mine, timezone.localdate()).count(),
            "href": f"{address}?state=late",
        },
    ]


def _to_return(user: Any, mine: RecoveryQuerySet) -> list[tuple[Line, str]]:
    """Closed lines on which something came back that goes to where the money came from, with what they have."""
    lines = Line.objects.visible_to(user).filter(
        pk__in=mine.filter(shares__to_treasury=True).values("shares__to_line"),
        balances__bucket=Bucket.AVAILABLE,
        balances__amount__gt=0,
    )
    found = []
    for line in lines.select_related("fund", "region").prefetch_related("balances")[:_SHOWN]:
        kept = next(one.amount for one in line.balances.all() if one.bucket == Bucket.AVAILABLE)
        found.append((line, in_words(yuan(kept))))
    return found


@staff("funds.view")
def recovery(request: HttpRequest, recovery_id: int) -> HttpResponse:
    """A recovery: what is asked and why, the hearing, the plan, what came, and each step."""
    shown = visible(request, recovery_id)
    calendar = OfficeCalendar()
    told = told_of(shown, calendar)
    rows = BankRow.objects.visible_to(request.user).filter(recovery=shown, outcome=Outcome.UNKNOWN)
    shares = shown.shares.select_related(
        "bank_row",
        "settled__case",
        "settled__split_as_off__payable",
        "settled__split_as_off__rest",
        "write_off",
        "to_line__fund",
        "to_line__region",
        "by",
    )
    context = {
        "title": f"追回 {shown.number}",
        "crumbs": crumbs((TITLE, reverse("window:fund_recoveries")), (shown.number, "")),
        "recovery": shown,
        "tone": TONES[RecoveryState(shown.state)],
        "told": told,
        "facts": facts_of(told),
        "hearing": _hearing(shown),
        "plan": _plan(told, calendar),
        "earlier": _earlier(told),
        "changes": shown.plan_changes.select_related("made_by", "decided_by").prefetch_related("instalments"),
        "shares": [(share, split_of(share)) for share in shares.order_by("pk")],
        "unknown": rows.select_related("answer").order_by("-pk")[:_SHOWN],
        "reminders": shown.reminders.select_related("by"),
        "handover": _handover(shown),
        "court_documents": _court_documents(shown, request.user),
        "write_offs": shown.write_offs.select_related("made_by", "decided_by"),
        "steps": _steps(request.user, shown),
        "may_record": can(request.user, "funds.recover", shown.region_id),
        "may_decide": can(request.user, "funds.recover.decide", shown.region_id),
        "goes_to": _goes_to(told),
    }
    return render(request, "window/funds/recovery.html", context)


def visible(request: HttpRequest, recovery_id: int) -> Recovery:
    """A recovery of the user's places; 404 for others."""
    mine = Recovery.objects.visible_to(request.user).select_related(
        "payable__case", "payable__line__fund", "payable__line__region", "made_by", "decided_by", "dropped_by"
    )
    return get_object_or_404(mine.prefetch_related(*PARTS), pk=recovery_id)


def facts_of(told: AskedBack) -> list[Fact]:
    """What a recovery says, for its page and those of its steps."""
    recovery = told.recovery
    facts = [
        Fact("追回金额", in_words(recovery.sum)),
        *([Fact("已退还", in_words(yuan(told.come)))] if recovery.decided_on else []),
        *([Fact("尚未追回", in_words(yuan(told.rest)))] if told.under_way else []),
        Fact("原因", recovery.get_cause_display()),
        Fact("事实和理由", recovery.grounds),
        Fact("依据", recovery.clause),
        Fact("退回方式", recovery.get_way_display()),
    ]
    if recovery.pay_to:
        facts.append(Fact("退回账户", f"{recovery.pay_to}（附言写明{recovery.number}）"))
    facts.append(Fact("拟办", f"{recovery.made_by}，{date_iso(timezone.localdate(recovery.made_at))}"))
    if recovery.decided_on:
        decided = f"{recovery.decided_by}，{date_iso(recovery.decided_on)}，{recovery.letter_number}"
        facts.append(Fact("决定", decided))
    if recovery.dropped_at:
        dropped = f"{recovery.dropped_by}，{date_iso(timezone.localdate(recovery.dropped_at))}"
        facts.append(Fact("撤回", f"{dropped}：{recovery.dropped_because}"))
    return facts


def _hearing(recovery: Recovery) -> list[Fact]:
    hearing = getattr(recovery, "hearing", None)
    if hearing is None:
        return []
    facts = [
        Fact("事先告知", date_iso(hearing.told_on)),
        Fact("当事人意见", f"{hearing.get_heard_display()}，{date_iso(hearing.heard_on)}"),
    ]
    if hearing.said:
        facts += [Fact("内容", hearing.said), Fact("采纳情况", hearing.answer)]
    return facts


def _plan(told: AskedBack, calendar: OfficeCalendar) -> list[dict[str, Any]]:
    """Each instalment with what is settled of it."""
    plan = plan_of(told.recovery)
    settled, rows = told.come + told.off - plan.before, []
    for instalment in plan.instalments:
        covered = max(0, min(instalment.amount, settled))
        settled -= covered
        is_open = covered < instalment.amount
        until = calendar.ends_on(instalment.due_on)
        rows.append(
            {
                "instalment": instalment,
                "until": until if until != instalment.due_on else None,
                "covered": yuan(covered),
                "is_open": is_open,
                "is_late": is_open and told.under_way and until < timezone.localdate(),
            }
        )
    return rows


def _earlier(told: AskedBack) -> str:
    """The plan of the decision, once another one counts."""
    if not plan_of(told.recovery).changed:
        return ""
    plan = sorted(told.recovery.instalments.all(), key=lambda one: one.position)
    return "；".join(f"第{one.position}期{date_iso(one.due_on)}，{in_words(one.sum)}" for one in plan)


def _handover(recovery: Recovery) -> list[Fact]:
    handed = getattr(recovery, "handover", None)
    if handed is None:
        return []
    return [
        Fact("人民法院", handed.court),
        Fact("强制执行申请书", f"{handed.document}，{date_iso(handed.on)}"),
        Fact("催告书送达", date_iso(handed.reminder_served_on)),
        Fact("复议、诉讼期限届满", date_iso(handed.final_on)),
    ]


def _court_documents(recovery: Recovery, user: Any) -> list[tuple[CourtDocument, bool, bool]]:
    """What the court wrote; whether the scanner still has to see it, and whether the user may take it away."""
    handed = getattr(recovery, "handover", None)
    if handed is None:
        return []
    listed = handed.documents.not_removed().select_related("uploaded_by")
    goes_on = recovery.state != RecoveryState.DONE
    return [(one, is_unscanned(STORE, one), goes_on and one.uploaded_by_id == user.pk) for one in listed]


def _goes_to(told: AskedBack) -> str:
    """Where what is still to come will count."""
    if not told.under_way:
        return ""
    line = told.recovery.payable.line
    goal = takes_returns_of(line)
    if goal is None:
        return "原科目已关闭，到账后待交回来源。"
    return "" if goal == line else f"原科目已关闭，到账后转入：{goal}。"


def _steps(user: Any, recovery: Recovery) -> list[dict[str, str]]:
    """What the user may do now: label, address, kind of button."""
    return [
        {
            "label": label,
            "kind": kind,
            "href": reverse("window:fund_recovery_step", args=[recovery.pk, code]),
        }
        for code, label, kind in offered_steps(user, recovery)
    ]


def offered_steps(user: Any, recovery: Recovery) -> list[tuple[str, str, str]]:
    """What the user may do now: the step, what its button says, the kind of button."""
    region = recovery.region_id
    may_record, may_decide = (
        can(user, "funds.recover", region),
        can(user, "funds.recover.decide", region),
    )
    heard, other = hasattr(recovery, "hearing"), recovery.made_by_id != user.pk
    proposed = recovery.write_offs.filter(decided_at__isnull=True, dropped_at__isnull=True).exists()
    replanned = recovery.plan_changes.filter(decided_at__isnull=True, dropped_at__isnull=True).exists()
    replans = recovery.way != Way.SET_OFF and not replanned
    drawn = recovery.state == RecoveryState.DRAWN
    decided = recovery.state == RecoveryState.DECIDED
    offered = (
        ("hear", "登记听取意见", "primary", drawn and may_record and not heard),
        ("decide", "决定", "primary", drawn and may_decide and heard and other),
        ("set-off", "抵扣", "primary", decided and may_record and recovery.way == Way.SET_OFF),
        ("plan", "变更退回期限", "secondary", decided and may_record and replans),
        ("remind", "催告", "secondary", decided and may_record),
        (
            "court",
            "登记申请法院执行",
            "secondary",
            decided and may_record and not hasattr(recovery, "handover"),
        ),
        (
            "court-document",
            "登记法院文书",
            "secondary",
            may_record and not drawn and hasattr(recovery, "handover"),
        ),
        ("write-off", "拟办核销", "secondary", decided and may_record and not proposed),
        ("drop", "撤回", "danger", (drawn and may_record) or (decided and may_decide)),
    )
    return [(code, label, kind) for code, label, kind, is_offered in offered if is_offered]
