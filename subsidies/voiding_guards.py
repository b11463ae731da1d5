"""What the database holds about confirmed trainings that are taken back: two officers did it, and it stays written."""

from subsidies.training_guards import KEEP_TRAINING

INSTALL = """
CREATE OR REPLACE FUNCTION subsidies_keep_training() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'entered' THEN
            RAISE EXCEPTION 'a training is confirmed after it was entered, by somebody else'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'a_training_begins_unconfirmed';
        END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.state = 'confirmed' AND NEW.state = 'voided'
       AND to_jsonb(NEW) - 'state' IS NOT DISTINCT FROM to_jsonb(OLD) - 'state' AND EXISTS (
           SELECT FROM public.subsidies_trainingvoiding v WHERE v.training_id = NEW.id AND v.state = 'agreed'
       ) THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE' OR OLD.state <> 'entered' OR NEW.state = 'voided'
       OR to_jsonb(NEW) - '{state,judged_by_id,judged_at,verdict}'::text[]
          IS DISTINCT FROM to_jsonb(OLD) - '{state,judged_by_id,judged_at,verdict}'::text[] THEN
        RAISE EXCEPTION 'a training stands as it was entered, and is judged once'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'a_training_is_kept';
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION subsidies_keep_voiding() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'proposed' THEN
            RAISE EXCEPTION 'a training is asked back first'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'a_voiding_is_proposed_first';
        END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE' OR OLD.state <> 'proposed'
       OR to_jsonb(NEW) - '{state,judged_by_id,judged_at,verdict}'::text[]
          IS DISTINCT FROM to_jsonb(OLD) - '{state,judged_by_id,judged_at,verdict}'::text[] THEN
        RAISE EXCEPTION 'what was asked about a training stays, and is answered once'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'a_voiding_is_kept';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER subsidies_keep_voiding BEFORE INSERT OR UPDATE OR DELETE ON subsidies_trainingvoiding
FOR EACH ROW EXECUTE FUNCTION subsidies_keep_voiding();
"""
REMOVE = """
DROP TRIGGER subsidies_keep_voiding ON subsidies_trainingvoiding;
DROP FUNCTION subsidies_keep_voiding();
""" + KEEP_TRAINING.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
