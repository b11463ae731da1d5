from typing import Any

from django.db import migrations, models
from django.db.models import Count

from portal.cases import duty_guards


def require_one_duty_each(apps: Any, schema_editor: Any) -> None:
    """Before, a person had one duty in a case: with two of somebody there is no way back."""
    duties = apps.get_model("cases", "CaseDuty").objects
    held = duties.values("case__number", "person__username").annotate(held=Count("pk"))
    for twice in held.filter(held__gt=1).order_by("case__number")[:1]:
        raise RuntimeError(
            f"{twice['person__username']} holds {twice['held']} duties in case {twice['case__number']}: "
            "before this migration a person had one in a case, so it cannot be taken back"
        )


def nothing(apps: Any, schema_editor: Any) -> None:
    pass


DUTIES = [
    ("prepare", "登记（提出）"),
    ("accept", "受理"),
    ("review", "审核（核实）"),
    ("second_review", "复核"),
    ("approve", "审批（确认）"),
    ("annul", "撤销决定"),
    ("reconsider", "办理复核申请"),
    ("payee_record", "登记收款账户"),
    ("payee_confirm", "复核收款账户"),
    ("pay", "支付"),
    ("send", "发送支付指令"),
]


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0008_bound_secrets"),
        ("cases", "0003_bound_objections"),
        ("workforce", "0026_bound_numbers"),
    ]

    operations = [
        migrations.CreateModel(
            name="DutyPair",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=48)),
                ("one", models.CharField(choices=DUTIES, max_length=16)),
                ("other", models.CharField(choices=DUTIES, max_length=16)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "one", "other"), name="one_duty_pair")
                ],
            },
        ),
        migrations.AlterField(
            model_name="caseduty",
            name="duty",
            field=models.CharField(choices=DUTIES, max_length=16),
        ),
        migrations.RemoveConstraint(model_name="caseduty", name="one_duty_a_person"),
        migrations.AddConstraint(
            model_name="caseduty",
            constraint=models.UniqueConstraint(
                fields=("case", "person", "duty"),
                name="a_duty_is_taken_on_once",
                violation_error_message="该人员已在本办件中承担这项职责。",
            ),
        ),
        migrations.RunSQL(duty_guards.INSTALL, duty_guards.REMOVE),
        # Going back, this comes first.
        migrations.RunPython(nothing, require_one_duty_each),
    ]
