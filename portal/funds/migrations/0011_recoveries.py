"""What was paid and is to come back (portal.funds.recovery_guards, recovery_posting_guards)."""

import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from portal.funds import recovery_guards, recovery_posting_guards


class Migration(migrations.Migration):

    dependencies = [
        ('funds', '0010_daily_seals'),
        ('regions', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Recovery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.GeneratedField(db_persist=True, expression=django.db.models.functions.text.Concat(models.Value('ZH'), django.db.models.functions.text.LPad(django.db.models.functions.comparison.Cast('id', models.CharField()), 8, models.Value('0'))), output_field=models.CharField(max_length=24), unique=True, verbose_name='追回编号')),
                ('region', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='regions.region', verbose_name='地区')),
                ('league_code', models.GeneratedField(db_persist=True, expression=django.db.models.functions.text.Concat(django.db.models.functions.text.Left('region_id', 4), models.Value('00')), output_field=models.CharField(max_length=6))),
                ('amount', models.BigIntegerField(verbose_name='追回金额（分）')),
                ('cause', models.CharField(choices=[('fallen', '批准已撤销'), ('overpaid', '多付')], max_length=10, verbose_name='原因')),
                ('grounds', models.CharField(max_length=500, verbose_name='事实和理由')),
                ('clause', models.CharField(max_length=300, verbose_name='依据')),
                ('way', models.CharField(choices=[('at_once', '一次退回'), ('instalments', '分期退回'), ('set_off', '从以后的待遇中抵扣')], max_length=12, verbose_name='退回方式')),
                ('pay_to', models.CharField(blank=True, max_length=200, verbose_name='退回账户')),
                ('state', models.CharField(choices=[('drawn', '待决定'), ('decided', '追回中'), ('done', '已办结'), ('dropped', '已撤回')], default='drawn', max_length=8, verbose_name='状态')),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='拟办时间')),
                ('decided_on', models.DateField(null=True, verbose_name='决定日期')),
                ('decided_at', models.DateTimeField(null=True, verbose_name='决定时间')),
                ('letter_number', models.CharField(blank=True, max_length=80, verbose_name='决定书文号')),
                ('done_at', models.DateTimeField(null=True, verbose_name='办结时间')),
                ('dropped_at', models.DateTimeField(null=True, verbose_name='撤回时间')),
                ('dropped_because', models.CharField(blank=True, max_length=200, verbose_name='撤回理由')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='决定人')),
                ('dropped_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='撤回人')),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='拟办人')),
                ('payable', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='recoveries', to='funds.payable', verbose_name='原付款')),
            ],
            options={
                'verbose_name': '追回',
                'verbose_name_plural': '追回',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='Instalment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(verbose_name='期次')),
                ('due_on', models.DateField(verbose_name='退回期限')),
                ('amount', models.BigIntegerField(verbose_name='金额（分）')),
                ('recovery', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='instalments', to='funds.recovery', verbose_name='追回')),
            ],
            options={
                'verbose_name': '退回期次',
                'verbose_name_plural': '退回期次',
                'ordering': ['recovery', 'position'],
            },
        ),
        migrations.CreateModel(
            name='RecoveryHearing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('told_on', models.DateField(verbose_name='事先告知日期')),
                ('heard', models.CharField(choices=[('said', '已陈述申辩'), ('hearing', '已举行听证'), ('silent', '逾期未提出'), ('waived', '书面表示放弃')], max_length=8, verbose_name='当事人意见')),
                ('heard_on', models.DateField(verbose_name='陈述申辩、听证日期或者期满日期')),
                ('said', models.CharField(blank=True, max_length=1000, verbose_name='陈述申辩内容')),
                ('answer', models.CharField(blank=True, max_length=500, verbose_name='采纳情况和理由')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='登记时间')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='登记人')),
                ('recovery', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='hearing', to='funds.recovery', verbose_name='追回')),
            ],
            options={
                'verbose_name': '追回前听取意见',
                'verbose_name_plural': '追回前听取意见',
            },
        ),
        migrations.CreateModel(
            name='WriteOff',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount', models.BigIntegerField(verbose_name='核销金额（分）')),
                ('grounds', models.CharField(max_length=500, verbose_name='事实和理由')),
                ('clause', models.CharField(max_length=300, verbose_name='依据')),
                ('document', models.CharField(max_length=80, verbose_name='决定文号')),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='拟办时间')),
                ('decided_at', models.DateTimeField(null=True, verbose_name='决定时间')),
                ('dropped_at', models.DateTimeField(null=True, verbose_name='放弃时间')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='决定人')),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='拟办人')),
                ('recovery', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='write_offs', to='funds.recovery', verbose_name='追回')),
            ],
            options={
                'verbose_name': '核销决定',
                'verbose_name_plural': '核销决定',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='RecoveryShare',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('received', '到账'), ('set_off', '抵扣'), ('written_off', '核销')], max_length=12, verbose_name='种类')),
                ('amount', models.BigIntegerField(verbose_name='金额（分）')),
                ('to_treasury', models.BooleanField(default=False, verbose_name='待交回来源')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='登记时间')),
                ('bank_row', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='recovered', to='funds.bankrow', verbose_name='银行回盘')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='经办人')),
                ('payable', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='recovered', to='funds.payable', verbose_name='原付款')),
                ('recovery', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='shares', to='funds.recovery', verbose_name='追回')),
                ('settled', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='set_off', to='funds.payable', verbose_name='抵扣的待遇')),
                ('to_line', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='funds.line', verbose_name='转入科目')),
                ('write_off', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='share', to='funds.writeoff', verbose_name='核销决定')),
            ],
            options={
                'verbose_name': '追回款项',
                'verbose_name_plural': '追回款项',
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='Reminder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('on', models.DateField(verbose_name='催告日期')),
                ('pay_by', models.DateField(verbose_name='限期退回')),
                ('letter_number', models.CharField(max_length=80, verbose_name='催告书文号')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='登记时间')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='经办人')),
                ('recovery', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reminders', to='funds.recovery', verbose_name='追回')),
            ],
            options={
                'verbose_name': '催告',
                'verbose_name_plural': '催告',
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='CourtHandover',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reminder_served_on', models.DateField(verbose_name='催告书送达日期')),
                ('final_on', models.DateField(verbose_name='复议、诉讼期限届满日期')),
                ('on', models.DateField(verbose_name='申请日期')),
                ('court', models.CharField(max_length=80, verbose_name='人民法院')),
                ('document', models.CharField(max_length=80, verbose_name='强制执行申请书文号')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='登记时间')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='经办人')),
                ('recovery', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='handover', to='funds.recovery', verbose_name='追回')),
                ('reminder', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='funds.reminder', verbose_name='催告')),
            ],
            options={
                'verbose_name': '申请法院强制执行',
                'verbose_name_plural': '申请法院强制执行',
            },
        ),
        migrations.AlterField(
            model_name='approval',
            name='move',
            field=models.CharField(choices=[('appropriate', '下达'), ('withdraw', '收回指标'), ('reallocate', '调剂'), ('reserve', '预留'), ('release', '释放'), ('commit', '批准'), ('cancel', '撤销批准'), ('send', '发出'), ('settle', '到账'), ('bounce', '退回'), ('late_return', '到账后退回'), ('claim_back', '追回'), ('recovered', '已追回'), ('write_off', '核销'), ('recoup', '追回到账'), ('recoup_over', '追回转入'), ('set_off', '抵扣追回'), ('set_off_over', '抵扣转入'), ('paid_by_set_off', '抵扣支付'), ('write_off_rest', '核销余额')], max_length=16, verbose_name='事项'),
        ),
        migrations.AlterField(
            model_name='bankrow',
            name='outcome',
            field=models.CharField(choices=[('paid', '已支付'), ('returned', '已退回'), ('recovered', '追回到账'), ('unknown', '无法识别'), ('amount_differs', '金额不符'), ('payee_differs', '收款人不符'), ('duplicate', '重复'), ('not_in_transit', '不在途')], max_length=16, verbose_name='结果'),
        ),
        migrations.AlterField(
            model_name='ledgermove',
            name='code',
            field=models.CharField(choices=[('appropriate', '下达'), ('withdraw', '收回指标'), ('reallocate', '调剂'), ('reserve', '预留'), ('release', '释放'), ('commit', '批准'), ('cancel', '撤销批准'), ('send', '发出'), ('settle', '到账'), ('bounce', '退回'), ('late_return', '到账后退回'), ('claim_back', '追回'), ('recovered', '已追回'), ('write_off', '核销'), ('recoup', '追回到账'), ('recoup_over', '追回转入'), ('set_off', '抵扣追回'), ('set_off_over', '抵扣转入'), ('paid_by_set_off', '抵扣支付'), ('write_off_rest', '核销余额')], max_length=16, primary_key=True, serialize=False),
        ),
        migrations.AlterField(
            model_name='order',
            name='move',
            field=models.CharField(choices=[('appropriate', '下达'), ('withdraw', '收回指标'), ('reallocate', '调剂'), ('reserve', '预留'), ('release', '释放'), ('commit', '批准'), ('cancel', '撤销批准'), ('send', '发出'), ('settle', '到账'), ('bounce', '退回'), ('late_return', '到账后退回'), ('claim_back', '追回'), ('recovered', '已追回'), ('write_off', '核销'), ('recoup', '追回到账'), ('recoup_over', '追回转入'), ('set_off', '抵扣追回'), ('set_off_over', '抵扣转入'), ('paid_by_set_off', '抵扣支付'), ('write_off_rest', '核销余额')], max_length=16, verbose_name='事项'),
        ),
        migrations.AlterField(
            model_name='transfer',
            name='move',
            field=models.CharField(choices=[('appropriate', '下达'), ('withdraw', '收回指标'), ('reallocate', '调剂'), ('reserve', '预留'), ('release', '释放'), ('commit', '批准'), ('cancel', '撤销批准'), ('send', '发出'), ('settle', '到账'), ('bounce', '退回'), ('late_return', '到账后退回'), ('claim_back', '追回'), ('recovered', '已追回'), ('write_off', '核销'), ('recoup', '追回到账'), ('recoup_over', '追回转入'), ('set_off', '抵扣追回'), ('set_off_over', '抵扣转入'), ('paid_by_set_off', '抵扣支付'), ('write_off_rest', '核销余额')], max_length=16, verbose_name='事项'),
        ),
        migrations.AddField(
            model_name='fund',
            name='sets_off_by',
            field=models.CharField(blank=True, default='', max_length=80, verbose_name='抵扣依据'),
        ),
        migrations.AddField(
            model_name='ledgermove',
            name='of_recovery',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='bankrow',
            name='recovery',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='bank_rows', to='funds.recovery', verbose_name='追回'),
        ),
        migrations.AddField(
            model_name='transfer',
            name='recovery_share',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='transfers', to='funds.recoveryshare', verbose_name='追回款项'),
        ),
        migrations.RemoveConstraint(
            model_name='transfer',
            name='a_transfer_is_of_a_payable_or_an_order',
        ),
        migrations.AddIndex(
            model_name='bankrow',
            index=models.Index(condition=models.Q(('recovery__isnull', False)), fields=['recovery'], name='bank_row_by_recovery'),
        ),
        migrations.AddConstraint(
            model_name='bankrow',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('outcome', 'recovered'), _negated=True), models.Q(('amount__isnull', False), ('item__isnull', True), ('recovery__isnull', False), models.Q(('bank_number', ''), _negated=True)), _connector='OR'), name='a_row_that_brings_back_names_it'),
        ),
        migrations.AddConstraint(
            model_name='bankrow',
            constraint=models.UniqueConstraint(condition=models.Q(('outcome', 'recovered')), fields=('recovery', 'bank_number'), name='a_row_brings_back_once'),
        ),
        migrations.AddConstraint(
            model_name='transfer',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('order__isnull', True), ('payable__isnull', False), ('recovery_share__isnull', True)), models.Q(('order__isnull', False), ('payable__isnull', True), ('recovery_share__isnull', True)), models.Q(('order__isnull', True), ('recovery_share__isnull', False)), _connector='OR'), name='a_transfer_is_of_a_payable_or_an_order'),
        ),
        migrations.AddConstraint(
            model_name='transfer',
            constraint=models.UniqueConstraint(condition=models.Q(('recovery_share__isnull', False)), fields=('recovery_share', 'move'), name='a_recovered_share_is_posted_once'),
        ),
        migrations.AddIndex(
            model_name='recovery',
            index=models.Index(fields=['payable'], name='recovery_by_payable'),
        ),
        migrations.AddIndex(
            model_name='recovery',
            index=models.Index(fields=['state', '-id'], name='recovery_by_state'),
        ),
        migrations.AddIndex(
            model_name='recovery',
            index=models.Index(fields=['region', '-id'], name='recovery_by_place'),
        ),
        migrations.AddIndex(
            model_name='recovery',
            index=models.Index(fields=['league_code', '-id'], name='recovery_by_league'),
        ),
        migrations.AddConstraint(
            model_name='recovery',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='a_recovery_is_of_something'),
        ),
        migrations.AddConstraint(
            model_name='recovery',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('grounds', ''), _negated=True), models.Q(('clause', ''), _negated=True)), name='a_recovery_says_why_and_by_which_clause'),
        ),
        migrations.AddConstraint(
            model_name='recovery',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('pay_to', ''), ('way', 'set_off')), models.Q(models.Q(('way', 'set_off'), _negated=True), models.Q(('pay_to', ''), _negated=True)), _connector='OR'), name='a_recovery_says_where_it_is_paid'),
        ),
        migrations.AddConstraint(
            model_name='recovery',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('decided_by__isnull', True), ('decided_on__isnull', True), ('letter_number', ''), models.Q(('state__in', ['decided', 'done']), _negated=True)), models.Q(('decided_at__isnull', False), ('decided_by__isnull', False), ('decided_on__isnull', False), models.Q(('letter_number', ''), _negated=True), models.Q(('state', 'drawn'), _negated=True), models.Q(('decided_by', models.F('made_by')), _negated=True)), _connector='OR'), name='a_recovery_is_decided_by_another', violation_error_message='拟办人不能决定自己拟办的追回。'),
        ),
        migrations.AddConstraint(
            model_name='recovery',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('done_at__isnull', False), ('state', 'done')), models.Q(models.Q(('state', 'done'), _negated=True), ('done_at__isnull', True)), _connector='OR'), name='a_recovery_is_done_at_a_time'),
        ),
        migrations.AddConstraint(
            model_name='recovery',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('dropped_at__isnull', False), ('dropped_by__isnull', False), ('state', 'dropped'), models.Q(('dropped_because', ''), _negated=True)), models.Q(models.Q(('state', 'dropped'), _negated=True), ('dropped_at__isnull', True), ('dropped_because', ''), ('dropped_by__isnull', True)), _connector='OR'), name='a_recovery_is_dropped_for_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='instalment',
            constraint=models.UniqueConstraint(fields=('recovery', 'position'), name='one_instalment_of_a_position'),
        ),
        migrations.AddConstraint(
            model_name='instalment',
            constraint=models.UniqueConstraint(fields=('recovery', 'due_on'), name='one_instalment_of_a_day'),
        ),
        migrations.AddConstraint(
            model_name='instalment',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='an_instalment_is_of_something'),
        ),
        migrations.AddConstraint(
            model_name='recoveryhearing',
            constraint=models.CheckConstraint(condition=models.Q(('heard_on__gte', models.F('told_on'))), name='somebody_is_told_before_they_are_heard'),
        ),
        migrations.AddConstraint(
            model_name='recoveryhearing',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('heard__in', ['said', 'hearing']), models.Q(('said', ''), _negated=True), models.Q(('answer', ''), _negated=True)), models.Q(('answer', ''), ('heard__in', ['silent', 'waived']), ('said', '')), _connector='OR'), name='what_was_said_is_answered'),
        ),
        migrations.AddConstraint(
            model_name='reminder',
            constraint=models.CheckConstraint(condition=models.Q(('pay_by__gt', models.F('on'))), name='a_reminder_leaves_time'),
        ),
        migrations.AddConstraint(
            model_name='reminder',
            constraint=models.CheckConstraint(condition=models.Q(('letter_number', ''), _negated=True), name='a_reminder_is_in_writing'),
        ),
        migrations.AddConstraint(
            model_name='courthandover',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('court', ''), _negated=True), models.Q(('document', ''), _negated=True)), name='a_handover_names_court_and_document'),
        ),
        migrations.AddConstraint(
            model_name='writeoff',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='a_write_off_is_of_something'),
        ),
        migrations.AddConstraint(
            model_name='writeoff',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('grounds', ''), _negated=True), models.Q(('clause', ''), _negated=True), models.Q(('document', ''), _negated=True)), name='a_write_off_says_why'),
        ),
        migrations.AddConstraint(
            model_name='writeoff',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('decided_by__isnull', True)), models.Q(('decided_at__isnull', False), ('decided_by__isnull', False), ('dropped_at__isnull', True), models.Q(('decided_by', models.F('made_by')), _negated=True)), _connector='OR'), name='a_write_off_is_decided_by_another', violation_error_message='拟办人不能决定自己拟办的核销。'),
        ),
        migrations.AddConstraint(
            model_name='writeoff',
            constraint=models.UniqueConstraint(condition=models.Q(('dropped_at__isnull', True)), fields=('recovery',), name='one_write_off_of_a_recovery', violation_error_message='该追回已有核销决定。'),
        ),
        migrations.AddIndex(
            model_name='recoveryshare',
            index=models.Index(fields=['to_line'], name='recovery_share_by_line'),
        ),
        migrations.AddConstraint(
            model_name='recoveryshare',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='a_recovered_share_is_of_something'),
        ),
        migrations.AddConstraint(
            model_name='recoveryshare',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('bank_row__isnull', False), ('kind', 'received'), ('settled__isnull', True), ('write_off__isnull', True)), models.Q(('bank_row__isnull', True), ('kind', 'set_off'), ('settled__isnull', False), ('write_off__isnull', True)), models.Q(('bank_row__isnull', True), ('kind', 'written_off'), ('settled__isnull', True), ('write_off__isnull', False)), _connector='OR'), name='a_recovered_share_rests_on_something'),
        ),
        migrations.RunSQL(recovery_posting_guards.INSTALL, recovery_posting_guards.REMOVE),
        migrations.RunSQL(recovery_guards.INSTALL, recovery_guards.REMOVE),
    ]
