import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import portal.lists.models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("jobs", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="ListFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(default=portal.lists.models._new_code, max_length=24, unique=True)),
                (
                    "job",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="list_file", to="jobs.job"
                    ),
                ),
                ("kind", models.CharField(max_length=48, verbose_name="种类")),
                ("filters", models.JSONField(default=dict)),
                ("state", models.CharField(max_length=64)),
                ("on", models.DateField(verbose_name="截至日期")),
                ("rows", models.PositiveIntegerField(verbose_name="条数")),
                ("path", models.CharField(blank=True, max_length=120)),
                ("pages", models.PositiveIntegerField(null=True, verbose_name="页数")),
                ("size", models.PositiveBigIntegerField(null=True, verbose_name="大小")),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="申请时间"),
                ),
                ("cleared_at", models.DateTimeField(null=True, verbose_name="清理时间")),
            ],
            options={
                "verbose_name": "名单文件",
                "verbose_name_plural": "名单文件",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("cleared_at__isnull", True)),
                        fields=["created_at"],
                        name="list_file_to_clear",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("cleared_at__isnull", True)),
                        fields=("state",),
                        name="one_file_of_a_list",
                    )
                ],
            },
        ),
    ]
