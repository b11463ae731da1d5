"""What the database holds of sealed days: they are sealed by it alone, one after the other, and take no more transfers.

A seal covers the day, the first and last number, the count and every transfer, and the seal before it, as the chain of the
audit does (portal.audit.chain). Of a transfer its columns are covered by name in one order, each name and value with its
length before it; what is empty is left out, so that a column that is added later leaves earlier seals as they are.
"""

INSTALL = """
CREATE FUNCTION funds_leaf(t funds_transfer) RETURNS bytea
LANGUAGE sql STABLE SET timezone = 'UTC' SET datestyle = 'ISO' SET search_path = public, pg_temp AS $$
    SELECT sha256(string_agg(convert_to(
        octet_length(key) || ':' || key || octet_length(value) || ':' || value, 'UTF8'), ''::bytea ORDER BY key COLLATE "C"))
    FROM jsonb_each_text(to_jsonb(t)) AS said (key, value) WHERE value IS NOT NULL AND key <> 'within_line'
$$;

CREATE FUNCTION funds_part(part bytea) RETURNS bytea LANGUAGE sql IMMUTABLE SET search_path = public, pg_temp AS $$
    SELECT int8send(octet_length(part)::bigint) || part
$$;

CREATE FUNCTION funds_seal_digest(previous bytea, day date, first_id bigint, last_id bigint, count bigint, leaves bytea)
RETURNS bytea LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT sha256(public.funds_part(previous) || public.funds_part(convert_to(to_char(day, 'YYYY-MM-DD'), 'UTF8'))
        || public.funds_part(convert_to(coalesce(first_id::text, ''), 'UTF8'))
        || public.funds_part(convert_to(coalesce(last_id::text, ''), 'UTF8'))
        || public.funds_part(convert_to(count::text, 'UTF8')) || public.funds_part(leaves))
$$;

-- Seals every day that is not sealed yet, from the first transfer's to this one; which they were.
CREATE FUNCTION funds_seal(upto date) RETURNS SETOF date
LANGUAGE plpgsql SECURITY DEFINER SET lock_timeout = '20s' SET search_path = public, pg_temp AS $$
DECLARE
    last public.funds_dailyseal;
    one date;
    found record;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'a day is not sealed in a transaction that does not see what others did'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'money_moves_as_others_see_it';
    END IF;
    IF upto >= (clock_timestamp() AT TIME ZONE 'Asia/Shanghai')::date THEN
        RAISE EXCEPTION 'a day is sealed when it has ended'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_day_is_sealed_when_it_has_ended';
    END IF;
    -- Whoever is posting ends before; whoever posts afterwards finds the day sealed.
    LOCK TABLE public.funds_transfer IN SHARE ROW EXCLUSIVE MODE;
    SELECT * INTO last FROM public.funds_dailyseal s ORDER BY s.day DESC LIMIT 1;
    one := coalesce(last.day + 1, (SELECT (min(t.at) AT TIME ZONE 'Asia/Shanghai')::date FROM public.funds_transfer t));
    WHILE one <= upto LOOP
        SELECT min(t.id) AS first_id, max(t.id) AS last_id, count(*) AS count,
               coalesce(string_agg(int8send(t.id) || public.funds_leaf(t), ''::bytea ORDER BY t.id), ''::bytea) AS leaves
        INTO found
        FROM public.funds_transfer t
        WHERE t.at >= one::timestamp AT TIME ZONE 'Asia/Shanghai'
          AND t.at < (one + 1)::timestamp AT TIME ZONE 'Asia/Shanghai';
        INSERT INTO public.funds_dailyseal (day, first_id, last_id, count, leaves, previous, digest, at)
        VALUES (one, found.first_id, found.last_id, found.count, found.leaves, coalesce(last.digest, ''::bytea),
                public.funds_seal_digest(coalesce(last.digest, ''::bytea), one, found.first_id, found.last_id,
                                         found.count, found.leaves), clock_timestamp())
        RETURNING * INTO last;
        RETURN NEXT one;
        one := one + 1;
    END LOOP;
END
$$;

CREATE FUNCTION funds_check_sealed() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM added a WHERE a.at < (
            SELECT (max(s.day) + 1)::timestamp AT TIME ZONE 'Asia/Shanghai' FROM public.funds_dailyseal s
        )
    ) THEN
        RAISE EXCEPTION 'the day is sealed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_sealed_day_takes_no_more';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER funds_check_sealed AFTER INSERT ON funds_transfer
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION funds_check_sealed();

CREATE TRIGGER funds_written_once BEFORE UPDATE OR DELETE OR TRUNCATE ON funds_dailyseal
FOR EACH STATEMENT EXECUTE FUNCTION funds_written_once();
"""

REMOVE = """
DROP TRIGGER funds_written_once ON funds_dailyseal;
DROP TRIGGER funds_check_sealed ON funds_transfer;
DROP FUNCTION funds_check_sealed();
DROP FUNCTION funds_seal(date);
DROP FUNCTION funds_seal_digest(bytea, date, bigint, bigint, bigint, bytea);
DROP FUNCTION funds_part(bytea);
DROP FUNCTION funds_leaf(funds_transfer);
"""
