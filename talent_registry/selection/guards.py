"""What the database itself holds about the annual selection, whatever code asks for it.

- What a round decides by (days, scheme, places, quotas) changes only while it is a draft. The experts may
  be given more time while they score, never less; the recommendations then end no earlier than before
  (EXTEND).
- The assessment of a round is written while it is open, assessed or recommended from, and stays from the
  ranking on.
- An assessment is of a round, a run of that round and a worker that exist; a worker who was assessed stays
  in the register.
- Scores an expert has handed in stay; so does a declared conflict.
- An entry by selection stands on a nomination that was selected, on the standing list of its round,
  confirmed by an approver.
"""

from talent_registry.guards import CHECK_ENTRY

INSTALL = """
CREATE FUNCTION selection_keep_round() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    state text;
BEGIN
    SELECT c.state INTO state FROM cases_case c WHERE c.id = OLD.case_id;
    IF state <> 'draft' AND (TG_OP = 'DELETE' OR to_jsonb(NEW) - '{standing_list_id,notice_id}'::text[]
                             IS DISTINCT FROM to_jsonb(OLD) - '{standing_list_id,notice_id}'::text[]) THEN
        RAISE EXCEPTION 'round %: what it decides by was fixed when it opened', OLD.year
            USING ERRCODE = 'check_violation', CONSTRAINT = 'round_is_fixed_once_open';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END
$$;
CREATE TRIGGER selection_keep_round BEFORE UPDATE OR DELETE ON talent_registry_selectionround
FOR EACH ROW EXECUTE FUNCTION selection_keep_round();

CREATE FUNCTION selection_keep_quota() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    state text;
BEGIN
    SELECT c.state INTO state FROM cases_case c WHERE c.id = CASE WHEN TG_OP = 'INSERT' THEN NEW.round_id ELSE OLD.round_id END;
    IF state <> 'draft' AND (TG_OP <> 'UPDATE' OR to_jsonb(NEW) - 'used' IS DISTINCT FROM to_jsonb(OLD) - 'used') THEN
        RAISE EXCEPTION 'quotas were fixed when the round opened'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'round_is_fixed_once_open';
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.used <> OLD.used AND state <> 'recommendation' THEN
        RAISE EXCEPTION 'places are taken and given back during the recommendation only'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'quota_is_used_in_its_time';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END
$$;
CREATE TRIGGER selection_keep_quota BEFORE INSERT OR UPDATE OR DELETE ON talent_registry_quota
FOR EACH ROW EXECUTE FUNCTION selection_keep_quota();

-- By statement, not by row: an assessment is written for everybody at once.
CREATE FUNCTION selection_keep_assessment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM (SELECT DISTINCT round_id FROM touched) t JOIN cases_case c ON c.id = t.round_id
        WHERE c.state NOT IN ('open', 'assessed', 'recommendation')
    ) THEN
        RAISE EXCEPTION 'the assessment of a ranked round stays as it is'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'assessment_is_kept';
    END IF;
    RETURN NULL;
END
$$;

-- One pass over what was written, planned each time: a plan for one row would not do for everybody's.
CREATE FUNCTION selection_check_assessment() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    stray bigint;
BEGIN
    EXECUTE $check$
        SELECT t.worker_id FROM touched t
        LEFT JOIN (
            SELECT r.id, r.round_id FROM talent_registry_assessmentrun r JOIN cases_case c ON c.id = r.round_id
            WHERE c.state IN ('open', 'assessed', 'recommendation')
        ) run ON run.id = t.run_id AND run.round_id = t.round_id
        LEFT JOIN workforce_worker w ON w.id = t.worker_id
        WHERE run.id IS NULL OR w.id IS NULL LIMIT 1
    $check$ INTO stray;
    IF stray IS NOT NULL THEN
        RAISE EXCEPTION 'an assessment is of a worker, by a run of its round, while this is open, assessed or recommended from'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'assessment_is_kept';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER selection_add_assessment AFTER INSERT ON talent_registry_assessment
REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION selection_check_assessment();

CREATE FUNCTION selection_keep_assessed_worker() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM talent_registry_assessment a WHERE a.worker_id = OLD.id) THEN
        RAISE EXCEPTION 'worker % was assessed in a selection', OLD.id
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'assessment_of_a_worker';
    END IF;
    RETURN OLD;
END
$$;
CREATE TRIGGER selection_keep_assessed_worker BEFORE DELETE ON workforce_worker
FOR EACH ROW EXECUTE FUNCTION selection_keep_assessed_worker();
CREATE TRIGGER selection_change_assessment AFTER UPDATE ON talent_registry_assessment
REFERENCING OLD TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION selection_keep_assessment();
CREATE TRIGGER selection_drop_assessment AFTER DELETE ON talent_registry_assessment
REFERENCING OLD TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION selection_keep_assessment();

CREATE FUNCTION selection_keep_scores() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.submitted_at IS NOT NULL OR OLD.conflict_at IS NOT NULL THEN
        RAISE EXCEPTION 'what an expert has handed in stays as it is'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'scores_are_kept';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END
$$;
CREATE TRIGGER selection_keep_scores BEFORE UPDATE OR DELETE ON talent_registry_panelassignment
FOR EACH ROW EXECUTE FUNCTION selection_keep_scores();

CREATE OR REPLACE FUNCTION registry_check_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.basis <> 'selection' AND NOT EXISTS (
        SELECT 1 FROM cases_case c
        JOIN talent_registry_inclusionproposal p
            ON p.case_id = c.id AND p.worker_id = NEW.worker_id AND p.honour_id = NEW.honour_id
        JOIN cases_caseduty d ON d.case_id = c.id AND d.duty = 'approve' AND d.person_id = NEW.confirmed_by_id
        WHERE c.id = NEW.case_id AND c.state = 'confirmed' AND c.worker_id = NEW.worker_id AND p.is_skilled_worker
    ) OR NEW.basis = 'selection' AND NOT EXISTS (
        SELECT 1 FROM talent_registry_nomination n
        JOIN talent_registry_selectionround r ON r.case_id = n.round_id AND r.case_id = NEW.selection_id
        JOIN cases_case c ON c.id = r.case_id AND c.state IN ('confirmed', 'published')
        JOIN talent_registry_listednominee l ON l.list_id = r.standing_list_id AND l.nomination_id = n.case_id AND l.selected
        JOIN cases_caseduty d ON d.case_id = r.case_id AND d.duty = 'approve' AND d.person_id = NEW.confirmed_by_id
        JOIN cases_case own ON own.id = n.case_id AND own.state = 'selected'
        WHERE n.case_id = NEW.case_id AND n.worker_id = NEW.worker_id
    ) THEN
        RAISE EXCEPTION 'entry %: no confirmed case stands behind it', NEW.number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_has_a_confirmed_case';
    END IF;
    IF NEW.status <> 'active' OR NEW.version <> 0 THEN
        RAISE EXCEPTION 'entry % begins active', NEW.number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_begins_active';
    END IF;
    RETURN NULL;
END
$$;
"""

REMOVE = (
    CHECK_ENTRY
    + """
DROP TRIGGER selection_keep_scores ON talent_registry_panelassignment;
DROP FUNCTION selection_keep_scores();
DROP TRIGGER selection_drop_assessment ON talent_registry_assessment;
DROP TRIGGER selection_change_assessment ON talent_registry_assessment;
DROP TRIGGER selection_add_assessment ON talent_registry_assessment;
DROP FUNCTION selection_keep_assessment();
DROP FUNCTION selection_check_assessment();
DROP TRIGGER selection_keep_assessed_worker ON workforce_worker;
DROP FUNCTION selection_keep_assessed_worker();
DROP TRIGGER selection_keep_quota ON talent_registry_quota;
DROP FUNCTION selection_keep_quota();
DROP TRIGGER selection_keep_round ON talent_registry_selectionround;
DROP FUNCTION selection_keep_round();
"""
)

# In place of the function of the same name in INSTALL.
EXTEND = """
CREATE OR REPLACE FUNCTION selection_keep_round() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    state text;
    changing text[] := '{standing_list_id,notice_id}';
BEGIN
    SELECT c.state INTO state FROM cases_case c WHERE c.id = OLD.case_id;
    IF TG_OP = 'UPDATE' AND state IN ('open', 'assessed')
       AND NEW.panel_until >= OLD.panel_until AND NEW.recommend_until >= OLD.recommend_until THEN
        changing := changing || '{panel_until,recommend_until}'::text[];
    END IF;
    IF state <> 'draft' AND (TG_OP = 'DELETE' OR to_jsonb(NEW) - changing IS DISTINCT FROM to_jsonb(OLD) - changing) THEN
        RAISE EXCEPTION 'round %: what it decides by was fixed when it opened', OLD.year
            USING ERRCODE = 'check_violation', CONSTRAINT = 'round_is_fixed_once_open';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END
$$;
"""
NO_EXTENSION = INSTALL[: INSTALL.index("CREATE TRIGGER selection_keep_round")].replace(
    "CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"
)
