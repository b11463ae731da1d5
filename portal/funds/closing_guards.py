"""What the database holds of lines that a decision closes.

- A decision is confirmed by another person than whoever drew it up; then it, and what it says of its lines, stays.
- The rest goes to a line of the next year of the same fund, later returns to a line of the same fund that is open.
- A line is closed from its day on, with nothing reserved, committed or in transit on it; it is held still meanwhile.
- A closed line takes no payables and no money, and spends nothing. What is left on it can still be moved away.
"""

INSTALL = """
CREATE FUNCTION funds_check_closing() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    may_change text[] := '{confirmed_by_id,confirmed_at,dropped_at,league_code}';
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a closing stays on record' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF TG_OP = 'UPDATE' AND (OLD.confirmed_at IS NOT NULL OR OLD.dropped_at IS NOT NULL
            OR (to_jsonb(NEW) - may_change) IS DISTINCT FROM (to_jsonb(OLD) - may_change)) THEN
        RAISE EXCEPTION 'a closing stays as it was drawn up'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_closing_stays';
    END IF;
    IF NEW.confirmed_by_id IS NOT NULL
            AND public.funds_person(NEW.confirmed_by_id) = public.funds_person(NEW.made_by_id) THEN
        RAISE EXCEPTION 'a closing is confirmed by another person than whoever drew it up'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_closing_is_confirmed_by_another';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER funds_check_closing BEFORE INSERT OR UPDATE OR DELETE ON funds_closing
FOR EACH ROW EXECUTE FUNCTION funds_check_closing();

CREATE FUNCTION funds_check_line_closing() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    shut record;
    decision record;
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a closing stays on record' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF TG_OP = 'UPDATE' AND (OLD.closed_at IS NOT NULL OR (NEW.closing_id, NEW.line_id, NEW.rest_to_id, NEW.returns_to_id)
            IS DISTINCT FROM (OLD.closing_id, OLD.line_id, OLD.rest_to_id, OLD.returns_to_id)) THEN
        RAISE EXCEPTION 'what a decision says of a line stays'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_closing_stays';
    END IF;
    SELECT * INTO shut FROM public.funds_line l WHERE l.id = NEW.line_id;
    SELECT * INTO decision FROM public.funds_closing c WHERE c.id = NEW.closing_id;
    IF shut.fund_id <> decision.fund_id
        OR EXISTS (SELECT FROM public.funds_line l WHERE l.id = NEW.rest_to_id
                   AND (l.fund_id <> shut.fund_id OR l.year <> shut.year + 1))
        OR EXISTS (SELECT FROM public.funds_line l WHERE l.id = NEW.returns_to_id AND l.fund_id <> shut.fund_id) THEN
        RAISE EXCEPTION 'line %: its rest goes to the next year of its fund, later returns to its fund', NEW.line_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_closed_line_stays_in_its_fund';
    END IF;
    IF NEW.closed_at IS NULL THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'INSERT' OR decision.confirmed_at IS NULL
        OR decision.day > (now() AT TIME ZONE 'Asia/Shanghai')::date THEN
        RAISE EXCEPTION 'line %: it is closed by a confirmed decision, from its day on', NEW.line_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_line_is_closed_by_a_decision';
    END IF;
    PERFORM FROM public.funds_balance b WHERE b.line_id = NEW.line_id ORDER BY b.bucket FOR NO KEY UPDATE;
    IF EXISTS (
        SELECT FROM public.funds_balance b
        WHERE b.line_id = NEW.line_id AND b.bucket IN ('reserved', 'committed', 'in_transit') AND b.amount <> 0
    ) THEN
        RAISE EXCEPTION 'line %: something is under way', NEW.line_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_line_closes_with_nothing_under_way';
    END IF;
    IF NEW.rest <> (SELECT b.amount FROM public.funds_balance b WHERE b.line_id = NEW.line_id AND b.bucket = 'available') THEN
        RAISE EXCEPTION 'line %: its rest is another', NEW.line_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_closed_line_says_its_rest';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER funds_check_line_closing BEFORE INSERT OR UPDATE OR DELETE ON funds_lineclosing
FOR EACH ROW EXECUTE FUNCTION funds_check_line_closing();

CREATE FUNCTION funds_payables_on_closed() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    wrong record;
BEGIN
    SELECT a.line_id INTO wrong
    FROM added a JOIN public.funds_lineclosing c ON c.line_id = a.line_id AND c.closed_at IS NOT NULL LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'line % is closed', wrong.line_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_closed_line_takes_no_payables';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER funds_payables_on_closed AFTER INSERT ON funds_payable
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION funds_payables_on_closed();

-- Behind the trigger that posts, which holds the balances: a line that was closed before is seen here.
CREATE FUNCTION funds_posted_on_closed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    wrong record;
BEGIN
    SELECT f.to_line_id INTO wrong
    FROM fresh f JOIN public.funds_lineclosing c ON c.line_id = f.to_line_id AND c.closed_at IS NOT NULL
    WHERE f.move IN ('reserve', 'commit', 'send', 'appropriate', 'reallocate')
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'line % is closed', wrong.to_line_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_closed_line_is_not_spent';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER funds_posted_on_closed AFTER INSERT ON funds_transfer
REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION funds_posted_on_closed();
"""

# What each of these lines has available, held until the transaction ends; nothing of lines that are closed.
HOLD_OPEN = """
CREATE OR REPLACE FUNCTION funds_hold(lines bigint[]) RETURNS TABLE (line bigint, available bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'money is not given out in a transaction that does not see what others did'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'money_moves_as_others_see_it';
    END IF;
    PERFORM FROM public.funds_balance b
    WHERE b.line_id = ANY (lines) AND b.bucket = 'available' ORDER BY b.line_id FOR NO KEY UPDATE;
    RETURN QUERY SELECT b.line_id, b.amount FROM public.funds_balance b
    WHERE b.line_id = ANY (lines) AND b.bucket = 'available'
      AND NOT EXISTS (SELECT FROM public.funds_lineclosing c WHERE c.line_id = b.line_id AND c.closed_at IS NOT NULL);
END
$$;
"""
HOLD_ANY = HOLD_OPEN.replace(
    """
      AND NOT EXISTS (SELECT FROM public.funds_lineclosing c WHERE c.line_id = b.line_id AND c.closed_at IS NOT NULL);""",
    ";",
)

REMOVE = """
DROP TRIGGER funds_posted_on_closed ON funds_transfer;
DROP FUNCTION funds_posted_on_closed();
DROP TRIGGER funds_payables_on_closed ON funds_payable;
DROP FUNCTION funds_payables_on_closed();
DROP TRIGGER funds_check_line_closing ON funds_lineclosing;
DROP FUNCTION funds_check_line_closing();
DROP TRIGGER funds_check_closing ON funds_closing;
DROP FUNCTION funds_check_closing();
"""
