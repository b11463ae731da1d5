"""What the database holds of money that is left on a closed line, or comes back to it later: it goes where the decision says."""

INSTALL = """
CREATE FUNCTION funds_order_of_closed() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM public.funds_lineclosing c
        WHERE c.line_id = NEW.from_line_id AND c.closed_at IS NOT NULL
          AND CASE NEW.move
              WHEN 'reallocate' THEN NEW.to_line_id IS DISTINCT FROM c.returns_to_id
                                 AND NEW.to_line_id IS DISTINCT FROM c.rest_to_id
              WHEN 'withdraw' THEN c.returns_to_id IS NOT NULL AND c.rest_to_id IS NOT NULL
              ELSE true
          END
    ) THEN
        RAISE EXCEPTION 'line % is closed: its money goes where the decision says', NEW.from_line_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_closed_line_gives_where_it_was_decided';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER funds_order_of_closed BEFORE INSERT ON funds_order
FOR EACH ROW EXECUTE FUNCTION funds_order_of_closed();
"""

REMOVE = """
DROP TRIGGER funds_order_of_closed ON funds_order;
DROP FUNCTION funds_order_of_closed();
"""
