from django.db import migrations

from portal.audit.chain import INSTALL, REMOVE


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunSQL(INSTALL, REMOVE)]
