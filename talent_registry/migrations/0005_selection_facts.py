"""What the yearly selection reads of everybody, gathered beside the records. It is filled by the first
assessment.
"""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("talent_registry", "0004_corrections"), ("workforce", "0005_verification")]

    operations = [
        migrations.CreateModel(
            name="SelectionFacts",
            fields=[
                (
                    "worker",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="workforce.worker",
                    ),
                ),
                ("region_code", models.CharField(max_length=6)),
                ("league_code", models.CharField(max_length=6)),
                ("id_digest", models.BinaryField(max_length=32)),
                ("skill_level", models.SmallIntegerField(null=True)),
                ("on_front_line", models.BooleanField(null=True)),
                ("front_line_tenths", models.SmallIntegerField(null=True)),
                ("honour_bits", models.BigIntegerField()),
                ("achievement_bits", models.BigIntegerField()),
            ],
            options={"verbose_name": "遴选事实汇总", "verbose_name_plural": "遴选事实汇总"},
        ),
        migrations.CreateModel(
            name="SelectionGathering",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("on", models.DateField(verbose_name="基准日")),
                ("whole", models.BooleanField(verbose_name="全部重建")),
                ("seen_until", models.DateTimeField(verbose_name="变更截至")),
                ("looked_at", models.PositiveIntegerField(verbose_name="汇总人数")),
                ("kind_of_facts", models.CharField(max_length=16, verbose_name="汇总口径摘要")),
                ("finished_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "verbose_name": "遴选事实汇总记录",
                "verbose_name_plural": "遴选事实汇总记录",
                "ordering": ["-id"],
            },
        ),
    ]
