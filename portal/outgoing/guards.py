"""What the database itself holds about messages: what one says and to whom never changes, none is removed, and what is
over stays over: a message that was sent, or may have been, is not sent again.
"""

INSTALL = """
CREATE FUNCTION outgoing_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'message % stays', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'messages_are_never_removed';
    END IF;
    IF (NEW.id, NEW.key, NEW.case_id, NEW.worker_id, NEW.account_id, NEW.kind, NEW.stage, NEW.text, NEW.by_id, NEW."on",
        NEW.created_at)
       IS DISTINCT FROM
       (OLD.id, OLD.key, OLD.case_id, OLD.worker_id, OLD.account_id, OLD.kind, OLD.stage, OLD.text, OLD.by_id, OLD."on",
        OLD.created_at) THEN
        RAISE EXCEPTION 'message % stays as it was written', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'messages_are_never_changed';
    END IF;
    IF NEW.state <> OLD.state AND NOT (
        (OLD.state = 'pending' AND NEW.state IN ('sending', 'off', 'no_contact', 'failed'))
        OR (OLD.state = 'sending' AND NEW.state IN ('pending', 'sent', 'failed', 'uncertain'))
    ) THEN
        RAISE EXCEPTION 'message % is % and does not become %', OLD.id, OLD.state, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'messages_are_sent_once';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER outgoing_keep BEFORE UPDATE OR DELETE ON outgoing_message
FOR EACH ROW EXECUTE FUNCTION outgoing_keep();
"""

REMOVE = """
DROP TRIGGER outgoing_keep ON outgoing_message;
DROP FUNCTION outgoing_keep();
"""
