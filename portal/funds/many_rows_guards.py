"""The guards of money over many rows: the same ones, looking for all that is wrong, and planned for many
(portal.cases.many_rows_guards says why).
"""

from portal.cases.many_rows_guards import function, looking_for_all, planned_anew, planned_once
from portal.funds import answer_guards, batch_guards, guards, recovery_posting_guards, revocation_guards

_PLANNED = tuple(
    f"funds_{name}"
    for name in ("payable", "approval", "item", "itempayee", "withdrawal", "bankrow", "transfer")
)
_BEFORE = {
    "funds_check_payables": guards.INSTALL,
    "funds_check_approvals": guards.INSTALL,
    "funds_check_items": batch_guards.INSTALL,
    "funds_check_item_payees": batch_guards.INSTALL,
    "funds_check_bank_rows": answer_guards.INSTALL,
    "funds_check_recovered_rows": recovery_posting_guards.INSTALL,
    "funds_post": recovery_posting_guards.INSTALL,
    "funds_post_batches": recovery_posting_guards.INSTALL,
    "funds_posted_revoked": revocation_guards.INSTALL,
    "funds_posted_recovery": recovery_posting_guards.INSTALL,
}
# What was tried last of a payment, looked for among its own items. The largest number of all items that are of it would be
# looked for backwards through all of them.
_RETRY = (
    """    WHERE a.retry_of_id IS DISTINCT FROM (
        SELECT max(i.id) FROM public.funds_item i WHERE i.payable_id = a.payable_id AND i.id < a.id)
""",
    """    LEFT JOIN (
        SELECT n.id, max(i.id) AS item
        FROM added n JOIN public.funds_item i ON i.payable_id = n.payable_id AND i.id < n.id
        GROUP BY n.id
    ) AS tried ON tried.id = a.id
    WHERE a.retry_of_id IS DISTINCT FROM tried.item
""",
)
# Each account is told by its person once, and not once a row.
_PEOPLE = (
    (
        "    SELECT a.item_id INTO wrong\n    FROM added a JOIN",
        """    WITH person AS MATERIALIZED (
        SELECT account, public.funds_person(account) AS person
        FROM (SELECT recorded_by_id FROM added UNION SELECT confirmed_by_id FROM added) AS listed (account)
    )
    SELECT a.item_id INTO wrong
    FROM added a
    LEFT JOIN person recorder ON recorder.account = a.recorded_by_id
    LEFT JOIN person confirmer ON confirmer.account = a.confirmed_by_id
    JOIN""",
    ),
    (
        "public.funds_person(a.recorded_by_id) = public.funds_person(a.confirmed_by_id)",
        "recorder.person = confirmer.person",
    ),
)
_CHANGES: dict[str, tuple[tuple[str, str], ...]] = {
    "funds_check_items": (_RETRY,),
    "funds_check_item_payees": _PEOPLE,
}

INSTALL = "".join(map(planned_anew, _PLANNED)) + "".join(
    looking_for_all(function(name, text), *_CHANGES.get(name, ())) for name, text in _BEFORE.items()
)
REMOVE = "".join(map(planned_once, _PLANNED)) + "".join(
    function(name, text) for name, text in _BEFORE.items()
)
