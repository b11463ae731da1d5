"""A published unit is compared with the register by its folded name."""

from django.db import migrations

from talent_registry import folded_guards


class Migration(migrations.Migration):
    dependencies = [
        ("talent_registry", "0007_merged"),
        ("workforce", "0010_folded_in_less_time"),
    ]

    operations = [migrations.RunSQL(folded_guards.INSTALL, folded_guards.REMOVE)]
