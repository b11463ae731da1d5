"""A roster is looked at before it is read in: how it is to be read, and what units call its columns."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

PHASES = [
    ("looking", "打开文件"),
    ("previewed", "待核对"),
    ("received", "等待处理"),
    ("reading", "逐行核对"),
    ("merging", "写入档案"),
    ("done", "已完成"),
    ("failed", "未导入"),
    ("discarded", "已放弃"),
]


class Migration(migrations.Migration):
    dependencies = [("regions", "0001_initial"), ("workforce", "0032_contacts")]

    operations = [
        migrations.AddField(
            "rosterimport",
            "layout",
            models.JSONField(
                "读取方式", default=dict, db_default=models.Value({}, models.JSONField())
            ),
        ),
        migrations.AlterField(
            "rosterimport",
            "phase",
            models.CharField("阶段", max_length=12, choices=PHASES, default="received"),
        ),
        migrations.CreateModel(
            name="RosterColumns",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("names", models.JSONField("列名", default=dict)),
                ("updated_at", models.DateTimeField("更新时间", default=django.utils.timezone.now)),
                (
                    "unit",
                    models.OneToOneField(
                        "workforce.employer",
                        django.db.models.deletion.CASCADE,
                        null=True,
                        related_name="roster_columns",
                        verbose_name="单位",
                    ),
                ),
                (
                    "office",
                    models.OneToOneField(
                        "regions.region",
                        django.db.models.deletion.CASCADE,
                        null=True,
                        related_name="roster_columns",
                        verbose_name="地区",
                    ),
                ),
                (
                    "updated_by",
                    models.ForeignKey(
                        settings.AUTH_USER_MODEL,
                        django.db.models.deletion.PROTECT,
                        null=True,
                        related_name="+",
                    ),
                ),
            ],
            options={
                "verbose_name": "花名册列名",
                "verbose_name_plural": "花名册列名",
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(unit__isnull=False, office__isnull=True)
                        | Q(unit__isnull=True, office__isnull=False),
                        name="columns_of_a_unit_or_an_office",
                    )
                ],
            },
        ),
    ]
