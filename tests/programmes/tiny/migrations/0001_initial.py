import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("cases", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Allowance",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="allowance", to="cases.case"
                    ),
                ),
                ("tools", models.CharField(max_length=80, verbose_name="工具")),
            ],
            options={
                "verbose_name": "工具补助",
                "verbose_name_plural": "工具补助",
            },
        ),
    ]
