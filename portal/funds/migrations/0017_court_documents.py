"""Scans of what a court wrote of a recovery (portal.funds.court_guards)."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from portal.funds import court_guards


class Migration(migrations.Migration):

    dependencies = [
        ('funds', '0016_set_off_in_part'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='CourtDocument',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('paper', models.CharField(choices=[('application', '强制执行申请书'), ('accepted', '受理通知书'), ('not_accepted', '不予受理裁定书'), ('granted', '准予强制执行裁定书'), ('denied', '不予强制执行裁定书'), ('suspended', '中止执行裁定书'), ('ended', '终结执行裁定书'), ('executed', '执行结案通知书'), ('other', '其他法院文书')], max_length=16, verbose_name='文书种类')),
                ('number', models.CharField(max_length=80, verbose_name='文号')),
                ('issued_on', models.DateField(verbose_name='文书日期')),
                ('file_name', models.CharField(max_length=160, verbose_name='文件名')),
                ('content_type', models.CharField(max_length=40)),
                ('size', models.PositiveIntegerField(verbose_name='大小（字节）')),
                ('digest', models.CharField(max_length=64)),
                ('stored_as', models.UUIDField(unique=True)),
                ('uploaded_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='上传时间')),
                ('removed_at', models.DateTimeField(null=True, verbose_name='移除时间')),
                ('removed_because', models.CharField(blank=True, max_length=200, verbose_name='移除原因')),
                ('handover', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='documents', to='funds.courthandover', verbose_name='申请法院强制执行')),
                ('removed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='移除人')),
                ('uploaded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='上传人')),
            ],
            options={
                'verbose_name': '法院文书',
                'verbose_name_plural': '法院文书',
                'ordering': ['issued_on', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('number', ''), _negated=True), name='a_court_document_has_its_number'), models.CheckConstraint(condition=models.Q(models.Q(('removed_at__isnull', True), ('removed_because', ''), ('removed_by__isnull', True)), models.Q(('removed_at__isnull', False), ('removed_by__isnull', False), models.Q(('removed_because', ''), _negated=True)), _connector='OR'), name='a_court_document_is_removed_for_a_reason'), models.UniqueConstraint(condition=models.Q(('removed_at__isnull', True)), fields=('handover', 'digest'), name='one_court_document_of_a_content', violation_error_message='该文件已上传过。')],
            },
        ),
        migrations.RunSQL(court_guards.INSTALL, court_guards.REMOVE),
    ]
