import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('cases', '0006_second_signatures'),
        ('regions', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Fund',
            fields=[
                ('code', models.CharField(max_length=32, primary_key=True, serialize=False, verbose_name='代码')),
                ('name', models.CharField(max_length=40, verbose_name='名称')),
                ('rests_on', models.CharField(choices=[('indicator', '预算指标文件'), ('fund_budget', '批准的基金预算'), ('payment_order', '用款拨付单')], max_length=16, verbose_name='依据')),
                ('arrives_by', models.CharField(choices=[('indicator', '预算指标文件'), ('fund_budget', '批准的基金预算'), ('payment_order', '用款拨付单')], max_length=16, verbose_name='到款依据')),
                ('pays_a_right', models.BooleanField(verbose_name='法定待遇')),
                ('place', models.PositiveSmallIntegerField(verbose_name='顺序')),
            ],
            options={
                'verbose_name': '资金',
                'verbose_name_plural': '资金',
                'ordering': ['place'],
            },
        ),
        migrations.CreateModel(
            name='AuthorisingDocument',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('indicator', '预算指标文件'), ('fund_budget', '批准的基金预算'), ('payment_order', '用款拨付单')], max_length=16, verbose_name='种类')),
                ('number', models.CharField(max_length=80, verbose_name='文号')),
                ('title', models.CharField(max_length=120, verbose_name='标题')),
                ('issuer', models.CharField(max_length=80, verbose_name='发文单位')),
                ('issued_on', models.DateField(verbose_name='发文日期')),
                ('league_code', models.GeneratedField(db_persist=True, expression=django.db.models.functions.text.Concat(django.db.models.functions.text.Left('region_id', 4), models.Value('00')), output_field=models.CharField(max_length=6))),
                ('amount', models.BigIntegerField(verbose_name='金额（分）')),
                ('recorded_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='登记时间')),
                ('confirmed_at', models.DateTimeField(null=True, verbose_name='确认时间')),
                ('confirmed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='确认人')),
                ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='登记人')),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='regions.region', verbose_name='使用地')),
                ('fund', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='documents', to='funds.fund', verbose_name='资金')),
            ],
            options={
                'verbose_name': '资金文件',
                'verbose_name_plural': '资金文件',
                'ordering': ['-issued_on', '-id'],
            },
        ),
        migrations.CreateModel(
            name='FundRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('use', models.CharField(blank=True, choices=[('skill_upgrade', '技能提升补贴'), ('training', '培训补贴'), ('facility_grant', '工作室、基地建设资金'), ('award', '竞赛奖金和奖励'), ('competition_cost', '竞赛办赛经费')], max_length=24, verbose_name='用途')),
                ('payee', models.CharField(blank=True, choices=[('person', '个人'), ('public_payroll', '机关事业单位在编人员'), ('unit', '单位')], max_length=24, verbose_name='收款对象')),
                ('permitted', models.BooleanField(verbose_name='允许')),
                ('document', models.CharField(max_length=60, verbose_name='文件')),
                ('article', models.CharField(blank=True, max_length=40, verbose_name='条款')),
                ('fund', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rules', to='funds.fund', verbose_name='资金')),
            ],
            options={
                'verbose_name': '资金用途规定',
                'verbose_name_plural': '资金用途规定',
                'ordering': ['fund', '-permitted', 'use', 'payee'],
            },
        ),
        migrations.CreateModel(
            name='LedgerMove',
            fields=[
                ('code', models.CharField(choices=[('appropriate', '下达'), ('withdraw', '收回指标'), ('reallocate', '调剂'), ('reserve', '预留'), ('release', '释放'), ('commit', '批准'), ('cancel', '撤销批准'), ('send', '发出'), ('settle', '到账'), ('bounce', '退回'), ('late_return', '到账后退回'), ('claim_back', '追回'), ('recovered', '已追回'), ('write_off', '核销')], max_length=16, primary_key=True, serialize=False)),
                ('from_bucket', models.CharField(choices=[('treasury', '来源（系统外）'), ('available', '可用'), ('reserved', '已预留'), ('committed', '已批准待付'), ('in_transit', '已发出'), ('paid', '已支付'), ('recoverable', '待追回'), ('written_off', '已核销')], max_length=16)),
                ('to_bucket', models.CharField(choices=[('treasury', '来源（系统外）'), ('available', '可用'), ('reserved', '已预留'), ('committed', '已批准待付'), ('in_transit', '已发出'), ('paid', '已支付'), ('recoverable', '待追回'), ('written_off', '已核销')], max_length=16)),
                ('within_line', models.BooleanField()),
                ('of_payable', models.BooleanField()),
                ('needs_approval', models.BooleanField()),
                ('needs_bank_row', models.BooleanField()),
                ('spends', models.BooleanField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('code', 'from_bucket', 'to_bucket', 'within_line'), name='a_move_goes_one_way')],
            },
        ),
        migrations.CreateModel(
            name='Line',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('year', models.PositiveSmallIntegerField(verbose_name='年度')),
                ('league_code', models.GeneratedField(db_persist=True, expression=django.db.models.functions.text.Concat(django.db.models.functions.text.Left('region_id', 4), models.Value('00')), output_field=models.CharField(max_length=6))),
                ('use', models.CharField(choices=[('skill_upgrade', '技能提升补贴'), ('training', '培训补贴'), ('facility_grant', '工作室、基地建设资金'), ('award', '竞赛奖金和奖励'), ('competition_cost', '竞赛办赛经费')], max_length=24, verbose_name='用途')),
                ('usable_from', models.DateField(verbose_name='使用期起')),
                ('usable_until', models.DateField(verbose_name='使用期止')),
                ('opened_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='设立时间')),
                ('document', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='funds.authorisingdocument', verbose_name='依据文件')),
                ('fund', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='funds.fund', verbose_name='资金')),
                ('opened_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='设立人')),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='regions.region', verbose_name='地区')),
            ],
            options={
                'verbose_name': '资金科目',
                'verbose_name_plural': '资金科目',
                'ordering': ['-year', 'fund', 'region', 'use', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Balance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('bucket', models.CharField(choices=[('treasury', '来源（系统外）'), ('available', '可用'), ('reserved', '已预留'), ('committed', '已批准待付'), ('in_transit', '已发出'), ('paid', '已支付'), ('recoverable', '待追回'), ('written_off', '已核销')], max_length=16, verbose_name='科目余额')),
                ('amount', models.BigIntegerField(default=0, verbose_name='金额（分）')),
                ('floor', models.BigIntegerField(null=True)),
                ('line', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='balances', to='funds.line')),
            ],
            options={
                'verbose_name': '余额',
                'verbose_name_plural': '余额',
            },
        ),
        migrations.CreateModel(
            name='Order',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('move', models.CharField(choices=[('appropriate', '下达'), ('withdraw', '收回指标'), ('reallocate', '调剂'), ('reserve', '预留'), ('release', '释放'), ('commit', '批准'), ('cancel', '撤销批准'), ('send', '发出'), ('settle', '到账'), ('bounce', '退回'), ('late_return', '到账后退回'), ('claim_back', '追回'), ('recovered', '已追回'), ('write_off', '核销')], max_length=16, verbose_name='事项')),
                ('amount', models.BigIntegerField(verbose_name='金额（分）')),
                ('reason', models.CharField(max_length=200, verbose_name='事由')),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='提出时间')),
                ('document', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='orders', to='funds.authorisingdocument', verbose_name='依据文件')),
                ('from_line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='orders_from', to='funds.line', verbose_name='转出科目')),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='经办人')),
                ('to_line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='orders_to', to='funds.line', verbose_name='转入科目')),
            ],
            options={
                'verbose_name': '资金指令',
                'verbose_name_plural': '资金指令',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='OrderApproval',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='审批人')),
                ('order', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='approvals', to='funds.order')),
            ],
        ),
        migrations.CreateModel(
            name='Payable',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('share', models.PositiveSmallIntegerField(default=1, verbose_name='份额')),
                ('use', models.CharField(choices=[('skill_upgrade', '技能提升补贴'), ('training', '培训补贴'), ('facility_grant', '工作室、基地建设资金'), ('award', '竞赛奖金和奖励'), ('competition_cost', '竞赛办赛经费')], max_length=24, verbose_name='用途')),
                ('payee_kind', models.CharField(choices=[('person', '个人'), ('public_payroll', '机关事业单位在编人员'), ('unit', '单位')], max_length=24, verbose_name='收款对象')),
                ('amount', models.BigIntegerField(verbose_name='金额（分）')),
                ('calculation_digest', models.CharField(max_length=64, verbose_name='计算摘要')),
                ('payee_digest', models.CharField(max_length=64, verbose_name='收款人摘要')),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='登记时间')),
                ('bucket', models.CharField(choices=[('treasury', '来源（系统外）'), ('available', '可用'), ('reserved', '已预留'), ('committed', '已批准待付'), ('in_transit', '已发出'), ('paid', '已支付'), ('recoverable', '待追回'), ('written_off', '已核销')], default='available', max_length=16, verbose_name='状态')),
                ('moves', models.PositiveSmallIntegerField(default=0, verbose_name='已办步数')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='payables', to='cases.case', verbose_name='办件')),
                ('line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='payables', to='funds.line', verbose_name='资金科目')),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='经办人')),
            ],
            options={
                'verbose_name': '应付款',
                'verbose_name_plural': '应付款',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='Approval',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at_moves', models.PositiveSmallIntegerField()),
                ('move', models.CharField(choices=[('appropriate', '下达'), ('withdraw', '收回指标'), ('reallocate', '调剂'), ('reserve', '预留'), ('release', '释放'), ('commit', '批准'), ('cancel', '撤销批准'), ('send', '发出'), ('settle', '到账'), ('bounce', '退回'), ('late_return', '到账后退回'), ('claim_back', '追回'), ('recovered', '已追回'), ('write_off', '核销')], max_length=16, verbose_name='事项')),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='审批人')),
                ('payable', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='approvals', to='funds.payable')),
            ],
        ),
        migrations.CreateModel(
            name='Threshold',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amounts', django.contrib.postgres.fields.ranges.BigIntegerRangeField(verbose_name='金额（分）')),
                ('days', django.contrib.postgres.fields.ranges.DateRangeField(verbose_name='施行期')),
                ('approvals', models.PositiveSmallIntegerField(verbose_name='审批人数')),
                ('document', models.CharField(max_length=80, verbose_name='依据')),
            ],
            options={
                'verbose_name': '审批额度',
                'verbose_name_plural': '审批额度',
                'constraints': [django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('amounts', '&&'), ('days', '&&')], name='one_threshold_for_a_sum'), models.CheckConstraint(condition=models.Q(('approvals__gte', 1), ('approvals__lte', 5)), name='one_to_five_approve')],
            },
        ),
        migrations.CreateModel(
            name='Transfer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('move', models.CharField(choices=[('appropriate', '下达'), ('withdraw', '收回指标'), ('reallocate', '调剂'), ('reserve', '预留'), ('release', '释放'), ('commit', '批准'), ('cancel', '撤销批准'), ('send', '发出'), ('settle', '到账'), ('bounce', '退回'), ('late_return', '到账后退回'), ('claim_back', '追回'), ('recovered', '已追回'), ('write_off', '核销')], max_length=16, verbose_name='事项')),
                ('from_bucket', models.CharField(choices=[('treasury', '来源（系统外）'), ('available', '可用'), ('reserved', '已预留'), ('committed', '已批准待付'), ('in_transit', '已发出'), ('paid', '已支付'), ('recoverable', '待追回'), ('written_off', '已核销')], max_length=16)),
                ('to_bucket', models.CharField(choices=[('treasury', '来源（系统外）'), ('available', '可用'), ('reserved', '已预留'), ('committed', '已批准待付'), ('in_transit', '已发出'), ('paid', '已支付'), ('recoverable', '待追回'), ('written_off', '已核销')], max_length=16)),
                ('within_line', models.GeneratedField(db_persist=True, expression=models.Case(models.When(from_line=models.F('to_line'), then=models.Value(True)), default=models.Value(False)), output_field=models.BooleanField())),
                ('amount', models.BigIntegerField(verbose_name='金额（分）')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='记账时间')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='记账人')),
                ('from_line', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='funds.line')),
                ('order', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='transfer', to='funds.order', verbose_name='资金指令')),
                ('payable', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='transfers', to='funds.payable', verbose_name='应付款')),
                ('to_line', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='funds.line')),
            ],
            options={
                'verbose_name': '资金流水',
                'verbose_name_plural': '资金流水',
                'ordering': ['-id'],
            },
        ),
        migrations.AddIndex(
            model_name='authorisingdocument',
            index=models.Index(fields=['region', '-issued_on'], name='document_of_money_by_place'),
        ),
        migrations.AddIndex(
            model_name='authorisingdocument',
            index=models.Index(fields=['league_code', '-issued_on'], name='document_of_money_by_league'),
        ),
        migrations.AddConstraint(
            model_name='authorisingdocument',
            constraint=models.UniqueConstraint(fields=('fund', 'kind', 'number', 'region'), name='one_document_of_a_number', violation_error_message='该文号已登记。'),
        ),
        migrations.AddConstraint(
            model_name='authorisingdocument',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='a_document_gives_something'),
        ),
        migrations.AddConstraint(
            model_name='authorisingdocument',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('confirmed_at__isnull', True), ('confirmed_by__isnull', True)), models.Q(('confirmed_at__isnull', False), ('confirmed_by__isnull', False), models.Q(('confirmed_by', models.F('recorded_by')), _negated=True)), _connector='OR'), name='a_document_of_money_is_confirmed_by_another', violation_error_message='登记人不能确认自己登记的文件。'),
        ),
        migrations.AddConstraint(
            model_name='fundrule',
            constraint=models.UniqueConstraint(fields=('fund', 'use', 'payee'), name='one_rule_of_a_fund'),
        ),
        migrations.AddConstraint(
            model_name='fundrule',
            constraint=models.CheckConstraint(condition=models.Q(('use', ''), ('payee', ''), _connector='XOR'), name='a_fund_rule_is_of_a_use_or_a_payee'),
        ),
        migrations.AddConstraint(
            model_name='fundrule',
            constraint=models.CheckConstraint(condition=models.Q(('document', ''), _negated=True), name='a_fund_rule_has_its_source'),
        ),
        migrations.AddIndex(
            model_name='line',
            index=models.Index(fields=['region', '-year'], name='line_by_place'),
        ),
        migrations.AddIndex(
            model_name='line',
            index=models.Index(fields=['league_code', '-year'], name='line_by_league'),
        ),
        migrations.AddConstraint(
            model_name='line',
            constraint=models.UniqueConstraint(fields=('fund', 'year', 'region', 'use', 'document'), name='one_line_of_a_document', violation_error_message='该文件在该地区、该用途下的科目已设立。'),
        ),
        migrations.AddConstraint(
            model_name='line',
            constraint=models.CheckConstraint(condition=models.Q(('usable_until__gte', models.F('usable_from'))), name='a_line_ends_after_it_begins'),
        ),
        migrations.AddConstraint(
            model_name='balance',
            constraint=models.UniqueConstraint(fields=('line', 'bucket'), name='one_balance_of_a_bucket'),
        ),
        migrations.AddConstraint(
            model_name='balance',
            constraint=models.CheckConstraint(condition=models.Q(('floor__isnull', True), ('amount__gte', models.F('floor')), _connector='OR'), name='a_balance_keeps_its_floor', violation_error_message='余额不足。'),
        ),
        migrations.AddConstraint(
            model_name='order',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='an_order_is_about_something'),
        ),
        migrations.AddConstraint(
            model_name='order',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='an_order_says_why'),
        ),
        migrations.AddConstraint(
            model_name='orderapproval',
            constraint=models.UniqueConstraint(fields=('order', 'by'), name='one_approval_of_an_order'),
        ),
        migrations.AddIndex(
            model_name='payable',
            index=models.Index(fields=['line', 'bucket'], name='payable_by_line'),
        ),
        migrations.AddConstraint(
            model_name='payable',
            constraint=models.UniqueConstraint(fields=('case', 'share'), name='one_payable_of_a_share'),
        ),
        migrations.AddConstraint(
            model_name='payable',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='a_payable_is_more_than_nothing'),
        ),
        migrations.AddConstraint(
            model_name='approval',
            constraint=models.UniqueConstraint(fields=('payable', 'at_moves', 'move', 'by'), name='one_approval_of_a_person'),
        ),
        migrations.AddIndex(
            model_name='transfer',
            index=models.Index(condition=models.Q(('payable__isnull', False)), fields=['payable', 'id'], name='transfer_by_payable'),
        ),
        migrations.AddIndex(
            model_name='transfer',
            index=models.Index(fields=['move', 'at'], name='transfer_by_move'),
        ),
        migrations.AddIndex(
            model_name='transfer',
            index=models.Index(fields=['from_line', 'from_bucket'], name='transfer_by_source'),
        ),
        migrations.AddIndex(
            model_name='transfer',
            index=models.Index(fields=['to_line', 'to_bucket'], name='transfer_by_target'),
        ),
        migrations.AddConstraint(
            model_name='transfer',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='a_transfer_moves_something'),
        ),
        migrations.AddConstraint(
            model_name='transfer',
            constraint=models.CheckConstraint(condition=models.Q(('payable__isnull', True), ('order__isnull', True), _connector='XOR'), name='a_transfer_is_of_a_payable_or_an_order'),
        ),
    ]
