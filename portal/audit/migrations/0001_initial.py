import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from portal.audit import chain


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="Entry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                (
                    "actor",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("actor_name", models.CharField(max_length=64)),
                ("action", models.CharField(max_length=64)),
                ("object_type", models.CharField(blank=True, max_length=64)),
                ("object_ref", models.CharField(blank=True, max_length=64)),
                ("worker_ref", models.BigIntegerField(null=True)),
                ("region_code", models.CharField(blank=True, max_length=6)),
                ("address", models.CharField(blank=True, max_length=45)),
                ("detail", models.JSONField(default=dict)),
            ],
            options={
                "verbose_name": "审计记录",
                "verbose_name_plural": "审计记录",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(fields=["worker_ref", "-id"], name="audit_entry_worker__813e23_idx"),
                    models.Index(fields=["actor", "-id"], name="audit_entry_actor_i_0982ab_idx"),
                    models.Index(fields=["action", "-id"], name="audit_entry_action_bf8bf2_idx"),
                    models.Index(
                        fields=["object_type", "object_ref", "-id"], name="audit_entry_object__f58f2e_idx"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ChainLink",
            fields=[
                ("position", models.BigIntegerField(primary_key=True, serialize=False)),
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="link", to="audit.entry"
                    ),
                ),
                ("digest", models.BinaryField()),
            ],
            options={
                "ordering": ["position"],
            },
        ),
        migrations.RunSQL(chain.INSTALL, chain.REMOVE),
    ]
