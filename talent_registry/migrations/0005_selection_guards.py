from django.db import migrations

from talent_registry.selection.guards import INSTALL, REMOVE


class Migration(migrations.Migration):
    dependencies = [("talent_registry", "0004_selection")]
    operations = [migrations.RunSQL(INSTALL, REMOVE)]
