"""One person or unit under two numbers, or entered by mistake: a pointer says so, and nothing is rewritten."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from portal.workforce import pointer_guards


class Migration(migrations.Migration):

    dependencies = [
        ('workforce', '0011_names_of_accounts'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='EmployerPointer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('proposed', '待复核'), ('confirmed', '已生效'), ('refused', '未通过')], default='proposed', max_length=10, verbose_name='状态')),
                ('reason', models.CharField(max_length=500, verbose_name='理由')),
                ('collisions', models.JSONField(default=list, verbose_name='需要核对的事项')),
                ('proposed_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='提出时间')),
                ('decided_at', models.DateTimeField(null=True, verbose_name='复核时间')),
                ('decided_on', models.DateField(null=True, verbose_name='生效日期')),
                ('verdict', models.CharField(blank=True, max_length=500, verbose_name='未通过的理由')),
                ('stands', models.BooleanField(default=False)),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='复核人')),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='提出人')),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='pointers', to='workforce.employer', verbose_name='并入或者作废的单位')),
                ('target', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='pointed_to', to='workforce.employer', verbose_name='保留的单位')),
                ('undoes', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='undone_by', to='workforce.employerpointer', verbose_name='所撤销的')),
            ],
            options={
                'verbose_name': '单位档案并入',
                'verbose_name_plural': '单位档案并入',
                'ordering': ['-id'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='MergedEmployer',
            fields=[
                ('source', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='merged', serialize=False, to='workforce.employer')),
                ('target', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='merged_here', to='workforce.employer')),
            ],
            options={
                'verbose_name': '已并入单位',
                'verbose_name_plural': '已并入单位',
            },
        ),
        migrations.CreateModel(
            name='MergedPerson',
            fields=[
                ('source', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='merged', serialize=False, to='workforce.worker')),
                ('target', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='merged_here', to='workforce.worker')),
            ],
            options={
                'verbose_name': '已并入人员',
                'verbose_name_plural': '已并入人员',
            },
        ),
        migrations.CreateModel(
            name='PersonPointer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('proposed', '待复核'), ('confirmed', '已生效'), ('refused', '未通过')], default='proposed', max_length=10, verbose_name='状态')),
                ('reason', models.CharField(max_length=500, verbose_name='理由')),
                ('collisions', models.JSONField(default=list, verbose_name='需要核对的事项')),
                ('proposed_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='提出时间')),
                ('decided_at', models.DateTimeField(null=True, verbose_name='复核时间')),
                ('decided_on', models.DateField(null=True, verbose_name='生效日期')),
                ('verdict', models.CharField(blank=True, max_length=500, verbose_name='未通过的理由')),
                ('stands', models.BooleanField(default=False)),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='复核人')),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='提出人')),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='pointers', to='workforce.worker', verbose_name='并入或者作废的档案')),
                ('target', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='pointed_to', to='workforce.worker', verbose_name='保留的档案')),
                ('undoes', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='undone_by', to='workforce.personpointer', verbose_name='所撤销的')),
            ],
            options={
                'verbose_name': '人员档案并入',
                'verbose_name_plural': '人员档案并入',
                'ordering': ['-id'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='MergeFinding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=40, verbose_name='事项')),
                ('text', models.CharField(max_length=300, verbose_name='内容')),
                ('settled_on', models.DateField(null=True, verbose_name='处理日期')),
                ('how', models.CharField(blank=True, max_length=300, verbose_name='如何处理')),
                ('settled_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='处理人')),
                ('unit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='findings', to='workforce.employerpointer')),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='findings', to='workforce.personpointer')),
            ],
            options={
                'verbose_name': '并入后待处理事项',
                'verbose_name_plural': '并入后待处理事项',
                'ordering': ['id'],
            },
        ),
        migrations.AddIndex(
            model_name='employerpointer',
            index=models.Index(condition=models.Q(('decided_at__isnull', False)), fields=['decided_at'], name='unit_pointer_decided'),
        ),
        migrations.AddConstraint(
            model_name='employerpointer',
            constraint=models.UniqueConstraint(condition=models.Q(('stands', True)), fields=('source',), name='employer_one_standing_pointer'),
        ),
        migrations.AddConstraint(
            model_name='employerpointer',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'proposed')), fields=('source',), name='employer_one_open_pointer', violation_error_message='该档案已有待复核的并入或者作废。'),
        ),
        migrations.AddConstraint(
            model_name='employerpointer',
            constraint=models.CheckConstraint(condition=models.Q(('target__isnull', True), models.Q(('target', models.F('source')), _negated=True), _connector='OR'), name='employer_points_to_another'),
        ),
        migrations.AddConstraint(
            model_name='employerpointer',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('decided_by__isnull', True), ('state', 'proposed')), models.Q(('state__in', ['confirmed', 'refused']), ('decided_at__isnull', False), ('decided_by__isnull', False), ('decided_on__isnull', False)), _connector='OR'), name='employer_pointer_is_decided'),
        ),
        migrations.AddConstraint(
            model_name='employerpointer',
            constraint=models.CheckConstraint(condition=models.Q(('decided_by__isnull', True), models.Q(('decided_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='employer_pointer_by_two', violation_error_message='提出人不能复核自己提出的并入或者作废。'),
        ),
        migrations.AddConstraint(
            model_name='employerpointer',
            constraint=models.CheckConstraint(condition=models.Q(('stands', False), models.Q(('state', 'confirmed'), ('undoes__isnull', True)), _connector='OR'), name='employer_only_confirmed_stand'),
        ),
        migrations.AddConstraint(
            model_name='employerpointer',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('reason', ''), _negated=True), models.Q(models.Q(('state', 'refused'), _negated=True), models.Q(('verdict', ''), _negated=True), _connector='OR')), name='employer_pointer_says_why'),
        ),
        migrations.AddIndex(
            model_name='personpointer',
            index=models.Index(condition=models.Q(('decided_at__isnull', False)), fields=['decided_at'], name='person_pointer_decided'),
        ),
        migrations.AddConstraint(
            model_name='personpointer',
            constraint=models.UniqueConstraint(condition=models.Q(('stands', True)), fields=('source',), name='person_one_standing_pointer'),
        ),
        migrations.AddConstraint(
            model_name='personpointer',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'proposed')), fields=('source',), name='person_one_open_pointer', violation_error_message='该档案已有待复核的并入或者作废。'),
        ),
        migrations.AddConstraint(
            model_name='personpointer',
            constraint=models.CheckConstraint(condition=models.Q(('target__isnull', True), models.Q(('target', models.F('source')), _negated=True), _connector='OR'), name='person_points_to_another'),
        ),
        migrations.AddConstraint(
            model_name='personpointer',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('decided_by__isnull', True), ('state', 'proposed')), models.Q(('state__in', ['confirmed', 'refused']), ('decided_at__isnull', False), ('decided_by__isnull', False), ('decided_on__isnull', False)), _connector='OR'), name='person_pointer_is_decided'),
        ),
        migrations.AddConstraint(
            model_name='personpointer',
            constraint=models.CheckConstraint(condition=models.Q(('decided_by__isnull', True), models.Q(('decided_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='person_pointer_by_two', violation_error_message='提出人不能复核自己提出的并入或者作废。'),
        ),
        migrations.AddConstraint(
            model_name='personpointer',
            constraint=models.CheckConstraint(condition=models.Q(('stands', False), models.Q(('state', 'confirmed'), ('undoes__isnull', True)), _connector='OR'), name='person_only_confirmed_stand'),
        ),
        migrations.AddConstraint(
            model_name='personpointer',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('reason', ''), _negated=True), models.Q(models.Q(('state', 'refused'), _negated=True), models.Q(('verdict', ''), _negated=True), _connector='OR')), name='person_pointer_says_why'),
        ),
        migrations.AddIndex(
            model_name='mergefinding',
            index=models.Index(condition=models.Q(('settled_on__isnull', True)), fields=['id'], name='finding_open'),
        ),
        migrations.AddConstraint(
            model_name='mergefinding',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('person__isnull', False), ('unit__isnull', True)), models.Q(('person__isnull', True), ('unit__isnull', False)), _connector='OR'), name='finding_of_one_pointer'),
        ),
        migrations.AddConstraint(
            model_name='mergefinding',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('how', ''), ('settled_on__isnull', True)), models.Q(('settled_on__isnull', False), models.Q(('how', ''), _negated=True)), _connector='OR'), name='finding_settled_somehow'),
        ),
        migrations.RunSQL(pointer_guards.INSTALL, pointer_guards.REMOVE),
    ]
