"""Lines of a year are closed by decision of two, and take and spend nothing from then on."""

import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from portal.funds import closing_guards


class Migration(migrations.Migration):

    dependencies = [
        ('funds', '0006_batch_guards'),
        ('regions', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Closing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('league_code', models.GeneratedField(db_persist=True, expression=django.db.models.functions.text.Concat(django.db.models.functions.text.Left('region_id', 4), models.Value('00')), output_field=models.CharField(max_length=6))),
                ('number', models.CharField(max_length=80, verbose_name='决定文号')),
                ('title', models.CharField(max_length=120, verbose_name='标题')),
                ('day', models.DateField(verbose_name='关闭日期')),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='拟办时间')),
                ('confirmed_at', models.DateTimeField(null=True, verbose_name='确认时间')),
                ('dropped_at', models.DateTimeField(null=True, verbose_name='放弃时间')),
                ('confirmed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='确认人')),
                ('fund', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='closings', to='funds.fund', verbose_name='资金')),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='拟办人')),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='regions.region', verbose_name='地区')),
            ],
            options={
                'verbose_name': '科目关闭决定',
                'verbose_name_plural': '科目关闭决定',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='LineClosing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rest', models.BigIntegerField(null=True, verbose_name='结余（分）')),
                ('closed_at', models.DateTimeField(null=True, verbose_name='关闭时间')),
                ('closing', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='funds.closing', verbose_name='关闭决定')),
                ('line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='closings', to='funds.line', verbose_name='资金科目')),
                ('rest_order', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='rest_of', to='funds.order', verbose_name='结余指令')),
                ('rest_to', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='funds.line', verbose_name='结余转入')),
                ('returns_to', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='funds.line', verbose_name='以后退回转入')),
            ],
            options={
                'verbose_name': '科目关闭',
                'verbose_name_plural': '科目关闭',
                'ordering': ['closing', 'line'],
            },
        ),
        migrations.AddIndex(
            model_name='closing',
            index=models.Index(fields=['region', '-id'], name='closing_by_place'),
        ),
        migrations.AddIndex(
            model_name='closing',
            index=models.Index(fields=['league_code', '-id'], name='closing_by_league'),
        ),
        migrations.AddConstraint(
            model_name='closing',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('confirmed_at__isnull', True), ('confirmed_by__isnull', True)), models.Q(('confirmed_at__isnull', False), ('confirmed_by__isnull', False), ('dropped_at__isnull', True), models.Q(('confirmed_by', models.F('made_by')), _negated=True)), _connector='OR'), name='a_closing_is_confirmed_by_another', violation_error_message='拟办人不能确认自己拟办的决定。'),
        ),
        migrations.AddConstraint(
            model_name='closing',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('number', ''), _negated=True), models.Q(('title', ''), _negated=True)), name='a_closing_names_its_document'),
        ),
        migrations.AddConstraint(
            model_name='lineclosing',
            constraint=models.UniqueConstraint(fields=('closing', 'line'), name='a_decision_names_a_line_once'),
        ),
        migrations.AddConstraint(
            model_name='lineclosing',
            constraint=models.UniqueConstraint(condition=models.Q(('closed_at__isnull', False)), fields=('line',), name='a_line_is_closed_once'),
        ),
        migrations.AddConstraint(
            model_name='lineclosing',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', True), ('rest__isnull', True), ('rest_order__isnull', True)), models.Q(('closed_at__isnull', False), ('rest__gte', 0), ('rest__isnull', False)), _connector='OR'), name='a_closed_line_says_its_rest'),
        ),
        migrations.AddConstraint(
            model_name='lineclosing',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('rest_to__isnull', True), models.Q(('rest_to', models.F('line')), _negated=True), _connector='OR'), models.Q(('returns_to__isnull', True), models.Q(('returns_to', models.F('line')), _negated=True), _connector='OR')), name='a_closed_line_goes_elsewhere'),
        ),
        migrations.RunSQL(closing_guards.INSTALL, closing_guards.REMOVE),
        migrations.RunSQL(closing_guards.HOLD_OPEN, closing_guards.HOLD_ANY),
    ]
