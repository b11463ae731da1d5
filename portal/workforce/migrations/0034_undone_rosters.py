"""An import may be taken back: when its records were written, by whom they were taken back and why."""

import django.db.models.deletion
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
    ("undone", "已撤销"),
]


class Migration(migrations.Migration):
    dependencies = [("workforce", "0033_previews_of_rosters")]

    operations = [
        migrations.AddField("rosterimport", "written_at", models.DateTimeField(null=True)),
        migrations.AddField("rosterimport", "undone_at", models.DateTimeField("撤销时间", null=True)),
        migrations.AddField(
            "rosterimport",
            "undone_by",
            models.ForeignKey(
                settings.AUTH_USER_MODEL,
                django.db.models.deletion.PROTECT,
                null=True,
                related_name="+",
                verbose_name="撤销人",
            ),
        ),
        migrations.AddField(
            "rosterimport", "undo_reason", models.CharField("撤销理由", max_length=200, blank=True, default=""),
            preserve_default=False,
        ),
        migrations.AlterField(
            "rosterimport",
            "phase",
            models.CharField("阶段", max_length=12, choices=PHASES, default="received"),
        ),
        migrations.AddConstraint(
            "rosterimport",
            models.CheckConstraint(
                condition=(~Q(phase="undone") & Q(undone_at__isnull=True, undone_by__isnull=True))
                | (Q(phase="undone", undone_at__isnull=False, undone_by__isnull=False) & ~Q(undo_reason="")),
                name="undone_roster_says_why",
            ),
        ),
    ]
