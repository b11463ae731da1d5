"""Claims that a unit puts forward for its people: the file, its rows, the proposals, and what the database holds."""

import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
import portal.fields
from django.conf import settings
from django.db import migrations, models

from subsidies.by_unit import guards


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0005_first_hand_in'),
        ('jobs', '0001_initial'),
        ('subsidies', '0004_completed_trainings'),
        ('workforce', '0029_extracts_in_less_time'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ClaimFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('file_name', models.CharField(max_length=100, verbose_name='文件')),
                ('suffix', models.CharField(max_length=8)),
                ('fingerprint', models.CharField(max_length=64, verbose_name='SHA-256')),
                ('phase', models.CharField(choices=[('received', '正在核对'), ('checked', '待确认'), ('confirmed', '正在提出'), ('done', '已提出'), ('failed', '未完成')], default='received', max_length=12, verbose_name='进度')),
                ('message', models.CharField(blank=True, max_length=600, verbose_name='说明')),
                ('rows_read', models.PositiveIntegerField(default=0, verbose_name='读取')),
                ('good', models.PositiveIntegerField(default=0, verbose_name='可以提出')),
                ('known', models.PositiveIntegerField(default=0, verbose_name='已提出过')),
                ('refused', models.PositiveIntegerField(default=0, verbose_name='未通过')),
                ('has_refused_file', models.BooleanField(default=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='提交时间')),
                ('confirmed_at', models.DateTimeField(null=True, verbose_name='确认时间')),
                ('source_deleted_at', models.DateTimeField(null=True)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='提交人')),
                ('job', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='jobs.job')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='claim_files', to='workforce.employer', verbose_name='用人单位')),
            ],
            options={
                'verbose_name': '单位批量申请',
                'verbose_name_plural': '单位批量申请',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='ClaimFileRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('line', models.PositiveIntegerField(verbose_name='行')),
                ('name', models.CharField(blank=True, max_length=60, verbose_name='姓名')),
                ('number', models.CharField(blank=True, max_length=20, verbose_name='证件号码')),
                ('certificate', models.CharField(blank=True, max_length=160, verbose_name='证书')),
                ('kind', models.CharField(blank=True, max_length=48, verbose_name='补贴')),
                ('outcome', models.CharField(choices=[('good', '可以提出'), ('known', '已提出过'), ('refused', '未通过')], max_length=8, verbose_name='结果')),
                ('said', models.CharField(blank=True, max_length=300, verbose_name='说明')),
                ('bank', models.CharField(blank=True, max_length=80, verbose_name='开户银行')),
                ('account_number', portal.fields.EncryptedTextField(bound_to=('file_id', 'line'), editable=True, null=True, verbose_name='银行账号')),
                ('credential', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='workforce.skillcredential')),
                ('file', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='rows', to='subsidies.claimfile')),
                ('worker', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='workforce.worker')),
            ],
            options={
                'verbose_name': '批量申请名单行',
                'verbose_name_plural': '批量申请名单行',
                'ordering': ['file', 'line'],
            },
        ),
        migrations.CreateModel(
            name='Proposal',
            fields=[
                ('case', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='proposal', serialize=False, to='cases.case')),
                ('kind', models.CharField(max_length=48, verbose_name='补贴')),
                ('consent_until', models.DateField(verbose_name='确认截止日期')),
                ('lapsed', models.BooleanField(default=False, verbose_name='逾期未确认')),
                ('claim', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='proposal', to='subsidies.claim', verbose_name='补贴申请')),
                ('credential', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='claim_proposals', to='workforce.skillcredential', verbose_name='技能证书')),
                ('row', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='proposal', to='subsidies.claimfilerow')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='workforce.employer', verbose_name='用人单位')),
                ('worker', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='claim_proposals', to='workforce.worker', verbose_name='技术工人')),
            ],
            options={
                'verbose_name': '单位代为提出的申请',
                'verbose_name_plural': '单位代为提出的申请',
            },
        ),
        migrations.AddIndex(
            model_name='claimfile',
            index=models.Index(fields=['unit', '-id'], name='claim_file_of_unit'),
        ),
        migrations.AddConstraint(
            model_name='claimfile',
            constraint=models.CheckConstraint(condition=models.Q(('rows_read', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('good'), '+', models.F('known')), '+', models.F('refused')))), name='claim_file_rows_add_up'),
        ),
        migrations.AddConstraint(
            model_name='claimfile',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('phase__in', ['confirmed', 'done']), _negated=True), ('confirmed_at__isnull', False), _connector='OR'), name='a_claim_file_is_confirmed_first'),
        ),
        migrations.AddConstraint(
            model_name='claimfilerow',
            constraint=models.UniqueConstraint(fields=('file', 'line'), name='one_row_of_a_line'),
        ),
        migrations.AddIndex(
            model_name='proposal',
            index=models.Index(condition=models.Q(('claim__isnull', True), ('lapsed', False)), fields=['consent_until'], name='proposal_to_lapse'),
        ),
        migrations.AddConstraint(
            model_name='proposal',
            constraint=models.UniqueConstraint(condition=models.Q(('lapsed', False)), fields=('unit', 'credential'), name='a_unit_proposes_once'),
        ),
        migrations.AddConstraint(
            model_name='proposal',
            constraint=models.CheckConstraint(condition=models.Q(('lapsed', False), ('claim__isnull', True), _connector='OR'), name='a_lapsed_proposal_is_no_claim'),
        ),
        migrations.RunSQL(guards.INSTALL, guards.REMOVE),
    ]
