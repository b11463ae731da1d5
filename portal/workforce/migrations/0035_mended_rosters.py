"""Refused rows that were put right on a page are an import of their own, which says whose rows they were."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("workforce", "0034_undone_rosters")]

    operations = [
        migrations.AddField(
            "rosterimport",
            "mends",
            models.ForeignKey(
                "workforce.rosterimport",
                django.db.models.deletion.SET_NULL,
                null=True,
                related_name="mended_by",
                verbose_name="更正的导入",
            ),
        ),
        migrations.AddField(
            "rosterimport",
            "mended",
            models.JSONField(
                "已更正的行", default=list, db_default=models.Value([], models.JSONField())
            ),
        ),
    ]
