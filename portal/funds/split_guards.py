"""What the database holds of a benefit that is taken apart because less than it is left to recover.

- It is approved and waits to be paid, stands, and is in no batch. Its parts come to it, differ from it in nothing but the
  sum, and were not moved; one of them is exactly what is left of a recovery that is set off.
- The three are posted with the row, in one statement: what was approved stays approved, and no other money is taken.
- Nobody else posts these moves. What was taken apart moves no more, and its part is set off before the commit.
"""

from portal.funds import recovery_posting_guards

_SPLITS = """
CREATE FUNCTION funds_check_split() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    asked record;
    whole public.funds_payable;
    off public.funds_payable;
    rest public.funds_payable;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'money is not moved in a transaction that does not see what others did'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'money_moves_as_others_see_it';
    END IF;
    SELECT r.* INTO asked FROM public.funds_recovery r WHERE r.id = NEW.recovery_id FOR NO KEY UPDATE;
    PERFORM FROM public.funds_payable p WHERE p.id IN (NEW.payable_id, NEW.off_id, NEW.rest_id)
    ORDER BY p.id FOR NO KEY UPDATE;
    SELECT p.* INTO whole FROM public.funds_payable p WHERE p.id = NEW.payable_id;
    SELECT p.* INTO off FROM public.funds_payable p WHERE p.id = NEW.off_id;
    SELECT p.* INTO rest FROM public.funds_payable p WHERE p.id = NEW.rest_id;
    IF asked.state <> 'decided' OR asked.way <> 'set_off'
        OR off.amount <> asked.amount - public.funds_come_of(asked.id) THEN
        RAISE EXCEPTION 'recovery %: something else is left to set off', NEW.recovery_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_benefit_is_split_to_be_set_off';
    END IF;
    IF whole.bucket <> 'committed' OR off.amount + rest.amount <> whole.amount
        OR (off.bucket, off.moves, rest.bucket, rest.moves) <> ('available', 0, 'available', 0)
        OR (off.case_id, off.line_id, off.use, off.payee_kind, off.calculation_digest, off.payee_digest, off.made_by_id)
            <> (whole.case_id, whole.line_id, whole.use, whole.payee_kind, whole.calculation_digest, whole.payee_digest,
                whole.made_by_id)
        OR (rest.case_id, rest.line_id, rest.use, rest.payee_kind, rest.calculation_digest, rest.payee_digest, rest.made_by_id)
            <> (whole.case_id, whole.line_id, whole.use, whole.payee_kind, whole.calculation_digest, whole.payee_digest,
                whole.made_by_id)
        OR EXISTS (SELECT FROM public.funds_revocation v WHERE v.payable_id = whole.id AND v.lifted_at IS NULL)
        OR EXISTS (SELECT FROM public.funds_item i WHERE i.payable_id = whole.id AND i.state IN ('listed', 'sent', 'paid')) THEN
        RAISE EXCEPTION 'payable % is not taken apart into % and %', NEW.payable_id, NEW.off_id, NEW.rest_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_benefit_is_split_to_be_set_off';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER funds_check_split BEFORE INSERT ON funds_payablesplit FOR EACH ROW EXECUTE FUNCTION funds_check_split();

CREATE FUNCTION funds_post_split() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO public.funds_transfer (move, from_line_id, from_bucket, to_line_id, to_bucket, amount, payable_id, by_id, at)
    SELECT m.code, p.line_id, m.from_bucket, p.line_id, m.to_bucket, p.amount, p.id, NEW.by_id, NEW.at
    FROM public.funds_payable p
    JOIN public.funds_ledgermove m ON m.code = CASE p.id WHEN NEW.payable_id THEN 'split' ELSE 'split_part' END
    WHERE p.id IN (NEW.payable_id, NEW.off_id, NEW.rest_id)
    ORDER BY p.id;
    RETURN NULL;
END
$$;
CREATE TRIGGER funds_post_split AFTER INSERT ON funds_payablesplit FOR EACH ROW EXECUTE FUNCTION funds_post_split();

CREATE FUNCTION funds_check_split_transfer() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM public.funds_payablesplit s JOIN public.funds_payable p ON p.id = NEW.payable_id
        WHERE CASE NEW.move WHEN 'split' THEN s.payable_id = p.id ELSE p.id IN (s.off_id, s.rest_id) AND p.moves = 0 END
    ) THEN
        RAISE EXCEPTION 'payable % is not taken apart', NEW.payable_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_benefit_is_split_to_be_set_off';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER funds_check_split_transfer BEFORE INSERT ON funds_transfer
FOR EACH ROW WHEN (NEW.move IN ('split', 'split_part')) EXECUTE FUNCTION funds_check_split_transfer();

-- Only what went back to its line may be set aside anew: what was taken apart is not.
CREATE FUNCTION funds_check_was_split() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM public.funds_payablesplit s WHERE s.payable_id = OLD.id) THEN
        RAISE EXCEPTION 'payable % was taken apart', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'what_was_split_moves_no_more';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER funds_check_was_split BEFORE UPDATE ON funds_payable
FOR EACH ROW WHEN (OLD.bucket = 'available' AND OLD.moves > 0) EXECUTE FUNCTION funds_check_was_split();

CREATE FUNCTION funds_check_split_is_set_off() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM public.funds_recoveryshare s
                   WHERE s.settled_id = NEW.off_id AND s.recovery_id = NEW.recovery_id) THEN
        RAISE EXCEPTION 'payable % was taken apart and nothing of it is set off', NEW.payable_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_benefit_is_split_to_be_set_off';
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER funds_check_split_is_set_off AFTER INSERT ON funds_payablesplit
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION funds_check_split_is_set_off();

CREATE TRIGGER funds_written_once BEFORE UPDATE OR DELETE OR TRUNCATE ON funds_payablesplit
FOR EACH STATEMENT EXECUTE FUNCTION funds_written_once();
"""

_BEFORE = recovery_posting_guards.INSTALL
_PROOF = _BEFORE[_BEFORE.index("CREATE VIEW funds_recovery_proof") :].replace(
    "CREATE VIEW", "CREATE OR REPLACE VIEW"
)
_PROOF_OF_SPLITS = (
    _PROOF.rstrip().removesuffix(";")
    + """
UNION ALL
SELECT 'split', s.id, p.amount, o.amount + r.amount
FROM funds_payablesplit s JOIN funds_payable p ON p.id = s.payable_id
JOIN funds_payable o ON o.id = s.off_id JOIN funds_payable r ON r.id = s.rest_id
WHERE p.amount <> o.amount + r.amount OR p.bucket <> 'available' OR o.moves < 2 OR r.moves < 1;
"""
)

INSTALL = _SPLITS + _PROOF_OF_SPLITS
REMOVE = (
    _PROOF
    + """
DROP TRIGGER funds_written_once ON funds_payablesplit;
DROP TRIGGER funds_check_split_is_set_off ON funds_payablesplit;
DROP FUNCTION funds_check_split_is_set_off();
DROP TRIGGER funds_check_was_split ON funds_payable;
DROP FUNCTION funds_check_was_split();
DROP TRIGGER funds_check_split_transfer ON funds_transfer;
DROP FUNCTION funds_check_split_transfer();
DROP TRIGGER funds_post_split ON funds_payablesplit;
DROP FUNCTION funds_post_split();
DROP TRIGGER funds_check_split ON funds_payablesplit;
DROP FUNCTION funds_check_split();
"""
)
