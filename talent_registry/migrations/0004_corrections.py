"""A published row is corrected by two people, and where the register says something else by now is noted."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from talent_registry import correction_guards


class Migration(migrations.Migration):

    dependencies = [
        ('talent_registry', '0003_by_date'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='registryentry',
            name='corrections_made',
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.CreateModel(
            name='EntryCorrection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('proposed', '待复核'), ('confirmed', '已更正'), ('refused', '复核未通过'), ('kept', '保留原公布内容')], default='proposed', max_length=10, verbose_name='状态')),
                ('name_before', models.CharField(max_length=60, verbose_name='原公布姓名')),
                ('name', models.CharField(max_length=60, verbose_name='姓名')),
                ('id_shown_before', models.CharField(max_length=18, verbose_name='原公布证件号码')),
                ('id_shown', models.CharField(max_length=18, verbose_name='证件号码（已遮盖）')),
                ('employer_name_before', models.CharField(blank=True, max_length=120, verbose_name='原公布单位')),
                ('employer_name', models.CharField(blank=True, max_length=120, verbose_name='单位')),
                ('reason', models.CharField(max_length=500, verbose_name='理由')),
                ('proposed_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='提出时间')),
                ('decided_at', models.DateTimeField(null=True, verbose_name='复核时间')),
                ('decided_on', models.DateField(null=True, verbose_name='复核日期')),
                ('verdict', models.CharField(blank=True, max_length=500, verbose_name='未通过的理由')),
                ('position', models.PositiveSmallIntegerField(null=True)),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='复核人')),
                ('entry', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='corrections', to='talent_registry.registryentry')),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='提出人')),
            ],
            options={
                'verbose_name': '名录更正',
                'verbose_name_plural': '名录更正',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='PublishedDifference',
            fields=[
                ('entry', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='difference', serialize=False, to='talent_registry.registryentry')),
                ('name', models.CharField(max_length=60, verbose_name='现登记姓名')),
                ('employer_name', models.CharField(blank=True, max_length=120, verbose_name='现登记单位')),
                ('other_name', models.BooleanField(verbose_name='姓名不一致')),
                ('other_employer', models.BooleanField(verbose_name='单位不一致')),
                ('other_id', models.BooleanField(verbose_name='证件号码不一致')),
                ('since', models.DateTimeField(default=django.utils.timezone.now, verbose_name='发现时间')),
                ('kept', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='talent_registry.entrycorrection', verbose_name='保留决定')),
            ],
            options={
                'verbose_name': '与公布不一致',
                'verbose_name_plural': '与公布不一致',
                'ordering': ['-since', '-entry'],
            },
        ),
        migrations.AddConstraint(
            model_name='entrycorrection',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'proposed')), fields=('entry',), name='one_open_correction_an_entry', violation_error_message='该条名录已有待复核的更正。'),
        ),
        migrations.AddConstraint(
            model_name='entrycorrection',
            constraint=models.UniqueConstraint(condition=models.Q(('position__isnull', False)), fields=('entry', 'position'), name='one_correction_at_a_position'),
        ),
        migrations.AddConstraint(
            model_name='entrycorrection',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('decided_by__isnull', True), ('state', 'proposed')), models.Q(('decided_by__isnull', False), ('state__in', ['confirmed', 'refused', 'kept']), ('decided_at__isnull', False), ('decided_on__isnull', False)), _connector='OR'), name='correction_decided_by_a_person'),
        ),
        migrations.AddConstraint(
            model_name='entrycorrection',
            constraint=models.CheckConstraint(condition=models.Q(('decided_by__isnull', True), ('state', 'kept'), models.Q(('decided_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='correction_decided_by_another', violation_error_message='提出更正的人不能复核自己提出的更正。'),
        ),
        migrations.AddConstraint(
            model_name='entrycorrection',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('position__isnull', False), ('state', 'confirmed')), models.Q(models.Q(('state', 'confirmed'), _negated=True), ('position__isnull', True)), _connector='OR'), name='confirmed_correction_has_its_place'),
        ),
        migrations.AddConstraint(
            model_name='entrycorrection',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('reason', ''), _negated=True), models.Q(models.Q(('state', 'refused'), _negated=True), models.Q(('verdict', ''), _negated=True), _connector='OR')), name='correction_says_why', violation_error_message='须写明理由。'),
        ),
        migrations.AddConstraint(
            model_name='entrycorrection',
            constraint=models.CheckConstraint(condition=models.Q(('state', 'kept'), models.Q(('name', models.F('name_before')), _negated=True), models.Q(('id_shown', models.F('id_shown_before')), _negated=True), models.Q(('employer_name', models.F('employer_name_before')), _negated=True), _connector='OR'), name='correction_corrects_something'),
        ),
        migrations.RunSQL(correction_guards.INSTALL, correction_guards.REMOVE),
    ]
