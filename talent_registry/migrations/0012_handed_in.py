import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

from portal.cases.application_guards import keep_hand_in

# The first hand-in is told by the first of its events.
FROM_EVENTS = """
UPDATE talent_registry_nomination n SET handed_in_on = first."on", handed_in_at = first.at
FROM (
    SELECT DISTINCT ON (e.case_id) e.case_id, e."on", e.at FROM cases_caseevent e
    WHERE e.action = 'submit' ORDER BY e.case_id, e.position
) AS first
WHERE first.case_id = n.case_id
"""


class Migration(migrations.Migration):

    dependencies = [
        ("cases", "0005_first_hand_in"),
        ("talent_registry", "0011_fact_and_entry_agree"),
        ("workforce", "0026_bound_numbers"),
    ]

    operations = [
        migrations.AddField(
            model_name="nomination",
            name="handed_in_on",
            field=models.DateField(null=True, verbose_name="首次提交日期"),
        ),
        migrations.AddField(
            model_name="nomination",
            name="handed_in_at",
            field=models.DateTimeField(null=True, verbose_name="首次提交时间"),
        ),
        migrations.AlterField(
            model_name="nomination",
            name="case",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                primary_key=True,
                related_name="%(class)s",
                serialize=False,
                to="cases.case",
            ),
        ),
        migrations.AlterField(
            model_name="nomination",
            name="worker",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="%(class)ss",
                to="workforce.worker",
                verbose_name="技术工人",
            ),
        ),
        migrations.AddConstraint(
            model_name="nomination",
            constraint=models.CheckConstraint(
                condition=Q(handed_in_on__isnull=True, handed_in_at__isnull=True)
                | Q(handed_in_on__isnull=False, handed_in_at__isnull=False),
                name="nomination_is_handed_in_at_a_moment",
            ),
        ),
        # Taken back with the columns.
        migrations.RunSQL(FROM_EVENTS, migrations.RunSQL.noop),
        migrations.RunSQL(*keep_hand_in("talent_registry_nomination")),
    ]
