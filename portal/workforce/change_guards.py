"""What the database itself holds about changes of what counts.

- A change is proposed first, says what the record says now, is decided once by somebody who has written none of the
  record and whom it is not about, and is never deleted.
- An earlier claim, which counts from when it is written down, is changed or removed only in the transaction that
  confirms a change of just that.
"""

_SUBJECT = """
CREATE FUNCTION workforce_table_of(kind text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, public AS $$
    SELECT 'workforce_' || CASE kind
        WHEN 'employment' THEN 'employment' WHEN 'credential' THEN 'skillcredential'
        WHEN 'insurance' THEN 'unemploymentinsurance' WHEN 'attested' THEN 'attestedfact'
        WHEN 'schooling' THEN 'technicalschooling' WHEN 'competition' THEN 'competitionresult'
        WHEN 'claim' THEN 'benefitclaim' WHEN 'honour' THEN 'honour'
        WHEN 'worker' THEN 'worker' WHEN 'unit' THEN 'employer'
    END
$$;
"""

_KEEP = """
CREATE FUNCTION workforce_keep_record_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
DECLARE
    -- The last one is drawn by the database, after this.
    deciding text[] := '{state,decided_by_id,decided_at,decided_on,verdict,decided_in,to_league_code}';
    says jsonb;
    wrote boolean := false;
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'change % of a record stays', OLD.id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'record_change_is_kept';
    END IF;
    IF TG_OP = 'INSERT' THEN
        EXECUTE format('SELECT to_jsonb(r) FROM %I r WHERE r.id = $1', workforce_table_of(NEW.kind))
            INTO says USING NEW.record_id;
        IF NEW.state <> 'proposed' OR NEW.decided_in IS NOT NULL THEN
            RAISE EXCEPTION 'a change is proposed first'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'record_change_is_proposed_first';
        END IF;
        IF says IS NULL OR NEW.before = '{}' OR NOT says @> NEW.before
           OR (CASE WHEN NEW.kind IN ('worker', 'unit') THEN says -> 'id' ELSE says -> 'worker_id' END)
              IS DISTINCT FROM to_jsonb(coalesce(NEW.worker_id, NEW.unit_id)) THEN
            RAISE EXCEPTION 'that is not what the record says'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'record_change_begins_with_what_is_there';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.state <> 'proposed' OR NEW.state = 'proposed'
       OR to_jsonb(NEW) - deciding IS DISTINCT FROM to_jsonb(OLD) - deciding THEN
        RAISE EXCEPTION 'change % of a record is decided once, and changed by nobody', OLD.id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'record_change_is_kept';
    END IF;
    NEW.decided_in := NULL;
    IF NEW.state IN ('confirmed', 'refused') THEN
        IF NEW.kind NOT IN ('worker', 'unit') THEN
            EXECUTE format(
                'SELECT EXISTS (SELECT FROM %1$I WHERE id = $1 AND recorded_by_id = $2)'
                ' OR EXISTS (SELECT FROM %2$I WHERE pgh_obj_id = $1 AND recorded_by_id = $2)',
                workforce_table_of(NEW.kind), workforce_table_of(NEW.kind) || 'event'
            ) INTO wrote USING NEW.record_id, NEW.decided_by_id;
        END IF;
        IF wrote OR EXISTS (
            SELECT FROM workforce_worker w WHERE w.id = NEW.worker_id AND w.account_id = NEW.decided_by_id
        ) THEN
            RAISE EXCEPTION 'who wrote any of a record, or whom it is about, does not decide on a change of it'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'record_change_decided_by_no_author';
        END IF;
    END IF;
    IF NEW.state = 'confirmed' THEN
        NEW.decided_in := pg_current_xact_id()::text::bigint;
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER workforce_keep_record_change BEFORE INSERT OR UPDATE OR DELETE ON workforce_recordchange
FOR EACH ROW EXECUTE FUNCTION workforce_keep_record_change();
"""

# Called with the kind of the row. Who writes it down changes with a change, and the verdict is that of who confirms.
_HOLD = """
CREATE FUNCTION workforce_hold_record() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
DECLARE
    verdict text[] := '{verification,verified_by_id,verified_at,verified_from}';
    beside text[];
    was jsonb := to_jsonb(OLD);
    is_now jsonb;
    told workforce_recordchange;
BEGIN
    SELECT c.* INTO told FROM workforce_recordchange c
    WHERE c.kind = TG_ARGV[0] AND c.record_id = OLD.id AND c.state = 'confirmed'
      AND c.decided_in = pg_current_xact_id()::text::bigint AND was @> c.before
    ORDER BY c.id DESC LIMIT 1;
    IF TG_OP = 'DELETE' THEN
        IF told.what = 'remove' THEN
            RETURN OLD;
        END IF;
    ELSE
        is_now := to_jsonb(NEW);
        beside := verdict || '{recorded_by_id,recorded_at}'::text[];
        IF told.what IN ('change', 'end') AND is_now @> told.after
           AND is_now - beside - ARRAY(SELECT jsonb_object_keys(told.after))
               = was - beside - ARRAY(SELECT jsonb_object_keys(told.after))
           AND is_now ->> 'recorded_by_id' IS NOT DISTINCT FROM told.proposed_by_id::text
           AND coalesce(is_now ->> 'verification', 'confirmed') = 'confirmed'
           AND coalesce(is_now -> 'verified_by_id', to_jsonb(told.decided_by_id)) = to_jsonb(told.decided_by_id) THEN
            RETURN NEW;
        END IF;
        -- What somebody finds wrong counts for nothing at once.
        IF is_now ->> 'verification' = 'refuted' AND is_now - verdict = was - verdict THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'what counts is changed by two: proposed by one, confirmed by another (% %)', TG_TABLE_NAME, OLD.id
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_TABLE_NAME || '_changed_by_two';
END
$$;
"""

HELD_TRIGGERS = """
CREATE TRIGGER workforce_hold_change BEFORE UPDATE ON {table}
FOR EACH ROW WHEN ({counts}OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION workforce_hold_record('{kind}');
CREATE TRIGGER workforce_hold_removal BEFORE DELETE ON {table}
FOR EACH ROW{when} EXECUTE FUNCTION workforce_hold_record('{kind}');
"""
DROP_HELD_TRIGGERS = """
DROP TRIGGER workforce_hold_removal ON {table};
DROP TRIGGER workforce_hold_change ON {table};
"""
INSTALL = (
    _SUBJECT
    + _KEEP
    + _HOLD
    + HELD_TRIGGERS.format(kind="claim", table="workforce_benefitclaim", counts="", when="")
)
REMOVE = (
    DROP_HELD_TRIGGERS.format(table="workforce_benefitclaim")
    + """
DROP FUNCTION workforce_hold_record();
DROP TRIGGER workforce_keep_record_change ON workforce_recordchange;
DROP FUNCTION workforce_keep_record_change();
DROP FUNCTION workforce_table_of(text);
"""
)
