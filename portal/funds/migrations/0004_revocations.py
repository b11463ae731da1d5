"""That the decision a payable rests on does not stand any more, and what of it is to be recovered."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from portal.funds import revocation_guards


class Migration(migrations.Migration):

    dependencies = [
        ('funds', '0003_awaiting_money'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Revocation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('stood_in', models.CharField(choices=[('treasury', '来源（系统外）'), ('available', '可用'), ('reserved', '已预留'), ('committed', '已批准待付'), ('in_transit', '已发出'), ('paid', '已支付'), ('recoverable', '待追回'), ('written_off', '已核销')], max_length=16, verbose_name='撤销时状态')),
                ('amount', models.BigIntegerField(verbose_name='金额（分）')),
                ('grounds', models.CharField(max_length=500, verbose_name='事实和理由')),
                ('clause', models.CharField(max_length=300, verbose_name='依据')),
                ('on', models.DateField(verbose_name='撤销日期')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='登记时间')),
                ('lifted_at', models.DateTimeField(null=True, verbose_name='恢复时间')),
                ('decided_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='拟办人')),
                ('lifted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='恢复人')),
                ('payable', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='revocations', to='funds.payable', verbose_name='应付款')),
                ('signed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='会签人')),
            ],
            options={
                'verbose_name': '付款依据撤销',
                'verbose_name_plural': '付款依据撤销',
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['payable'], name='revocation_by_payable')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('lifted_at__isnull', True)), fields=('payable',), name='a_payable_is_revoked_once'), models.CheckConstraint(condition=models.Q(models.Q(('grounds', ''), _negated=True), models.Q(('clause', ''), _negated=True)), name='a_revocation_says_why_and_by_which_clause'), models.CheckConstraint(condition=models.Q(('decided_by', models.F('signed_by')), _negated=True), name='a_revocation_is_signed_by_two'), models.CheckConstraint(condition=models.Q(models.Q(('lifted_at__isnull', True), ('lifted_by__isnull', True)), models.Q(('lifted_at__isnull', False), ('lifted_by__isnull', False)), _connector='OR'), name='a_revocation_is_lifted_by_somebody')],
            },
        ),
        migrations.RunSQL(revocation_guards.INSTALL, revocation_guards.REMOVE),
    ]
