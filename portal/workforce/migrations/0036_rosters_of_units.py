"""Agents of a unit give its roster in, and the window of its place confirms that it is read in."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

PHASES = [
    ("looking", "打开文件"),
    ("previewed", "待核对"),
    ("handed_in", "待窗口确认"),
    ("received", "等待处理"),
    ("reading", "逐行核对"),
    ("merging", "写入档案"),
    ("done", "已完成"),
    ("failed", "未导入"),
    ("discarded", "已放弃"),
    ("undone", "已撤销"),
    ("returned", "已退回"),
]


class Migration(migrations.Migration):
    dependencies = [("workforce", "0035_mended_rosters")]

    operations = [
        migrations.AddField(
            "rosterimport",
            "unit",
            models.ForeignKey(
                "workforce.employer",
                django.db.models.deletion.PROTECT,
                null=True,
                related_name="roster_imports",
                verbose_name="报送单位",
            ),
        ),
        migrations.AddField("rosterimport", "handed_in_at", models.DateTimeField("报送时间", null=True)),
        migrations.AddField(
            "rosterimport",
            "confirmed_by",
            models.ForeignKey(
                settings.AUTH_USER_MODEL,
                django.db.models.deletion.PROTECT,
                null=True,
                related_name="+",
                verbose_name="确认人",
            ),
        ),
        migrations.AlterField(
            "rosterimport",
            "phase",
            models.CharField("阶段", max_length=12, choices=PHASES, default="received"),
        ),
        migrations.AddIndex(
            "rosterimport",
            models.Index(fields=["unit", "-id"], name="roster_handed_in", condition=Q(phase="handed_in")),
        ),
    ]
