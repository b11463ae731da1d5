"""One occupation in several spellings is one: blanks, width, the kind of brackets and a level behind the name do not
distinguish certificates and earlier subsidies any more.

What was written down twice before stays. The later one is counted in `twin`, and whoever supervises the register finds
it among the improbable records, to say which of both is right.
"""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

import portal.workforce.models.base

LEVEL_BEHIND = (
    r"(.)\(([一二三四五1-5]级/?)?((初|中|高)级工?|(高级|特级|首席)?技师|学徒工?)?(/?[一二三四五1-5]级)?\)$"
)
FOLDED = f"""
CREATE FUNCTION workforce_occupation_folded(name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT regexp_replace(
        lower(regexp_replace(translate(normalize(name, NFKC), '[{{〔【〖〘]}}〕】〗〙', '(((((())))))'), '\\s', '', 'g')),
        '{LEVEL_BEHIND}', '\\1'
    )
$$
"""


def count_twins(table: str, columns: str) -> str:
    """Of one thing in several spellings the first written down keeps its place."""
    return f"""
UPDATE {table} r SET twin = t.place - 1
FROM (
    SELECT id, row_number() OVER (
        PARTITION BY {columns.format(folded="workforce_occupation_folded(occupation)")} ORDER BY id
    ) AS place
    FROM {table}
) t
WHERE t.id = r.id AND t.place > 1
"""  # noqa: S608


def note_twins(table: str, kind: str, what: str) -> str:
    """Told to whoever supervises the register: which of both is right nobody can tell from the records."""
    return f"""
INSERT INTO workforce_improbablerecord
    (worker_id, kind, record_id, rule, rule_version, words, reason, recorded_at)
SELECT worker_id, '{kind}', id, '{kind}.spelled-twice', 1,
       '{what}“' || occupation || '”与另一条记录是同一职业（工种）的不同写法', '升级时比对发现，登记时没有情况说明', now()
FROM {table} WHERE twin > 0
"""  # noqa: S608


TWIN_CREDENTIALS = count_twins("workforce_skillcredential", "worker_id, {folded}, level, number")
TWIN_CLAIMS = count_twins("workforce_benefitclaim", "worker_id, kind, {folded}, level")
NOTE_CREDENTIALS = note_twins("workforce_skillcredential", "credential", "证书的")
NOTE_CLAIMS = note_twins("workforce_benefitclaim", "claim", "以往补贴的")
# Lists that are in force are compared by what they were folded to.
SCARCE = """
UPDATE workforce_scarceoccupation l SET folded = workforce_occupation_folded(l.occupation)
WHERE l.folded <> workforce_occupation_folded(l.occupation) AND NOT EXISTS (
    SELECT FROM workforce_scarceoccupation o
    WHERE (o.region_id, o.since) = (l.region_id, l.since) AND o.id <> l.id
      AND workforce_occupation_folded(o.occupation) = workforce_occupation_folded(l.occupation)
)
"""
CATALOGUE = """
UPDATE workforce_occupation l SET folded = workforce_occupation_folded(l.name)
WHERE l.folded <> workforce_occupation_folded(l.name) AND NOT EXISTS (
    SELECT FROM workforce_occupation o
    WHERE (o.code, o.since) = (l.code, l.since) AND o.id <> l.id
      AND workforce_occupation_folded(o.name) = workforce_occupation_folded(l.name)
)
"""


class Migration(migrations.Migration):
    dependencies = [("workforce", "0016_occupations")]

    operations = [
        migrations.RunSQL([(FOLDED, None)], "DROP FUNCTION workforce_occupation_folded(text)"),
        pgtrigger.migrations.RemoveTrigger(
            model_name='benefitclaim',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='skillcredential',
            name='update_update',
        ),
        migrations.RemoveConstraint(
            model_name='benefitclaim',
            name='one_claim_of_a_level',
        ),
        migrations.RemoveConstraint(
            model_name='skillcredential',
            name='one_record_of_a_certificate',
        ),
        migrations.AddField(
            model_name='benefitclaim',
            name='twin',
            field=models.PositiveSmallIntegerField(db_default=0, default=0, editable=False),
        ),
        migrations.AddField(
            model_name='skillcredential',
            name='twin',
            field=models.PositiveSmallIntegerField(db_default=0, default=0, editable=False),
        ),
        migrations.RunSQL(
            [(TWIN_CREDENTIALS, None), (TWIN_CLAIMS, None), (NOTE_CREDENTIALS, None), (NOTE_CLAIMS, None)],
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL([(SCARCE, None), (CATALOGUE, None)], migrations.RunSQL.noop),
        # Rows just changed have events to come, which a change of the table would stumble over.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        pgtrigger.migrations.AddTrigger(
            model_name='benefitclaim',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "workforce_benefitclaimevent" ("certificate_number", "claimed_on", "id", "kind", "level", "occupation", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recorded_at", "recorded_by_id", "source", "worker_id") SELECT old_values."certificate_number", old_values."claimed_on", old_values."id", old_values."kind", old_values."level", old_values."occupation", _pgh_attached_context.value, NOW(), \'update\', old_values."id", old_values."recorded_at", old_values."recorded_by_id", old_values."source", old_values."worker_id" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."certificate_number" IS DISTINCT FROM (new_values."certificate_number") OR old_values."claimed_on" IS DISTINCT FROM (new_values."claimed_on") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."kind" IS DISTINCT FROM (new_values."kind") OR old_values."level" IS DISTINCT FROM (new_values."level") OR old_values."occupation" IS DISTINCT FROM (new_values."occupation") OR old_values."recorded_at" IS DISTINCT FROM (new_values."recorded_at") OR old_values."recorded_by_id" IS DISTINCT FROM (new_values."recorded_by_id") OR old_values."source" IS DISTINCT FROM (new_values."source") OR old_values."worker_id" IS DISTINCT FROM (new_values."worker_id")) ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='6c2f779d963704db41ea04fb1d700caf50565aa8', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_21cde', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='workforce_benefitclaim', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='skillcredential',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "workforce_skillcredentialevent" ("id", "issued_on", "level", "number", "occupation", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recorded_at", "recorded_by_id", "source", "verification", "verified_at", "verified_by_id", "verified_from", "verified_how", "worker_id") SELECT old_values."id", old_values."issued_on", old_values."level", old_values."number", old_values."occupation", _pgh_attached_context.value, NOW(), \'update\', old_values."id", old_values."recorded_at", old_values."recorded_by_id", old_values."source", old_values."verification", old_values."verified_at", old_values."verified_by_id", old_values."verified_from", old_values."verified_how", old_values."worker_id" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."issued_on" IS DISTINCT FROM (new_values."issued_on") OR old_values."level" IS DISTINCT FROM (new_values."level") OR old_values."number" IS DISTINCT FROM (new_values."number") OR old_values."occupation" IS DISTINCT FROM (new_values."occupation") OR old_values."recorded_at" IS DISTINCT FROM (new_values."recorded_at") OR old_values."recorded_by_id" IS DISTINCT FROM (new_values."recorded_by_id") OR old_values."source" IS DISTINCT FROM (new_values."source") OR old_values."verification" IS DISTINCT FROM (new_values."verification") OR old_values."verified_at" IS DISTINCT FROM (new_values."verified_at") OR old_values."verified_by_id" IS DISTINCT FROM (new_values."verified_by_id") OR old_values."verified_from" IS DISTINCT FROM (new_values."verified_from") OR old_values."verified_how" IS DISTINCT FROM (new_values."verified_how") OR old_values."worker_id" IS DISTINCT FROM (new_values."worker_id")) ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='d9e37711223c48b512bc85a2a235f73e111ded76', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_cc5c7', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='workforce_skillcredential', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='benefitclaim',
            constraint=models.UniqueConstraint(models.F('worker'), models.F('kind'), portal.workforce.models.base.FoldedOccupation('occupation'), models.F('level'), models.F('twin'), name='one_claim_of_a_level', violation_error_message='该补贴已登记。'),
        ),
        migrations.AddConstraint(
            model_name='skillcredential',
            constraint=models.UniqueConstraint(models.F('worker'), portal.workforce.models.base.FoldedOccupation('occupation'), models.F('level'), models.F('number'), models.F('twin'), name='one_record_of_a_certificate', violation_error_message='该证书已登记。'),
        ),
    ]
