"""One claim in every state, of both kinds: who brings them there, and how each step is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from portal.cases.actions import transition
from subsidies import claiming, handling, signing
from subsidies.models import Claim
from subsidies.on_notice import announcing
from subsidies.schemes import SKILL_UPGRADE, TECHNICIAN
from tests.cast import make_account, make_worker
from tests.subsidies.announced import AFTER, course_for_technicians
from tests.subsidies.conftest import MONDAY, certificate, in_work, technician_figure

WHY = "核对情况，写明理由。"
Act = Callable[[int, Any], Any]
# How a step is asked for. What has no function of its own follows from another one, and is moved by itself.
ACTS: dict[str, Act] = {
    "submit": lambda claim, by: claiming.hand_in(claim, by=by, on=MONDAY),
    "accept": lambda claim, by: claiming.accept(claim, by=by, on=MONDAY),
    "return_for_correction": lambda claim, by: claiming.return_for_correction(
        claim, missing=["证书原件"], by=by, on=MONDAY
    ),
    "resubmit": lambda claim, by: claiming.resubmit(claim, by=by, on=MONDAY),
    "refuse": lambda claim, by: claiming.refuse(claim, reason=WHY, by=by, on=MONDAY),
    "withdraw": lambda claim, by: claiming.withdraw(claim, reason=WHY, by=by, on=MONDAY),
    "review_again": lambda claim, by: handling.review_again(claim, by=by, on=MONDAY),
    "send_back": lambda claim, by: handling.send_back(claim, reason=WHY, by=by, on=MONDAY),
    "announce": lambda claim, by: announcing.announce(claim, by=by, on=MONDAY),
    "end_notice": lambda claim, by: announcing.end(claim, by=by, on=AFTER),
    "approve": lambda claim, by: handling.approve(claim, by=by, on=AFTER),
    "reject": lambda claim, by: handling.reject(claim, reason=WHY, by=by, on=AFTER),
    "annul": lambda claim, by: signing.annul(claim, reason=WHY, clause="第九条", by=by, on=AFTER),
    "ask_reconsideration": lambda claim, by: signing.ask(claim, grounds=WHY, by=by, on=AFTER),
    "uphold": lambda claim, by: signing.uphold(claim, reason=WHY, by=by, on=AFTER),
    "turn": lambda claim, by: signing.turn(claim, reason=WHY, by=by, on=AFTER),
    "turn_refusal": lambda claim, by: signing.turn(claim, reason=WHY, by=by, on=AFTER, action="turn_refusal"),
}
for _what in ("refusal", "rejection", "annulment"):
    ACTS[f"countersign_{_what}"] = lambda claim, by: signing.countersign(claim, by=by, on=AFTER)
    ACTS[f"withdraw_request_{_what}"] = lambda claim, by: signing.withdraw_request(
        claim, reason=WHY, by=by, on=AFTER
    )
    ACTS[f"decline_{_what}"] = lambda claim, by: signing.give_back(claim, reason=WHY, by=by, on=AFTER)
# Which of the two a first review is follows from the course: that of skill-upgrade asks for one, of technicians for two.
_REVIEW_OF = {SKILL_UPGRADE: "review", TECHNICIAN: "review_first"}
# The course of skill-upgrade asks for no notice.
_BY_NOTICE = frozenset({"announce", "end_notice"})


def act(kind: str, action: str) -> Act:
    """How the step is asked for in a claim of the kind."""
    if action == _REVIEW_OF[kind]:
        return lambda claim, by: handling.review(claim, by=by, on=MONDAY)
    if kind == SKILL_UPGRADE and action in _BY_NOTICE:
        return lambda claim, by: _move(claim, action, by)
    return ACTS.get(action, lambda claim, by: _move(claim, action, by))


def _move(claim: int, action: str, by: Any) -> None:
    with transition(claim, action, by=by, on=MONDAY, reason=WHY):
        pass


_REVIEWED = "submit accept review"
_REVIEWED_TWICE = "submit accept review_first review_again"
# How a claim comes into each state: "refused, looked at again" is told from what was rejected, what is to be announced
# from what is approved without.
WAYS = {
    "draft": "",
    "submitted": "submit",
    "returned": "submit return_for_correction",
    "withdrawn": "submit withdraw",
    "refusing": "submit refuse",
    "refused": "submit refuse countersign_refusal",
    "accepted": "submit accept",
    "first_reviewed": "submit accept review_first",
    "reviewed": _REVIEWED,
    "no_figure": f"{_REVIEWED} wait_for_figure",
    "reviewed to announce": _REVIEWED_TWICE,
    "no_figure to announce": f"{_REVIEWED_TWICE} wait_for_figure",
    "on_notice": f"{_REVIEWED_TWICE} announce",
    "noticed": f"{_REVIEWED_TWICE} announce end_notice",
    "approved": f"{_REVIEWED} approve",
    "rejecting": f"{_REVIEWED} reject",
    "rejected": f"{_REVIEWED} reject countersign_rejection",
    "annulling": f"{_REVIEWED} approve annul",
    "annulled": f"{_REVIEWED} approve annul countersign_annulment",
    "reconsidering": f"{_REVIEWED} reject countersign_rejection ask_reconsideration",
    "reconsidering a refusal": "submit refuse countersign_refusal ask_reconsideration",
    "reconsidering an annulment": f"{_REVIEWED} approve annul countersign_annulment ask_reconsideration",
    "upheld": f"{_REVIEWED} reject countersign_rejection ask_reconsideration uphold",
}
# Who takes each step on the way; nobody two that exclude each other.
_BY = {
    "review": "reviewer",
    "review_first": "reviewer",
    "review_again": "regional_reviewer",
    "announce": "reviewer",
    "end_notice": "reviewer",
    "wait_for_figure": "approver",
    "approve": "approver",
    "reject": "approver",
    "annul": "supervisor",
    "countersign_refusal": "second_reviewer",
    "countersign_rejection": "regional_reviewer",
    "countersign_annulment": "regional_reviewer",
    "uphold": "supervisor",
}


def play(cast: Any) -> None:
    """The claims, each of a worker of their own, who has an account. Those of technicians that stand on notice, or are to,
    were handed in under the sample course, the others under one that asks for none.
    """
    technician_figure(cast)
    asks_for_notice = {state: way for state, way in WAYS.items() if way.startswith(_REVIEWED_TWICE)}
    _play(asks_for_notice, cast)
    course_for_technicians(cast)
    _play({state: way for state, way in WAYS.items() if state not in asks_for_notice}, cast)


def _play(ways: Mapping[str, str], cast: Any) -> None:
    for kind, level in ((SKILL_UPGRADE, 30), (TECHNICIAN, 50)):
        for state, way in ways.items():
            number = f"{kind.removeprefix('subsidies.')}.{state.replace(' ', '.')}"
            worker = in_work(make_worker("王建国"), cast("reviewer"))
            worker.account = make_account(f"w.{number}", worker.name, "worker", worker.work_region_id)
            worker.save(update_fields=["account"])
            record = certificate(worker, cast("reviewer"), level=level, number=number)
            claim = claiming.draft(record.pk, kind, channel="window", by=cast("clerk"), on=MONDAY)
            for action in way.split():
                act(kind, action)(claim.pk, cast(_BY.get(action, "clerk")))


def find() -> dict[tuple[str, str], Claim]:
    """By kind and by the name of its way."""
    claims = {}
    for claim in Claim.objects.select_related("case", "worker__account", "credential"):
        _, _, state = claim.credential.number.partition(".")
        claims[claim.case.kind, state.replace(".", " ")] = claim
    return claims
