"""Facts that follow from a decision of this portal are written by it, not by a person.

The history keeps who stood there before; going back therefore has nothing to do.
"""

from django.db import migrations

TAKE_THE_AUTHOR_OUT = """
UPDATE workforce_attestedfact SET recorded_by_id = NULL
WHERE code = 'leading_talent' AND recorded_by_id IS NOT NULL
"""


class Migration(migrations.Migration):
    dependencies = [("workforce", "0003_scarce_occupations")]

    operations = [migrations.RunSQL(TAKE_THE_AUTHOR_OUT, migrations.RunSQL.noop)]
