"""Whether a case is somebody's own is asked of the cases of the set alone."""

from django.db import migrations

from portal.cases import duty_guards


class Migration(migrations.Migration):
    dependencies = [("cases", "0007_by_state")]

    operations = [migrations.RunSQL(duty_guards.OWN_BY_KEY, duty_guards.OWN_BEFORE)]
