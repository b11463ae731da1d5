from django.db import migrations

from portal.letters.guards import INSTALL, REMOVE


class Migration(migrations.Migration):
    dependencies = [("letters", "0001_initial")]
    operations = [migrations.RunSQL(INSTALL, REMOVE)]
