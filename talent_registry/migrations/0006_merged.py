"""What is published of merged people and units is compared with the record that stands for them."""

from django.db import migrations

from talent_registry import merged_guards


class Migration(migrations.Migration):
    dependencies = [
        ("talent_registry", "0005_selection_facts"),
        ("workforce", "0012_pointers"),
    ]

    operations = [migrations.RunSQL(merged_guards.INSTALL, merged_guards.REMOVE)]
