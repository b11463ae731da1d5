"""What the database itself holds about claims, whatever code asks for it.

- A key is taken for the record that stands for a person, and for no other record of theirs is the same one held; it is
  freed once, changes in nothing else and is never deleted.
- At the commit a claim under way holds its certificate, level and place, and one that came to nothing holds nothing.
- At the commit an approved claim has the amount of a favourable determination about its certificate, made for the day
  of the first hand-in, an approver, and is the record of an earlier claim; no other claim has an amount.
"""

_KEYS = """
CREATE FUNCTION subsidies_take_key() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.freed_at IS NOT NULL OR EXISTS (
        SELECT FROM public.workforce_mergedperson m WHERE m.source_id = NEW.person_id
    ) THEN
        RAISE EXCEPTION 'a key is taken for whoever stands for the person'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_key_names_who_stands';
    END IF;
    -- Two records of one person are one: whoever takes a key for them waits for the other.
    PERFORM FROM public.workforce_worker w WHERE w.id = NEW.person_id FOR NO KEY UPDATE;
    IF EXISTS (
        SELECT FROM public.subsidies_claimkey k
        JOIN public.workforce_mergedperson m ON m.source_id = k.person_id AND m.target_id = NEW.person_id
        WHERE k.kind = NEW.kind AND k.freed_at IS NULL AND k.certificate = NEW.certificate
          AND k.occupation = NEW.occupation AND k.level IS NOT DISTINCT FROM NEW.level
          AND k.fund = NEW.fund AND k.year = NEW.year AND k.place = NEW.place
    ) THEN
        RAISE EXCEPTION 'taken under another record of the person' USING ERRCODE = 'unique_violation', CONSTRAINT =
            CASE NEW.kind WHEN 'certificate' THEN 'a_certificate_is_claimed_once'
                          WHEN 'level' THEN 'a_level_is_claimed_once' ELSE 'a_place_is_taken_once' END;
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER subsidies_take_key BEFORE INSERT ON subsidies_claimkey
FOR EACH ROW EXECUTE FUNCTION subsidies_take_key();

CREATE FUNCTION subsidies_keep_key() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.freed_at IS NOT NULL OR NEW.freed_at IS NULL
       OR to_jsonb(NEW) - 'freed_at' IS DISTINCT FROM to_jsonb(OLD) - 'freed_at' THEN
        RAISE EXCEPTION 'a key is freed once, and stays'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'a_key_is_kept';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER subsidies_keep_key BEFORE UPDATE OR DELETE ON subsidies_claimkey
FOR EACH ROW EXECUTE FUNCTION subsidies_keep_key();
"""

CHECK_CLAIM = """
CREATE FUNCTION subsidies_check_claim(claimed bigint) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    c record;
    held integer;
BEGIN
    SELECT a.id, a.state, a.number, p.worker_id, p.credential_id, p.handed_in_on, p.decision_id, p.amount, p.record_id
    INTO c FROM public.cases_case a JOIN public.subsidies_claim p ON p.case_id = a.id WHERE a.id = claimed;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    SELECT count(*) INTO held FROM public.subsidies_claimkey k WHERE k.claim_id = claimed AND k.freed_at IS NULL;
    IF held <> (CASE WHEN c.state IN ('draft', 'withdrawn', 'refused', 'rejected') THEN 0 ELSE 3 END) THEN
        RAISE EXCEPTION 'claim %: % holds % keys', c.number, c.state, held
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_claim_under_way_holds_its_keys';
    END IF;
    IF (c.state = 'approved') <> (c.amount IS NOT NULL) OR (c.amount IS NULL) <> (c.record_id IS NULL) THEN
        RAISE EXCEPTION 'claim %: an amount goes with its approval and its record', c.number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'an_approved_claim_has_its_amount';
    END IF;
    IF c.state = 'approved' AND NOT EXISTS (
        SELECT FROM public.policy_determination d
        JOIN public.cases_caseduty u ON u.case_id = c.id AND u.duty = 'approve'
        JOIN public.workforce_benefitclaim r ON r.id = c.record_id AND r.worker_id = c.worker_id
        WHERE d.id = c.decision_id AND d.outcome = 'eligible' AND d.amount = c.amount
          AND d.subject_type = 'certificate' AND d.subject_id = c.credential_id AND d."on" = c.handed_in_on
    ) THEN
        RAISE EXCEPTION 'claim %: no decision stands behind its amount', c.number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'an_approved_claim_rests_on_a_decision';
    END IF;
END
$$;
"""
KEEP_CLAIM = """
CREATE FUNCTION subsidies_keep_claim() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' OR (OLD.case_id, OLD.worker_id, OLD.channel, OLD.fund)
        IS DISTINCT FROM (NEW.case_id, NEW.worker_id, NEW.channel, NEW.fund)
       OR (OLD.handed_in_on IS NOT NULL AND (
           (OLD.handed_in_on, OLD.handed_in_at, OLD.credential_id, OLD.determination_id, OLD.course_id)
           IS DISTINCT FROM
           (NEW.handed_in_on, NEW.handed_in_at, NEW.credential_id, NEW.determination_id, NEW.course_id)))
       OR (OLD.amount IS NOT NULL AND NEW.amount IS DISTINCT FROM OLD.amount) THEN
        RAISE EXCEPTION 'what was handed in stays as it was handed in'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'a_claim_is_kept';
    END IF;
    RETURN NEW;
END
$$;
"""
_CLAIMS = """
CREATE FUNCTION subsidies_check_case() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM public.subsidies_check_claim(NEW.id);
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER subsidies_check_case AFTER INSERT OR UPDATE OF state ON cases_case
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.kind IN ('subsidies.skill-upgrade', 'subsidies.technician'))
EXECUTE FUNCTION subsidies_check_case();

CREATE FUNCTION subsidies_check_details() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM public.subsidies_check_claim(NEW.case_id);
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER subsidies_check_details AFTER INSERT OR UPDATE ON subsidies_claim
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION subsidies_check_details();

CREATE FUNCTION subsidies_check_keys() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM public.subsidies_check_claim(NEW.claim_id);
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER subsidies_check_keys AFTER INSERT OR UPDATE ON subsidies_claimkey
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION subsidies_check_keys();
"""
_KEPT = """\
CREATE TRIGGER subsidies_keep_claim BEFORE UPDATE OR DELETE ON subsidies_claim
FOR EACH ROW EXECUTE FUNCTION subsidies_keep_claim();
"""

INSTALL = _KEYS + CHECK_CLAIM + _CLAIMS + KEEP_CLAIM + _KEPT
REMOVE = """
DROP TRIGGER subsidies_keep_claim ON subsidies_claim;
DROP TRIGGER subsidies_check_keys ON subsidies_claimkey;
DROP TRIGGER subsidies_check_details ON subsidies_claim;
DROP TRIGGER subsidies_check_case ON cases_case;
DROP TRIGGER subsidies_keep_key ON subsidies_claimkey;
DROP TRIGGER subsidies_take_key ON subsidies_claimkey;
DROP FUNCTION subsidies_keep_claim();
DROP FUNCTION subsidies_check_keys();
DROP FUNCTION subsidies_check_details();
DROP FUNCTION subsidies_check_case();
DROP FUNCTION subsidies_check_claim(bigint);
DROP FUNCTION subsidies_keep_key();
DROP FUNCTION subsidies_take_key();
"""
