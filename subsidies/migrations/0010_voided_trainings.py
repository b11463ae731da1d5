"""A confirmed training can be taken back by two, and be entered anew."""

import django.db.models.deletion
import django.utils.timezone
import portal.workforce.models.base
from django.conf import settings
from django.db import migrations, models

from subsidies import voiding_guards


class Migration(migrations.Migration):

    dependencies = [
        ('subsidies', '0009_lists_by_channel'),
        ('workforce', '0031_stated_answers'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='TrainingVoiding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(max_length=300, verbose_name='作废理由')),
                ('state', models.CharField(choices=[('proposed', '待复核'), ('agreed', '已作废'), ('declined', '不同意作废')], default='proposed', max_length=10, verbose_name='状态')),
                ('asked_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='提出时间')),
                ('judged_at', models.DateTimeField(null=True, verbose_name='复核时间')),
                ('verdict', models.CharField(blank=True, max_length=300, verbose_name='复核意见')),
            ],
            options={
                'verbose_name': '培训结业作废',
                'verbose_name_plural': '培训结业作废',
                'ordering': ['-pk'],
            },
        ),
        migrations.RemoveConstraint(
            model_name='completedtraining',
            name='a_training_is_entered_once',
        ),
        migrations.AlterField(
            model_name='completedtraining',
            name='state',
            field=models.CharField(choices=[('entered', '待确认'), ('confirmed', '已确认'), ('refused', '不予确认'), ('voided', '已作废')], default='entered', max_length=10, verbose_name='状态'),
        ),
        migrations.AddConstraint(
            model_name='completedtraining',
            constraint=models.UniqueConstraint(models.F('worker'), models.F('project'), portal.workforce.models.base.FoldedOccupation('occupation'), condition=models.Q(('state__in', ['refused', 'voided']), _negated=True), name='a_training_is_entered_once', violation_error_message='同一职业（工种）的这项培训已经登记。'),
        ),
        migrations.AddField(
            model_name='trainingvoiding',
            name='asked_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='提出人'),
        ),
        migrations.AddField(
            model_name='trainingvoiding',
            name='judged_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='复核人'),
        ),
        migrations.AddField(
            model_name='trainingvoiding',
            name='training',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='voidings', to='subsidies.completedtraining', verbose_name='培训结业'),
        ),
        migrations.AddConstraint(
            model_name='trainingvoiding',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'proposed')), fields=('training',), name='a_training_is_asked_back_once'),
        ),
        migrations.AddConstraint(
            model_name='trainingvoiding',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('judged_at__isnull', True), ('judged_by__isnull', True), ('state', 'proposed'), ('verdict', '')), models.Q(models.Q(('state', 'proposed'), _negated=True), ('judged_at__isnull', False), ('judged_by__isnull', False), models.Q(('verdict', ''), _negated=True), models.Q(('judged_by', models.F('asked_by')), _negated=True)), _connector='OR'), name='a_voiding_is_judged_by_another'),
        ),
        migrations.AddConstraint(
            model_name='trainingvoiding',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='a_voiding_says_why'),
        ),
        migrations.RunSQL(voiding_guards.INSTALL, voiding_guards.REMOVE),
    ]
