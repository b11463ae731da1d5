"""Honours and achievements of an assessment become bits; the run keeps what each stands for. What was assessed before is carried over."""
from django.db import migrations, models

# What was frozen stays as it was in content: the guards that keep it so stand aside for the change of form alone.
_ASIDE = "ALTER TABLE talent_registry_assessment DISABLE TRIGGER selection_change_assessment;"
_AGAIN = "ALTER TABLE talent_registry_assessment ENABLE TRIGGER selection_change_assessment;"

_TO_BITS = f"""
{_ASIDE}
UPDATE talent_registry_assessmentrun run SET codes = jsonb_build_object(
    'honours', (SELECT coalesce(jsonb_agg(code ORDER BY code), '[]') FROM (
        SELECT DISTINCT unnest(honours) COLLATE "C" AS code FROM talent_registry_assessment a WHERE a.run_id = run.id) AS found),
    'achievements', (SELECT coalesce(jsonb_agg(code ORDER BY code), '[]') FROM (
        SELECT DISTINCT unnest(achievements) COLLATE "C" AS code FROM talent_registry_assessment a WHERE a.run_id = run.id) AS found));
UPDATE talent_registry_assessment a SET
    honour_bits = coalesce((SELECT bit_or(1::bigint << (place - 1)::int) FROM jsonb_array_elements_text(run.codes -> 'honours')
        WITH ORDINALITY AS listed(code, place) WHERE code = ANY(a.honours)), 0),
    achievement_bits = coalesce((SELECT bit_or(1::bigint << (place - 1)::int) FROM jsonb_array_elements_text(run.codes -> 'achievements')
        WITH ORDINALITY AS listed(code, place) WHERE code = ANY(a.achievements)), 0)
FROM talent_registry_assessmentrun run WHERE run.id = a.run_id;
SET CONSTRAINTS ALL IMMEDIATE;
{_AGAIN}
"""
_TO_LISTS = f"""
{_ASIDE}
UPDATE talent_registry_assessment a SET
    honours = ARRAY(SELECT code FROM jsonb_array_elements_text(run.codes -> 'honours') WITH ORDINALITY AS listed(code, place)
        WHERE a.honour_bits >> (place - 1)::int & 1 = 1 ORDER BY place),
    achievements = ARRAY(SELECT code FROM jsonb_array_elements_text(run.codes -> 'achievements') WITH ORDINALITY AS listed(code, place)
        WHERE a.achievement_bits >> (place - 1)::int & 1 = 1 ORDER BY place)
FROM talent_registry_assessmentrun run WHERE run.id = a.run_id;
SET CONSTRAINTS ALL IMMEDIATE;
{_AGAIN}
"""


class Migration(migrations.Migration):
    dependencies = [("talent_registry", "0008_notice_days_from_the_law")]
    operations = [
        migrations.AddField(
            "assessmentrun", "codes", models.JSONField(default=dict, verbose_name="代码"), preserve_default=False
        ),
        migrations.AddField("assessment", "honour_bits", models.BigIntegerField(default=0, verbose_name="荣誉")),
        migrations.AddField("assessment", "achievement_bits", models.BigIntegerField(default=0, verbose_name="业绩和贡献")),
        migrations.RunSQL(_TO_BITS, _TO_LISTS),
        migrations.RemoveField("assessment", "honours"),
        migrations.RemoveField("assessment", "achievements"),
        migrations.RemoveIndex("assessment", "assessment_by_score"),
        migrations.AddIndex(
            "assessment",
            models.Index(fields=["round", "place", "id"], condition=models.Q(place__isnull=False), name="assessment_best_first"),
        ),
    ]
