from django.db import migrations

from talent_registry.guards import INSTALL, REMOVE


class Migration(migrations.Migration):
    dependencies = [("talent_registry", "0001_initial"), ("cases", "0002_guards")]
    operations = [migrations.RunSQL(INSTALL, REMOVE)]
