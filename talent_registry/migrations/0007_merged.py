"""What is published of merged people and units is compared with the record that stands for them."""

from django.db import migrations

from talent_registry import merged_guards


class Migration(migrations.Migration):
    dependencies = [
        ("talent_registry", "0006_outcomes_in_numbers"),
        ("workforce", "0012_pointers"),
    ]

    operations = [migrations.RunSQL(merged_guards.INSTALL, merged_guards.REMOVE)]
