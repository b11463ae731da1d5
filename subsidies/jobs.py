"""Many claims taken in, reviewed or approved in one go: a job that moves them in sets, by the same actions as one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.urls import reverse

from portal.accounts.access import NotNow, require
from portal.cases.job_items import case_names
from portal.cases.models import Case
from portal.cases.moving import Moving
from portal.cases.reviews import AsRead
from portal.jobs import targets
from portal.jobs.each import Result, do_in_chunks
from portal.jobs.items import name_items
from portal.jobs.models import Job
from portal.jobs.runner import Run, job_kind, start
from portal.jobs.targets import Found
from portal.reasons import reason_in
from subsidies import adverse, claiming, handling, signing
from subsidies.finding import found_by
from subsidies.models import Claim, ClaimQuerySet
from subsidies.on_notice import announcing
from subsidies.workflow import ANNOUNCE, APPROVE, COUNTERSIGN, REVIEW, TAKE_IN, ClaimState

MOVE = "subsidies.move-claims"
# So many are named one by one; so many more may be found by a filter.
MOST_AT_ONCE = 10_000
MOST_FOUND = 100_000


@dataclass(frozen=True)
class Bulk:
    """An action taken on many claims: from which state, by whom, and what is noted of each that moved."""

    action: str
    label: str
    state: str
    permission: str
    done: str
    consequence: str
    act: Callable[[Sequence[int], Run, Mapping[int, AsRead]], Moving]
    # Whether one reason is given for all of them.
    needs_reason: bool = False


def _on(run: Run) -> date:
    return date.fromisoformat(run.params["on"])


def _accept(ids: Sequence[int], run: Run, read: Mapping[int, AsRead]) -> Moving:
    return claiming.accept_many(ids, by=run.job.by, on=_on(run))


def _review(ids: Sequence[int], run: Run, read: Mapping[int, AsRead]) -> Moving:
    return handling.review_many(ids, by=run.job.by, on=_on(run), note=run.params["note"], as_read=read)


def _reject(ids: Sequence[int], run: Run, read: Mapping[int, AsRead]) -> Moving:
    return handling.reject_many(ids, by=run.job.by, on=_on(run), reason=run.params["note"], as_read=read)


def _countersign(ids: Sequence[int], run: Run, read: Mapping[int, AsRead]) -> Moving:
    return signing.countersign_many(ids, by=run.job.by, on=_on(run), as_read=read)


def _countersigning(state: ClaimState) -> Bulk:
    return Bulk(
        adverse.COUNTERSIGN[state],
        "批量会签",
        state,
        COUNTERSIGN,
        "已会签",
        "同意拟办的决定；决定自此作出，每件出具决定书。由您拟办的、打开本页之后有变化的，列出原因，不予办理。",
        _countersign,
    )


def _approve(ids: Sequence[int], run: Run, read: Mapping[int, AsRead]) -> Moving:
    return handling.approve_many(ids, by=run.job.by, on=_on(run), as_read=read)


def _approving(action: str, state: ClaimState) -> Bulk:
    return Bulk(
        action,
        "批量批准",
        state,
        APPROVE,
        "已批准",
        "按提交当日的政策和标准批准，书面告知本人；打开本页之后有变化的，列出原因，不予办理。",
        _approve,
    )


def _announce(ids: Sequence[int], run: Run, read: Mapping[int, AsRead]) -> Moving:
    return announcing.announce_many(ids, by=run.job.by, on=_on(run))


def _announcing(action: str, state: ClaimState) -> Bulk:
    return Bulk(
        action,
        "批量公示",
        state,
        ANNOUNCE,
        "已公示",
        "按盟市列出拟补贴人员名单，每份名单不超过500人，自今天起公示；不需要公示的、条件有变化的，列出原因，不予办理。",
        _announce,
    )


BULKS: dict[str, Bulk] = {
    one.action: one
    for one in (
        Bulk(
            "accept",
            "批量受理",
            ClaimState.SUBMITTED,
            TAKE_IN,
            "已受理",
            "逐件核对条件，符合的受理并出具受理回执；不符合的列出原因，不受影响的照常办理。",
            _accept,
        ),
        Bulk(
            "review",
            "批量审核",
            ClaimState.ACCEPTED,
            REVIEW,
            "已审核",
            "已核验的信息全部符合条件的，提出建议批准的审核结论；其余列出原因，留待逐件办理。",
            _review,
        ),
        _announcing("announce", ClaimState.REVIEWED),
        _announcing("announce_waiting", ClaimState.NO_FIGURE),
        _approving("approve", ClaimState.REVIEWED),
        _approving("approve_noticed", ClaimState.NOTICED),
        Bulk(
            "reject",
            "批量拟不予批准",
            ClaimState.REVIEWED,
            APPROVE,
            "已拟不予批准，待会签",
            "以同一理由拟不予批准，逐件交另一人会签；打开本页之后有变化的，列出原因，不予办理。",
            _reject,
            needs_reason=True,
        ),
        *map(_countersigning, adverse.COUNTERSIGN),
    )
}


def start_moving(action: str, versions: Mapping[int, int], *, note: str = "", by: Any, on: date) -> Job:
    """A job that takes the action on these claims in the name of `by`; `versions` are those of the cases that were
    seen. What may be done is decided claim by claim. Raises Refused, NotNow.
    """
    bulk = BULKS[action]
    require(by, bulk.permission)
    if bulk.needs_reason and not reason_in(note):
        raise NotNow("请写明理由。")
    if not 0 < len(versions) <= MOST_AT_ONCE:
        raise NotNow(f"一次可办理1至{MOST_AT_ONCE:,}件。")
    return start(
        MOVE,
        title=f"{bulk.label}补贴申请（{len(versions):,}件）",
        by=by,
        total=len(versions),
        params={
            "action": action,
            "on": on.isoformat(),
            "note": note.strip(),
            "versions": {str(case_id): version for case_id, version in versions.items()},
        },
    )


def to_move(action: str, asked: Mapping[str, Any], *, by: Any) -> ClaimQuerySet:
    """The claims that a filter finds among those `by` sees, in the state in which the action is taken."""
    claims = Claim.objects.visible_to(by)
    return found_by(claims, {**asked, "state": BULKS[action].state}, by=by)


def look(action: str, asked: Mapping[str, Any], *, by: Any) -> Found:
    """How many claims the action would be taken on, and which; what is confirmed before it begins. Raises Refused."""
    require(by, BULKS[action].permission)
    return targets.look(to_move(action, asked, by=by), version="case__version")


@transaction.atomic
def start_moving_found(
    action: str, asked: Mapping[str, Any], confirmed: Found, *, note: str = "", by: Any, on: date
) -> Job:
    """A job that takes the action on all claims that a filter finds now, as they stand now. Whether each may still be
    moved, and by whom, is asked when its turn comes. Raises Refused, NotNow: also when others were confirmed.
    """
    bulk = BULKS[action]
    require(by, bulk.permission)
    if bulk.needs_reason and not reason_in(note):
        raise NotNow("请写明理由。")
    if not 0 < confirmed.count <= MOST_FOUND:
        raise NotNow(f"按条件一次可办理1至{MOST_FOUND:,}件，请调整筛选条件。")
    job = start(
        MOVE,
        title=f"{bulk.label}补贴申请（按条件，{confirmed.count:,}件）",
        by=by,
        total=confirmed.count,
        params={"action": action, "on": on.isoformat(), "note": note.strip()},
    )
    targets.freeze(job, to_move(action, asked, by=by), version="case__version", confirmed=confirmed)
    return job


def _versions_of(run: Run) -> dict[int, int]:
    """Which claims, in which versions: named one by one, or found by a filter."""
    named = run.params.get("versions")
    if named is not None:
        return {int(case_id): version for case_id, version in named.items()}
    return dict(run.job.targets.order_by("key").values_list("key", "version"))


name_items(MOVE, case_names, lambda job: ("补贴申请", reverse("subsidies:claims")))


@job_kind(MOVE)
def move_claims(run: Run) -> dict[str, Any]:
    """Move the claims in the name of whoever started the job, in sets, with a result for each."""
    bulk = BULKS[run.params["action"]]
    versions = _versions_of(run)

    def move(ids: Sequence[int]) -> Mapping[int, Result]:
        results: dict[int, Result] = {}
        for of_one_kind in _by_kind(ids):
            read = {pk: AsRead(versions[pk], None) for pk in of_one_kind}
            moving = bulk.act(of_one_kind, run, read)
            results |= {case.pk: bulk.done for case in moving.cases}
            results |= moving.refused
        return results

    counts = do_in_chunks(run, versions, move)
    return {"done": counts.done, "refused": counts.refused}


def _by_kind(ids: Sequence[int]) -> list[list[int]]:
    """Claims of one scheme are moved at once."""
    kinds: dict[str, list[int]] = {}
    for pk, kind in Case.objects.filter(pk__in=ids).order_by("pk").values_list("pk", "kind"):
        kinds.setdefault(kind, []).append(pk)
    return list(kinds.values())
