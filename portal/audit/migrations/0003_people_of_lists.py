import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.fields.json
from django.db import migrations, models

STANDS = """
CREATE TRIGGER audit_peopleblock_stands BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_peopleblock
FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_moments_of_the_database")]

    operations = [
        migrations.CreateModel(
            name="PeopleBlock",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("block", models.IntegerField()),
                ("bits", models.BinaryField()),
                (
                    "entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="blocks", to="audit.entry"
                    ),
                ),
            ],
            options={"ordering": ["entry", "block"]},
        ),
        migrations.AddIndex(
            "peopleblock", models.Index(fields=["block", "entry"], name="audit_peopl_block_3be7a6_idx")
        ),
        migrations.AddConstraint(
            "peopleblock", models.UniqueConstraint(fields=("entry", "block"), name="one_block_of_an_entry")
        ),
        migrations.AddIndex(
            "entry",
            django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.fields.json.KeyTransform("shown", "detail"), name="jsonb_path_ops"
                ),
                condition=models.Q(detail__has_key="shown"),
                name="audit_entry_shown",
            ),
        ),
        migrations.RunSQL([(STANDS, None)], migrations.RunSQL.noop),
    ]
