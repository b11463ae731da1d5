"""What the database itself holds about duties: nobody combines two that exclude each other in a case, and nobody but an
applicant has one in their own.

The pairs of all cases are constants of a function, so that no row can take one away; `cases_dutypair` adds those of
a kind. Somebody is the same person under every account of theirs, where people were merged.
"""

INSTALL = """
-- The same pairs as portal.cases.duties.EXCLUDING_EACH_OTHER, in either order.
CREATE FUNCTION cases_duties_exclude(one text, other text) RETURNS boolean LANGUAGE sql IMMUTABLE
RETURN (one, other) IN (
        ('accept', 'approve'), ('review', 'approve'), ('second_review', 'approve'), ('review', 'second_review'),
        ('approve', 'pay'), ('payee_record', 'payee_confirm'), ('payee_confirm', 'send'), ('approve', 'annul'),
        ('approve', 'reconsider'), ('accept', 'reconsider'))
    OR (other, one) IN (
        ('accept', 'approve'), ('review', 'approve'), ('second_review', 'approve'), ('review', 'second_review'),
        ('approve', 'pay'), ('payee_record', 'payee_confirm'), ('payee_confirm', 'send'), ('approve', 'annul'),
        ('approve', 'reconsider'), ('accept', 'reconsider'));

-- All records of the person whose account this is, whatever role it holds.
CREATE FUNCTION cases_records_of(account bigint) RETURNS SETOF bigint
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    WITH person AS (
        SELECT coalesce(m.target_id, w.id) AS id
        FROM public.workforce_worker w LEFT JOIN public.workforce_mergedperson m ON m.source_id = w.id
        WHERE w.account_id = account
    )
    SELECT id FROM person
    UNION
    SELECT w.id FROM public.workforce_worker w WHERE w.account_id = account
    UNION
    SELECT m.source_id FROM person JOIN public.workforce_mergedperson m ON m.target_id = person.id
$$;

-- The account and the others of the same person.
CREATE FUNCTION cases_accounts_of(account bigint) RETURNS SETOF bigint
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT account
    UNION
    SELECT w.account_id FROM public.cases_records_of(account) AS own (id)
    JOIN public.workforce_worker w ON w.id = own.id WHERE w.account_id IS NOT NULL
$$;

-- All records of the units that named the person their agent.
CREATE FUNCTION cases_units_of(account bigint) RETURNS SETOF bigint
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    WITH named AS (
        SELECT a.employer_id AS id FROM public.workforce_employeragent a
        WHERE a.user_id IN (SELECT public.cases_accounts_of(account))
    ), unit AS (
        SELECT coalesce(m.target_id, named.id) AS id
        FROM named LEFT JOIN public.workforce_mergedemployer m ON m.source_id = named.id
    )
    SELECT id FROM named
    UNION
    SELECT id FROM unit
    UNION
    SELECT m.source_id FROM unit JOIN public.workforce_mergedemployer m ON m.target_id = unit.id
$$;

-- Which of these are somebody's own case, or that of their unit: the arrays name cases and people in pairs.
CREATE FUNCTION cases_own(cases bigint[], people bigint[]) RETURNS TABLE (case_id bigint, person_id bigint)
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    WITH person AS MATERIALIZED (
        SELECT DISTINCT id FROM unnest(people) AS listed (id)
    ), record AS MATERIALIZED (
        SELECT person.id AS person_id, own.id FROM person CROSS JOIN LATERAL public.cases_records_of(person.id) AS own (id)
    ), unit AS MATERIALIZED (
        SELECT person.id AS person_id, own.id FROM person CROSS JOIN LATERAL public.cases_units_of(person.id) AS own (id)
    )
    SELECT pair.case_id, pair.person_id
    FROM unnest(cases, people) AS pair (case_id, person_id)
    JOIN public.cases_case c ON c.id = pair.case_id
    WHERE EXISTS (SELECT FROM record WHERE record.person_id = pair.person_id AND record.id = c.worker_id)
       OR EXISTS (SELECT FROM unit WHERE unit.person_id = pair.person_id AND unit.id = c.employer_id)
$$;

CREATE FUNCTION cases_check_duties() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    clash record;
BEGIN
    -- What follows sees what others committed meanwhile; a transaction that reads as of its beginning does not.
    IF current_setting('transaction_isolation') = 'repeatable read' THEN
        RAISE EXCEPTION 'duties are not taken on in a transaction that does not see those of others'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'duties_exclude_each_other';
    END IF;
    -- Who takes on a duty in the same case at the same time waits here for the other.
    PERFORM FROM public.cases_case c WHERE c.id IN (SELECT case_id FROM added) ORDER BY c.id FOR NO KEY UPDATE OF c;

    WITH person AS MATERIALIZED (
        SELECT DISTINCT person_id AS id FROM added
    ), account AS MATERIALIZED (
        SELECT person.id AS person_id, own.id
        FROM person CROSS JOIN LATERAL public.cases_accounts_of(person.id) AS own (id)
    )
    SELECT c.number, a.duty, d.duty AS held INTO clash
    FROM added a
    JOIN account ON account.person_id = a.person_id
    JOIN public.cases_caseduty d ON d.case_id = a.case_id AND d.person_id = account.id AND d.duty <> a.duty
    JOIN public.cases_case c ON c.id = a.case_id
    WHERE public.cases_duties_exclude(a.duty, d.duty)
       OR EXISTS (SELECT FROM public.cases_dutypair p
                  WHERE p.kind = c.kind AND ((p.one, p.other) = (a.duty, d.duty) OR (p.other, p.one) = (a.duty, d.duty)))
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'case %: who holds % does not take on %', clash.number, clash.held, clash.duty
            USING ERRCODE = 'check_violation', CONSTRAINT = 'duties_exclude_each_other';
    END IF;

    SELECT own.case_id INTO clash
    FROM (SELECT array_agg(case_id) AS cases, array_agg(person_id) AS people FROM added
          WHERE duty NOT IN ('prepare', 'payee_record')) a
    CROSS JOIN LATERAL public.cases_own(a.cases, a.people) own
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'case with id %: nobody decides on what is their own', clash.case_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'nobody_decides_on_their_own';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER cases_check_duties AFTER INSERT ON cases_caseduty
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION cases_check_duties();
CREATE TRIGGER cases_check_changed_duties AFTER UPDATE ON cases_caseduty
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION cases_check_duties();
"""

REMOVE = """
DROP TRIGGER cases_check_changed_duties ON cases_caseduty;
DROP TRIGGER cases_check_duties ON cases_caseduty;
DROP FUNCTION cases_check_duties();
DROP FUNCTION cases_own(bigint[], bigint[]);
DROP FUNCTION cases_units_of(bigint);
DROP FUNCTION cases_accounts_of(bigint);
DROP FUNCTION cases_records_of(bigint);
DROP FUNCTION cases_duties_exclude(text, text);
"""

# The pairs of the second signature and of looking again.
_EXCLUDE = """
CREATE OR REPLACE FUNCTION cases_duties_exclude(one text, other text) RETURNS boolean LANGUAGE sql IMMUTABLE
RETURN (least(one, other), greatest(one, other)) IN ({pairs});
"""
_BEFORE = """
    ('accept', 'approve'), ('approve', 'review'), ('approve', 'second_review'), ('review', 'second_review'),
    ('approve', 'pay'), ('payee_confirm', 'payee_record'), ('payee_confirm', 'send'), ('annul', 'approve'),
    ('approve', 'reconsider'), ('accept', 'reconsider')"""
_SINCE = """,
    ('accept', 'countersign'), ('approve', 'countersign'), ('annul', 'countersign'), ('countersign', 'reconsider'),
    ('reconsider', 'review'), ('reconsider', 'second_review'), ('annul', 'reconsider')"""
COUNTERSIGNED = _EXCLUDE.format(pairs=_BEFORE + _SINCE)
NOT_COUNTERSIGNED = _EXCLUDE.format(pairs=_BEFORE)
# Whoever reviewed a case does not release its payment.
REVIEW_APART_FROM_PAY = _EXCLUDE.format(
    pairs=f"{_BEFORE}{_SINCE}, ('pay', 'review'), ('pay', 'second_review')"
)

# The cases of a set are looked up one by one: beside functions whose rows the planner can only guess, it read all cases
# there are for each set.
_OWN = """
CREATE OR REPLACE FUNCTION cases_own(cases bigint[], people bigint[]) RETURNS TABLE (case_id bigint, person_id bigint)
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    WITH person AS MATERIALIZED (
        SELECT DISTINCT id FROM unnest(people) AS listed (id)
    ), record AS MATERIALIZED (
        SELECT person.id AS person_id, own.id FROM person CROSS JOIN LATERAL public.cases_records_of(person.id) AS own (id)
    ), unit AS MATERIALIZED (
        SELECT person.id AS person_id, own.id FROM person CROSS JOIN LATERAL public.cases_units_of(person.id) AS own (id)
    )
    SELECT pair.case_id, pair.person_id
    FROM unnest(cases, people) AS pair (case_id, person_id)
    {joined}
    WHERE EXISTS (SELECT FROM record WHERE record.person_id = pair.person_id AND record.id = c.worker_id)
       OR EXISTS (SELECT FROM unit WHERE unit.person_id = pair.person_id AND unit.id = c.employer_id)
$$;
"""
OWN_BY_KEY = _OWN.format(
    joined="""CROSS JOIN LATERAL (
        SELECT found.worker_id, found.employer_id FROM public.cases_case found WHERE found.id = pair.case_id LIMIT 1
    ) AS c"""
)
OWN_BEFORE = _OWN.format(joined="JOIN public.cases_case c ON c.id = pair.case_id")
