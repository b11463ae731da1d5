"""What the database itself holds about applications: when one was handed in first is written once."""

INSTALL = """
CREATE FUNCTION cases_keep_hand_in() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF OLD.handed_in_on IS NOT NULL
       AND (NEW.handed_in_on, NEW.handed_in_at) IS DISTINCT FROM (OLD.handed_in_on, OLD.handed_in_at) THEN
        RAISE EXCEPTION 'application %: it was handed in on %', OLD.case_id, OLD.handed_in_on
            USING ERRCODE = 'check_violation', CONSTRAINT = 'first_hand_in_is_kept';
    END IF;
    RETURN NEW;
END
$$;
"""

REMOVE = """
DROP FUNCTION cases_keep_hand_in();
"""


def keep_hand_in(table: str) -> tuple[str, str]:
    """What holds it for the table of a kind of application, and what takes it back: for the programme's migration."""
    trigger = f"{table}_keep_hand_in"
    create = (
        f"CREATE TRIGGER {trigger} BEFORE UPDATE OF handed_in_on, handed_in_at ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION cases_keep_hand_in();"
    )
    return create, f"DROP TRIGGER {trigger} ON {table};"
