"""The kind and state of an open case beside the keys of two indexes: what waits for somebody is counted without the table."""
from django.db import migrations, models

OPEN = models.Q(("closed_at", None))


class Migration(migrations.Migration):
    dependencies = [("cases", "0004_notice_guards")]
    operations = [
        migrations.RemoveIndex("case", "case_open_by_league"),
        migrations.RemoveIndex("case", "case_open_by_region"),
        migrations.AddIndex(
            "case",
            models.Index(
                condition=OPEN, fields=["league_code", "due_sort", "id"], include=["stopped_on", "kind", "state"],
                name="case_open_by_league",
            ),
        ),
        migrations.AddIndex(
            "case",
            models.Index(
                condition=OPEN, fields=["region", "due_sort", "id"], include=["stopped_on", "kind", "state"],
                name="case_open_by_region",
            ),
        ),
    ]  # fmt: skip
