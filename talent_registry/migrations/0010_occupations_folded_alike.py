"""An occupation that was published with its level in brackets is the same as without."""

from django.db import migrations

from talent_registry import occupation_guards


class Migration(migrations.Migration):
    dependencies = [
        ("talent_registry", "0009_all_fields_corrected"),
        ("workforce", "0017_occupations_folded"),
    ]

    operations = [migrations.RunSQL(occupation_guards.INSTALL, occupation_guards.REMOVE)]
