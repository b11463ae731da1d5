"""What was decided and waits for money, and how money is held still while it is given out."""

import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from portal.funds import waiting_guards


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0008_own_by_key'),
        ('funds', '0002_guards'),
        ('regions', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='AwaitingMoney',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('share', models.PositiveSmallIntegerField(default=1, verbose_name='份额')),
                ('use', models.CharField(choices=[('skill_upgrade', '技能提升补贴'), ('training', '培训补贴'), ('facility_grant', '工作室、基地建设资金'), ('award', '竞赛奖金和奖励'), ('competition_cost', '竞赛办赛经费')], max_length=24, verbose_name='用途')),
                ('league_code', models.GeneratedField(db_persist=True, expression=django.db.models.functions.text.Concat(django.db.models.functions.text.Left('region_id', 4), models.Value('00')), output_field=models.CharField(max_length=6))),
                ('payee_kind', models.CharField(choices=[('person', '个人'), ('public_payroll', '机关事业单位在编人员'), ('unit', '单位')], max_length=24, verbose_name='收款对象')),
                ('amount', models.BigIntegerField(verbose_name='金额（分）')),
                ('calculation_digest', models.CharField(max_length=64, verbose_name='计算摘要')),
                ('payee_digest', models.CharField(max_length=64, verbose_name='收款人摘要')),
                ('handed_in_on', models.DateField(verbose_name='首次提交')),
                ('since', models.DateTimeField(default=django.utils.timezone.now, verbose_name='待资金自')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='不再等待')),
                ('approved_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='审批人')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='awaiting_money', to='cases.case', verbose_name='办件')),
                ('fund', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='awaiting', to='funds.fund', verbose_name='资金')),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='经办人')),
                ('payable', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='waited', to='funds.payable', verbose_name='应付款')),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='regions.region', verbose_name='地区')),
            ],
            options={
                'verbose_name': '待资金',
                'verbose_name_plural': '待资金',
                'ordering': ['handed_in_on', 'case'],
                'indexes': [models.Index(condition=models.Q(('ended_at__isnull', True), ('payable__isnull', True)), fields=['fund', 'use', 'handed_in_on', 'case'], name='awaiting_money_in_order'), models.Index(condition=models.Q(('ended_at__isnull', True), ('payable__isnull', True)), fields=['league_code'], name='awaiting_money_by_league'), models.Index(condition=models.Q(('ended_at__isnull', True), ('payable__isnull', True)), fields=['case'], name='awaiting_money_of_case')],
                'constraints': [models.UniqueConstraint(fields=('case', 'share'), name='a_share_waits_once'), models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='what_waits_is_more_than_nothing'), models.CheckConstraint(condition=models.Q(('payable__isnull', True), ('ended_at__isnull', True), _connector='OR'), name='what_was_drawn_waits_no_more'), models.CheckConstraint(condition=models.Q(('ended_at__isnull', True), ('ended_at__gte', models.F('since')), _connector='OR'), name='what_waits_ends_after_it_began'), models.CheckConstraint(condition=models.Q(('made_by', models.F('approved_by')), _negated=True), name='what_waits_was_approved_by_another')],
            },
        ),
        migrations.RunSQL(waiting_guards.INSTALL, waiting_guards.REMOVE),
    ]
