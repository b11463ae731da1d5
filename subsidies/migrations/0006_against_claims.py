"""Decisions against claims, signed by two, and the office's own second look at them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from subsidies import adverse_guards

# As subsidies.courses.load_samples has it for portals that begin later.
SAMPLES = "UPDATE subsidies_course SET ask_again_days = 15, answer_again_days = 20 WHERE is_sample"


class Migration(migrations.Migration):

    dependencies = [
        ('letters', '0003_bound_letters'),
        ('policy', '0003_names_by_place'),
        ('regions', '0001_initial'),
        ('subsidies', '0005_claims_of_units'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='AdverseDecision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('what', models.CharField(choices=[('refusal', '不予受理'), ('rejection', '不予批准'), ('annulment', '撤销批准')], max_length=10, verbose_name='决定')),
                ('grounds', models.CharField(max_length=500, verbose_name='事实和理由')),
                ('clause', models.CharField(max_length=300, verbose_name='依据')),
                ('amount', models.DecimalField(decimal_places=2, max_digits=12, null=True, verbose_name='原批准金额')),
                ('state', models.CharField(choices=[('proposed', '待会签'), ('signed', '已作出'), ('declined', '会签未同意')], default='proposed', max_length=10, verbose_name='状态')),
                ('decided_on', models.DateField(verbose_name='拟办日期')),
                ('signed_on', models.DateField(null=True, verbose_name='会签日期')),
            ],
            options={
                'verbose_name': '不利决定',
                'verbose_name_plural': '不利决定',
                'ordering': ['claim', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Reconsideration',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('grounds', models.CharField(max_length=500, verbose_name='申请理由')),
                ('asked_on', models.DateField(verbose_name='申请日期')),
                ('finding', models.CharField(blank=True, choices=[('upheld', '维持原决定'), ('turned', '改变原决定')], max_length=8, verbose_name='复核结论')),
                ('reasons', models.CharField(blank=True, max_length=500, verbose_name='复核理由')),
                ('found_on', models.DateField(null=True, verbose_name='复核日期')),
            ],
            options={
                'verbose_name': '复核申请',
                'verbose_name_plural': '复核申请',
            },
        ),
        migrations.AddField(
            model_name='course',
            name='answer_again_days',
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='复核办理时限（工作日）'),
        ),
        migrations.AddField(
            model_name='course',
            name='ask_again_days',
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='申请复核期限（日）'),
        ),
        migrations.AddConstraint(
            model_name='course',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('answer_again_days__isnull', True), ('ask_again_days__isnull', True)), models.Q(('answer_again_days__gte', 1), ('answer_again_days__isnull', False), ('ask_again_days__gte', 1), ('ask_again_days__isnull', False)), _connector='OR'), name='a_course_asks_and_answers_again', violation_error_message='申请复核的期限和复核办理时限须同时填写，或者都不填。'),
        ),
        migrations.AddField(
            model_name='adversedecision',
            name='claim',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='adverse_decisions', to='subsidies.claim', verbose_name='申请'),
        ),
        migrations.AddField(
            model_name='adversedecision',
            name='decided_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='拟办人'),
        ),
        migrations.AddField(
            model_name='adversedecision',
            name='determination',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='policy.determination', verbose_name='作出决定时的认定'),
        ),
        migrations.AddField(
            model_name='adversedecision',
            name='letter',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='letters.letter', verbose_name='决定书'),
        ),
        migrations.AddField(
            model_name='adversedecision',
            name='signed_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='会签人'),
        ),
        migrations.AddField(
            model_name='reconsideration',
            name='asked_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='申请登记人'),
        ),
        migrations.AddField(
            model_name='reconsideration',
            name='decision',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='reconsideration', to='subsidies.adversedecision', verbose_name='原决定'),
        ),
        migrations.AddField(
            model_name='reconsideration',
            name='found_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='复核人'),
        ),
        migrations.AddField(
            model_name='reconsideration',
            name='letter',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='letters.letter', verbose_name='复核结论通知'),
        ),
        migrations.AddIndex(
            model_name='adversedecision',
            index=models.Index(condition=models.Q(('letter__isnull', True), ('state', 'signed')), fields=['id'], name='decision_without_letter'),
        ),
        migrations.AddConstraint(
            model_name='adversedecision',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'proposed')), fields=('claim',), name='one_decision_waits_for_a_signature'),
        ),
        migrations.AddConstraint(
            model_name='adversedecision',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('signed_by__isnull', True), ('signed_on__isnull', True), ('state', 'proposed')), models.Q(models.Q(('state', 'proposed'), _negated=True), ('signed_by__isnull', False), ('signed_on__isnull', False)), _connector='OR'), name='a_decision_says_who_signed_it'),
        ),
        migrations.AddConstraint(
            model_name='adversedecision',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'signed'), _negated=True), models.Q(('signed_by', models.F('decided_by')), _negated=True), _connector='OR'), name='a_decision_is_signed_by_two'),
        ),
        migrations.AddConstraint(
            model_name='adversedecision',
            constraint=models.CheckConstraint(condition=models.Q(('letter__isnull', True), ('state', 'signed'), _connector='OR'), name='a_letter_tells_what_is_in_force'),
        ),
        migrations.AddConstraint(
            model_name='adversedecision',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('amount__gt', 0), ('what', 'annulment')), models.Q(models.Q(('what', 'annulment'), _negated=True), ('amount__isnull', True)), _connector='OR'), name='an_annulment_says_what_was_approved'),
        ),
        migrations.AddConstraint(
            model_name='adversedecision',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('grounds', ''), _negated=True), models.Q(('clause', ''), _negated=True)), name='a_decision_says_why_and_by_which_clause'),
        ),
        migrations.AddIndex(
            model_name='reconsideration',
            index=models.Index(condition=models.Q(('letter__isnull', True), models.Q(('finding', ''), _negated=True)), fields=['id'], name='finding_without_letter'),
        ),
        migrations.AddConstraint(
            model_name='reconsideration',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('finding', ''), ('found_by__isnull', True), ('found_on__isnull', True), ('letter__isnull', True), ('reasons', '')), models.Q(models.Q(('finding', ''), _negated=True), models.Q(('reasons', ''), _negated=True), ('found_by__isnull', False), ('found_on__isnull', False)), _connector='OR'), name='a_finding_says_why_and_who'),
        ),
        migrations.RunSQL(adverse_guards.EXTEND, adverse_guards.NO_EXTENSION),
        migrations.RunSQL(SAMPLES, migrations.RunSQL.noop),
    ]
