"""A benefit that is larger than what is left to recover is taken apart (portal.funds.split_guards)."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from portal.funds import split_guards


class Migration(migrations.Migration):

    dependencies = [
        ('funds', '0015_shorter_holds'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='recoveryshare',
            name='letter_number',
            field=models.CharField(blank=True, db_default='', default='', max_length=80, verbose_name='告知书文号'),
        ),
        migrations.AlterField(
            model_name='approval',
            name='move',
            field=models.CharField(choices=[('appropriate', '下达'), ('withdraw', '收回指标'), ('reallocate', '调剂'), ('reserve', '预留'), ('release', '释放'), ('commit', '批准'), ('cancel', '撤销批准'), ('send', '发出'), ('settle', '到账'), ('bounce', '退回'), ('late_return', '到账后退回'), ('claim_back', '追回'), ('recovered', '已追回'), ('write_off', '核销'), ('recoup', '追回到账'), ('recoup_over', '追回转入'), ('set_off', '抵扣追回'), ('set_off_over', '抵扣转入'), ('paid_by_set_off', '抵扣支付'), ('write_off_rest', '核销余额'), ('split', '拆分'), ('split_part', '拆分')], max_length=16, verbose_name='事项'),
        ),
        migrations.AlterField(
            model_name='ledgermove',
            name='code',
            field=models.CharField(choices=[('appropriate', '下达'), ('withdraw', '收回指标'), ('reallocate', '调剂'), ('reserve', '预留'), ('release', '释放'), ('commit', '批准'), ('cancel', '撤销批准'), ('send', '发出'), ('settle', '到账'), ('bounce', '退回'), ('late_return', '到账后退回'), ('claim_back', '追回'), ('recovered', '已追回'), ('write_off', '核销'), ('recoup', '追回到账'), ('recoup_over', '追回转入'), ('set_off', '抵扣追回'), ('set_off_over', '抵扣转入'), ('paid_by_set_off', '抵扣支付'), ('write_off_rest', '核销余额'), ('split', '拆分'), ('split_part', '拆分')], max_length=16, primary_key=True, serialize=False),
        ),
        migrations.AlterField(
            model_name='order',
            name='move',
            field=models.CharField(choices=[('appropriate', '下达'), ('withdraw', '收回指标'), ('reallocate', '调剂'), ('reserve', '预留'), ('release', '释放'), ('commit', '批准'), ('cancel', '撤销批准'), ('send', '发出'), ('settle', '到账'), ('bounce', '退回'), ('late_return', '到账后退回'), ('claim_back', '追回'), ('recovered', '已追回'), ('write_off', '核销'), ('recoup', '追回到账'), ('recoup_over', '追回转入'), ('set_off', '抵扣追回'), ('set_off_over', '抵扣转入'), ('paid_by_set_off', '抵扣支付'), ('write_off_rest', '核销余额'), ('split', '拆分'), ('split_part', '拆分')], max_length=16, verbose_name='事项'),
        ),
        migrations.AlterField(
            model_name='transfer',
            name='move',
            field=models.CharField(choices=[('appropriate', '下达'), ('withdraw', '收回指标'), ('reallocate', '调剂'), ('reserve', '预留'), ('release', '释放'), ('commit', '批准'), ('cancel', '撤销批准'), ('send', '发出'), ('settle', '到账'), ('bounce', '退回'), ('late_return', '到账后退回'), ('claim_back', '追回'), ('recovered', '已追回'), ('write_off', '核销'), ('recoup', '追回到账'), ('recoup_over', '追回转入'), ('set_off', '抵扣追回'), ('set_off_over', '抵扣转入'), ('paid_by_set_off', '抵扣支付'), ('write_off_rest', '核销余额'), ('split', '拆分'), ('split_part', '拆分')], max_length=16, verbose_name='事项'),
        ),
        migrations.CreateModel(
            name='PayableSplit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='登记时间')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='经办人')),
                ('off', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='split_as_off', to='funds.payable', verbose_name='抵扣的部分')),
                ('payable', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='split', to='funds.payable', verbose_name='拆分的待遇')),
                ('recovery', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='splits', to='funds.recovery', verbose_name='追回')),
                ('rest', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='split_as_rest', to='funds.payable', verbose_name='照常支付的部分')),
            ],
            options={
                'verbose_name': '拆分的待遇',
                'verbose_name_plural': '拆分的待遇',
                'ordering': ['id'],
            },
        ),
        migrations.RunSQL(split_guards.INSTALL, split_guards.REMOVE),
    ]
