"""What the database itself holds about money, whatever code asks for it.

- A line rests on one confirmed document of its fund that is for its place or one above it, and pays for what its fund
  permits; it gets its buckets at once.
- A payable is drawn up where it may be paid: the use of its line, a payee its fund permits.
- An approval is about a payable as it stands, and by another person than whoever made it.
- A transfer goes between the buckets of its move (a foreign key); takes a payable whole, from where it is; has as many
  different people behind it as its sum asks for, neither the maker nor whoever posts among them; spends on days on
  which the line may be spent; and moves both balances, none below its floor. A document gives no more than it says.
- What is written stays: nothing is changed, removed or emptied.
"""

_PEOPLE = """
-- Who somebody is, under every account of theirs: the record that stands for the person, or the account itself.
CREATE FUNCTION funds_person(account bigint) RETURNS text
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT coalesce(
        (SELECT 'w' || coalesce(m.target_id, w.id)::text
         FROM public.workforce_worker w LEFT JOIN public.workforce_mergedperson m ON m.source_id = w.id
         WHERE w.account_id = account ORDER BY 1 LIMIT 1),
        'a' || account::text)
$$;
"""

_LINES = """
CREATE FUNCTION funds_check_line() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM public.funds_authorisingdocument d JOIN public.funds_fund f ON f.code = d.fund_id
        WHERE d.id = NEW.document_id AND d.fund_id = NEW.fund_id AND d.kind = f.rests_on AND d.confirmed_at IS NOT NULL
          AND d.region_id IN (NEW.region_id, left(NEW.region_id, 4) || '00', left(NEW.region_id, 2) || '0000')
    ) THEN
        RAISE EXCEPTION 'a line rests on a confirmed document of its fund for its place'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_line_rests_on_a_document';
    END IF;
    IF NOT EXISTS (
        SELECT FROM public.funds_fundrule r WHERE r.fund_id = NEW.fund_id AND r.use = NEW.use AND r.permitted
    ) THEN
        RAISE EXCEPTION 'the fund % is not for %', NEW.fund_id, NEW.use
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_line_is_for_what_its_fund_permits';
    END IF;
    INSERT INTO public.funds_balance (line_id, bucket, amount, floor)
    SELECT NEW.id, bucket.code, 0, CASE WHEN bucket.code = 'treasury' THEN NULL ELSE 0 END
    FROM (SELECT from_bucket FROM public.funds_ledgermove UNION SELECT to_bucket FROM public.funds_ledgermove) AS bucket (code);
    RETURN NULL;
END
$$;
CREATE TRIGGER funds_check_line AFTER INSERT ON funds_line FOR EACH ROW EXECUTE FUNCTION funds_check_line();

CREATE FUNCTION funds_check_document() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.confirmed_at IS NOT NULL THEN
            RAISE EXCEPTION 'a document is confirmed after it was recorded, by somebody else'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'a_document_begins_unconfirmed';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.confirmed_at IS NOT NULL OR (NEW.fund_id, NEW.kind, NEW.number, NEW.title, NEW.issuer, NEW.issued_on,
            NEW.region_id, NEW.amount, NEW.recorded_by_id, NEW.recorded_at)
        IS DISTINCT FROM (OLD.fund_id, OLD.kind, OLD.number, OLD.title, OLD.issuer, OLD.issued_on,
            OLD.region_id, OLD.amount, OLD.recorded_by_id, OLD.recorded_at) THEN
        RAISE EXCEPTION 'what a document says stays as it was recorded'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_document_stays';
    END IF;
    IF public.funds_person(NEW.confirmed_by_id) = public.funds_person(NEW.recorded_by_id) THEN
        RAISE EXCEPTION 'a document is confirmed by another person than whoever recorded it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_document_of_money_is_confirmed_by_another';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER funds_check_document BEFORE INSERT OR UPDATE ON funds_authorisingdocument
FOR EACH ROW EXECUTE FUNCTION funds_check_document();
"""

_PAYABLES = """
CREATE FUNCTION funds_check_payables() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    wrong record;
BEGIN
    SELECT a.id INTO wrong FROM added a WHERE a.bucket <> 'available' OR a.moves <> 0 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'payable %: where it is the ledger says', wrong.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_payable_begins_unmoved';
    END IF;
    SELECT a.id, a.use, a.payee_kind, l.fund_id INTO wrong
    FROM added a JOIN public.funds_line l ON l.id = a.line_id
    WHERE a.use <> l.use OR NOT EXISTS (
        SELECT FROM public.funds_fundrule r WHERE r.fund_id = l.fund_id AND r.payee = a.payee_kind AND r.permitted
    ) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'payable %: out of % nothing is paid for % to %', wrong.id, wrong.fund_id, wrong.use, wrong.payee_kind
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_payable_is_what_its_fund_permits';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER funds_check_payables AFTER INSERT ON funds_payable
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION funds_check_payables();

CREATE FUNCTION funds_check_approvals() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    wrong record;
BEGIN
    WITH person AS MATERIALIZED (
        SELECT account, public.funds_person(account) AS person
        FROM (SELECT by_id FROM added UNION SELECT p.made_by_id FROM added a JOIN public.funds_payable p ON p.id = a.payable_id)
             AS listed (account)
    )
    SELECT a.payable_id, a.at_moves <> p.moves AS stale INTO wrong
    FROM added a
    JOIN public.funds_payable p ON p.id = a.payable_id
    JOIN person one ON one.account = a.by_id
    JOIN person maker ON maker.account = p.made_by_id
    WHERE a.at_moves <> p.moves OR one.person = maker.person
    LIMIT 1;
    IF FOUND AND wrong.stale THEN
        RAISE EXCEPTION 'payable % has moved since', wrong.payable_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'an_approval_is_of_what_stands';
    ELSIF FOUND THEN
        RAISE EXCEPTION 'payable %: whoever made it does not approve it', wrong.payable_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'the_maker_does_not_approve';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER funds_check_approvals AFTER INSERT ON funds_approval
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION funds_check_approvals();

CREATE FUNCTION funds_check_order() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    source record;
    target record;
    given record;
    way record;
BEGIN
    SELECT * INTO way FROM public.funds_ledgermove m WHERE m.code = NEW.move;
    SELECT l.*, f.rests_on, f.arrives_by INTO source
    FROM public.funds_line l JOIN public.funds_fund f ON f.code = l.fund_id WHERE l.id = NEW.from_line_id;
    SELECT l.* INTO target FROM public.funds_line l WHERE l.id = NEW.to_line_id;
    IF way.code IS NULL OR way.of_payable OR source.fund_id <> target.fund_id
        OR way.within_line <> (NEW.from_line_id = NEW.to_line_id) THEN
        RAISE EXCEPTION 'an order moves money of one fund, as its move says'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'an_order_stays_in_its_fund';
    END IF;
    IF way.within_line THEN
        SELECT d.* INTO given FROM public.funds_authorisingdocument d WHERE d.id = NEW.document_id;
        IF given.id IS NULL OR given.fund_id <> source.fund_id OR given.kind <> source.arrives_by
            OR given.confirmed_at IS NULL
            OR (source.arrives_by = source.rests_on AND given.id <> source.document_id) THEN
            RAISE EXCEPTION 'money comes and goes by a confirmed document of its fund'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'money_comes_by_a_document';
        END IF;
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER funds_check_order BEFORE INSERT ON funds_order FOR EACH ROW EXECUTE FUNCTION funds_check_order();

CREATE FUNCTION funds_check_order_approval() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM public.funds_order o
        WHERE o.id = NEW.order_id AND public.funds_person(o.made_by_id) = public.funds_person(NEW.by_id)
    ) THEN
        RAISE EXCEPTION 'whoever made an order does not approve it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'the_maker_does_not_approve';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER funds_check_order_approval BEFORE INSERT ON funds_orderapproval
FOR EACH ROW EXECUTE FUNCTION funds_check_order_approval();
"""

_TRANSFERS = """
-- Both ends of a transfer are as its move says, and are there.
ALTER TABLE funds_transfer
    ADD CONSTRAINT a_transfer_goes_as_its_move_says FOREIGN KEY (move, from_bucket, to_bucket, within_line)
        REFERENCES funds_ledgermove (code, from_bucket, to_bucket, within_line),
    ADD CONSTRAINT a_transfer_has_a_source FOREIGN KEY (from_line_id, from_bucket)
        REFERENCES funds_balance (line_id, bucket),
    ADD CONSTRAINT a_transfer_has_a_target FOREIGN KEY (to_line_id, to_bucket)
        REFERENCES funds_balance (line_id, bucket);

CREATE FUNCTION funds_post() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    wrong record;
    asked bigint;
    moved bigint;
    today date := (now() AT TIME ZONE 'Asia/Shanghai')::date;
BEGIN
    -- What follows sees what others committed meanwhile; a transaction that reads as of its beginning does not.
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'money is not moved in a transaction that does not see what others did'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'money_moves_as_others_see_it';
    END IF;

    -- What kind of thing moves, and when.
    SELECT f.id, m.code INTO wrong
    FROM fresh f JOIN public.funds_ledgermove m ON m.code = f.move
    WHERE m.of_payable <> (f.payable_id IS NOT NULL) OR m.needs_bank_row
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'transfer %: % lacks what it rests on', wrong.id, wrong.code
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_transfer_rests_on_something';
    END IF;
    SELECT f.id INTO wrong
    FROM fresh f JOIN public.funds_ledgermove m ON m.code = f.move JOIN public.funds_line l ON l.id = f.from_line_id
    WHERE m.spends AND today NOT BETWEEN l.usable_from AND l.usable_until
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'transfer %: the line is not spent today', wrong.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_line_is_spent_on_its_days';
    END IF;

    -- Payables move whole, once, from where they are.
    PERFORM FROM public.funds_payable p WHERE p.id IN (SELECT payable_id FROM fresh) ORDER BY p.id FOR NO KEY UPDATE;
    -- Enough different people approved it as it stands, neither the maker nor whoever posts among them.
    WITH approved AS (
        SELECT f.id, f.amount, f.by_id, p.made_by_id, a.by_id AS approver
        FROM fresh f
        JOIN public.funds_ledgermove m ON m.code = f.move AND m.needs_approval
        JOIN public.funds_payable p ON p.id = f.payable_id
        LEFT JOIN public.funds_approval a ON a.payable_id = p.id AND a.at_moves = p.moves AND a.move = f.move
        UNION ALL
        SELECT f.id, f.amount, f.by_id, o.made_by_id, a.by_id
        FROM fresh f
        JOIN public.funds_order o ON o.id = f.order_id
        LEFT JOIN public.funds_orderapproval a ON a.order_id = o.id
    ), person AS MATERIALIZED (
        SELECT account, public.funds_person(account) AS person
        FROM (SELECT by_id FROM approved UNION SELECT made_by_id FROM approved UNION SELECT approver FROM approved)
             AS listed (account)
        WHERE account IS NOT NULL
    ), counted AS (
        SELECT a.id, a.amount,
               count(DISTINCT one.person) FILTER (WHERE one.person NOT IN (maker.person, poster.person)) AS people,
               bool_or(maker.person = poster.person) AS posted_by_maker
        FROM approved a
        JOIN person maker ON maker.account = a.made_by_id
        JOIN person poster ON poster.account = a.by_id
        LEFT JOIN person one ON one.account = a.approver
        GROUP BY a.id, a.amount
    )
    SELECT c.id, c.people, t.approvals INTO wrong
    FROM counted c LEFT JOIN public.funds_threshold t ON t.amounts @> c.amount AND t.days @> today
    WHERE t.approvals IS NULL OR c.people < t.approvals
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'transfer %: % approved it, % must', wrong.id, wrong.people,
            coalesce(wrong.approvals::text, 'nobody knows how many')
            USING ERRCODE = 'check_violation', CONSTRAINT = 'enough_people_approved';
    END IF;

    SELECT count(*) INTO asked FROM fresh WHERE payable_id IS NOT NULL;
    UPDATE public.funds_payable p SET bucket = f.to_bucket, moves = p.moves + 1
    FROM fresh f
    WHERE f.payable_id = p.id AND p.bucket = f.from_bucket AND p.amount = f.amount
      AND p.line_id = f.from_line_id AND p.line_id = f.to_line_id;
    GET DIAGNOSTICS moved = ROW_COUNT;
    IF asked <> moved THEN
        RAISE EXCEPTION '% of % payables are not where the transfer takes them from, or differ in amount or line',
            asked - moved, asked
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_payable_moves_whole_and_once';
    END IF;

    -- Orders are carried out as they were approved.
    SELECT f.id INTO wrong
    FROM fresh f JOIN public.funds_order o ON o.id = f.order_id
    WHERE (f.move, f.from_line_id, f.to_line_id, f.amount) IS DISTINCT FROM
          (o.move, o.from_line_id, o.to_line_id, o.amount)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'transfer % is not what was ordered', wrong.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'an_order_is_carried_out_as_approved';
    END IF;
    PERFORM FROM public.funds_authorisingdocument d
    WHERE d.id IN (SELECT o.document_id FROM fresh f JOIN public.funds_order o ON o.id = f.order_id)
    ORDER BY d.id FOR NO KEY UPDATE;
    SELECT d.number INTO wrong
    FROM public.funds_authorisingdocument d
    JOIN public.funds_order o ON o.document_id = d.id
    JOIN public.funds_transfer t ON t.order_id = o.id
    WHERE d.id IN (SELECT o.document_id FROM fresh f JOIN public.funds_order o ON o.id = f.order_id)
    GROUP BY d.id
    HAVING sum(CASE t.move WHEN 'appropriate' THEN t.amount ELSE -t.amount END) > d.amount
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'document % gives less', wrong.number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_document_gives_no_more_than_it_says';
    END IF;

    -- Both balances, all of them locked in one order.
    PERFORM FROM public.funds_balance b
    WHERE (b.line_id, b.bucket) IN (
        SELECT from_line_id, from_bucket FROM fresh UNION SELECT to_line_id, to_bucket FROM fresh
    ) ORDER BY b.line_id, b.bucket FOR NO KEY UPDATE;
    UPDATE public.funds_balance b SET amount = b.amount + change.sum
    FROM (
        SELECT line_id, bucket, sum(amount) AS sum
        FROM (SELECT from_line_id AS line_id, from_bucket AS bucket, -amount AS amount FROM fresh
              UNION ALL SELECT to_line_id, to_bucket, amount FROM fresh) AS ends
        GROUP BY line_id, bucket
    ) AS change
    WHERE b.line_id = change.line_id AND b.bucket = change.bucket;
    RETURN NULL;
END
$$;
CREATE TRIGGER funds_post AFTER INSERT ON funds_transfer
REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION funds_post();
"""

# What no statement changes or takes away, not even the owner's.
_WRITTEN_ONCE = ("transfer", "approval", "order", "orderapproval", "line")
_ONCE = (
    """
CREATE FUNCTION funds_written_once() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION '% is written once', TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END
$$;
"""
    + "".join(
        f"""
CREATE TRIGGER funds_written_once BEFORE UPDATE OR DELETE OR TRUNCATE ON funds_{table}
FOR EACH STATEMENT EXECUTE FUNCTION funds_written_once();
"""
        for table in _WRITTEN_ONCE
    )
    + """
CREATE TRIGGER funds_written_once BEFORE DELETE OR TRUNCATE ON funds_payable
FOR EACH STATEMENT EXECUTE FUNCTION funds_written_once();
"""
)

_PROOF = """
-- Empty, or every difference between what is kept and what the transfers say.
CREATE VIEW funds_proof AS
SELECT 'balance' AS what, b.line_id, b.bucket || '' AS place, NULL::bigint AS payable_id, b.amount AS kept,
       coalesce(summed.amount, 0) AS told
FROM funds_balance b
LEFT JOIN (
    SELECT line_id, bucket, sum(amount) AS amount
    FROM (SELECT from_line_id AS line_id, from_bucket AS bucket, -amount AS amount FROM funds_transfer
          UNION ALL SELECT to_line_id, to_bucket, amount FROM funds_transfer) AS ends
    GROUP BY line_id, bucket
) AS summed ON summed.line_id = b.line_id AND summed.bucket = b.bucket
WHERE b.amount <> coalesce(summed.amount, 0)
UNION ALL
SELECT 'payable', p.line_id, p.bucket || ' / ' || coalesce(last.to_bucket, 'available'), p.id, p.moves, coalesce(counted.moves, 0)
FROM funds_payable p
LEFT JOIN (
    SELECT DISTINCT ON (payable_id) payable_id, to_bucket FROM funds_transfer
    WHERE payable_id IS NOT NULL ORDER BY payable_id, id DESC
) AS last ON last.payable_id = p.id
LEFT JOIN (
    SELECT payable_id, count(*) AS moves FROM funds_transfer WHERE payable_id IS NOT NULL GROUP BY payable_id
) AS counted ON counted.payable_id = p.id
WHERE p.bucket <> coalesce(last.to_bucket, 'available') OR p.moves <> coalesce(counted.moves, 0);
"""

INSTALL = _PEOPLE + _LINES + _PAYABLES + _TRANSFERS + _ONCE + _PROOF

REMOVE = (
    "DROP VIEW funds_proof;\n"
    + "".join(f"DROP TRIGGER funds_written_once ON funds_{table};\n" for table in (*_WRITTEN_ONCE, "payable"))
    + """
DROP FUNCTION funds_written_once();
DROP TRIGGER funds_post ON funds_transfer;
DROP FUNCTION funds_post();
ALTER TABLE funds_transfer
    DROP CONSTRAINT a_transfer_goes_as_its_move_says,
    DROP CONSTRAINT a_transfer_has_a_source,
    DROP CONSTRAINT a_transfer_has_a_target;
DROP TRIGGER funds_check_order_approval ON funds_orderapproval;
DROP FUNCTION funds_check_order_approval();
DROP TRIGGER funds_check_order ON funds_order;
DROP FUNCTION funds_check_order();
DROP TRIGGER funds_check_approvals ON funds_approval;
DROP FUNCTION funds_check_approvals();
DROP TRIGGER funds_check_payables ON funds_payable;
DROP FUNCTION funds_check_payables();
DROP TRIGGER funds_check_document ON funds_authorisingdocument;
DROP FUNCTION funds_check_document();
DROP TRIGGER funds_check_line ON funds_line;
DROP FUNCTION funds_check_line();
DROP FUNCTION funds_person(bigint);
"""
)
