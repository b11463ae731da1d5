"""The guard of batches behind a posting: what is sent goes with its batch, what the bank says is as its row says.

The same questions as before (portal.funds.answer_guards), but each payment is looked up by its payable, one by one. Joined as
sets they were planned by how many payments stood in a state when that was last counted: nobody had been listed then, a hundred
thousand were now, and each of them was compared with each transfer.
"""

INSTALL = """
-- After funds_post, which has moved the payables.
CREATE OR REPLACE FUNCTION funds_post_batches() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    sent record;
    wrong record;
BEGIN
    IF NOT EXISTS (SELECT FROM fresh WHERE recovery_share_id IS NULL AND (move = 'send' OR bank_row_id IS NOT NULL)) THEN
        RETURN NULL;
    END IF;
    PERFORM FROM public.funds_batch b
    WHERE b.id IN (
        SELECT own.batch_id FROM fresh f CROSS JOIN LATERAL (
            SELECT i.batch_id FROM public.funds_item i
            WHERE i.payable_id = f.payable_id AND i.state IN ('listed', 'sent', 'paid') LIMIT 1) AS own)
    ORDER BY b.id FOR NO KEY UPDATE;

    -- The payments are held by their batches: what is read here stays until they are marked as sent.
    SELECT count(f.id) AS count, array_agg(own.id) AS items,
           min(f.id) FILTER (WHERE own.state IS DISTINCT FROM 'listed' OR b.state IS DISTINCT FROM 'filed') AS otherwise
    INTO sent
    FROM fresh f
    LEFT JOIN LATERAL (
        SELECT i.id, i.batch_id, i.state FROM public.funds_item i
        WHERE i.payable_id = f.payable_id AND i.state IN ('listed', 'sent', 'paid') LIMIT 1) AS own ON true
    LEFT JOIN public.funds_batch b ON b.id = own.batch_id
    WHERE f.move = 'send';
    IF sent.otherwise IS NOT NULL THEN
        RAISE EXCEPTION 'transfer %: money is sent with its batch', sent.otherwise
            USING ERRCODE = 'check_violation', CONSTRAINT = 'money_is_sent_with_its_batch';
    END IF;
    IF sent.count > 0 THEN
        UPDATE public.funds_item i SET state = 'sent' FROM unnest(sent.items) AS own (id) WHERE i.id = own.id;
    END IF;
    IF NOT EXISTS (SELECT FROM fresh WHERE recovery_share_id IS NULL AND bank_row_id IS NOT NULL) THEN
        RETURN NULL;
    END IF;

    SELECT f.id INTO wrong
    FROM fresh f
    LEFT JOIN public.funds_bankrow r ON r.id = f.bank_row_id
    LEFT JOIN public.funds_item i ON i.id = r.item_id
    WHERE f.bank_row_id IS NOT NULL AND f.recovery_share_id IS NULL
      AND ((f.payable_id, f.amount) IS DISTINCT FROM (i.payable_id, r.amount)
           OR (f.move, r.outcome, i.state) NOT IN (
                ('settle', 'paid', 'sent'), ('bounce', 'returned', 'sent'), ('late_return', 'returned', 'paid')));
    IF FOUND THEN
        RAISE EXCEPTION 'transfer %: the bank says something else', wrong.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_transfer_rests_on_its_bank_row';
    END IF;
    WITH approved AS MATERIALIZED (
        SELECT f.id, f.by_id AS poster, a.by_id AS approver
        FROM fresh f CROSS JOIN LATERAL (
            SELECT n.by_id FROM public.funds_approval n WHERE n.payable_id = f.payable_id AND n.move = 'commit' OFFSET 0) AS a
        WHERE f.bank_row_id IS NOT NULL
    ), person AS MATERIALIZED (
        SELECT account, public.funds_person(account) AS person
        FROM (SELECT poster FROM approved UNION SELECT approver FROM approved) AS listed (account)
    )
    SELECT a.id INTO wrong
    FROM approved a
    JOIN person poster ON poster.account = a.poster
    JOIN person one ON one.account = a.approver
    WHERE one.person = poster.person;
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
"""
