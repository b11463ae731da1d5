"""An assessment keeps how many came to what; rows are of those who could be on a list."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("talent_registry", "0005_selection_facts")]

    operations = [
        migrations.AddField(
            "assessmentrun", "outcomes", models.JSONField(default=list, verbose_name="结论分布")
        ),
    ]
