"""What the database holds of decisions that wait for money, and how money of lines is held still while it is given out.

- What waits stays as it was written; it is drawn once, by a payable of its case and sum, or it ends.
- Who gives money out holds what the lines have available, in one order, and then reads it: two who do so at once wait for
  each other, and nobody counts on a sum that another has taken.
"""

INSTALL = """
CREATE FUNCTION funds_check_awaiting() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'what waited for money stays on record'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    -- The column that follows from the place is not yet known here.
    IF OLD.payable_id IS NOT NULL OR OLD.ended_at IS NOT NULL
        OR (to_jsonb(NEW) - '{payable_id,ended_at,league_code}'::text[])
           IS DISTINCT FROM (to_jsonb(OLD) - '{payable_id,ended_at,league_code}'::text[]) THEN
        RAISE EXCEPTION 'what waits for money is drawn or ends, and is not changed otherwise'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'what_waits_stays_as_written';
    END IF;
    IF NEW.payable_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM public.funds_payable p
        WHERE p.id = NEW.payable_id AND p.case_id = NEW.case_id AND p.share = NEW.share AND p.amount = NEW.amount
          AND p.use = NEW.use AND p.payee_kind = NEW.payee_kind AND p.calculation_digest = NEW.calculation_digest
          AND p.payee_digest = NEW.payee_digest AND p.made_by_id = NEW.made_by_id
    ) THEN
        RAISE EXCEPTION 'payable % is not what waited', NEW.payable_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'what_waits_is_drawn_as_it_waited';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER funds_check_awaiting BEFORE UPDATE OR DELETE ON funds_awaitingmoney
FOR EACH ROW EXECUTE FUNCTION funds_check_awaiting();

-- What each of these lines has available, held until the transaction ends. The application may not lock what it may
-- only read; this is all it gets.
CREATE FUNCTION funds_hold(lines bigint[]) RETURNS TABLE (line bigint, available bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'money is not given out in a transaction that does not see what others did'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'money_moves_as_others_see_it';
    END IF;
    PERFORM FROM public.funds_balance b
    WHERE b.line_id = ANY (lines) AND b.bucket = 'available' ORDER BY b.line_id FOR NO KEY UPDATE;
    RETURN QUERY SELECT b.line_id, b.amount FROM public.funds_balance b
    WHERE b.line_id = ANY (lines) AND b.bucket = 'available';
END
$$;
"""

REMOVE = """
DROP FUNCTION funds_hold(bigint[]);
DROP TRIGGER funds_check_awaiting ON funds_awaitingmoney;
DROP FUNCTION funds_check_awaiting();
"""
