"""What the database itself holds about money that leaves and what the bank says of it.

Money is sent with its batch. It is settled, or comes back, on one row of the bank, of an answer that is being taken in,
which names our reference, the sum and the account; whoever approved a payment does not post what the bank says of it.
"""

from portal.funds import guards

_POST = guards.INSTALL[guards.INSTALL.index("CREATE FUNCTION funds_post()") :]
_POST = _POST[: _POST.index("CREATE TRIGGER funds_post")].replace(
    "CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"
)
_REFUSES_BANK_ROWS = "(f.payable_id IS NOT NULL) OR m.needs_bank_row\n"
_ASKS_FOR_BANK_ROWS = "(f.payable_id IS NOT NULL) OR m.needs_bank_row <> (f.bank_row_id IS NOT NULL)\n"
if _REFUSES_BANK_ROWS not in _POST:
    raise ValueError("the guard of transfers is another one")

_ROWS = """
CREATE FUNCTION funds_check_bank_rows() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    wrong record;
BEGIN
    SELECT a.id INTO wrong
    FROM added a JOIN public.funds_answer s ON s.id = a.answer_id WHERE s.phase <> 'reading' LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'row %: its answer is not being taken in', wrong.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'rows_come_with_their_answer';
    END IF;
    SELECT a.id INTO wrong
    FROM added a
    JOIN public.funds_answer s ON s.id = a.answer_id
    JOIN public.funds_item i ON i.id = a.item_id
    LEFT JOIN public.funds_itempayee y ON y.item_id = i.id
    WHERE a.outcome IN ('paid', 'returned') AND (
        (a.reference, a.amount, a.account_digest) IS DISTINCT FROM (i.reference, i.amount, y.account_digest)
        OR a.name_digest <> y.name_digest OR i.channel_id <> s.channel_id
        OR s.region_id NOT IN (i.region_id, i.league_code, left(i.region_id, 2) || '0000'))
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'row % is not about the payment it names', wrong.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_bank_row_is_about_its_payment';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER funds_check_bank_rows AFTER INSERT ON funds_bankrow
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION funds_check_bank_rows();

-- An answer says what it says; what was taken in stays.
CREATE FUNCTION funds_check_answer() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    beside text[] := '{phase,message,done_at,job_id,league_code}';
BEGIN
    IF OLD.phase IN ('done', 'failed') THEN
        beside := '{job_id,league_code}';
    END IF;
    IF TG_OP = 'DELETE' OR to_jsonb(NEW) - beside IS DISTINCT FROM to_jsonb(OLD) - beside
       OR (NEW.phase = 'failed' AND OLD.phase <> 'failed'
           AND EXISTS (SELECT FROM public.funds_bankrow r WHERE r.answer_id = OLD.id)) THEN
        RAISE EXCEPTION 'an answer stays as it was given'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'an_answer_stays';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER funds_check_answer BEFORE UPDATE OR DELETE ON funds_answer
FOR EACH ROW EXECUTE FUNCTION funds_check_answer();

-- Words mean what two people said; they are taken back by nobody.
CREATE FUNCTION funds_check_meaning() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.confirmed_at IS NULL THEN
            RETURN NEW;
        END IF;
    ELSIF TG_OP = 'DELETE' THEN
        IF OLD.confirmed_at IS NULL THEN
            RETURN OLD;
        END IF;
    ELSIF OLD.confirmed_at IS NULL AND (NEW.words, NEW.cause, NEW.recorded_by_id) = (OLD.words, OLD.cause, OLD.recorded_by_id)
        AND public.funds_person(NEW.confirmed_by_id) IS DISTINCT FROM public.funds_person(NEW.recorded_by_id) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'what words mean is said by one person and confirmed by another'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'a_meaning_is_confirmed_by_another';
END
$$;
CREATE TRIGGER funds_check_meaning BEFORE INSERT OR UPDATE OR DELETE ON funds_causetext
FOR EACH ROW EXECUTE FUNCTION funds_check_meaning();
"""

_MOVES = """
-- After funds_post, which has moved the payables.
CREATE FUNCTION funds_post_batches() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    wrong record;
BEGIN
    IF NOT EXISTS (SELECT FROM fresh WHERE move = 'send' OR bank_row_id IS NOT NULL) THEN
        RETURN NULL;
    END IF;
    PERFORM FROM public.funds_batch b
    WHERE b.id IN (SELECT i.batch_id FROM fresh f JOIN public.funds_item i ON i.payable_id = f.payable_id
                   WHERE i.state IN ('listed', 'sent', 'paid'))
    ORDER BY b.id FOR NO KEY UPDATE;

    SELECT f.id INTO wrong
    FROM fresh f
    LEFT JOIN public.funds_item i ON i.payable_id = f.payable_id AND i.state = 'listed'
    LEFT JOIN public.funds_batch b ON b.id = i.batch_id
    WHERE f.move = 'send' AND b.state IS DISTINCT FROM 'filed'
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'transfer %: money is sent with its batch', wrong.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'money_is_sent_with_its_batch';
    END IF;
    UPDATE public.funds_item i SET state = 'sent'
    FROM fresh f WHERE f.move = 'send' AND i.payable_id = f.payable_id AND i.state = 'listed';

    SELECT f.id INTO wrong
    FROM fresh f
    JOIN public.funds_bankrow r ON r.id = f.bank_row_id
    LEFT JOIN public.funds_item i ON i.id = r.item_id
    WHERE (f.payable_id, f.amount) IS DISTINCT FROM (i.payable_id, r.amount)
       OR (f.move, r.outcome, i.state) NOT IN (
            ('settle', 'paid', 'sent'), ('bounce', 'returned', 'sent'), ('late_return', 'returned', 'paid'))
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'transfer %: the bank says something else', wrong.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_transfer_rests_on_its_bank_row';
    END IF;
    WITH person AS MATERIALIZED (
        SELECT account, public.funds_person(account) AS person
        FROM (SELECT f.by_id FROM fresh f UNION
              SELECT a.by_id FROM fresh f JOIN public.funds_approval a ON a.payable_id = f.payable_id AND a.move = 'commit'
              WHERE f.bank_row_id IS NOT NULL) AS listed (account)
    )
    SELECT f.id INTO wrong
    FROM fresh f
    JOIN public.funds_approval a ON a.payable_id = f.payable_id AND a.move = 'commit'
    JOIN person poster ON poster.account = f.by_id
    JOIN person one ON one.account = a.by_id
    WHERE f.bank_row_id IS NOT NULL AND one.person = poster.person
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'transfer %: whoever approved it does not post it', wrong.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'who_approved_does_not_post';
    END IF;
    UPDATE public.funds_item i SET state = r.outcome
    FROM fresh f JOIN public.funds_bankrow r ON r.id = f.bank_row_id
    WHERE i.id = r.item_id;

    UPDATE public.funds_batch b SET state = CASE WHEN EXISTS (
        SELECT FROM public.funds_item i WHERE i.batch_id = b.id AND i.state = 'sent') THEN 'answering' ELSE 'answered' END
    WHERE b.state IN ('sent', 'answering') AND b.id IN (
        SELECT i.batch_id FROM fresh f JOIN public.funds_bankrow r ON r.id = f.bank_row_id
        JOIN public.funds_item i ON i.id = r.item_id);
    RETURN NULL;
END
$$;
CREATE TRIGGER funds_post_batches AFTER INSERT ON funds_transfer
REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION funds_post_batches();
"""

_PROOF = """
-- Empty, or every batch, item and bank row that is not what the rest says.
CREATE VIEW funds_batch_proof AS
SELECT 'batch' AS what, b.id, b.count::bigint AS kept, count(i.id) AS told
FROM funds_batch b LEFT JOIN funds_item i ON i.batch_id = b.id AND i.state <> 'withdrawn'
GROUP BY b.id HAVING b.count <> count(i.id) OR b.amount <> coalesce(sum(i.amount), 0)
UNION ALL
SELECT 'item', i.id, CASE i.state WHEN 'sent' THEN 1 ELSE 0 END, CASE p.bucket WHEN 'in_transit' THEN 1 ELSE 0 END
FROM funds_item i JOIN funds_payable p ON p.id = i.payable_id
WHERE (i.state = 'sent' AND p.bucket <> 'in_transit') OR (i.state = 'listed' AND p.bucket IN ('in_transit', 'paid'))
   OR (i.state = 'paid' AND p.bucket NOT IN ('paid', 'recoverable', 'written_off', 'available'))
UNION ALL
SELECT 'bank row', r.id, 1, 0
FROM funds_bankrow r
WHERE r.outcome IN ('paid', 'returned') AND NOT EXISTS (SELECT FROM funds_transfer t WHERE t.bank_row_id = r.id);
"""

INSTALL = _POST.replace(_REFUSES_BANK_ROWS, _ASKS_FOR_BANK_ROWS) + _ROWS + _MOVES + _PROOF
REMOVE = (
    """
DROP VIEW funds_batch_proof;
DROP TRIGGER funds_post_batches ON funds_transfer;
DROP FUNCTION funds_post_batches();
DROP TRIGGER funds_check_meaning ON funds_causetext;
DROP FUNCTION funds_check_meaning();
DROP TRIGGER funds_check_answer ON funds_answer;
DROP FUNCTION funds_check_answer();
DROP TRIGGER funds_check_bank_rows ON funds_bankrow;
DROP FUNCTION funds_check_bank_rows();
"""
    + _POST
)
