"""The catalogue of occupations, and what a roster names that stands in none of its lines."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("workforce", "0015_all_confirmed")]

    operations = [
        migrations.CreateModel(
            name="Occupation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(blank=True, max_length=20, verbose_name="职业编码")),
                ("name", models.CharField(max_length=60, verbose_name="名称")),
                ("folded", models.CharField(max_length=80)),
                ("occupation", models.CharField(blank=True, max_length=60, verbose_name="所属职业")),
                ("since", models.DateField(verbose_name="自")),
                ("until", models.DateField(blank=True, null=True, verbose_name="至")),
                ("document", models.CharField(max_length=160, verbose_name="文件")),
                ("changed_at", models.DateTimeField(auto_now=True, verbose_name="更新时间")),
            ],
            options={
                "verbose_name": "职业目录",
                "verbose_name_plural": "职业目录",
                "ordering": ["code", "name", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("folded", "code", "since"), name="one_line_of_the_occupation_catalogue"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("until__isnull", True), ("until__gte", models.F("since")), _connector="OR"
                        ),
                        name="occupation_ends_after_it_begins",
                        violation_error_message="截止日期不能早于起始日期。",
                    ),
                ],
            },
        ),
        migrations.AddField(
            "rosterimport",
            "unlisted",
            models.JSONField(
                db_default=models.Value([], models.JSONField()), default=list, verbose_name="未列入职业目录"
            ),
        ),
    ]
