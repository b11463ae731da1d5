import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Region",
            fields=[
                (
                    "code",
                    models.CharField(
                        max_length=6, primary_key=True, serialize=False, verbose_name="区划代码"
                    ),
                ),
                ("name", models.CharField(max_length=40, verbose_name="名称")),
                (
                    "tier",
                    models.CharField(
                        choices=[
                            ("autonomous_region", "自治区"),
                            ("league_city", "盟市"),
                            ("banner_county", "旗县（市、区）"),
                        ],
                        max_length=20,
                        verbose_name="层级",
                    ),
                ),
                ("kind", models.CharField(max_length=20, verbose_name="类别")),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="regions.region",
                    ),
                ),
            ],
            options={
                "verbose_name": "行政区划",
                "verbose_name_plural": "行政区划",
                "ordering": ["code"],
            },
        ),
        migrations.CreateModel(
            name="ServiceWindow",
            fields=[
                (
                    "region",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="window",
                        serialize=False,
                        to="regions.region",
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=80, verbose_name="窗口名称")),
                ("address", models.CharField(blank=True, max_length=160, verbose_name="地址")),
                ("hours", models.CharField(blank=True, max_length=120, verbose_name="办公时间")),
                ("phone", models.CharField(blank=True, max_length=40, verbose_name="咨询电话")),
                ("materials", models.TextField(blank=True, verbose_name="所需材料")),
                ("handling_time", models.CharField(blank=True, max_length=120, verbose_name="办理时限")),
                ("is_sample", models.BooleanField(default=False, verbose_name="示例数据")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="更新时间")),
            ],
            options={
                "verbose_name": "服务窗口",
                "verbose_name_plural": "服务窗口",
                "ordering": ["region_id"],
            },
        ),
        migrations.CreateModel(
            name="CalendarYear",
            fields=[
                (
                    "year",
                    models.PositiveSmallIntegerField(primary_key=True, serialize=False, verbose_name="年份"),
                ),
                ("document", models.CharField(max_length=120, verbose_name="来源文件")),
                ("loaded_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "ordering": ["year"],
            },
        ),
        migrations.CreateModel(
            name="CalendarDay",
            fields=[
                ("on", models.DateField(primary_key=True, serialize=False, verbose_name="日期")),
                (
                    "year",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="days",
                        to="regions.calendaryear",
                    ),
                ),
                ("works", models.BooleanField(verbose_name="上班")),
                ("name", models.CharField(max_length=40, verbose_name="说明")),
            ],
            options={
                "ordering": ["on"],
            },
        ),
    ]
