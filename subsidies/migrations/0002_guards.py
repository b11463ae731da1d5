"""What the database holds about claims and what they keep taken."""

from django.db import migrations

from subsidies import guards


class Migration(migrations.Migration):
    dependencies = [("subsidies", "0001_initial"), ("cases", "0001_initial"), ("policy", "0001_initial")]

    operations = [migrations.RunSQL(guards.INSTALL, guards.REMOVE)]
