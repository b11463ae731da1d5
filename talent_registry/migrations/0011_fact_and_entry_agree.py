"""Who is a leading talent in the facts stands on the registry, and who stands there is one in the facts.

Earlier a window could write that fact down, and end it. What was written down without an entry was ended before;
what was ended although the entry is in force begins again today, and what has no entry in force ends.
"""

from django.db import migrations

from talent_registry import attestation_guards

AGREE_FROM_TODAY = """
UPDATE workforce_attestedfact fact SET until = greatest(fact.since, current_date - 1)
WHERE fact.code = 'leading_talent' AND fact.until IS NULL
  AND (fact.value <> 'true'::jsonb OR NOT EXISTS (
      SELECT FROM talent_registry_registryentry entry
      WHERE entry.worker_id = fact.worker_id AND entry.status = 'active'
  ));

INSERT INTO workforce_attestedfact (worker_id, code, value, since, document, source, verification, recorded_at)
SELECT entry.worker_id, 'leading_talent', 'true', greatest(current_date, entry.included_on),
       '名录编号' || entry.number, '高技能领军人才名录', 'stated', now()
FROM talent_registry_registryentry entry
WHERE entry.status = 'active' AND NOT EXISTS (
    SELECT FROM workforce_attestedfact fact
    WHERE fact.worker_id = entry.worker_id AND fact.code = 'leading_talent' AND fact.until IS NULL
);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("talent_registry", "0010_occupations_folded_alike"),
        ("workforce", "0025_unmasking"),
    ]

    operations = [
        migrations.RunSQL(AGREE_FROM_TODAY, migrations.RunSQL.noop),
        migrations.RunSQL(attestation_guards.INSTALL, attestation_guards.REMOVE),
    ]
