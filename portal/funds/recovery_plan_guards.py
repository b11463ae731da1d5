"""What the database holds of a plan that is changed after it was decided.

- It is changed only of a recovery that was decided and comes back by days, by another person than whoever proposes that;
  neither is about themselves.
- Its instalments come to exactly what is still to come. Then all of it stays; so does the plan before.
"""

INSTALL = """
CREATE FUNCTION funds_check_plan_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    may_change text[] := '{decided_by_id,decided_on,decided_at,letter_number,dropped_at}';
    asked record;
    planned bigint;
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a change of a plan stays on record' USING ERRCODE = 'insufficient_privilege';
    END IF;
    SELECT r.state, r.way, r.amount, p.case_id INTO asked
    FROM public.funds_recovery r JOIN public.funds_payable p ON p.id = r.payable_id
    WHERE r.id = NEW.recovery_id FOR NO KEY UPDATE OF r;
    IF asked.state <> 'decided' AND NEW.dropped_at IS NULL THEN
        RAISE EXCEPTION 'recovery % is %', NEW.recovery_id, asked.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_recovery_goes_its_way';
    END IF;
    IF asked.way = 'set_off' THEN
        RAISE EXCEPTION 'recovery %: what is set off has no plan', NEW.recovery_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'what_is_set_off_has_no_plan';
    END IF;
    IF TG_OP = 'INSERT' AND NEW.decided_at IS NULL AND NEW.dropped_at IS NULL THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'INSERT' OR OLD.decided_at IS NOT NULL OR OLD.dropped_at IS NOT NULL
        OR (to_jsonb(NEW) - may_change) IS DISTINCT FROM (to_jsonb(OLD) - may_change) THEN
        RAISE EXCEPTION 'a change of a plan stays as it was proposed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_change_of_a_plan_stays_as_written';
    END IF;
    IF NEW.decided_at IS NULL THEN
        RETURN NEW;
    END IF;
    IF public.funds_person(NEW.decided_by_id) = public.funds_person(NEW.made_by_id)
        OR EXISTS (SELECT FROM public.cases_own(
            ARRAY[asked.case_id, asked.case_id], ARRAY[NEW.decided_by_id, NEW.made_by_id])) THEN
        RAISE EXCEPTION 'a plan is changed by another person than whoever proposed that'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_plan_is_changed_by_another';
    END IF;
    SELECT coalesce(sum(i.amount), 0) INTO planned FROM public.funds_changedinstalment i WHERE i.change_id = NEW.id;
    IF planned <> NEW.amount OR asked.amount - public.funds_come_of(NEW.recovery_id) <> NEW.amount THEN
        RAISE EXCEPTION 'recovery %: its plan comes to %', NEW.recovery_id, planned
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_changed_plan_comes_to_the_rest';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER funds_check_plan_change BEFORE INSERT OR UPDATE OR DELETE ON funds_planchange
FOR EACH ROW EXECUTE FUNCTION funds_check_plan_change();

CREATE FUNCTION funds_check_changed_instalment() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM FROM public.funds_planchange c
    WHERE c.id = NEW.change_id AND c.decided_at IS NULL AND c.dropped_at IS NULL FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'change %: its plan stays', NEW.change_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_change_of_a_plan_stays_as_written';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER funds_check_changed_instalment BEFORE INSERT ON funds_changedinstalment
FOR EACH ROW EXECUTE FUNCTION funds_check_changed_instalment();

CREATE TRIGGER funds_written_once BEFORE UPDATE OR DELETE OR TRUNCATE ON funds_changedinstalment
FOR EACH STATEMENT EXECUTE FUNCTION funds_written_once();
"""

REMOVE = """
DROP TRIGGER funds_written_once ON funds_changedinstalment;
DROP TRIGGER funds_check_changed_instalment ON funds_changedinstalment;
DROP FUNCTION funds_check_changed_instalment();
DROP TRIGGER funds_check_plan_change ON funds_planchange;
DROP FUNCTION funds_check_plan_change();
"""
