"""What the database itself holds about what is confirmed.

- A confirmed record is changed, ended or removed only in the transaction that confirms a change of just that.
- A verified honour stays as it is until it is found wrong, and a decided account for money stays what it is, but for
  its key: the owner of the tables may encrypt its number anew.
"""

# ruff: noqa: S608 - text is put together from the names of tables
from portal.workforce.change_guards import DROP_HELD_TRIGGERS, HELD_TRIGGERS

_VERIFIABLE = {
    "employment": "workforce_employment",
    "credential": "workforce_skillcredential",
    "insurance": "workforce_unemploymentinsurance",
    "attested": "workforce_attestedfact",
    "schooling": "workforce_technicalschooling",
    "competition": "workforce_competitionresult",
}
_CONFIRMED = "OLD.verification = 'confirmed'"
_HELD_CONFIRMED = "".join(
    HELD_TRIGGERS.format(kind=kind, table=table, counts=f"{_CONFIRMED} AND ", when=f" WHEN ({_CONFIRMED})")
    for kind, table in _VERIFIABLE.items()
)

# The triggers of the models hold this, too, but whoever sets `pgtrigger.ignore` passes those.
_STATED_FIRST = """
CREATE FUNCTION workforce_state_first() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
DECLARE
    verdict text[] := '{verification,verified_by_id,verified_at,verified_from}';
    wrote boolean;
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - verdict = to_jsonb(OLD) - verdict THEN
        EXECUTE format(
            'SELECT EXISTS (SELECT FROM %I WHERE pgh_obj_id = $1 AND recorded_by_id = $2)', TG_TABLE_NAME || 'event'
        ) INTO wrote USING NEW.id, NEW.verified_by_id;
        IF NOT wrote THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'a record is confirmed as it was written down, by somebody who wrote none of it'
        USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_is_stated_first';
END
$$;
""" + "".join(
    f"""
CREATE TRIGGER workforce_begin_stated BEFORE INSERT ON {table}
FOR EACH ROW WHEN (NEW.verification <> 'stated') EXECUTE FUNCTION workforce_state_first();
CREATE TRIGGER workforce_state_first BEFORE UPDATE ON {table}
FOR EACH ROW WHEN (OLD.verification <> 'confirmed' AND NEW.verification = 'confirmed')
EXECUTE FUNCTION workforce_state_first();
"""
    for table in _VERIFIABLE.values()
)
_DROP_STATED_FIRST = (
    "".join(
        f"DROP TRIGGER workforce_begin_stated ON {table};DROP TRIGGER workforce_state_first ON {table};"
        for table in _VERIFIABLE.values()
    )
    + "DROP FUNCTION workforce_state_first();"
)

# A verified honour may be found wrong by one person, which gives nobody anything; nothing else of it changes.
_HONOURS = """
CREATE TRIGGER workforce_hold_change BEFORE UPDATE ON workforce_honour
FOR EACH ROW WHEN (
    OLD.state = 'verified' AND OLD.* IS DISTINCT FROM NEW.* AND NOT (
        NEW.state = 'refuted'
        AND (OLD.worker_id, OLD.type_id, OLD.named_as, OLD.year, OLD.conferred_on, OLD.document, OLD.source,
             OLD.recorded_by_id, OLD.recorded_at)
            IS NOT DISTINCT FROM
            (NEW.worker_id, NEW.type_id, NEW.named_as, NEW.year, NEW.conferred_on, NEW.document, NEW.source,
             NEW.recorded_by_id, NEW.recorded_at)
    )
) EXECUTE FUNCTION workforce_hold_record('honour');
CREATE TRIGGER workforce_hold_removal BEFORE DELETE ON workforce_honour
FOR EACH ROW WHEN (OLD.state = 'verified') EXECUTE FUNCTION workforce_hold_record('honour');
"""

_ACCOUNTS = """
CREATE FUNCTION workforce_keep_payee() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.state = 'confirmed' AND NEW.state IN ('confirmed', 'replaced')
       AND to_jsonb(NEW) - 'state' = to_jsonb(OLD) - 'state' THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'account_number' = to_jsonb(OLD) - 'account_number' AND pg_has_role(
        current_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'MEMBER'
    ) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'account % for money is decided and stays what it is; another one takes its place', OLD.id
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'payee_is_kept';
END
$$;
CREATE TRIGGER workforce_keep_payee BEFORE UPDATE ON workforce_payeeaccount
FOR EACH ROW WHEN (OLD.state <> 'proposed' AND OLD.* IS DISTINCT FROM NEW.*)
EXECUTE FUNCTION workforce_keep_payee();
CREATE TRIGGER workforce_keep_decided_payee BEFORE DELETE ON workforce_payeeaccount
FOR EACH ROW WHEN (OLD.state <> 'proposed') EXECUTE FUNCTION workforce_keep_payee();
"""

INSTALL = _HELD_CONFIRMED + _STATED_FIRST + _HONOURS + _ACCOUNTS
REMOVE = (
    """
DROP TRIGGER workforce_keep_decided_payee ON workforce_payeeaccount;
DROP TRIGGER workforce_keep_payee ON workforce_payeeaccount;
DROP FUNCTION workforce_keep_payee();
"""
    + "".join(DROP_HELD_TRIGGERS.format(table=table) for table in (*_VERIFIABLE.values(), "workforce_honour"))
    + _DROP_STATED_FIRST
)
