"""One claim in every state, of both kinds: who brings them there, and how each step is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from portal.cases.actions import transition
from subsidies import claiming, handling, signing
from subsidies.models import Claim
from subsidies.schemes import SKILL_UPGRADE, TECHNICIAN
from tests.cast import make_account, make_worker
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
    "approve": lambda claim, by: handling.approve(claim, by=by, on=MONDAY),
    "reject": lambda claim, by: handling.reject(claim, reason=WHY, by=by, on=MONDAY),
    "annul": lambda claim, by: signing.annul(claim, reason=WHY, clause="第九条", by=by, on=MONDAY),
    "ask_reconsideration": lambda claim, by: signing.ask(claim, grounds=WHY, by=by, on=MONDAY),
    "uphold": lambda claim, by: signing.uphold(claim, reason=WHY, by=by, on=MONDAY),
    "turn": lambda claim, by: signing.turn(claim, reason=WHY, by=by, on=MONDAY),
    "turn_refusal": lambda claim, by: signing.turn(
        claim, reason=WHY, by=by, on=MONDAY, action="turn_refusal"
    ),
}
for _what in ("refusal", "rejection", "annulment"):
    ACTS[f"countersign_{_what}"] = lambda claim, by: signing.countersign(claim, by=by, on=MONDAY)
    ACTS[f"decline_{_what}"] = lambda claim, by: signing.give_back(claim, reason=WHY, by=by, on=MONDAY)
# Which of the two a first review is follows from the course: that of skill-upgrade asks for one, of technicians for two.
_REVIEW_OF = {SKILL_UPGRADE: "review", TECHNICIAN: "review_first"}


def act(kind: str, action: str) -> Act:
    """How the step is asked for in a claim of the kind."""
    if action == _REVIEW_OF[kind]:
        return lambda claim, by: handling.review(claim, by=by, on=MONDAY)
    return ACTS.get(action, lambda claim, by: _move(claim, action, by))


def _move(claim: int, action: str, by: Any) -> None:
    with transition(claim, action, by=by, on=MONDAY, reason=WHY):
        pass


_REVIEWED = "submit accept review"
# How a claim comes into each state: "refused, looked at again" is told from what was rejected.
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
    "approved": f"{_REVIEWED} approve",
    "rejecting": f"{_REVIEWED} reject",
    "rejected": f"{_REVIEWED} reject countersign_rejection",
    "annulling": f"{_REVIEWED} approve annul",
    "annulled": f"{_REVIEWED} approve annul countersign_annulment",
    "reconsidering": f"{_REVIEWED} reject countersign_rejection ask_reconsideration",
    "reconsidering a refusal": "submit refuse countersign_refusal ask_reconsideration",
    "upheld": f"{_REVIEWED} reject countersign_rejection ask_reconsideration uphold",
}
# Who takes each step on the way; nobody two that exclude each other.
_BY = {
    "review": "reviewer",
    "review_first": "reviewer",
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
    """The claims, each of a worker of their own, who has an account."""
    technician_figure(cast)
    for kind, level in ((SKILL_UPGRADE, 30), (TECHNICIAN, 50)):
        for state, way in WAYS.items():
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
