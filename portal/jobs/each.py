"""An action for each of many: the same action as for a single one, and a result for every item.

`do_each` takes an action on one item, `do_in_chunks` one that is written over a set.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from django.db import transaction

from portal import locks
from portal.accounts.access import NotNow, Refused
from portal.jobs.runner import Cancelled, Run

log = logging.getLogger(__name__)

# Items done in one transaction: enough that the statements are shared, few enough that a kill repeats little.
CHUNK = 500
_FAILED = "办理时出错，该项没有办理。请联系系统管理员。"

# What is noted of an item that was done, or why it was refused.
Result = str | Refused | NotNow
ActOnSet = Callable[[Sequence[int]], Mapping[int, Result]]


class Counts(NamedTuple):
    """How many items were done, and how many refused."""

    done: int
    refused: int


def do_each(run: Run, ids: Iterable[int], act: Callable[[int], str]) -> Counts:
    """Do `act` for each item in a transaction of its own, and write its result in the same transaction.

    `act` returns what is noted as the item's result. An item that it refuses, with Refused or NotNow, is
    noted with the reason, and the next one follows. Repeated after a kill, what has a result is not done
    again.
    """
    results = dict(run.job.items.values_list("key", "ok"))
    done = sum(results.values())
    refused = len(results) - done
    for item_id in ids:
        if str(item_id) in results:
            continue
        try:
            with transaction.atomic():
                run.item(item_id, True, act(item_id))
            done += 1
        except (NotNow, Refused) as reason:
            run.item(item_id, False, str(reason))
            refused += 1
        run.progress(done + refused, refused=refused)
    return Counts(done, refused)


def do_in_chunks(run: Run, ids: Iterable[int], act: ActOnSet, *, size: int = CHUNK) -> Counts:
    """Do `act` for sets of items, each set in a transaction of its own together with the results of its items.

    `act` gives the result of every item it was asked for. Where it fails for a set, each item is done again by
    itself, as a set of one; one that fails then too is noted as such, and the next one follows. Repeated after a
    kill, what has a result is not done again.
    """
    every = list(dict.fromkeys(ids))
    counts = _counted(run)
    for start in range(0, len(every), size):
        chunk = every[start : start + size]
        try:
            counts = _added(counts, _do_chunk(run, chunk, act))
        except Cancelled:
            raise
        except Exception as error:
            log.warning("job %s: a chunk of %s failed (%s)", run.job.pk, len(chunk), type(error).__name__)
            counts = _one_by_one(run, chunk, act, counts)
        run.progress(counts.done + counts.refused, refused=counts.refused)
    return counts


def _counted(run: Run) -> Counts:
    results = list(run.job.items.values_list("ok", flat=True))
    return Counts(sum(results), len(results) - sum(results))


def _added(counts: Counts, more: Counts) -> Counts:
    return Counts(counts.done + more.done, counts.refused + more.refused)


def _do_chunk(run: Run, chunk: Sequence[int], act: ActOnSet) -> Counts:
    """What of the chunk has no result yet. Whoever else does the same job waits, and finds the results."""
    with transaction.atomic():
        locks.hold(f"job {run.job.pk}")
        keys = [str(item_id) for item_id in chunk]
        known = set(run.job.items.filter(key__in=keys).values_list("key", flat=True))
        asked = [item_id for item_id in chunk if str(item_id) not in known]
        if not asked:
            return Counts(0, 0)
        results = act(asked)
        noted = [(item_id, isinstance(results[item_id], str), str(results[item_id])) for item_id in asked]
        run.items(noted)
    done = sum(ok for _, ok, _ in noted)
    return Counts(done, len(noted) - done)


def _one_by_one(run: Run, chunk: Sequence[int], act: ActOnSet, counts: Counts) -> Counts:
    for item_id in chunk:
        try:
            counts = _added(counts, _do_chunk(run, [item_id], act))
        except Cancelled:
            raise
        except (NotNow, Refused) as reason:
            run.item(item_id, False, str(reason))
            counts = _added(counts, Counts(0, 1))
        except Exception:
            log.exception("job %s: item %s failed", run.job.pk, item_id)
            run.item(item_id, False, _FAILED)
            counts = _added(counts, Counts(0, 1))
        run.progress(counts.done + counts.refused, refused=counts.refused)
    return counts
