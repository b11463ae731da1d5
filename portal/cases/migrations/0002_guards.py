from django.db import migrations

from portal.cases.guards import INSTALL, REMOVE


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial")]
    operations = [migrations.RunSQL(INSTALL, REMOVE)]
