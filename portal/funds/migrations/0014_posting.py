"""What transfers and rows of the bank name is looked for as sets, and balances are held last (portal.funds.posting_guards)."""

import django.db.models.deletion
from django.db import migrations, models

from portal.funds import posting_guards


class Migration(migrations.Migration):

    dependencies = [
        ('funds', '0013_changed_plans'),
    ]

    operations = [
        migrations.RunSQL(posting_guards.INSTALL, posting_guards.REMOVE),
        migrations.AlterField(
            model_name='bankrow',
            name='answer',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='rows', to='funds.answer'),
        ),
        migrations.AlterField(
            model_name='bankrow',
            name='item',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='bank_rows', to='funds.item', verbose_name='付款'),
        ),
        migrations.AlterField(
            model_name='transfer',
            name='bank_row',
            field=models.OneToOneField(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='transfer', to='funds.bankrow', verbose_name='银行回盘'),
        ),
        migrations.AlterField(
            model_name='transfer',
            name='payable',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='transfers', to='funds.payable', verbose_name='应付款'),
        ),
    ]
