"""What the database holds of money that is to come back: the decisions about it.

- Recoveries of a payment never come to more than was paid; two that are drawn up at once wait for each other. One takes
  all of it only where the decision of the payment fell.
- It is decided by another person than whoever drew it up, after the person was heard, with a plan that comes to its sum;
  neither is about themselves. Only a fund that may is set off from later benefits. Then all of it stays.
- It is written off by another person than whoever proposes that. Only what was decided is reminded of; it goes to court
  ten days after a reminder was served, within three months after the decision came to stand (行政强制法 53, 54).
- While a recovery stands, the decision of its payment does not come to stand again.
"""

_RECOVERIES = """
-- What of a recovery is settled, in fen.
CREATE FUNCTION funds_come_of(recovery bigint) RETURNS bigint
LANGUAGE sql VOLATILE SET search_path = public, pg_temp AS $$
    SELECT coalesce(sum(s.amount), 0)::bigint FROM public.funds_recoveryshare s WHERE s.recovery_id = recovery
$$;

CREATE FUNCTION funds_check_new_recovery() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    paid record;
    asked bigint;
    fell boolean;
BEGIN
    -- What follows sees what others committed meanwhile; a transaction that reads as of its beginning does not.
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'money is not asked back in a transaction that does not see what others did'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'money_moves_as_others_see_it';
    END IF;
    SELECT p.amount, p.bucket, p.case_id, l.region_id, f.sets_off_by INTO paid
    FROM public.funds_payable p JOIN public.funds_line l ON l.id = p.line_id JOIN public.funds_fund f ON f.code = l.fund_id
    WHERE p.id = NEW.payable_id FOR NO KEY UPDATE OF p;
    IF NEW.state <> 'drawn' OR NEW.region_id IS DISTINCT FROM paid.region_id THEN
        RAISE EXCEPTION 'a recovery is drawn up first, in the place of its payment'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_recovery_is_drawn_up_first';
    END IF;
    SELECT coalesce(sum(CASE r.state WHEN 'dropped' THEN public.funds_come_of(r.id) ELSE r.amount END), 0) INTO asked
    FROM public.funds_recovery r WHERE r.payable_id = NEW.payable_id;
    IF paid.bucket <> 'paid' OR asked + NEW.amount > paid.amount THEN
        RAISE EXCEPTION 'payable %: % is to come back already of %', NEW.payable_id, asked, paid.amount
            USING ERRCODE = 'check_violation', CONSTRAINT = 'recoveries_take_no_more_than_was_paid';
    END IF;
    SELECT EXISTS (SELECT FROM public.funds_revocation v WHERE v.payable_id = NEW.payable_id AND v.lifted_at IS NULL) INTO fell;
    IF (NEW.cause = 'fallen') <> fell OR (NOT fell AND asked + NEW.amount >= paid.amount) THEN
        RAISE EXCEPTION 'payable %: all of it comes back when its decision fell', NEW.payable_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_recovery_has_its_cause';
    END IF;
    IF NEW.way = 'set_off' AND paid.sets_off_by = '' THEN
        RAISE EXCEPTION 'payable %: its fund is not set off', NEW.payable_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_fund_is_set_off_by_law';
    END IF;
    IF EXISTS (SELECT FROM public.cases_own(ARRAY[paid.case_id], ARRAY[NEW.made_by_id])) THEN
        RAISE EXCEPTION 'nobody recovers from themselves'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'nobody_recovers_from_themselves';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER funds_check_new_recovery BEFORE INSERT ON funds_recovery
FOR EACH ROW EXECUTE FUNCTION funds_check_new_recovery();

CREATE FUNCTION funds_check_recovery() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    may_change text[] := '{state,decided_by_id,decided_on,decided_at,letter_number,done_at}';
    follows text[] := '{dropped_by_id,dropped_at,dropped_because,number,league_code}';
    planned record;
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a recovery stays on record' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF (to_jsonb(NEW) - may_change - follows) IS DISTINCT FROM (to_jsonb(OLD) - may_change - follows)
        OR (OLD.state, NEW.state) NOT IN (('drawn', 'decided'), ('drawn', 'dropped'), ('decided', 'done'), ('decided', 'dropped'))
        OR (OLD.state = 'decided' AND (NEW.decided_by_id, NEW.decided_on, NEW.decided_at, NEW.letter_number)
            IS DISTINCT FROM (OLD.decided_by_id, OLD.decided_on, OLD.decided_at, OLD.letter_number)) THEN
        RAISE EXCEPTION 'recovery %: what was written of it stays', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_recovery_stays_as_written';
    END IF;
    IF NEW.state = 'done' AND public.funds_come_of(NEW.id) <> NEW.amount THEN
        RAISE EXCEPTION 'recovery %: not all of it has come', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_recovery_is_done_when_all_has_come';
    END IF;
    IF NEW.state <> 'decided' THEN
        RETURN NEW;
    END IF;
    IF public.funds_person(NEW.decided_by_id) = public.funds_person(NEW.made_by_id) THEN
        RAISE EXCEPTION 'a recovery is decided by another person than whoever drew it up'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_recovery_is_decided_by_another';
    END IF;
    IF EXISTS (SELECT FROM public.funds_payable p, public.cases_own(ARRAY[p.case_id], ARRAY[NEW.decided_by_id])
               WHERE p.id = NEW.payable_id) THEN
        RAISE EXCEPTION 'nobody recovers from themselves'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'nobody_recovers_from_themselves';
    END IF;
    IF NOT EXISTS (SELECT FROM public.funds_recoveryhearing h WHERE h.recovery_id = NEW.id AND h.heard_on <= NEW.decided_on) THEN
        RAISE EXCEPTION 'recovery %: the person is heard before', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'somebody_is_heard_before_it_is_decided';
    END IF;
    SELECT count(*) AS count, coalesce(sum(i.amount), 0) AS amount INTO planned
    FROM public.funds_instalment i WHERE i.recovery_id = NEW.id;
    IF NOT (CASE NEW.way WHEN 'set_off' THEN planned.count = 0
                        WHEN 'at_once' THEN planned.count = 1 AND planned.amount = NEW.amount
                        ELSE planned.count > 1 AND planned.amount = NEW.amount END) THEN
        RAISE EXCEPTION 'recovery %: its instalments come to %', NEW.id, planned.amount
            USING ERRCODE = 'check_violation', CONSTRAINT = 'instalments_come_to_the_sum';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER funds_check_recovery BEFORE UPDATE OR DELETE ON funds_recovery
FOR EACH ROW EXECUTE FUNCTION funds_check_recovery();

-- What belongs to a recovery comes while it stands as it has to: the plan and the hearing before, the rest after the decision.
CREATE FUNCTION funds_check_of_recovery() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    stands text;
BEGIN
    SELECT r.state INTO stands FROM public.funds_recovery r WHERE r.id = NEW.recovery_id FOR NO KEY UPDATE;
    IF stands IS DISTINCT FROM TG_ARGV[0] THEN
        RAISE EXCEPTION 'recovery % is %', NEW.recovery_id, stands
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_recovery_goes_its_way';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER funds_check_of_recovery BEFORE INSERT ON funds_instalment
FOR EACH ROW EXECUTE FUNCTION funds_check_of_recovery('drawn');
CREATE TRIGGER funds_check_of_recovery BEFORE INSERT ON funds_recoveryhearing
FOR EACH ROW EXECUTE FUNCTION funds_check_of_recovery('drawn');
CREATE TRIGGER funds_check_of_recovery BEFORE INSERT ON funds_reminder
FOR EACH ROW EXECUTE FUNCTION funds_check_of_recovery('decided');
CREATE TRIGGER funds_check_of_recovery BEFORE INSERT ON funds_courthandover
FOR EACH ROW EXECUTE FUNCTION funds_check_of_recovery('decided');
CREATE TRIGGER funds_check_of_recovery BEFORE INSERT ON funds_writeoff
FOR EACH ROW EXECUTE FUNCTION funds_check_of_recovery('decided');
"""

_STEPS = """
CREATE FUNCTION funds_check_handover() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM public.funds_reminder m
        WHERE m.id = NEW.reminder_id AND m.recovery_id = NEW.recovery_id AND m."on" <= NEW.reminder_served_on
    ) OR NEW."on" <= NEW.reminder_served_on + 10 OR NEW."on" <= NEW.final_on OR NEW."on" > NEW.final_on + interval '3 months' THEN
        RAISE EXCEPTION 'recovery %: to court ten days after the reminder, within three months after nobody can turn against it',
            NEW.recovery_id USING ERRCODE = 'check_violation', CONSTRAINT = 'a_court_is_asked_in_its_time';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER funds_check_handover BEFORE INSERT ON funds_courthandover
FOR EACH ROW EXECUTE FUNCTION funds_check_handover();

CREATE FUNCTION funds_check_write_off() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    may_change text[] := '{decided_by_id,decided_at,dropped_at}';
    of record;
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a decision to write off stays on record' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF TG_OP = 'INSERT' AND NEW.decided_at IS NULL THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'INSERT' OR OLD.decided_at IS NOT NULL OR OLD.dropped_at IS NOT NULL
        OR (to_jsonb(NEW) - may_change) IS DISTINCT FROM (to_jsonb(OLD) - may_change) THEN
        RAISE EXCEPTION 'a decision to write off stays as it was drawn up'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_write_off_stays_as_written';
    END IF;
    SELECT p.case_id INTO of FROM public.funds_recovery r JOIN public.funds_payable p ON p.id = r.payable_id
    WHERE r.id = NEW.recovery_id;
    IF NEW.decided_by_id IS NOT NULL AND (
        public.funds_person(NEW.decided_by_id) = public.funds_person(NEW.made_by_id)
        OR EXISTS (SELECT FROM public.cases_own(ARRAY[of.case_id, of.case_id], ARRAY[NEW.decided_by_id, NEW.made_by_id]))) THEN
        RAISE EXCEPTION 'it is written off by another person than whoever proposed that'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_write_off_is_decided_by_another';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER funds_check_write_off BEFORE INSERT OR UPDATE OR DELETE ON funds_writeoff
FOR EACH ROW EXECUTE FUNCTION funds_check_write_off();

-- Beside the trigger that holds what a revocation says.
CREATE FUNCTION funds_check_lifting() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM FROM public.funds_payable p WHERE p.id = NEW.payable_id FOR NO KEY UPDATE;
    IF NEW.lifted_at IS NOT NULL AND EXISTS (
        SELECT FROM public.funds_recovery r
        WHERE r.payable_id = NEW.payable_id AND (r.state <> 'dropped' OR public.funds_come_of(r.id) > 0)
    ) THEN
        RAISE EXCEPTION 'payable %: it is being recovered', NEW.payable_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'what_is_recovered_does_not_stand_again';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER funds_check_lifting BEFORE UPDATE ON funds_revocation
FOR EACH ROW EXECUTE FUNCTION funds_check_lifting();
"""

# What no statement changes or takes away, not even the owner's.
_WRITTEN_ONCE = ("instalment", "recoveryhearing", "recoveryshare", "reminder", "courthandover")
_ONCE = "".join(
    f"""
CREATE TRIGGER funds_written_once BEFORE UPDATE OR DELETE OR TRUNCATE ON funds_{table}
FOR EACH STATEMENT EXECUTE FUNCTION funds_written_once();
"""
    for table in _WRITTEN_ONCE
)

INSTALL = _RECOVERIES + _STEPS + _ONCE

REMOVE = (
    "".join(f"DROP TRIGGER funds_written_once ON funds_{table};\n" for table in _WRITTEN_ONCE)
    + """
DROP TRIGGER funds_check_lifting ON funds_revocation;
DROP FUNCTION funds_check_lifting();
DROP TRIGGER funds_check_write_off ON funds_writeoff;
DROP FUNCTION funds_check_write_off();
DROP TRIGGER funds_check_handover ON funds_courthandover;
DROP FUNCTION funds_check_handover();
DROP TRIGGER funds_check_of_recovery ON funds_writeoff;
DROP TRIGGER funds_check_of_recovery ON funds_courthandover;
DROP TRIGGER funds_check_of_recovery ON funds_reminder;
DROP TRIGGER funds_check_of_recovery ON funds_recoveryhearing;
DROP TRIGGER funds_check_of_recovery ON funds_instalment;
DROP FUNCTION funds_check_of_recovery();
DROP TRIGGER funds_check_recovery ON funds_recovery;
DROP FUNCTION funds_check_recovery();
DROP TRIGGER funds_check_new_recovery ON funds_recovery;
DROP FUNCTION funds_check_new_recovery();
DROP FUNCTION funds_come_of(bigint);
"""
)
