"""Balances are held more shortly (portal.funds.weighing_guards); payables and payments are written into fewer indexes."""

import django.db.models.deletion
from django.db import migrations, models

from portal.funds import weighing_guards


class Migration(migrations.Migration):

    dependencies = [
        ('funds', '0014_posting'),
    ]

    operations = [
        migrations.RunSQL(weighing_guards.INSTALL, weighing_guards.REMOVE),
        migrations.RemoveIndex(
            model_name='item',
            name='item_by_place_state',
        ),
        migrations.RemoveIndex(
            model_name='item',
            name='item_by_league_state',
        ),
        migrations.RemoveIndex(
            model_name='item',
            name='item_by_batch_state',
        ),
        migrations.AlterField(
            model_name='payable',
            name='case',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='payables', to='cases.case', verbose_name='办件'),
        ),
        migrations.AlterField(
            model_name='payable',
            name='line',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='payables', to='funds.line', verbose_name='资金科目'),
        ),
        migrations.AddIndex(
            model_name='item',
            index=models.Index(condition=models.Q(('state', 'paid'), _negated=True), fields=['region', 'state', '-id'], name='item_by_place_state'),
        ),
        migrations.AddIndex(
            model_name='item',
            index=models.Index(condition=models.Q(('state', 'paid'), _negated=True), fields=['league_code', 'state', '-id'], name='item_by_league_state'),
        ),
        migrations.AddIndex(
            model_name='item',
            index=models.Index(condition=models.Q(('state', 'paid'), _negated=True), fields=['batch', 'state'], name='item_by_batch_state'),
        ),
    ]
