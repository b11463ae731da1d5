"""What the database holds about a proposal, also of one for a training: its claim is about the very same thing."""

from subsidies.by_unit.guards import INSTALL as _FIRST

INSTALL = """
CREATE OR REPLACE FUNCTION subsidies_check_proposal(proposed bigint) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    p record;
BEGIN
    SELECT a.id, a.number, a.state, a.worker_id AS of_case, o.worker_id, o.credential_id, o.training_id, o.claim_id, o.lapsed,
           coalesce(m.target_id, o.worker_id) AS person
    INTO p FROM public.cases_case a JOIN public.subsidies_proposal o ON o.case_id = a.id
    LEFT JOIN public.workforce_mergedperson m ON m.source_id = o.worker_id WHERE a.id = proposed;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    IF (p.state = 'consented') <> (p.claim_id IS NOT NULL) OR (p.state = 'lapsed') <> p.lapsed OR p.of_case <> p.worker_id THEN
        RAISE EXCEPTION 'proposal %: % does not go with its claim', p.number, p.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_proposal_becomes_a_claim_by_consent';
    END IF;
    IF p.claim_id IS NULL THEN
        RETURN;
    END IF;
    IF NOT EXISTS (
        SELECT FROM public.subsidies_claim c LEFT JOIN public.workforce_mergedperson m ON m.source_id = c.worker_id
        WHERE c.case_id = p.claim_id AND c.credential_id IS NOT DISTINCT FROM p.credential_id
          AND c.training_id IS NOT DISTINCT FROM p.training_id
          AND coalesce(m.target_id, c.worker_id) = p.person
    ) THEN
        RAISE EXCEPTION 'proposal %: its claim is about something else', p.number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'the_claim_is_what_was_proposed';
    END IF;
    IF NOT EXISTS (
        SELECT FROM public.cases_caseevent e
        JOIN public.workforce_worker w ON w.account_id = e.by_id
        LEFT JOIN public.workforce_mergedperson m ON m.source_id = w.id
        WHERE e.case_id = p.id AND e.action = 'consent' AND coalesce(m.target_id, w.id) = p.person
    ) AND NOT EXISTS (
        SELECT FROM public.cases_evidence f WHERE f.case_id = p.id AND f.removed_at IS NULL
    ) THEN
        RAISE EXCEPTION 'proposal %: the person has not agreed, and there is no paper', p.number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'the_person_agreed';
    END IF;
END
$$;
"""
# As it was before.
_BEGINS, _ENDS = (
    _FIRST.index(f"CREATE FUNCTION subsidies_{name}(") for name in ("check_proposal", "check_proposed_case")
)
REMOVE = _FIRST[_BEGINS:_ENDS].replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
