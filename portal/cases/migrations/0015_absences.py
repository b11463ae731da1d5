"""Who is away from when until when, and who sees to their cases meanwhile."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0014_news'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Absence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('since', models.DateField(verbose_name='自')),
                ('until', models.DateField(verbose_name='至')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='登记时间')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='提前结束时间')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='登记人')),
                ('deputy', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='代办人员')),
                ('ended_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='absences', to=settings.AUTH_USER_MODEL, verbose_name='缺勤人员')),
            ],
            options={
                'verbose_name': '缺勤',
                'verbose_name_plural': '缺勤',
                'ordering': ['-since', '-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('until__gte', models.F('since'))), name='an_absence_ends_after_it_begins', violation_error_message='截止日期不能早于起始日期。'), models.CheckConstraint(condition=models.Q(('person', models.F('deputy')), _negated=True), name='nobody_is_their_own_deputy', violation_error_message='代办人员须为另一人。')],
            },
        ),
    ]
