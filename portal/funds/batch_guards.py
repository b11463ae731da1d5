"""What the database itself holds about batches and the bank's answers, whatever code asks for it.

- A batch is of what its channel serves. A payable comes into it as it stands, once it is approved, while the batch is
  drawn up; and never into two that may still pay it (a unique index).
- Each step is judged, and moves the batch: locked when every payee is there, signed by as many different people as its
  sum asks for, neither whoever drew it up nor whoever reviewed one of its cases; its files pay exactly what stands in it;
  closed when the bank has answered every item. What is taken out after it was locked begins another round: what was
  signed and written before no longer counts.
- Money is sent with its batch. It is settled, or comes back, on one row of the bank that names our reference, the sum and
  the account; whoever approved a payment does not post it.
- What is written stays.
"""

# ruff: noqa: S608 - triggers are put together from names of tables

_BATCHES = """
CREATE FUNCTION funds_check_batch() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF (NEW.state, NEW.round, NEW.count, NEW.amount) <> ('draft', 1, 0, 0) OR NEW.shown_until IS NOT NULL THEN
        RAISE EXCEPTION 'a batch begins empty' USING ERRCODE = 'check_violation', CONSTRAINT = 'a_batch_begins_empty';
    END IF;
    IF NOT EXISTS (
        SELECT FROM public.funds_channelrule r WHERE r.channel_id = NEW.channel_id AND r.fund_id = NEW.fund_id
    ) THEN
        RAISE EXCEPTION 'channel % does not pay out %', NEW.channel_id, NEW.fund_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_channel_pays_what_it_serves';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER funds_check_batch BEFORE INSERT ON funds_batch FOR EACH ROW EXECUTE FUNCTION funds_check_batch();

CREATE FUNCTION funds_check_items() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    wrong record;
BEGIN
    PERFORM FROM public.funds_batch b WHERE b.id IN (SELECT batch_id FROM added) ORDER BY b.id FOR NO KEY UPDATE;
    PERFORM FROM public.funds_payable p WHERE p.id IN (SELECT payable_id FROM added) ORDER BY p.id FOR NO KEY UPDATE;
    SELECT a.id, a.payable_id INTO wrong
    FROM added a
    JOIN public.funds_batch b ON b.id = a.batch_id
    JOIN public.funds_payable p ON p.id = a.payable_id
    JOIN public.funds_line l ON l.id = p.line_id
    WHERE b.state <> 'draft' OR a.state <> 'listed' OR p.bucket <> 'committed'
       OR (a.amount, a.payee_kind, a.fund_id, a.channel_id, a.region_id)
          IS DISTINCT FROM (p.amount, p.payee_kind, b.fund_id, b.channel_id, b.region_id)
       OR (l.fund_id, l.region_id) <> (b.fund_id, b.region_id)
       OR NOT EXISTS (SELECT FROM public.funds_channelrule r
                      WHERE (r.channel_id, r.fund_id, r.payee) = (b.channel_id, b.fund_id, p.payee_kind))
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'payable % does not stand in this batch', wrong.payable_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'an_item_is_what_its_batch_pays';
    END IF;
    -- Paid again is the last one that was tried.
    SELECT a.id INTO wrong
    FROM added a
    WHERE a.retry_of_id IS DISTINCT FROM (
        SELECT max(i.id) FROM public.funds_item i WHERE i.payable_id = a.payable_id AND i.id < a.id)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'item % names not what was tried before', wrong.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_retry_names_what_was_tried';
    END IF;
    UPDATE public.funds_batch b SET count = b.count + more.count, amount = b.amount + more.amount
    FROM (SELECT batch_id, count(*) AS count, sum(amount) AS amount FROM added GROUP BY batch_id) AS more
    WHERE b.id = more.batch_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER funds_check_items AFTER INSERT ON funds_item
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION funds_check_items();

CREATE FUNCTION funds_check_item_payees() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    wrong record;
BEGIN
    SELECT a.item_id INTO wrong
    FROM added a JOIN public.funds_item i ON i.id = a.item_id JOIN public.funds_batch b ON b.id = i.batch_id
    WHERE b.state <> 'draft' OR i.state <> 'listed' OR a.kind <> i.payee_kind
       OR public.funds_person(a.recorded_by_id) = public.funds_person(a.confirmed_by_id)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'item %: its payee is fixed when the batch is locked, confirmed by another person', wrong.item_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_payee_of_a_payment_is_confirmed_by_another';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER funds_check_item_payees AFTER INSERT ON funds_itempayee
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION funds_check_item_payees();

CREATE FUNCTION funds_withdraw() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    asked bigint;
    withdrawn bigint;
BEGIN
    PERFORM FROM public.funds_batch b
    WHERE b.id IN (SELECT i.batch_id FROM added a JOIN public.funds_item i ON i.id = a.item_id) ORDER BY b.id FOR NO KEY UPDATE;
    SELECT count(*) INTO asked FROM added;
    UPDATE public.funds_item i SET state = 'withdrawn'
    FROM added a, public.funds_batch b
    WHERE i.id = a.item_id AND i.state = 'listed' AND b.id = i.batch_id AND b.state IN ('draft', 'locked', 'signed', 'filed');
    GET DIAGNOSTICS withdrawn = ROW_COUNT;
    IF asked <> withdrawn THEN
        RAISE EXCEPTION '% of % items were sent, or taken out before', asked - withdrawn, asked
            USING ERRCODE = 'check_violation', CONSTRAINT = 'what_was_sent_is_not_withdrawn';
    END IF;
    UPDATE public.funds_batch b
    SET count = b.count - less.count, amount = b.amount - less.amount,
        round = CASE WHEN b.state = 'draft' THEN b.round ELSE b.round + 1 END,
        state = CASE WHEN b.state = 'draft' THEN b.state ELSE 'locked' END
    FROM (SELECT i.batch_id, count(*) AS count, sum(i.amount) AS amount
          FROM added a JOIN public.funds_item i ON i.id = a.item_id GROUP BY i.batch_id) AS less
    WHERE b.id = less.batch_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER funds_withdraw AFTER INSERT ON funds_withdrawal
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION funds_withdraw();
"""

_STEPS = """
-- How many sign: what the sum of the batch asks for, and at least what the largest of its payments does. Null: nobody may.
CREATE FUNCTION funds_signatures_needed(batch bigint, on_day date) RETURNS integer
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT CASE WHEN s.signatures IS NULL OR l.approvals IS NULL THEN NULL ELSE greatest(s.signatures, l.approvals) END
    FROM public.funds_batch b
    LEFT JOIN public.funds_signaturethreshold s ON s.amounts @> b.amount AND s.days @> on_day
    LEFT JOIN public.funds_threshold l ON l.days @> on_day AND l.amounts @> (
        SELECT max(i.amount) FROM public.funds_item i WHERE i.batch_id = b.id AND i.state = 'listed')
    WHERE b.id = batch
$$;

CREATE FUNCTION funds_take_on(batch bigint, of_duty text, account bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    INSERT INTO public.cases_caseduty (case_id, duty, person_id)
    SELECT DISTINCT p.case_id, of_duty, account
    FROM public.funds_item i JOIN public.funds_payable p ON p.id = i.payable_id
    WHERE i.batch_id = batch AND i.state IN ('listed', 'sent')
    ON CONFLICT DO NOTHING
$$;
REVOKE ALL ON FUNCTION funds_take_on(bigint, text, bigint) FROM PUBLIC;

CREATE FUNCTION funds_take_step() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    batch record;
    after text;
    today date := (now() AT TIME ZONE 'Asia/Shanghai')::date;
    may boolean;
BEGIN
    SELECT b.* INTO batch FROM public.funds_batch b WHERE b.id = NEW.batch_id FOR NO KEY UPDATE;
    after := batch.state;
    may := NEW.round = batch.round AND (batch.state, NEW.step) IN (
        ('draft', 'lock'), ('locked', 'announce'), ('locked', 'sign'), ('signed', 'file'), ('filed', 'send'),
        ('answered', 'close'), ('draft', 'drop'), ('locked', 'drop'));
    IF NOT may THEN
        RAISE EXCEPTION 'batch %: no % while it is %', batch.id, NEW.step, batch.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_batch_goes_its_way';
    END IF;
    IF (batch.count = 0) <> (NEW.step = 'drop') THEN
        RAISE EXCEPTION 'batch %: nothing stands in it, or it is dropped with something in it', batch.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_batch_pays_something';
    END IF;
    IF NEW.step = 'lock' THEN
        IF EXISTS (SELECT FROM public.funds_item i WHERE i.batch_id = batch.id AND i.state = 'listed'
                   AND NOT EXISTS (SELECT FROM public.funds_itempayee y WHERE y.item_id = i.id)) THEN
            RAISE EXCEPTION 'batch %: nobody is to be paid by one of its items', batch.id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'every_item_has_its_payee';
        END IF;
        after := 'locked';
        INSERT INTO public.cases_caseduty (case_id, duty, person_id)
        SELECT DISTINCT p.case_id, one.duty, one.person
        FROM public.funds_item i
        JOIN public.funds_payable p ON p.id = i.payable_id
        JOIN public.funds_itempayee y ON y.item_id = i.id
        CROSS JOIN LATERAL (VALUES ('payee_record', y.recorded_by_id), ('payee_confirm', y.confirmed_by_id)) AS one (duty, person)
        WHERE i.batch_id = batch.id AND i.state = 'listed' AND one.person IS NOT NULL
        ON CONFLICT DO NOTHING;
    ELSIF NEW.step = 'sign' THEN
        IF public.funds_person(NEW.by_id) = public.funds_person(batch.made_by_id) OR EXISTS (
            SELECT FROM public.funds_batchstep s WHERE s.batch_id = batch.id AND s.round = batch.round AND s.step = 'sign'
            AND s.id <> NEW.id AND public.funds_person(s.by_id) = public.funds_person(NEW.by_id)) THEN
            RAISE EXCEPTION 'batch %: signed by different people, none of them whoever drew it up', batch.id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'different_people_sign';
        END IF;
        IF coalesce(batch.shown_until >= today, true) AND EXISTS (
            SELECT FROM public.funds_item i JOIN public.funds_payable p ON p.id = i.payable_id
            JOIN LATERAL (SELECT r.working_days FROM public.funds_noticerule r WHERE r.use = p.use AND r.since <= today
                          ORDER BY r.since DESC LIMIT 1) AS asked ON asked.working_days > 0
            WHERE i.batch_id = batch.id AND i.state = 'listed') THEN
            RAISE EXCEPTION 'batch %: the public has not seen it for long enough', batch.id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'a_batch_is_shown_first';
        END IF;
        PERFORM public.funds_take_on(batch.id, 'pay', NEW.by_id);
        IF (SELECT count(*) FROM public.funds_batchstep s
            WHERE s.batch_id = batch.id AND s.round = batch.round AND s.step = 'sign')
            >= public.funds_signatures_needed(batch.id, today) THEN
            after := 'signed';
        END IF;
    ELSIF NEW.step = 'file' THEN
        IF (SELECT (sum(f.rows), sum(f.amount)) FROM public.funds_paymentfile f
            WHERE f.batch_id = batch.id AND f.round = batch.round)
            IS DISTINCT FROM (batch.count::bigint, batch.amount::numeric) THEN
            RAISE EXCEPTION 'batch %: its files pay something else', batch.id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'files_pay_what_stands_in_the_batch';
        END IF;
        after := 'filed';
    ELSIF NEW.step = 'send' THEN
        IF EXISTS (SELECT FROM public.funds_item i WHERE i.batch_id = batch.id AND i.state = 'listed') THEN
            RAISE EXCEPTION 'batch %: some of its money has not moved', batch.id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'money_is_sent_with_its_batch';
        END IF;
        PERFORM public.funds_take_on(batch.id, 'send', NEW.by_id);
        after := 'sent';
    ELSIF NEW.step = 'close' THEN
        IF EXISTS (
            SELECT FROM public.funds_item i
            WHERE i.batch_id = batch.id AND i.state <> 'withdrawn' AND NOT EXISTS (
                SELECT FROM public.funds_bankrow r WHERE r.item_id = i.id AND r.outcome IN ('paid', 'returned'))
        ) THEN
            RAISE EXCEPTION 'batch %: the bank has not answered every item', batch.id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'every_item_is_answered';
        END IF;
        after := 'closed';
    ELSIF NEW.step = 'drop' THEN
        after := 'dropped';
    END IF;
    UPDATE public.funds_batch b SET state = after, shown_until = coalesce(NEW.until, b.shown_until) WHERE b.id = batch.id;
    RETURN NULL;
END
$$;
CREATE TRIGGER funds_take_step AFTER INSERT ON funds_batchstep FOR EACH ROW EXECUTE FUNCTION funds_take_step();

CREATE FUNCTION funds_check_file() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM public.funds_batch b JOIN public.funds_channel c ON c.code = b.channel_id
        WHERE b.id = NEW.batch_id AND (b.state, b.round, c.profile_id) = ('signed', NEW.round, NEW.profile_id)
    ) THEN
        RAISE EXCEPTION 'a file is made of a signed batch, as its bank wants it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'files_are_made_of_what_was_signed';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER funds_check_file BEFORE INSERT ON funds_paymentfile FOR EACH ROW EXECUTE FUNCTION funds_check_file();
"""

# What no statement changes or takes away. Of what is encrypted only the ciphertext is written anew, with another key.
_WRITTEN_ONCE = ("batchstep", "withdrawal", "paymentfile")
_SEALED = {
    "itempayee": "{legal_name,bank_spelling,account,identity_number}",
    "bankrow": "{raw}",
}
_KEPT = ("batch", "item")
_ONCE = (
    "".join(
        f"""
CREATE TRIGGER funds_written_once BEFORE UPDATE OR DELETE OR TRUNCATE ON funds_{table}
FOR EACH STATEMENT EXECUTE FUNCTION funds_written_once();
"""
        for table in _WRITTEN_ONCE
    )
    + "".join(
        f"""
CREATE TRIGGER funds_written_once BEFORE DELETE OR TRUNCATE ON funds_{table}
FOR EACH STATEMENT EXECUTE FUNCTION funds_written_once();
"""
        for table in (*_SEALED, *_KEPT)
    )
    + """
CREATE FUNCTION funds_only_sealed_anew() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF to_jsonb(NEW) - TG_ARGV[0]::text[] IS DISTINCT FROM to_jsonb(OLD) - TG_ARGV[0]::text[] THEN
        RAISE EXCEPTION '% is written once', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;
"""
    + "".join(
        f"""
CREATE TRIGGER funds_only_sealed_anew BEFORE UPDATE ON funds_{table}
FOR EACH ROW EXECUTE FUNCTION funds_only_sealed_anew('{columns}');
"""
        for table, columns in _SEALED.items()
    )
)

INSTALL = _BATCHES + _STEPS + _ONCE

REMOVE = (
    "".join(f"DROP TRIGGER funds_only_sealed_anew ON funds_{table};\n" for table in _SEALED)
    + "DROP FUNCTION funds_only_sealed_anew();\n"
    + "".join(
        f"DROP TRIGGER funds_written_once ON funds_{table};\n" for table in (*_WRITTEN_ONCE, *_SEALED, *_KEPT)
    )
    + """
DROP TRIGGER funds_check_file ON funds_paymentfile;
DROP FUNCTION funds_check_file();
DROP TRIGGER funds_take_step ON funds_batchstep;
DROP FUNCTION funds_take_step();
DROP FUNCTION funds_take_on(bigint, text, bigint);
DROP FUNCTION funds_signatures_needed(bigint, date);
DROP TRIGGER funds_withdraw ON funds_withdrawal;
DROP FUNCTION funds_withdraw();
DROP TRIGGER funds_check_item_payees ON funds_itempayee;
DROP FUNCTION funds_check_item_payees();
DROP TRIGGER funds_check_items ON funds_item;
DROP FUNCTION funds_check_items();
DROP TRIGGER funds_check_batch ON funds_batch;
DROP FUNCTION funds_check_batch();
"""
)
