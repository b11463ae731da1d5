"""Balances are changed one by one, in one order: held more shortly than as a set. Whoever asks for more than there is is told
first, before anything is held or written; a payable that moves alone is held by its move itself.
"""

from portal.cases.many_rows_guards import function
from portal.funds import posting_guards

_BEFORE = posting_guards.INSTALL
_POST, _WEIGH = function("funds_post", _BEFORE), function("funds_weigh_balances", _BEFORE)


def _anew(text: str, *changes: tuple[str, str]) -> str:
    """A function's text with these changes; ValueError where it is another one than they were written for."""
    for before, after in changes:
        if text.count(before) != 1:
            raise ValueError(f"the guard of transfers is another one: {before}")
        text = text.replace(before, after)
    return text


# From the questions of the balances as far as where they are held.
_ASKED = _WEIGH[
    _WEIGH.index("    SELECT change.line_id") : _WEIGH.index("    PERFORM FROM public.funds_balance b")
]
_HELD = _WEIGH[
    _WEIGH.index("    PERFORM FROM public.funds_balance b") : _WEIGH.index("    -- A line that was closed")
]
_ONE_BY_ONE = """    FOR change IN
        SELECT line_id, bucket, sum(amount) AS sum
        FROM (SELECT from_line_id AS line_id, from_bucket AS bucket, -amount AS amount FROM fresh
              UNION ALL SELECT to_line_id, to_bucket, amount FROM fresh) AS ends
        GROUP BY line_id, bucket ORDER BY line_id, bucket
    LOOP
        UPDATE public.funds_balance b SET amount = b.amount + change.sum
        WHERE b.line_id = change.line_id AND b.bucket = change.bucket;
    END LOOP;
"""
_PAYABLES = "    IF has.payables > 0 THEN\n        -- Payables move whole, once, from where they are.\n"

INSTALL = _anew(
    _POST,
    (
        _PAYABLES,
        "    -- The ends of it are there, and none comes below its floor; this is asked again when they are held.\n"
        + _ASKED
        + _PAYABLES.replace("> 0 THEN", "> 1 OR has.approvals THEN"),
    ),
) + _anew(
    _WEIGH,
    (_ASKED, ""),
    (_HELD, _ONE_BY_ONE),
    ("    wrong record;\n", "    wrong record;\n    change record;\n"),
)
REMOVE = _WEIGH + _POST
