"""What the database itself holds about what extracts of official registers say.

An extract is one of the two ways in which a record is verified, and what one extract says a later one may replace: in
the transaction that takes an extract of that kind in, in the name of whoever gave it in, and in nobody else's hand. An
earlier claim that somebody wrote down is changed by two, as before.
"""

from portal.workforce.change_guards import INSTALL as CHANGES
from portal.workforce.confirmed_guards import INSTALL as CONFIRMED


def _function_of(text: str, name: str) -> str:
    """The function as it stands in an earlier text, to be put back."""
    begins = text.index(f"CREATE FUNCTION {name}()")
    ends = text.index("$$;", begins) + len("$$;")
    return text[begins:ends].replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION") + "\n"


_HOLD, _STATE_FIRST = (
    _function_of(CHANGES, "workforce_hold_record"),
    _function_of(CONFIRMED, "workforce_state_first"),
)
# Whether a row of a table says what an extract says that is being taken in just now.
_TAKEN_IN = """
CREATE FUNCTION workforce_is_taken_in(of_table text, taken bigint, says jsonb) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, public AS $$
    SELECT EXISTS (
        SELECT FROM workforce_registerextract e
        WHERE e.id = taken AND e.merging_in = pg_current_xact_id()::text::bigint AND e.merged_at IS NULL
          AND of_table = CASE e.kind WHEN 'insurance' THEN 'workforce_unemploymentinsurance'
                                     WHEN 'claims' THEN 'workforce_benefitclaim' END
          AND says ->> 'recorded_by_id' IS NULL
          AND coalesce(says -> 'verified_by_id', to_jsonb(e.by_id)) = to_jsonb(e.by_id)
          AND coalesce(says ->> 'verification', 'confirmed') = 'confirmed'
    )
$$;
"""
_HELD = _HOLD.replace(
    """BEGIN
""",
    """BEGIN
    IF TG_OP = 'UPDATE' AND TG_ARGV[0] IN ('insurance', 'claim') THEN
        is_now := to_jsonb(NEW);
        IF is_now -> 'worker_id' = was -> 'worker_id' AND (TG_ARGV[0] = 'insurance' OR was ->> 'extract_id' IS NOT NULL)
           AND workforce_is_taken_in(TG_TABLE_NAME::text, (is_now ->> 'extract_id')::bigint, is_now) THEN
            RETURN NEW;
        END IF;
    END IF;
""",
    1,
)
_STATED_FIRST = _STATE_FIRST.replace(
    """BEGIN
""",
    """BEGIN
    IF TG_TABLE_NAME = 'workforce_unemploymentinsurance' AND workforce_is_taken_in(
        TG_TABLE_NAME::text, (to_jsonb(NEW) ->> 'extract_id')::bigint, to_jsonb(NEW)
    ) THEN
        RETURN NEW;
    END IF;
""",
    1,
)
# A record is that of an extract only when the extract says it.
_ONLY_EXTRACTS = """
CREATE FUNCTION workforce_say_as_extract() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    IF NOT workforce_is_taken_in(TG_TABLE_NAME::text, NEW.extract_id, to_jsonb(NEW)) THEN
        RAISE EXCEPTION 'only an extract that is being taken in says so'
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_says_as_extract';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER workforce_say_as_extract BEFORE INSERT ON workforce_benefitclaim
FOR EACH ROW WHEN (NEW.extract_id IS NOT NULL) EXECUTE FUNCTION workforce_say_as_extract();
CREATE TRIGGER workforce_say_as_extract_changed BEFORE UPDATE ON workforce_benefitclaim
FOR EACH ROW WHEN (NEW.extract_id IS NOT NULL AND NEW.extract_id IS DISTINCT FROM OLD.extract_id)
EXECUTE FUNCTION workforce_say_as_extract();
CREATE TRIGGER workforce_say_as_extract BEFORE INSERT ON workforce_unemploymentinsurance
FOR EACH ROW WHEN (NEW.extract_id IS NOT NULL) EXECUTE FUNCTION workforce_say_as_extract();
CREATE TRIGGER workforce_say_as_extract_changed BEFORE UPDATE ON workforce_unemploymentinsurance
FOR EACH ROW WHEN (NEW.extract_id IS NOT NULL AND NEW.extract_id IS DISTINCT FROM OLD.extract_id)
EXECUTE FUNCTION workforce_say_as_extract();
"""
INSTALL = _TAKEN_IN + _HELD + _STATED_FIRST + _ONLY_EXTRACTS
REMOVE = (
    """
DROP TRIGGER workforce_say_as_extract_changed ON workforce_unemploymentinsurance;
DROP TRIGGER workforce_say_as_extract ON workforce_unemploymentinsurance;
DROP TRIGGER workforce_say_as_extract_changed ON workforce_benefitclaim;
DROP TRIGGER workforce_say_as_extract ON workforce_benefitclaim;
DROP FUNCTION workforce_say_as_extract();
"""
    + _HOLD
    + _STATE_FIRST
    + "DROP FUNCTION workforce_is_taken_in(text, bigint, jsonb);\n"
)

# The same in less time, for 650,000 rows in a statement: what an extract says is looked at once a row, by a query that
# is planned once, and the others rely on it.
_LOOKED_AT_ONCE = """
CREATE OR REPLACE FUNCTION workforce_say_as_extract() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
DECLARE
    given_by bigint;
BEGIN
    SELECT e.by_id INTO given_by FROM workforce_registerextract e
    WHERE e.id = NEW.extract_id AND e.merging_in = pg_current_xact_id()::text::bigint AND e.merged_at IS NULL
      AND TG_TABLE_NAME = CASE e.kind WHEN 'insurance' THEN 'workforce_unemploymentinsurance'
                                      WHEN 'claims' THEN 'workforce_benefitclaim' END;
    IF given_by IS NOT NULL AND NEW.recorded_by_id IS NULL THEN
        IF TG_TABLE_NAME = 'workforce_benefitclaim' THEN
            RETURN NEW;
        ELSIF NEW.verification = 'confirmed' AND NEW.verified_by_id = given_by
              AND (TG_OP = 'INSERT' OR OLD.recorded_by_id IS DISTINCT FROM given_by) AND NOT EXISTS (
            SELECT FROM workforce_unemploymentinsuranceevent h
            WHERE h.pgh_obj_id = NEW.id AND h.recorded_by_id = given_by
        ) THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'only an extract that is being taken in says so, in the name of who wrote nothing of it'
        USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_says_as_extract';
END
$$;
"""
_HELD_RELYING = (
    _HOLD.replace(
        """BEGIN
""",
        """BEGIN
    IF TG_OP = 'UPDATE' AND TG_ARGV[0] IN ('insurance', 'claim') THEN
        -- Whether the extract says so, workforce_say_as_extract asks.
        IF NEW.extract_id IS DISTINCT FROM OLD.extract_id AND NEW.extract_id IS NOT NULL
           AND NEW.worker_id = OLD.worker_id AND (TG_ARGV[0] = 'insurance' OR OLD.extract_id IS NOT NULL) THEN
            RETURN NEW;
        END IF;
    END IF;
""",
        1,
    )
    .replace("was jsonb := to_jsonb(OLD);", "was jsonb;")
    .replace(
        """    SELECT c.* INTO told""",
        """    was := to_jsonb(OLD);
    SELECT c.* INTO told""",
        1,
    )
)
_STATED_FIRST_RELYING = _STATE_FIRST.replace(
    """BEGIN
""",
    """BEGIN
    IF TG_TABLE_NAME = 'workforce_unemploymentinsurance' THEN
        IF TG_OP = 'INSERT' THEN
            IF NEW.extract_id IS NOT NULL THEN
                RETURN NEW;
            END IF;
        ELSIF NEW.extract_id IS DISTINCT FROM OLD.extract_id AND NEW.extract_id IS NOT NULL THEN
            RETURN NEW;
        END IF;
    END IF;
""",
    1,
)
IN_LESS_TIME = _LOOKED_AT_ONCE + _HELD_RELYING + _STATED_FIRST_RELYING
AS_BEFORE = _function_of(_ONLY_EXTRACTS, "workforce_say_as_extract") + _HELD + _STATED_FIRST
