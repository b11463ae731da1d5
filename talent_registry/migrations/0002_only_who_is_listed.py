"""Who was attested to be a leading talent without standing on the registry is none any more from today on.

A window could write that fact down until now. The record stays with its history; going back has nothing to do.
"""

from django.db import migrations

END_FACTS_WITHOUT_ENTRY = """
UPDATE workforce_attestedfact fact SET until = greatest(fact.since, current_date - 1)
WHERE fact.code = 'leading_talent' AND fact.until IS NULL
  AND NOT EXISTS (
      SELECT FROM talent_registry_registryentry entry WHERE entry.worker_id = fact.worker_id
  )
"""


class Migration(migrations.Migration):
    dependencies = [
        ("talent_registry", "0001_initial"),
        ("workforce", "0004_facts_of_the_portal"),
    ]

    operations = [migrations.RunSQL(END_FACTS_WITHOUT_ENTRY, migrations.RunSQL.noop)]
