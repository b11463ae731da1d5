"""A kind of figure that names somebody in each place."""

from django.db import migrations, models

KINDS = [
    ("integer", "整数"),
    ("number", "数字"),
    ("money", "金额（元）"),
    ("table", "对照表"),
    ("codes", "代码清单"),
    ("steps", "分段数值"),
    ("places", "分地区名称"),
]


class Migration(migrations.Migration):
    dependencies = [("policy", "0002_gives_way_to")]

    operations = [
        migrations.AlterField(
            model_name="parameter",
            name="kind",
            field=models.CharField("类型", choices=KINDS, max_length=10),
        ),
    ]
