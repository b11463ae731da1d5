"""A day's transfers are sealed when it has ended (portal.funds.seal_guards)."""

import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from portal.funds import seal_guards


class Migration(migrations.Migration):

    dependencies = [
        ('funds', '0009_indexes_of_items'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='DailySeal',
            fields=[
                ('day', models.DateField(primary_key=True, serialize=False, verbose_name='日期')),
                ('first_id', models.BigIntegerField(null=True, verbose_name='首笔流水')),
                ('last_id', models.BigIntegerField(null=True, verbose_name='末笔流水')),
                ('count', models.BigIntegerField(verbose_name='笔数')),
                ('leaves', models.BinaryField()),
                ('previous', models.BinaryField()),
                ('digest', models.BinaryField(verbose_name='摘要')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='封存时间')),
            ],
            options={
                'verbose_name': '每日封存',
                'verbose_name_plural': '每日封存',
                'ordering': ['day'],
            },
        ),
        migrations.AddIndex(
            model_name='transfer',
            index=models.Index(fields=['at'], name='transfer_by_moment'),
        ),
        migrations.RunSQL(seal_guards.INSTALL, seal_guards.REMOVE),
    ]
