"""The plan of a recovery is changed after its decision (portal.funds.recovery_plan_guards)."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from portal.funds import recovery_plan_guards


class Migration(migrations.Migration):

    dependencies = [
        ('funds', '0012_many_rows'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='PlanChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount', models.BigIntegerField(verbose_name='尚未追回的金额（分）')),
                ('reason', models.CharField(max_length=500, verbose_name='变更理由')),
                ('clause', models.CharField(max_length=300, verbose_name='依据')),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='拟办时间')),
                ('decided_on', models.DateField(null=True, verbose_name='决定日期')),
                ('decided_at', models.DateTimeField(null=True, verbose_name='决定时间')),
                ('letter_number', models.CharField(blank=True, max_length=80, verbose_name='文书文号')),
                ('dropped_at', models.DateTimeField(null=True, verbose_name='放弃时间')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='决定人')),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='拟办人')),
                ('recovery', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='plan_changes', to='funds.recovery', verbose_name='追回')),
            ],
            options={
                'verbose_name': '变更退回期限',
                'verbose_name_plural': '变更退回期限',
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='ChangedInstalment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(verbose_name='期次')),
                ('due_on', models.DateField(verbose_name='退回期限')),
                ('amount', models.BigIntegerField(verbose_name='金额（分）')),
                ('change', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='instalments', to='funds.planchange', verbose_name='变更')),
            ],
            options={
                'verbose_name': '变更后的退回期次',
                'verbose_name_plural': '变更后的退回期次',
                'ordering': ['change', 'position'],
            },
        ),
        migrations.AddIndex(
            model_name='planchange',
            index=models.Index(fields=['recovery', '-id'], name='plan_change_by_recovery'),
        ),
        migrations.AddConstraint(
            model_name='planchange',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='a_plan_is_changed_of_something'),
        ),
        migrations.AddConstraint(
            model_name='planchange',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('reason', ''), _negated=True), models.Q(('clause', ''), _negated=True)), name='a_plan_is_changed_for_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='planchange',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('decided_by__isnull', True), ('decided_on__isnull', True), ('letter_number', '')), models.Q(('decided_at__isnull', False), ('decided_by__isnull', False), ('decided_on__isnull', False), ('dropped_at__isnull', True), models.Q(('letter_number', ''), _negated=True), models.Q(('decided_by', models.F('made_by')), _negated=True)), _connector='OR'), name='a_plan_is_changed_by_another', violation_error_message='拟办人不能决定自己拟办的变更。'),
        ),
        migrations.AddConstraint(
            model_name='planchange',
            constraint=models.UniqueConstraint(condition=models.Q(('decided_at__isnull', True), ('dropped_at__isnull', True)), fields=('recovery',), name='one_open_change_of_a_plan', violation_error_message='该追回已有待决定的变更。'),
        ),
        migrations.AddConstraint(
            model_name='changedinstalment',
            constraint=models.UniqueConstraint(fields=('change', 'position'), name='one_changed_instalment_of_a_position'),
        ),
        migrations.AddConstraint(
            model_name='changedinstalment',
            constraint=models.UniqueConstraint(fields=('change', 'due_on'), name='one_changed_instalment_of_a_day'),
        ),
        migrations.AddConstraint(
            model_name='changedinstalment',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='a_changed_instalment_is_of_something'),
        ),
        migrations.RunSQL(recovery_plan_guards.INSTALL, recovery_plan_guards.REMOVE),
    ]
