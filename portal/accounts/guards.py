"""What the database itself holds about roles, whatever code gives one: those that exclude each other are never
held by one account at the same time, in whatever order they were given (portal.accounts.roles.excludes).
"""

KEEP_APART = """
CREATE FUNCTION accounts_group_of(role text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN role IN ('system_admin', 'security_admin', 'audit_admin', 'worker') THEN role ELSE 'work' END
$$;

CREATE FUNCTION accounts_keep_apart() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.ended_at IS NOT NULL THEN
        RETURN NULL;
    END IF;
    -- Two roles given at once: the second waits, and then sees the first.
    PERFORM 1 FROM accounts_user WHERE id = NEW.user_id FOR NO KEY UPDATE;
    IF EXISTS (
        SELECT FROM accounts_roleassignment other
        WHERE other.user_id = NEW.user_id AND other.id <> NEW.id AND other.ended_at IS NULL
          AND accounts_group_of(other.role) <> accounts_group_of(NEW.role)
          AND (other.until IS NULL OR other.until >= NEW.since)
          AND (NEW.until IS NULL OR NEW.until >= other.since)
    ) THEN
        RAISE EXCEPTION 'account % holds a role that excludes %', NEW.user_id, NEW.role
            USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'roles_exclude_each_other';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER accounts_keep_apart AFTER INSERT OR UPDATE ON accounts_roleassignment
FOR EACH ROW EXECUTE FUNCTION accounts_keep_apart();
"""
LET_TOGETHER = """
DROP TRIGGER accounts_keep_apart ON accounts_roleassignment;
DROP FUNCTION accounts_keep_apart();
DROP FUNCTION accounts_group_of(text);
"""

# What a released code was for, who gave it and that it was used: none of it is ever taken back.
KEEP_RELEASES = """
CREATE FUNCTION accounts_keep_release() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    IF (NEW.user_id, NEW.kind, NEW.asked_by_id, NEW.asked_as, NEW.asked_at)
       IS DISTINCT FROM (OLD.user_id, OLD.kind, OLD.asked_by_id, OLD.asked_as, OLD.asked_at)
       OR OLD.used_at IS NOT NULL OR OLD.ended_at IS NOT NULL
       OR (OLD.released_at IS NOT NULL
           AND (NEW.released_by_id, NEW.released_as, NEW.released_at, NEW.digest, NEW.expires_at)
           IS DISTINCT FROM (OLD.released_by_id, OLD.released_as, OLD.released_at, OLD.digest, OLD.expires_at))
    THEN
        RAISE EXCEPTION 'release % stays as it is', OLD.id USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER accounts_keep_release BEFORE UPDATE ON accounts_release
FOR EACH ROW EXECUTE FUNCTION accounts_keep_release();
"""
LET_RELEASES_CHANGE = """
DROP TRIGGER accounts_keep_release ON accounts_release;
DROP FUNCTION accounts_keep_release();
"""
