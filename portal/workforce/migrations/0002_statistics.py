from django.db import migrations

from portal.workforce.roster.statistics import INSTALL, REMOVE


class Migration(migrations.Migration):
    dependencies = [("workforce", "0001_initial")]
    operations = [migrations.RunSQL(INSTALL, REMOVE)]
