"""What the database holds of money that comes back: each share of it is posted with itself, on the line that takes it.

- A share is of a recovery that was decided, and no more than is open of it; of exactly a row of the bank, of a benefit of
  the same person that is not paid out instead, or of a decision to write it off. The payment stays paid.
- It counts on the line of the payment; once that is closed, on the one that the decision named, or there, to be returned.
- Of a payment of which something came back nothing else moves.
"""

from portal.funds import answer_guards

_SHARES = """
-- The line that takes what comes back to this one; null: it is to be returned to where the money came from.
CREATE FUNCTION funds_takes_returns(of bigint) RETURNS bigint
LANGUAGE plpgsql VOLATILE SET search_path = public, pg_temp AS $$
DECLARE
    seen bigint[] := ARRAY[of];
    closed record;
BEGIN
    LOOP
        SELECT c.returns_to_id AS goal INTO closed FROM public.funds_lineclosing c
        WHERE c.line_id = seen[cardinality(seen)] AND c.closed_at IS NOT NULL;
        IF NOT FOUND THEN
            RETURN seen[cardinality(seen)];
        END IF;
        IF closed.goal IS NULL OR closed.goal = ANY (seen) THEN
            RETURN NULL;
        END IF;
        seen := seen || closed.goal;
    END LOOP;
END
$$;

CREATE FUNCTION funds_check_share() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    asked record;
    paid record;
    goal bigint;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'money is not moved in a transaction that does not see what others did'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'money_moves_as_others_see_it';
    END IF;
    SELECT * INTO asked FROM public.funds_recovery r WHERE r.id = NEW.recovery_id FOR NO KEY UPDATE;
    PERFORM FROM public.funds_payable p WHERE p.id IN (NEW.payable_id, NEW.settled_id) ORDER BY p.id FOR NO KEY UPDATE;
    SELECT p.bucket, p.line_id, l.fund_id, c.worker_id INTO paid
    FROM public.funds_payable p JOIN public.funds_line l ON l.id = p.line_id JOIN public.cases_case c ON c.id = p.case_id
    WHERE p.id = NEW.payable_id;
    IF asked.state <> 'decided' OR asked.payable_id <> NEW.payable_id OR paid.bucket <> 'paid' THEN
        RAISE EXCEPTION 'recovery %: nothing comes back of it now', NEW.recovery_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'what_comes_back_was_decided';
    END IF;
    IF public.funds_come_of(asked.id) + NEW.amount > asked.amount THEN
        RAISE EXCEPTION 'recovery %: less is open', NEW.recovery_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'no_more_comes_back_than_is_open';
    END IF;
    IF NEW.kind = 'received' THEN
        IF NOT EXISTS (SELECT FROM public.funds_bankrow b WHERE b.id = NEW.bank_row_id AND b.outcome = 'recovered'
                       AND b.recovery_id = NEW.recovery_id AND b.amount = NEW.amount) THEN
            RAISE EXCEPTION 'recovery %: the bank says something else', NEW.recovery_id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'what_comes_back_rests_on_its_row';
        END IF;
        IF public.funds_person(NEW.by_id) = public.funds_person(asked.decided_by_id) THEN
            RAISE EXCEPTION 'recovery %: whoever decided it does not post what comes', NEW.recovery_id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'who_approved_does_not_post';
        END IF;
    ELSIF NEW.kind = 'set_off' THEN
        IF asked.way <> 'set_off' OR NOT EXISTS (
            SELECT FROM public.funds_payable p JOIN public.funds_line l ON l.id = p.line_id
            JOIN public.cases_case c ON c.id = p.case_id
            LEFT JOIN public.workforce_mergedperson m ON m.source_id = c.worker_id
            LEFT JOIN public.workforce_mergedperson o ON o.source_id = paid.worker_id
            WHERE p.id = NEW.settled_id AND p.bucket = 'committed' AND p.amount = NEW.amount AND l.fund_id = paid.fund_id
              AND coalesce(m.target_id, c.worker_id) = coalesce(o.target_id, paid.worker_id)
              AND NOT EXISTS (SELECT FROM public.funds_revocation v WHERE v.payable_id = p.id AND v.lifted_at IS NULL)
              AND NOT EXISTS (SELECT FROM public.funds_item i WHERE i.payable_id = p.id AND i.state IN ('listed', 'sent', 'paid'))
        ) THEN
            RAISE EXCEPTION 'recovery %: it is not set off from payable %', NEW.recovery_id, NEW.settled_id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'it_is_set_off_from_what_is_due';
        END IF;
    ELSIF NOT EXISTS (SELECT FROM public.funds_writeoff w WHERE w.id = NEW.write_off_id AND w.recovery_id = NEW.recovery_id
                      AND w.amount = NEW.amount AND w.decided_at IS NOT NULL AND w.decided_by_id = NEW.by_id) THEN
        RAISE EXCEPTION 'recovery %: that was not written off', NEW.recovery_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'it_is_written_off_by_decision';
    END IF;
    -- Whoever closes one of these lines holds its balances: they are held here until it is clear which line takes it.
    LOOP
        goal := public.funds_takes_returns(paid.line_id);
        PERFORM FROM public.funds_balance b
        WHERE b.line_id IN (paid.line_id, goal) AND b.bucket = 'available' ORDER BY b.line_id FOR NO KEY UPDATE;
        EXIT WHEN goal IS NOT DISTINCT FROM public.funds_takes_returns(paid.line_id);
    END LOOP;
    NEW.to_line_id := CASE NEW.kind WHEN 'written_off' THEN paid.line_id ELSE coalesce(goal, paid.line_id) END;
    NEW.to_treasury := goal IS NULL AND NEW.kind <> 'written_off';
    RETURN NEW;
END
$$;
CREATE TRIGGER funds_check_share BEFORE INSERT ON funds_recoveryshare FOR EACH ROW EXECUTE FUNCTION funds_check_share();

CREATE FUNCTION funds_post_share() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO public.funds_transfer
        (move, from_line_id, from_bucket, to_line_id, to_bucket, amount, payable_id, bank_row_id, recovery_share_id, by_id, at)
    SELECT m.code, p.line_id, m.from_bucket, NEW.to_line_id, m.to_bucket, NEW.amount, NULL, NEW.bank_row_id, NEW.id, NEW.by_id,
           NEW.at
    FROM public.funds_payable p JOIN public.funds_ledgermove m ON m.code = public.funds_move_of(NEW, p.line_id)
    WHERE p.id = NEW.payable_id;
    INSERT INTO public.funds_transfer
        (move, from_line_id, from_bucket, to_line_id, to_bucket, amount, payable_id, recovery_share_id, by_id, at)
    SELECT m.code, p.line_id, m.from_bucket, p.line_id, m.to_bucket, p.amount, p.id, NEW.id, NEW.by_id, NEW.at
    FROM public.funds_payable p, public.funds_ledgermove m
    WHERE p.id = NEW.settled_id AND m.code = 'paid_by_set_off';
    UPDATE public.funds_recovery r SET state = 'done', done_at = NEW.at
    WHERE r.id = NEW.recovery_id AND public.funds_come_of(r.id) = r.amount;
    RETURN NULL;
END
$$;

CREATE FUNCTION funds_move_of(share funds_recoveryshare, line bigint) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = public, pg_temp AS $$
    SELECT CASE share.kind WHEN 'received' THEN 'recoup' WHEN 'set_off' THEN 'set_off' ELSE 'write_off_rest' END
        || CASE WHEN share.to_line_id = line THEN '' ELSE '_over' END
$$;
CREATE TRIGGER funds_post_share AFTER INSERT ON funds_recoveryshare FOR EACH ROW EXECUTE FUNCTION funds_post_share();

-- After funds_post, which has moved payables and balances.
CREATE FUNCTION funds_posted_recovery() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    wrong record;
BEGIN
    SELECT f.id INTO wrong
    FROM fresh f
    JOIN public.funds_recoveryshare s ON s.id = f.recovery_share_id
    JOIN public.funds_payable p ON p.id = s.payable_id
    WHERE (f.amount, f.by_id) <> (s.amount, s.by_id) OR NOT CASE
        WHEN f.move = 'paid_by_set_off' THEN coalesce(f.payable_id = s.settled_id, false)
        ELSE f.payable_id IS NULL AND f.bank_row_id IS NOT DISTINCT FROM s.bank_row_id
             AND f.move = public.funds_move_of(s, p.line_id) AND (f.from_line_id, f.to_line_id) = (p.line_id, s.to_line_id)
        END
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'transfer % is not what came back', wrong.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'what_came_back_is_posted_as_it_came';
    END IF;
    SELECT f.payable_id INTO wrong
    FROM fresh f
    WHERE f.from_bucket = 'paid' AND f.payable_id IS NOT NULL AND EXISTS (
        SELECT FROM public.funds_recovery r
        WHERE r.payable_id = f.payable_id
          AND ((r.state <> 'dropped' AND f.move <> 'late_return') OR public.funds_come_of(r.id) > 0))
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'payable %: something of it came back, or is to', wrong.payable_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'what_is_recovered_stays_paid';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER funds_posted_recovery AFTER INSERT ON funds_transfer
REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION funds_posted_recovery();

CREATE FUNCTION funds_check_recovered_rows() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    wrong record;
BEGIN
    SELECT a.id INTO wrong
    FROM added a
    JOIN public.funds_answer s ON s.id = a.answer_id
    JOIN public.funds_recovery r ON r.id = a.recovery_id
    JOIN public.funds_payable p ON p.id = r.payable_id
    JOIN public.funds_line l ON l.id = p.line_id
    WHERE a.outcome = 'recovered' AND (
        a.reference <> r.number OR s.region_id NOT IN (r.region_id, r.league_code, left(r.region_id, 2) || '0000')
        OR NOT EXISTS (SELECT FROM public.funds_channelrule c WHERE c.channel_id = s.channel_id AND c.fund_id = l.fund_id))
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'row % is not about the recovery it names', wrong.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_bank_row_is_about_its_recovery';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER funds_check_recovered_rows AFTER INSERT ON funds_bankrow
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION funds_check_recovered_rows();
"""

_PROOF = """
-- Empty, or every recovery, share and row of the bank that is not what the rest says.
CREATE VIEW funds_recovery_proof AS
SELECT 'recovery' AS what, r.id, r.amount AS kept, coalesce(s.come, 0)::bigint AS told
FROM funds_recovery r LEFT JOIN (
    SELECT recovery_id, sum(amount) AS come FROM funds_recoveryshare GROUP BY recovery_id) AS s ON s.recovery_id = r.id
WHERE coalesce(s.come, 0) > r.amount OR (r.state = 'done') <> (coalesce(s.come, 0) = r.amount)
UNION ALL
SELECT 'payment', p.id, p.amount, asked.amount::bigint
FROM funds_payable p JOIN (
    SELECT r.payable_id, sum(CASE r.state WHEN 'dropped' THEN coalesce(s.come, 0) ELSE r.amount END) AS amount,
           sum(coalesce(s.come, 0)) AS come
    FROM funds_recovery r LEFT JOIN (
        SELECT recovery_id, sum(amount) AS come FROM funds_recoveryshare GROUP BY recovery_id) AS s ON s.recovery_id = r.id
    GROUP BY r.payable_id) AS asked ON asked.payable_id = p.id
WHERE asked.amount > p.amount OR (asked.come > 0 AND p.bucket <> 'paid')
UNION ALL
SELECT 'share', s.id, s.amount, coalesce(sum(t.amount), 0)::bigint
FROM funds_recoveryshare s LEFT JOIN funds_transfer t ON t.recovery_share_id = s.id
GROUP BY s.id HAVING coalesce(sum(t.amount) FILTER (WHERE t.move <> 'paid_by_set_off'), 0) <> s.amount
    OR coalesce(sum(t.amount) FILTER (WHERE t.move = 'paid_by_set_off'), 0) <> CASE s.kind WHEN 'set_off' THEN s.amount ELSE 0 END
UNION ALL
SELECT 'row of what came', b.id, coalesce(b.amount, 0), coalesce(s.amount, 0)
FROM funds_bankrow b LEFT JOIN funds_recoveryshare s ON s.bank_row_id = b.id
WHERE (b.outcome = 'recovered') <> (s.id IS NOT NULL) OR (s.id IS NOT NULL AND b.amount <> s.amount);
"""


def _anew(text: str, *changes: tuple[str, str]) -> str:
    """A function's text with these changes; ValueError where it is another one than they were written for."""
    for before, after in changes:
        if text.count(before) != 1:
            raise ValueError(f"the guard of transfers is another one: {before}")
        text = text.replace(before, after)
    return text


def _function(name: str, ends: str) -> str:
    """A function as the guards of answers wrote it, to be replaced."""
    text = answer_guards.INSTALL
    text = text[text.index(f"FUNCTION {name}()") :]
    return "CREATE OR REPLACE " + text[: text.index(ends)]


_POST = _function("funds_post", "CREATE FUNCTION funds_check_bank_rows")
_POST_BATCHES = _function("funds_post_batches", "CREATE TRIGGER funds_post_batches")

_POSTING = _anew(
    _POST,
    (
        "WHERE m.of_payable <> (f.payable_id IS NOT NULL) OR m.needs_bank_row",
        "WHERE m.of_payable <> (f.payable_id IS NOT NULL AND f.recovery_share_id IS NULL)\n"
        "       OR m.of_recovery <> (f.recovery_share_id IS NOT NULL) OR m.needs_bank_row",
    ),
) + _anew(
    _POST_BATCHES,
    (
        "WHERE move = 'send' OR bank_row_id IS NOT NULL)",
        "WHERE recovery_share_id IS NULL AND (move = 'send' OR bank_row_id IS NOT NULL))",
    ),
    (
        "WHERE (f.payable_id, f.amount) IS DISTINCT FROM (i.payable_id, r.amount)\n"
        "       OR (f.move, r.outcome, i.state) NOT IN (\n"
        "            ('settle', 'paid', 'sent'), ('bounce', 'returned', 'sent'), ('late_return', 'returned', 'paid'))",
        "WHERE f.recovery_share_id IS NULL AND ((f.payable_id, f.amount) IS DISTINCT FROM (i.payable_id, r.amount)\n"
        "       OR (f.move, r.outcome, i.state) NOT IN (\n"
        "            ('settle', 'paid', 'sent'), ('bounce', 'returned', 'sent'), ('late_return', 'returned', 'paid')))",
    ),
)

INSTALL = _POSTING + _SHARES + _PROOF
REMOVE = (
    """
DROP VIEW funds_recovery_proof;
DROP TRIGGER funds_check_recovered_rows ON funds_bankrow;
DROP FUNCTION funds_check_recovered_rows();
DROP TRIGGER funds_posted_recovery ON funds_transfer;
DROP FUNCTION funds_posted_recovery();
DROP TRIGGER funds_post_share ON funds_recoveryshare;
DROP FUNCTION funds_post_share();
DROP FUNCTION funds_move_of(funds_recoveryshare, bigint);
DROP TRIGGER funds_check_share ON funds_recoveryshare;
DROP FUNCTION funds_check_share();
DROP FUNCTION funds_takes_returns(bigint);
"""
    + _POST_BATCHES
    + _POST
)
