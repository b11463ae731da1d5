from django.db import migrations

from talent_registry.selection.guards import EXTEND, NO_EXTENSION


class Migration(migrations.Migration):
    """The panel's last day may be put off while the round is open or assessed."""

    dependencies = [("talent_registry", "0005_selection_guards")]
    operations = [migrations.RunSQL(EXTEND, NO_EXTENSION)]
