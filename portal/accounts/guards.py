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
