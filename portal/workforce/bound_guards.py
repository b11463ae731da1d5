"""Encrypted numbers are bound to a digest that stands in their row (portal.fields): neither changes without the other."""

INSTALL = """
CREATE FUNCTION workforce_keep_bound() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION '% %: what an encrypted number is bound to changes only with the number', TG_TABLE_NAME, OLD.id
        USING ERRCODE = 'check_violation', CONSTRAINT = 'encrypted_numbers_are_bound';
END
$$;
CREATE TRIGGER workforce_keep_bound BEFORE UPDATE OF id_digest ON workforce_worker
FOR EACH ROW WHEN (OLD.id_digest <> NEW.id_digest AND (OLD.id_number = NEW.id_number OR OLD.phone = NEW.phone))
EXECUTE FUNCTION workforce_keep_bound();
CREATE TRIGGER workforce_keep_bound BEFORE UPDATE OF worker_id, account_digest ON workforce_payeeaccount
FOR EACH ROW WHEN (
    (OLD.worker_id, OLD.account_digest) IS DISTINCT FROM (NEW.worker_id, NEW.account_digest)
    AND OLD.account_number = NEW.account_number
) EXECUTE FUNCTION workforce_keep_bound();
"""
REMOVE = """
DROP TRIGGER workforce_keep_bound ON workforce_payeeaccount;
DROP TRIGGER workforce_keep_bound ON workforce_worker;
DROP FUNCTION workforce_keep_bound();
"""
