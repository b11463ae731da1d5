"""The guards of posting in fewer steps: a transfer alone is judged quickly, many are judged as a set, and a balance is held as
shortly as can be.

What a transfer names is looked for over the set instead of row by row: its move, the ends it goes between, its payable,
its row of the bank. None of these is ever removed or renumbered, whoever asks (_STAYS): a reference that was there once
stays. What a set has nothing of (approvals, orders, shares of a recovery) is not asked for.

Balances come last, behind everything that may still refuse, and are held from there to the commit. Where too little is left,
that is said before they are held: whoever is refused keeps nobody waiting.
"""

# ruff: noqa: S608 - triggers are put together from parts of ours

from portal.cases.many_rows_guards import function, looking_for_all
from portal.funds import batch_posting_guards, closing_guards, many_rows_guards

_KINDS = """
CREATE OR REPLACE FUNCTION funds_post() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    has record;
    wrong record;
    moved bigint;
    today date := (now() AT TIME ZONE 'Asia/Shanghai')::date;
BEGIN
    -- What follows sees what others committed meanwhile; a transaction that reads as of its beginning does not.
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'money is not moved in a transaction that does not see what others did'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'money_moves_as_others_see_it';
    END IF;

    -- What kinds of things move, and when.
    SELECT count(f.payable_id) AS payables, count(f.order_id) AS orders, count(f.recovery_share_id) AS shares,
           coalesce(bool_or(m.needs_approval), false) AS approvals,
           coalesce(bool_or(f.from_bucket = 'paid' AND f.payable_id IS NOT NULL), false) AS of_paid,
           coalesce(bool_or(f.move IN ('reserve', 'commit', 'send')), false) AS spends,
           min(f.id) FILTER (WHERE m.code IS NULL) AS moves_otherwise,
           min(f.id) FILTER (
               WHERE m.of_payable <> (f.payable_id IS NOT NULL AND f.recovery_share_id IS NULL)
                  OR m.of_recovery <> (f.recovery_share_id IS NOT NULL)
                  OR m.needs_bank_row <> (f.bank_row_id IS NOT NULL)) AS rests_on_nothing,
           min(f.id) FILTER (WHERE m.spends AND today NOT BETWEEN l.usable_from AND l.usable_until) AS untimely
    INTO has
    FROM fresh f
    LEFT JOIN public.funds_ledgermove m
        ON (m.code, m.from_bucket, m.to_bucket, m.within_line) = (f.move, f.from_bucket, f.to_bucket, f.within_line)
    LEFT JOIN public.funds_line l ON l.id = f.from_line_id;
    IF has.moves_otherwise IS NOT NULL THEN
        RAISE EXCEPTION 'transfer %: there is no such move', has.moves_otherwise
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'a_transfer_goes_as_its_move_says';
    END IF;
    IF has.rests_on_nothing IS NOT NULL THEN
        RAISE EXCEPTION 'transfer % lacks what it rests on', has.rests_on_nothing
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_transfer_rests_on_something';
    END IF;
    IF has.untimely IS NOT NULL THEN
        RAISE EXCEPTION 'transfer %: the line is not spent today', has.untimely
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_line_is_spent_on_its_days';
    END IF;
"""

_PAYABLES = """
    IF has.payables > 0 THEN
        -- Payables move whole, once, from where they are.
        PERFORM FROM public.funds_payable p WHERE p.id IN (SELECT payable_id FROM fresh) ORDER BY p.id FOR NO KEY UPDATE;
    END IF;
    -- Enough different people approved it as it stands, neither the maker nor whoever posts among them.
    IF has.approvals THEN
        WITH approved AS (
            SELECT f.id, f.amount, f.by_id, p.made_by_id, a.by_id AS approver
            FROM fresh f
            JOIN public.funds_ledgermove m ON m.code = f.move AND m.needs_approval
            JOIN public.funds_payable p ON p.id = f.payable_id
            LEFT JOIN public.funds_approval a ON a.payable_id = p.id AND a.at_moves = p.moves AND a.move = f.move
            UNION ALL
            SELECT f.id, f.amount, f.by_id, o.made_by_id, a.by_id
            FROM fresh f
            JOIN public.funds_order o ON o.id = f.order_id
            LEFT JOIN public.funds_orderapproval a ON a.order_id = o.id
        ), person AS MATERIALIZED (
            SELECT account, public.funds_person(account) AS person
            FROM (SELECT by_id FROM approved UNION SELECT made_by_id FROM approved UNION SELECT approver FROM approved)
                 AS listed (account)
            WHERE account IS NOT NULL
        ), counted AS (
            SELECT a.id, a.amount,
                   count(DISTINCT one.person) FILTER (WHERE one.person NOT IN (maker.person, poster.person)) AS people
            FROM approved a
            JOIN person maker ON maker.account = a.made_by_id
            JOIN person poster ON poster.account = a.by_id
            LEFT JOIN person one ON one.account = a.approver
            GROUP BY a.id, a.amount
        )
        SELECT c.id, c.people, t.approvals INTO wrong
        FROM counted c LEFT JOIN public.funds_threshold t ON t.amounts @> c.amount AND t.days @> today
        WHERE t.approvals IS NULL OR c.people < t.approvals;
        IF FOUND THEN
            RAISE EXCEPTION 'transfer %: % approved it, % must', wrong.id, wrong.people,
                coalesce(wrong.approvals::text, 'nobody knows how many')
                USING ERRCODE = 'check_violation', CONSTRAINT = 'enough_people_approved';
        END IF;
    END IF;
    IF has.payables > 0 THEN
        -- Found by its number and then compared: how many stand in a bucket of a line is no way to find one of them.
        UPDATE public.funds_payable p SET bucket = f.to_bucket, moves = p.moves + 1
        FROM fresh f
        WHERE f.payable_id = p.id
          AND (p.bucket, p.amount, p.line_id, p.line_id) IS NOT DISTINCT FROM
              (f.from_bucket, f.amount, f.from_line_id, f.to_line_id);
        GET DIAGNOSTICS moved = ROW_COUNT;
        IF has.payables <> moved THEN
            RAISE EXCEPTION '% of % payables are not where the transfer takes them from, or differ in amount or line',
                has.payables - moved, has.payables
                USING ERRCODE = 'check_violation', CONSTRAINT = 'a_payable_moves_whole_and_once';
        END IF;
    END IF;
"""

_ORDERS = """
    -- Orders are carried out as they were approved.
    IF has.orders > 0 THEN
        SELECT f.id INTO wrong
        FROM fresh f JOIN public.funds_order o ON o.id = f.order_id
        WHERE (f.move, f.from_line_id, f.to_line_id, f.amount) IS DISTINCT FROM
              (o.move, o.from_line_id, o.to_line_id, o.amount);
        IF FOUND THEN
            RAISE EXCEPTION 'transfer % is not what was ordered', wrong.id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'an_order_is_carried_out_as_approved';
        END IF;
        PERFORM FROM public.funds_authorisingdocument d
        WHERE d.id IN (SELECT o.document_id FROM fresh f JOIN public.funds_order o ON o.id = f.order_id)
        ORDER BY d.id FOR NO KEY UPDATE;
        SELECT d.number INTO wrong
        FROM public.funds_authorisingdocument d
        JOIN public.funds_order o ON o.document_id = d.id
        JOIN public.funds_transfer t ON t.order_id = o.id
        WHERE d.id IN (SELECT o.document_id FROM fresh f JOIN public.funds_order o ON o.id = f.order_id)
        GROUP BY d.id
        HAVING sum(CASE t.move WHEN 'appropriate' THEN t.amount ELSE -t.amount END) > d.amount;
        IF FOUND THEN
            RAISE EXCEPTION 'document % gives less', wrong.number
                USING ERRCODE = 'check_violation', CONSTRAINT = 'a_document_gives_no_more_than_it_says';
        END IF;
    END IF;
"""


def _part(name: str, text: str) -> str:
    """What a guard's function asks, between BEGIN and its return."""
    whole = function(name, text)
    return whole[whole.index("BEGIN\n") + len("BEGIN\n") : whole.index("    RETURN NULL;")]


def _split(part: str) -> tuple[str, str]:
    """Two questions of a guard, each with its refusal."""
    end = part.index("    END IF;\n") + len("    END IF;\n")
    return part[:end], part[end:]


def _when(condition: str, part: str) -> str:
    lines = [f"    {line}\n" if line else "\n" for line in part.splitlines()]
    return f"    IF {condition} THEN\n{''.join(lines)}    END IF;\n"


# As they were asked by triggers of their own, behind the payables that are held.
_OF_SHARES, _OF_PAID = _split(_part("funds_posted_recovery", many_rows_guards.INSTALL))
_REVOKED = _part("funds_posted_revoked", many_rows_guards.INSTALL)
_CLOSED = _part("funds_posted_on_closed", closing_guards.INSTALL).replace("\n    LIMIT 1;", ";")

_POST = (
    _KINDS
    + _PAYABLES
    + _ORDERS
    + _when("has.spends", _REVOKED)
    + _when("has.shares > 0", _OF_SHARES)
    + _when("has.of_paid", _OF_PAID)
    + "    RETURN NULL;\nEND\n$$;\n"
)

_CHANGES = """
        SELECT line_id, bucket, sum(amount) AS sum
        FROM (SELECT from_line_id AS line_id, from_bucket AS bucket, -amount AS amount FROM fresh
              UNION ALL SELECT to_line_id, to_bucket, amount FROM fresh) AS ends
        GROUP BY line_id, bucket
"""
_WEIGH = (
    """
-- After everything else that may refuse: both balances, all of them locked in one order, none below its floor.
CREATE FUNCTION funds_weigh_balances() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    wrong record;
BEGIN
    SELECT change.line_id, change.bucket, b.id IS NULL AS is_missing,
           change.line_id IN (SELECT f.from_line_id FROM fresh f WHERE f.from_bucket = change.bucket) AS is_source
    INTO wrong
    FROM (changes) AS change
    LEFT JOIN public.funds_balance b ON b.line_id = change.line_id AND b.bucket = change.bucket
    WHERE b.id IS NULL OR (change.sum < 0 AND b.amount + change.sum < b.floor)
    ORDER BY b.id NULLS FIRST;
    IF FOUND AND wrong.is_missing THEN
        RAISE EXCEPTION 'line % has no %', wrong.line_id, wrong.bucket
            USING ERRCODE = 'foreign_key_violation',
                CONSTRAINT = CASE WHEN wrong.is_source THEN 'a_transfer_has_a_source' ELSE 'a_transfer_has_a_target' END;
    ELSIF FOUND THEN
        RAISE EXCEPTION 'line %: too little is %', wrong.line_id, wrong.bucket
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_balance_keeps_its_floor', TABLE = 'funds_balance';
    END IF;
    PERFORM FROM public.funds_balance b
    WHERE (b.line_id, b.bucket) IN (
        SELECT from_line_id, from_bucket FROM fresh UNION SELECT to_line_id, to_bucket FROM fresh
    ) ORDER BY b.line_id, b.bucket FOR NO KEY UPDATE;
    UPDATE public.funds_balance b SET amount = b.amount + change.sum
    FROM (changes) AS change
    WHERE b.line_id = change.line_id AND b.bucket = change.bucket;
    -- A line that was closed before its balances were held is seen here.
"""
    + _CLOSED
    + """    RETURN NULL;
END
$$;
CREATE TRIGGER funds_weigh_balances AFTER INSERT ON funds_transfer
REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION funds_weigh_balances();
"""
).replace("(changes)", f"({_CHANGES}    )")

_POSTED = ("recovery", "revoked", "on_closed")
_NO_LONGER = "".join(f"DROP TRIGGER funds_posted_{name} ON funds_transfer;\n" for name in _POSTED)
_AGAIN = "".join(
    f"""CREATE TRIGGER funds_posted_{name} AFTER INSERT ON funds_transfer
REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION funds_posted_{name}();
"""
    for name in _POSTED
)

# What is named is there: a row of the bank, its answer, the payment it is about.
_ANSWER_OF_ROW = (
    "FROM added a JOIN public.funds_answer s ON s.id = a.answer_id WHERE s.phase <> 'reading'",
    "FROM added a LEFT JOIN public.funds_answer s ON s.id = a.answer_id WHERE s.phase IS DISTINCT FROM 'reading'",
)
_ITEM_OF_ROW = (
    """    JOIN public.funds_item i ON i.id = a.item_id
    LEFT JOIN public.funds_itempayee y ON y.item_id = i.id
    WHERE a.outcome IN""",
    """    LEFT JOIN public.funds_item i ON i.id = a.item_id
    LEFT JOIN public.funds_itempayee y ON y.item_id = i.id
    WHERE (a.item_id IS NOT NULL AND i.id IS NULL) OR a.outcome IN""",
)
_BEFORE = many_rows_guards.INSTALL
_NAMED = batch_posting_guards.INSTALL + looking_for_all(
    function("funds_check_bank_rows", _BEFORE), _ANSWER_OF_ROW, _ITEM_OF_ROW
)

# What is named is not removed and not renumbered. Of the moves: as long as a transfer goes by them.
_STAYS = """
CREATE TRIGGER funds_is_not_removed BEFORE DELETE OR TRUNCATE ON funds_balance
FOR EACH STATEMENT EXECUTE FUNCTION funds_written_once();
CREATE TRIGGER funds_keeps_its_number BEFORE UPDATE OF id, line_id, bucket ON funds_balance
FOR EACH STATEMENT EXECUTE FUNCTION funds_written_once();
CREATE TRIGGER funds_keeps_its_number BEFORE UPDATE OF id ON funds_payable
FOR EACH STATEMENT EXECUTE FUNCTION funds_written_once();
CREATE TRIGGER funds_keeps_its_number BEFORE UPDATE OF id ON funds_item
FOR EACH STATEMENT EXECUTE FUNCTION funds_written_once();
CREATE TRIGGER funds_is_not_removed BEFORE TRUNCATE ON funds_answer
FOR EACH STATEMENT EXECUTE FUNCTION funds_written_once();
CREATE TRIGGER funds_is_not_removed BEFORE TRUNCATE ON funds_ledgermove
FOR EACH STATEMENT EXECUTE FUNCTION funds_written_once();

CREATE FUNCTION funds_check_move() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (NEW.code, NEW.from_bucket, NEW.to_bucket, NEW.within_line)
        = (OLD.code, OLD.from_bucket, OLD.to_bucket, OLD.within_line) THEN
        RETURN NEW;
    END IF;
    -- Whoever is posting by it ends before; whoever posts afterwards finds it changed.
    LOCK TABLE public.funds_transfer IN SHARE ROW EXCLUSIVE MODE;
    IF EXISTS (SELECT FROM public.funds_transfer t WHERE t.move = OLD.code) THEN
        RAISE EXCEPTION 'transfers go by the move %', OLD.code
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'a_transfer_goes_as_its_move_says';
    END IF;
    RETURN coalesce(NEW, OLD);
END
$$;
CREATE TRIGGER funds_check_move BEFORE UPDATE OR DELETE ON funds_ledgermove
FOR EACH ROW EXECUTE FUNCTION funds_check_move();
"""
_GOES = """
DROP TRIGGER funds_check_move ON funds_ledgermove;
DROP FUNCTION funds_check_move();
DROP TRIGGER funds_is_not_removed ON funds_ledgermove;
DROP TRIGGER funds_is_not_removed ON funds_answer;
DROP TRIGGER funds_keeps_its_number ON funds_item;
DROP TRIGGER funds_keeps_its_number ON funds_payable;
DROP TRIGGER funds_keeps_its_number ON funds_balance;
DROP TRIGGER funds_is_not_removed ON funds_balance;
"""

# Asked row by row until now. Those that Django knows of are dropped by their fields.
_REFERENCES = """
ALTER TABLE funds_transfer
    DROP CONSTRAINT a_transfer_goes_as_its_move_says,
    DROP CONSTRAINT a_transfer_has_a_source,
    DROP CONSTRAINT a_transfer_has_a_target;
"""
_REFERENCES_AGAIN = """
ALTER TABLE funds_transfer
    ADD CONSTRAINT a_transfer_goes_as_its_move_says FOREIGN KEY (move, from_bucket, to_bucket, within_line)
        REFERENCES funds_ledgermove (code, from_bucket, to_bucket, within_line),
    ADD CONSTRAINT a_transfer_has_a_source FOREIGN KEY (from_line_id, from_bucket)
        REFERENCES funds_balance (line_id, bucket),
    ADD CONSTRAINT a_transfer_has_a_target FOREIGN KEY (to_line_id, to_bucket)
        REFERENCES funds_balance (line_id, bucket);
"""

INSTALL = _STAYS + _POST + _WEIGH + _NO_LONGER + _NAMED + _REFERENCES
REMOVE = (
    _REFERENCES_AGAIN
    + function("funds_check_bank_rows", _BEFORE)
    + function("funds_post_batches", _BEFORE)
    + _AGAIN
    + "DROP TRIGGER funds_weigh_balances ON funds_transfer;\nDROP FUNCTION funds_weigh_balances();\n"
    + function("funds_post", _BEFORE)
    + _GOES
)
