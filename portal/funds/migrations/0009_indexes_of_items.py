"""An item is written anew in each of its indexes with each of its states: as few as lists and foreign keys ask for."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('funds', '0008_returns_to_closed_lines'),
        ('regions', '0001_initial'),
    ]

    operations = [
        migrations.AlterField(
            model_name='item',
            name='channel',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='funds.channel', verbose_name='支付渠道'),
        ),
        migrations.AlterField(
            model_name='item',
            name='fund',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='funds.fund', verbose_name='资金'),
        ),
        migrations.AlterField(
            model_name='item',
            name='reference',
            field=models.CharField(max_length=24, verbose_name='业务编号'),
        ),
        migrations.AlterField(
            model_name='item',
            name='region',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='regions.region', verbose_name='地区'),
        ),
        migrations.AddConstraint(
            model_name='item',
            constraint=models.UniqueConstraint(fields=('reference',), name='one_item_of_a_reference'),
        ),
    ]
