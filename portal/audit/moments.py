"""When things were done, as the database itself knows: no moment and no place of an entry is the application's to
choose.

An entry's moment and number are given when it is written, whatever was sent. Its link has a moment of its own, that of
the commit: it rises along the chain, and the digest covers it. Links from before have none and stay as they are.
"""

INSTALL = """
CREATE FUNCTION audit_moment() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    NEW.at := clock_timestamp();
    -- A number taken out of a gap would put the entry among earlier ones.
    IF NEW.id <> currval('public.audit_entry_id_seq') THEN
        NEW.id := nextval('public.audit_entry_id_seq');
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER audit_moment BEFORE INSERT ON audit_entry FOR EACH ROW EXECUTE FUNCTION audit_moment();

CREATE FUNCTION audit_link_digest(before bytea, place bigint, moment timestamptz, e audit_entry) RETURNS bytea
LANGUAGE sql STABLE SET timezone = 'UTC' SET datestyle = 'ISO' SET search_path = public, pg_temp AS $$
    SELECT CASE WHEN moment IS NULL THEN public.audit_digest(before, place, e) ELSE sha256(before || convert_to(
        place::text || chr(31) || to_jsonb(moment)::text || chr(31) || to_jsonb(e)::text, 'UTF8')) END
$$;

CREATE OR REPLACE FUNCTION audit_link() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    last public.audit_chainlink;
    place bigint;
    moment timestamptz;
BEGIN
    -- One committer at a time, for the moment of the commit.
    PERFORM pg_advisory_xact_lock(hashtext('audit chain'));
    SELECT * INTO last FROM public.audit_chainlink ORDER BY position DESC LIMIT 1;
    place := coalesce(last.position, 0) + 1;
    -- Also when the clock was put back.
    moment := greatest(clock_timestamp(), NEW.at, last.at + interval '1 microsecond');
    INSERT INTO public.audit_chainlink (position, entry_id, digest, at)
    VALUES (place, NEW.id,
            public.audit_link_digest(coalesce(last.digest, '\\x'::bytea), place, moment, NEW), moment);
    RETURN NULL;
END
$$;
"""

REMOVE = """
CREATE OR REPLACE FUNCTION audit_link() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    last audit_chainlink;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('audit chain'));
    SELECT * INTO last FROM audit_chainlink ORDER BY position DESC LIMIT 1;
    INSERT INTO audit_chainlink (position, entry_id, digest)
    VALUES (coalesce(last.position, 0) + 1, NEW.id,
            audit_digest(coalesce(last.digest, '\\x'::bytea), coalesce(last.position, 0) + 1, NEW));
    RETURN NULL;
END
$$;
DROP FUNCTION audit_link_digest(bytea, bigint, timestamptz, audit_entry);
DROP TRIGGER audit_moment ON audit_entry;
DROP FUNCTION audit_moment();
"""
