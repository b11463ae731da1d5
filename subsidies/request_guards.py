"""What the database itself holds about requests to look again at a decision, since they may be taken back.

- A request is answered once or taken back once, and stays.
- What was taken back stands in nobody's way: the decision stands as before, and may be asked about anew.
"""

from subsidies import adverse_guards

INSTALL = """
CREATE OR REPLACE FUNCTION subsidies_check_against(claimed bigint, in_state text, numbered text) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    -- What is decided in a state, and the duty of whoever decides it.
    decided text := CASE WHEN in_state IN ('refusing', 'refused') THEN 'refusal'
                         WHEN in_state IN ('rejecting', 'rejected') THEN 'rejection'
                         WHEN in_state IN ('annulling', 'annulled') THEN 'annulment' END;
    needed text := CASE decided WHEN 'refusal' THEN 'accept' WHEN 'rejection' THEN 'approve' ELSE 'annul' END;
BEGIN
    IF in_state IN ('refusing', 'rejecting', 'annulling') <> EXISTS (
        SELECT FROM public.subsidies_adversedecision d WHERE d.claim_id = claimed AND d.state = 'proposed'
    ) OR EXISTS (
        SELECT FROM public.subsidies_adversedecision d
        WHERE d.claim_id = claimed AND d.state = 'proposed' AND d.what IS DISTINCT FROM decided
    ) THEN
        RAISE EXCEPTION 'claim %: % and what waits for a signature do not agree', numbered, in_state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_decision_waits_with_its_claim';
    END IF;
    IF in_state IN ('refused', 'rejected', 'annulled') AND NOT EXISTS (
        SELECT FROM public.subsidies_adversedecision d
        JOIN public.cases_caseduty one
            ON one.case_id = claimed AND one.duty = needed AND one.person_id = d.decided_by_id
        JOIN public.cases_caseduty other
            ON other.case_id = claimed AND other.duty = 'countersign' AND other.person_id = d.signed_by_id
        WHERE d.claim_id = claimed AND d.state = 'signed' AND d.what = decided
          AND NOT EXISTS (SELECT FROM public.subsidies_reconsideration r
                          WHERE r.decision_id = d.id AND r.withdrawn_on IS NULL)
    ) THEN
        RAISE EXCEPTION 'claim %: no two have signed that it is %', numbered, in_state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_decision_against_is_signed_by_two';
    END IF;
    IF in_state = 'upheld' AND NOT EXISTS (
        SELECT FROM public.subsidies_reconsideration r
        JOIN public.subsidies_adversedecision d ON d.id = r.decision_id
        JOIN public.cases_caseduty u
            ON u.case_id = claimed AND u.duty = 'reconsider' AND u.person_id = r.found_by_id
        WHERE d.claim_id = claimed AND r.finding = 'upheld'
    ) OR (in_state = 'reconsidering') <> EXISTS (
        SELECT FROM public.subsidies_reconsideration r
        JOIN public.subsidies_adversedecision d ON d.id = r.decision_id
        WHERE d.claim_id = claimed AND r.finding = '' AND r.withdrawn_on IS NULL
    ) OR EXISTS (
        SELECT FROM public.subsidies_reconsideration r
        JOIN public.subsidies_adversedecision d ON d.id = r.decision_id
        WHERE d.claim_id = claimed AND r.finding <> '' AND NOT EXISTS (
            SELECT FROM public.cases_caseduty u
            WHERE u.case_id = claimed AND u.duty = 'reconsider' AND u.person_id = r.found_by_id)
    ) THEN
        RAISE EXCEPTION 'claim %: % and the second look at it do not agree', numbered, in_state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_second_look_goes_with_its_claim';
    END IF;
END
$$;

CREATE OR REPLACE FUNCTION subsidies_keep_second_look() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    answering text[] := '{finding,reasons,found_by_id,found_on,letter_id,withdrawn_by_id,withdrawn_on}';
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.finding <> '' OR NEW.withdrawn_on IS NOT NULL OR NOT EXISTS (
            SELECT FROM public.subsidies_adversedecision d WHERE d.id = NEW.decision_id AND d.state = 'signed'
        ) THEN
            RAISE EXCEPTION 'a second look is asked first, at what is in force'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'a_second_look_is_asked_first';
        END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE' OR OLD.letter_id IS NOT NULL OR OLD.withdrawn_on IS NOT NULL
       OR to_jsonb(NEW) - answering <> to_jsonb(OLD) - answering
       OR (OLD.finding <> '' AND (OLD.finding, OLD.reasons, OLD.found_by_id, OLD.found_on)
           IS DISTINCT FROM (NEW.finding, NEW.reasons, NEW.found_by_id, NEW.found_on)) THEN
        RAISE EXCEPTION 'a second look is answered or taken back once, and stays'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'a_second_look_is_kept';
    END IF;
    RETURN NEW;
END
$$;
"""


def _as_before(name: str) -> str:
    """The function as the migration before had it."""
    begin = adverse_guards.EXTEND.index(f"CREATE FUNCTION {name}")
    end = adverse_guards.EXTEND.index("$$;", begin) + len("$$;\n")
    return adverse_guards.EXTEND[begin:end].replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")


REMOVE = _as_before("subsidies_check_against") + _as_before("subsidies_keep_second_look")
