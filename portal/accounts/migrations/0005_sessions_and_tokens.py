"""Sessions and tokens under their digests. What earlier folders have in the clear goes: everybody signs in once more."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

DROP = """
DROP TABLE IF EXISTS django_session;
DROP TABLE IF EXISTS authtoken_token;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_no_axes'),
    ]

    operations = [
        migrations.CreateModel(
            name='StoredSession',
            fields=[
                ('session_data', models.TextField(verbose_name='session data')),
                ('expire_date', models.DateTimeField(db_index=True, verbose_name='expire date')),
                ('session_key', models.CharField(max_length=64, primary_key=True, serialize=False, verbose_name='会话摘要')),
                ('since', models.DateTimeField(null=True, verbose_name='登录时间')),
                ('last_used', models.DateTimeField(default=django.utils.timezone.now, verbose_name='最近使用')),
                ('address', models.CharField(blank=True, default='', max_length=45, verbose_name='地址')),
                ('browser', models.CharField(blank=True, default='', max_length=40, verbose_name='浏览器')),
                ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': '登录',
                'verbose_name_plural': '登录',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='AccessToken',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=40, verbose_name='用途')),
                ('digest', models.BinaryField(unique=True)),
                ('session', models.CharField(blank=True, default='', max_length=64)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='领取时间')),
                ('expires_at', models.DateTimeField(verbose_name='有效期至')),
                ('last_used_at', models.DateTimeField(null=True, verbose_name='最近使用')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='停用时间')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tokens', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': '接口令牌',
                'verbose_name_plural': '接口令牌',
                'ordering': ['-created_at', '-id'],
                'indexes': [models.Index(fields=['user', 'expires_at'], name='accounts_ac_user_id_685e01_idx'), models.Index(fields=['session'], name='accounts_ac_session_56ac39_idx')],
            },
        ),
        migrations.RunSQL(DROP, migrations.RunSQL.noop),
    ]
