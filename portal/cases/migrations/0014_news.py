"""What happened to a case is kept for each of those who should know, until they have looked at it."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0013_narrowed_in_indexes'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='News',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('came_back', '退回'), ('answered', '补正已提交'), ('assigned', '分派给我'), ('handed_over', '移交给我'), ('objection', '收到异议'), ('payment_returned', '付款退回'), ('moved', '有新进展')], max_length=16, verbose_name='提醒')),
                ('label', models.CharField(blank=True, max_length=40, verbose_name='事项')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='时间')),
                ('seen_at', models.DateTimeField(null=True, verbose_name='查看时间')),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='news', to='cases.case')),
                ('person', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': '提醒',
                'verbose_name_plural': '提醒',
                'indexes': [models.Index(fields=['person', '-id'], name='news_of_person'), models.Index(condition=models.Q(('seen_at', None)), fields=['person'], name='news_unseen'), models.Index(condition=models.Q(('seen_at__isnull', False)), fields=['seen_at'], name='news_seen')],
            },
        ),
    ]
