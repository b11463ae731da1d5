"""A second signature of decisions against somebody, and who looks at them again: two duties apart from all others."""

from django.db import migrations, models

from portal.cases import duty_guards

DUTIES = [
    ("prepare", "登记（提出）"),
    ("accept", "受理"),
    ("review", "审核（核实）"),
    ("second_review", "复核"),
    ("approve", "审批（确认）"),
    ("countersign", "会签"),
    ("annul", "撤销决定"),
    ("reconsider", "办理复核申请"),
    ("payee_record", "登记收款账户"),
    ("payee_confirm", "复核收款账户"),
    ("pay", "支付"),
    ("send", "发送支付指令"),
]


class Migration(migrations.Migration):
    dependencies = [("cases", "0005_first_hand_in")]

    operations = [
        migrations.AlterField(
            model_name="caseduty", name="duty", field=models.CharField(choices=DUTIES, max_length=16)
        ),
        migrations.AlterField(
            model_name="dutypair", name="one", field=models.CharField(choices=DUTIES, max_length=16)
        ),
        migrations.AlterField(
            model_name="dutypair", name="other", field=models.CharField(choices=DUTIES, max_length=16)
        ),
        migrations.RunSQL(duty_guards.COUNTERSIGNED, duty_guards.NOT_COUNTERSIGNED),
    ]
