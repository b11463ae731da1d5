"""Until when what was found for somebody can be claimed, whom the night warned, and what ended unclaimed."""

import django.db.models.deletion
import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('entitlements', '0002_offers_of_subjects'),
        ('regions', '0001_initial'),
        ('subsidies', '0006_against_claims'),
        ('workforce', '0030_days_that_turn'),
    ]

    operations = [
        migrations.CreateModel(
            name='LastDay',
            fields=[
                ('offer', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='last_day', serialize=False, to='entitlements.offer')),
                ('league_code', models.GeneratedField(db_persist=True, expression=django.db.models.functions.text.Concat(django.db.models.functions.text.Left('region_id', 4), models.Value('00')), output_field=models.CharField(max_length=6))),
                ('day', models.DateField(verbose_name='最后一天')),
                ('seen_on', models.DateField(verbose_name='最近一次符合日期')),
                ('warned_60_on', models.DateField(null=True, verbose_name='提前60天提醒日期')),
                ('warned_14_on', models.DateField(null=True, verbose_name='提前14天提醒日期')),
                ('missed_on', models.DateField(null=True, verbose_name='逾期未申领认定日期')),
                ('credential', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='workforce.skillcredential', verbose_name='技能证书')),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='regions.region', verbose_name='工作地')),
                ('worker', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='workforce.worker', verbose_name='技术工人')),
            ],
            options={
                'verbose_name': '申领期限',
                'verbose_name_plural': '申领期限',
                'indexes': [models.Index(condition=models.Q(('missed_on__isnull', True)), fields=['day'], name='last_day_to_come'), models.Index(condition=models.Q(('missed_on__isnull', False)), fields=['league_code', 'day'], name='missed_by_league')],
                'constraints': [models.CheckConstraint(condition=models.Q(('missed_on__isnull', True), ('missed_on__gt', models.F('day')), _connector='OR'), name='what_is_missed_has_ended')],
            },
        ),
    ]
