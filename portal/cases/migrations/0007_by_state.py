"""Few of a state among many cases are found by an index, closed ones too."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("cases", "0006_second_signatures")]

    operations = [
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["kind", "state", "-opened_on", "-id"], name="case_by_state"),
        ),
    ]
