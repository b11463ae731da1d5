"""A change to what counts is proposed by one and confirmed by another: first of earlier claims."""

import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from portal.workforce import change_guards


class Migration(migrations.Migration):

    dependencies = [
        ('regions', '0001_initial'),
        ('workforce', '0017_occupations_folded'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='RecordChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=20, verbose_name='信息类别')),
                ('record_id', models.BigIntegerField(verbose_name='记录')),
                ('what', models.CharField(choices=[('change', '更改'), ('end', '终止'), ('remove', '撤销')], max_length=8, verbose_name='事项')),
                ('before', models.JSONField(verbose_name='原内容')),
                ('after', models.JSONField(null=True, verbose_name='新内容')),
                ('follows', models.JSONField(null=True, verbose_name='随后登记')),
                ('to_league_code', models.GeneratedField(db_persist=True, expression=django.db.models.functions.text.Concat(django.db.models.functions.text.Left('to_region_id', 4), models.Value('00')), output_field=models.CharField(max_length=6))),
                ('reason', models.CharField(max_length=500, verbose_name='理由')),
                ('state', models.CharField(choices=[('proposed', '待他人确认'), ('confirmed', '已确认'), ('refused', '未通过'), ('withdrawn', '已撤回')], default='proposed', max_length=10, verbose_name='状态')),
                ('proposed_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='提出时间')),
                ('decided_at', models.DateTimeField(null=True, verbose_name='确认时间')),
                ('decided_on', models.DateField(null=True, verbose_name='确认日期')),
                ('verdict', models.CharField(blank=True, max_length=500, verbose_name='确认依据或未通过的理由')),
                ('decided_in', models.BigIntegerField(editable=False, null=True)),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='确认人')),
                ('proposed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='提出人')),
                ('to_region', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='regions.region', verbose_name='转往')),
                ('unit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='record_changes', to='workforce.employer', verbose_name='用人单位')),
                ('worker', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='record_changes', to='workforce.worker', verbose_name='人员')),
            ],
            options={
                'verbose_name': '信息变更',
                'verbose_name_plural': '信息变更',
                'ordering': ['-id'],
                'indexes': [models.Index(condition=models.Q(('state', 'proposed')), fields=['id'], name='record_change_open')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'proposed')), fields=('kind', 'record_id'), name='one_open_change_of_a_record', violation_error_message='该信息已有一项变更待他人确认。'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'unit'), ('unit__isnull', False), ('worker__isnull', True)), models.Q(models.Q(('kind', 'unit'), _negated=True), ('unit__isnull', True), ('worker__isnull', False)), _connector='OR'), name='record_change_is_about_one'), models.CheckConstraint(condition=models.Q(models.Q(('after__isnull', False), ('what__in', ['change', 'end'])), models.Q(('after__isnull', True), ('follows__isnull', True), ('what', 'remove')), _connector='OR'), name='record_change_says_what'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('decided_by__isnull', True), ('decided_on__isnull', True), ('state', 'proposed')), models.Q(models.Q(('state', 'proposed'), _negated=True), ('decided_at__isnull', False), ('decided_by__isnull', False), ('decided_on__isnull', False)), _connector='OR'), name='record_change_is_decided'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['confirmed', 'refused']), _negated=True), models.Q(('decided_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='record_change_by_two', violation_error_message='提出人不能确认自己提出的变更。'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'withdrawn'), _negated=True), ('decided_by', models.F('proposed_by')), _connector='OR'), name='record_change_withdrawn_by_its_author'), models.CheckConstraint(condition=models.Q(models.Q(('reason', ''), _negated=True), models.Q(models.Q(('state__in', ['confirmed', 'refused']), _negated=True), models.Q(('verdict', ''), _negated=True), _connector='OR')), name='record_change_says_why')],
            },
        ),
        migrations.RunSQL(change_guards.INSTALL, change_guards.REMOVE),
    ]
