"""A list by channel runs by the cases; the channel of each is read in an index."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("subsidies", "0008_claims_on_notice")]

    operations = [
        migrations.AddIndex(
            model_name="claim",
            index=models.Index(fields=["case"], include=("channel",), name="claim_by_case"),
        ),
    ]
