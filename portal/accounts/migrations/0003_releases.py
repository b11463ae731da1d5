"""One-time codes that two administrators give out together."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from portal.accounts.guards import KEEP_RELEASES, LET_RELEASES_CHANGE


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_roles_apart'),
    ]

    operations = [
        migrations.CreateModel(
            name='Release',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('password', '设置密码'), ('enrol', '登记第二重验证'), ('factor-lost', '更换遗失的第二重验证')], max_length=20, verbose_name='用途')),
                ('asked_as', models.CharField(blank=True, default='', max_length=20)),
                ('asked_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='申请时间')),
                ('released_as', models.CharField(blank=True, default='', max_length=20)),
                ('released_at', models.DateTimeField(null=True, verbose_name='批准时间')),
                ('digest', models.BinaryField(null=True, unique=True)),
                ('expires_at', models.DateTimeField(verbose_name='有效期至')),
                ('used_at', models.DateTimeField(null=True, verbose_name='使用时间')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='作废时间')),
                ('asked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('released_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='releases', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': '一次性代码',
                'verbose_name_plural': '一次性代码',
                'ordering': ['-asked_at', '-id'],
                'indexes': [models.Index(fields=['user', 'kind'], name='accounts_re_user_id_df4622_idx')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True), ('used_at__isnull', True)), fields=('user', 'kind'), name='one_open_release'), models.CheckConstraint(condition=models.Q(('released_by__isnull', True), models.Q(('released_by', models.F('asked_by')), _negated=True), _connector='OR'), name='released_by_another'), models.CheckConstraint(condition=models.Q(models.Q(('asked_by__isnull', True), models.Q(('asked_by', models.F('user')), _negated=True), _connector='OR'), models.Q(('released_by__isnull', True), models.Q(('released_by', models.F('user')), _negated=True), _connector='OR')), name='released_by_nobody_concerned'), models.CheckConstraint(condition=models.Q(('released_by__isnull', True), models.Q(('asked_as', 'system_admin'), ('released_as', 'security_admin')), models.Q(('asked_as', 'security_admin'), ('released_as', 'system_admin')), _connector='OR'), name='released_by_the_other_role'), models.CheckConstraint(condition=models.Q(models.Q(('digest__isnull', True), ('released_at__isnull', True), ('released_by__isnull', True)), models.Q(('digest__isnull', False), ('released_at__isnull', False), ('released_by__isnull', False), ('asked_by__isnull', False)), models.Q(('digest__isnull', False), ('released_at__isnull', False), ('released_by__isnull', True), ('asked_by__isnull', True)), _connector='OR'), name='a_code_is_released'), models.CheckConstraint(condition=models.Q(('used_at__isnull', True), ('released_at__isnull', False), _connector='OR'), name='used_after_its_release')],
            },
        ),
        migrations.RunSQL(KEEP_RELEASES, LET_RELEASES_CHANGE),
    ]
