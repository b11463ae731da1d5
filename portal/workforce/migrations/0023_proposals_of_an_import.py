"""A proposed change says which import of a roster it comes from, and rows that only propose are counted as such."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

# Before there was a count of their own they were counted as changed.
COUNTED_AS_CHANGED = "UPDATE workforce_rosterimport SET changed = changed + proposed WHERE proposed > 0"


class Migration(migrations.Migration):
    dependencies = [("workforce", "0022_history_by_moment")]

    operations = [
        migrations.AddField(
            "recordchange",
            "roster_import",
            models.ForeignKey(
                "workforce.rosterimport",
                django.db.models.deletion.PROTECT,
                null=True,
                related_name="proposals",
                verbose_name="花名册",
            ),
        ),
        migrations.AddField(
            "rosterimport",
            "proposed",
            models.PositiveIntegerField("待确认", default=0, db_default=0),
        ),
        migrations.RemoveConstraint("rosterimport", "roster_rows_add_up"),
        migrations.RunSQL(migrations.RunSQL.noop, COUNTED_AS_CHANGED),
        migrations.AddConstraint(
            "rosterimport",
            models.CheckConstraint(
                condition=Q(
                    rows_read=F("added") + F("changed") + F("proposed") + F("unchanged") + F("refused"),
                    held__lte=F("refused"),
                ),
                name="roster_rows_add_up",
            ),
        ),
    ]
