"""What the database itself holds about pointers, and where every record leads to now.

- A pointer is decided once, and nothing else of it changes; none is deleted.
- An undoing pointer names the one it undoes, of the same record to the same record; then that one stands no more.
- No way along pointers leads back to where it began.
- `…_merged…` holds for every record that stands for none of its own where it leads to through all pointers.
"""

_OF_ONE_KIND = """
CREATE FUNCTION {name}_keep_pointer() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    deciding text[] := '{{state,decided_by_id,decided_at,decided_on,verdict,stands,collisions}}';
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'pointer % stays; a second one undoes it', OLD.id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'pointer_is_kept';
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'proposed' OR NEW.stands THEN
            RAISE EXCEPTION 'a pointer is proposed first'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'pointer_is_proposed_first';
        END IF;
        IF NEW.undoes_id IS NOT NULL AND NOT EXISTS (
            SELECT FROM {pointer} p WHERE p.id = NEW.undoes_id AND p.stands AND p.source_id = NEW.source_id
               AND p.target_id IS NOT DISTINCT FROM NEW.target_id
        ) THEN
            RAISE EXCEPTION 'pointer % does not stand', NEW.undoes_id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'pointer_undoes_a_standing_one';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.state = 'proposed' AND NEW.state IN ('confirmed', 'refused')
       AND to_jsonb(NEW) - deciding IS NOT DISTINCT FROM to_jsonb(OLD) - deciding THEN
        NEW.stands := NEW.state = 'confirmed' AND NEW.undoes_id IS NULL;
        RETURN NEW;
    END IF;
    IF OLD.stands AND NOT NEW.stands
       AND to_jsonb(NEW) - 'stands' IS NOT DISTINCT FROM to_jsonb(OLD) - 'stands' AND EXISTS (
           SELECT FROM {pointer} p WHERE p.undoes_id = OLD.id AND p.state = 'confirmed'
       ) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'pointer % is decided once, and changed by nobody', OLD.id
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'pointer_is_kept';
END
$$;
CREATE TRIGGER {name}_keep_pointer BEFORE INSERT OR UPDATE OR DELETE ON {pointer}
FOR EACH ROW EXECUTE FUNCTION {name}_keep_pointer();

CREATE FUNCTION {name}_follow_pointer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.undoes_id IS NOT NULL AND NEW.state = 'confirmed' THEN
        UPDATE {pointer} SET stands = false WHERE id = NEW.undoes_id AND stands;
        RETURN NULL;
    END IF;
    -- Pointers are few: where each leads to is found anew for all of them.
    LOCK TABLE {merged} IN SHARE ROW EXCLUSIVE MODE;
    WITH RECURSIVE way(source_id, target_id, steps) AS (
        SELECT source_id, target_id, 1 FROM {pointer} WHERE stands
        UNION ALL
        SELECT w.source_id, p.target_id, w.steps + 1
        FROM way w JOIN {pointer} p ON p.source_id = w.target_id AND p.stands
        WHERE w.steps < 1000 AND w.target_id <> w.source_id
    ), led AS (
        SELECT DISTINCT ON (source_id) source_id, target_id FROM way ORDER BY source_id, steps DESC
    ), gone AS (
        DELETE FROM {merged} m WHERE NOT EXISTS (SELECT FROM led WHERE led.source_id = m.source_id)
    )
    INSERT INTO {merged} AS m (source_id, target_id) SELECT source_id, target_id FROM led
    ON CONFLICT (source_id) DO UPDATE SET target_id = excluded.target_id
    WHERE m.target_id IS DISTINCT FROM excluded.target_id;
    IF EXISTS (SELECT FROM {merged} WHERE source_id = target_id) THEN
        RAISE EXCEPTION 'pointer % leads back to where it began', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'pointer_leads_on';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER {name}_follow_pointer AFTER UPDATE OF stands, state ON {pointer}
FOR EACH ROW WHEN (OLD.stands IS DISTINCT FROM NEW.stands OR OLD.state IS DISTINCT FROM NEW.state)
EXECUTE FUNCTION {name}_follow_pointer();
"""
_REMOVE_ONE_KIND = """
DROP TRIGGER {name}_follow_pointer ON {pointer};
DROP FUNCTION {name}_follow_pointer();
DROP TRIGGER {name}_keep_pointer ON {pointer};
DROP FUNCTION {name}_keep_pointer();
"""
_KINDS = (
    {"name": "person", "pointer": "workforce_personpointer", "merged": "workforce_mergedperson"},
    {"name": "employer", "pointer": "workforce_employerpointer", "merged": "workforce_mergedemployer"},
)

INSTALL = "".join(_OF_ONE_KIND.format(**kind) for kind in _KINDS)
REMOVE = "".join(_REMOVE_ONE_KIND.format(**kind) for kind in _KINDS)
