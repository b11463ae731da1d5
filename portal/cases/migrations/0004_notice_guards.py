from django.db import migrations

from portal.cases.notice_guards import INSTALL, REMOVE


class Migration(migrations.Migration):
    dependencies = [("cases", "0003_notices")]
    operations = [migrations.RunSQL(INSTALL, REMOVE)]
