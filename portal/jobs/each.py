"""An action for each of many: the same action as for a single one, and a result for every item."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from django.db import transaction

from portal.accounts.access import NotNow, Refused
from portal.jobs.runner import Run


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
