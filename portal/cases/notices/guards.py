"""What the database itself holds about notices, objections and evidence: what was announced and said stands
as it was.
"""

INSTALL = """
-- A notice stands as published; only its last day moves, and only by an extension that says so.
CREATE FUNCTION cases_notice_stands() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kept cases_publicnotice := NEW;
BEGIN
    kept.closes_on := OLD.closes_on;
    kept.closes_certain := OLD.closes_certain;
    IF kept IS DISTINCT FROM OLD THEN
        RAISE EXCEPTION 'notice %: what was published is not changed', OLD.number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'notice_stands_as_published';
    END IF;
    IF (NEW.closes_on, NEW.closes_certain) IS DISTINCT FROM (OLD.closes_on, OLD.closes_certain)
       AND NOT EXISTS (
           SELECT 1 FROM cases_noticeextension e
           WHERE e.notice_id = OLD.id AND e.closed_on = OLD.closes_on AND e.closes_on = NEW.closes_on) THEN
        RAISE EXCEPTION 'notice %: no extension tells why it closes on %', OLD.number, NEW.closes_on
            USING ERRCODE = 'check_violation', CONSTRAINT = 'notice_moves_by_extension';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER cases_notice_stands BEFORE UPDATE ON cases_publicnotice
FOR EACH ROW EXECUTE FUNCTION cases_notice_stands();

-- An extension begins where the notice ends, and is carried out.
CREATE FUNCTION cases_extension_follows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM cases_publicnotice n
                   WHERE n.id = NEW.notice_id AND n.closes_on = NEW.closed_on) THEN
        RAISE EXCEPTION 'extension of notice %: it does not end on %', NEW.notice_id, NEW.closed_on
            USING ERRCODE = 'check_violation', CONSTRAINT = 'extension_begins_at_the_end';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER cases_extension_follows BEFORE INSERT ON cases_noticeextension
FOR EACH ROW EXECUTE FUNCTION cases_extension_follows();

CREATE FUNCTION cases_extension_done() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM cases_publicnotice n
                   WHERE n.id = NEW.notice_id AND n.closes_on >= NEW.closes_on) THEN
        RAISE EXCEPTION 'extension of notice % was not carried out', NEW.notice_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'extension_is_carried_out';
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER cases_extension_done AFTER INSERT ON cases_noticeextension
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION cases_extension_done();

-- Versions are numbered without gaps from one.
CREATE FUNCTION cases_version_follows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.position <> 1 + coalesce(
           (SELECT max(position) FROM cases_noticeversion v WHERE v.notice_id = NEW.notice_id), 0) THEN
        RAISE EXCEPTION 'notice %: version % does not follow', NEW.notice_id, NEW.position
            USING ERRCODE = 'check_violation', CONSTRAINT = 'notice_versions_follow';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER cases_version_follows BEFORE INSERT ON cases_noticeversion
FOR EACH ROW EXECUTE FUNCTION cases_version_follows();

-- What an objector said stays; the answer is given once. A new data key may write the same text anew: its
-- first byte differs.
CREATE FUNCTION cases_objection_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.case_id, NEW.notice_id, NEW.about, NEW.fingerprint, NEW.received_on)
       IS DISTINCT FROM (OLD.case_id, OLD.notice_id, OLD.about, OLD.fingerprint, OLD.received_on)
       OR (NEW.text <> OLD.text AND get_byte(NEW.text, 0) = get_byte(OLD.text, 0))
       OR (NEW.objector <> OLD.objector AND get_byte(NEW.objector, 0) = get_byte(OLD.objector, 0))
       OR (NEW.contact <> OLD.contact AND get_byte(NEW.contact, 0) = get_byte(OLD.contact, 0)) THEN
        RAISE EXCEPTION 'objection %: what was said is not changed', OLD.case_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'objection_stands_as_received';
    END IF;
    IF OLD.decided_on IS NOT NULL
       AND (NEW.reply, NEW.remedy, NEW.decided_on)
           IS DISTINCT FROM (OLD.reply, OLD.remedy, OLD.decided_on) THEN
        RAISE EXCEPTION 'objection %: the answer was given on %', OLD.case_id, OLD.decided_on
            USING ERRCODE = 'check_violation', CONSTRAINT = 'objection_is_answered_once';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER cases_objection_stands BEFORE UPDATE ON cases_objection
FOR EACH ROW EXECUTE FUNCTION cases_objection_stands();

-- What was handed in stays as handed in; it can only be taken away, once, by somebody named.
CREATE FUNCTION cases_evidence_stands() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kept cases_evidence := NEW;
BEGIN
    kept.removed_by_id := OLD.removed_by_id;
    kept.removed_at := OLD.removed_at;
    IF kept IS DISTINCT FROM OLD OR OLD.removed_at IS NOT NULL
       OR NEW.removed_at IS NULL OR NEW.removed_by_id IS NULL THEN
        RAISE EXCEPTION 'evidence %: what was handed in is not changed', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'evidence_stands_as_handed_in';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER cases_evidence_stands BEFORE UPDATE ON cases_evidence
FOR EACH ROW EXECUTE FUNCTION cases_evidence_stands();

CREATE FUNCTION cases_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%: rows are kept', TG_TABLE_NAME
        USING ERRCODE = 'check_violation', CONSTRAINT = 'rows_are_kept';
END
$$;
CREATE TRIGGER cases_publicnotice_kept BEFORE DELETE ON cases_publicnotice
FOR EACH STATEMENT EXECUTE FUNCTION cases_is_kept();
CREATE TRIGGER cases_objection_kept BEFORE DELETE ON cases_objection
FOR EACH STATEMENT EXECUTE FUNCTION cases_is_kept();
CREATE TRIGGER cases_evidence_kept BEFORE DELETE ON cases_evidence
FOR EACH STATEMENT EXECUTE FUNCTION cases_is_kept();
"""

REMOVE = """
DROP TRIGGER cases_evidence_kept ON cases_evidence;
DROP TRIGGER cases_objection_kept ON cases_objection;
DROP TRIGGER cases_publicnotice_kept ON cases_publicnotice;
DROP FUNCTION cases_is_kept();
DROP TRIGGER cases_evidence_stands ON cases_evidence;
DROP FUNCTION cases_evidence_stands();
DROP TRIGGER cases_objection_stands ON cases_objection;
DROP FUNCTION cases_objection_stands();
DROP TRIGGER cases_version_follows ON cases_noticeversion;
DROP FUNCTION cases_version_follows();
DROP TRIGGER cases_extension_done ON cases_noticeextension;
DROP FUNCTION cases_extension_done();
DROP TRIGGER cases_extension_follows ON cases_noticeextension;
DROP FUNCTION cases_extension_follows();
DROP TRIGGER cases_notice_stands ON cases_publicnotice;
DROP FUNCTION cases_notice_stands();
"""

# What an objector said is written anew, with another key, by the owner of the tables alone. Before, anybody could who put
# another number of a key in front of it.
OBJECTION_STANDS = """
CREATE OR REPLACE FUNCTION cases_objection_stands() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF (NEW.case_id, NEW.notice_id, NEW.about, NEW.fingerprint, NEW.received_on)
       IS DISTINCT FROM (OLD.case_id, OLD.notice_id, OLD.about, OLD.fingerprint, OLD.received_on)
       OR ((NEW.text, NEW.objector, NEW.contact) IS DISTINCT FROM (OLD.text, OLD.objector, OLD.contact)
           AND NOT pg_has_role(
               current_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'MEMBER')) THEN
        RAISE EXCEPTION 'objection %: what was said is not changed', OLD.case_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'objection_stands_as_received';
    END IF;
    IF OLD.decided_on IS NOT NULL
       AND (NEW.reply, NEW.remedy, NEW.decided_on)
           IS DISTINCT FROM (OLD.reply, OLD.remedy, OLD.decided_on) THEN
        RAISE EXCEPTION 'objection %: the answer was given on %', OLD.case_id, OLD.decided_on
            USING ERRCODE = 'check_violation', CONSTRAINT = 'objection_is_answered_once';
    END IF;
    RETURN NEW;
END
$$;
"""
OBJECTION_STOOD = """
CREATE OR REPLACE FUNCTION cases_objection_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.case_id, NEW.notice_id, NEW.about, NEW.fingerprint, NEW.received_on)
       IS DISTINCT FROM (OLD.case_id, OLD.notice_id, OLD.about, OLD.fingerprint, OLD.received_on)
       OR (NEW.text <> OLD.text AND get_byte(NEW.text, 0) = get_byte(OLD.text, 0))
       OR (NEW.objector <> OLD.objector AND get_byte(NEW.objector, 0) = get_byte(OLD.objector, 0))
       OR (NEW.contact <> OLD.contact AND get_byte(NEW.contact, 0) = get_byte(OLD.contact, 0)) THEN
        RAISE EXCEPTION 'objection %: what was said is not changed', OLD.case_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'objection_stands_as_received';
    END IF;
    IF OLD.decided_on IS NOT NULL
       AND (NEW.reply, NEW.remedy, NEW.decided_on)
           IS DISTINCT FROM (OLD.reply, OLD.remedy, OLD.decided_on) THEN
        RAISE EXCEPTION 'objection %: the answer was given on %', OLD.case_id, OLD.decided_on
            USING ERRCODE = 'check_violation', CONSTRAINT = 'objection_is_answered_once';
    END IF;
    RETURN NEW;
END
$$;
"""
