"""The database notes when somebody came to another place, or under another number.

What an extract said before of the place is not said of them.
"""

INSTALL = """
CREATE FUNCTION workforce_note_arrival() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    INSERT INTO workforce_arrival (worker_id, at) VALUES (NEW.id, clock_timestamp())
    ON CONFLICT (worker_id) DO UPDATE SET at = excluded.at;
    RETURN NULL;
END
$$;
CREATE TRIGGER workforce_note_arrival AFTER UPDATE OF work_region_id, id_digest ON workforce_worker
FOR EACH ROW WHEN (
    OLD.work_region_id IS DISTINCT FROM NEW.work_region_id OR OLD.id_digest IS DISTINCT FROM NEW.id_digest
) EXECUTE FUNCTION workforce_note_arrival();
"""
REMOVE = """
DROP TRIGGER workforce_note_arrival ON workforce_worker;
DROP FUNCTION workforce_note_arrival();
"""
