"""What the database holds of payables whose decision does not stand any more.

- A revocation says where the payable is, and its sum; it is held still meanwhile. It stays as written, and may be lifted.
- While one stands, the payable is neither reserved nor committed nor sent.
"""

INSTALL = """
CREATE FUNCTION funds_check_revocation() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    held record;
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a revocation stays on record' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF OLD.lifted_at IS NOT NULL OR (to_jsonb(NEW) - '{lifted_at,lifted_by_id}'::text[])
                IS DISTINCT FROM (to_jsonb(OLD) - '{lifted_at,lifted_by_id}'::text[]) THEN
            RAISE EXCEPTION 'a revocation is lifted, and not changed otherwise'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'a_revocation_stays_as_written';
        END IF;
        RETURN NEW;
    END IF;
    SELECT p.bucket, p.amount INTO held FROM public.funds_payable p WHERE p.id = NEW.payable_id FOR NO KEY UPDATE;
    IF held IS NULL OR held.bucket <> NEW.stood_in OR held.amount <> NEW.amount THEN
        RAISE EXCEPTION 'payable % is not where its revocation says, or of another sum', NEW.payable_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_revocation_is_of_what_stands';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER funds_check_revocation BEFORE INSERT OR UPDATE OR DELETE ON funds_revocation
FOR EACH ROW EXECUTE FUNCTION funds_check_revocation();

-- Behind the trigger that posts, which holds the payables: what others revoked before is seen here.
CREATE FUNCTION funds_posted_revoked() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    wrong record;
BEGIN
    SELECT f.payable_id INTO wrong
    FROM fresh f JOIN public.funds_revocation r ON r.payable_id = f.payable_id AND r.lifted_at IS NULL
    WHERE f.move IN ('reserve', 'commit', 'send')
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'payable %: the decision it rests on does not stand', wrong.payable_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_revoked_payable_is_not_paid';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER funds_posted_revoked AFTER INSERT ON funds_transfer
REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION funds_posted_revoked();
"""

REMOVE = """
DROP TRIGGER funds_posted_revoked ON funds_transfer;
DROP FUNCTION funds_posted_revoked();
DROP TRIGGER funds_check_revocation ON funds_revocation;
DROP FUNCTION funds_check_revocation();
"""
