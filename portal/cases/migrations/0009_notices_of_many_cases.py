"""A public notice of many cases is of a place, where one of a single case is of that."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0008_own_by_key'),
        ('regions', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='publicnotice',
            name='region',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='regions.region', verbose_name='地区'),
        ),
        migrations.AlterField(
            model_name='publicnotice',
            name='case',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='notices', to='cases.case'),
        ),
        migrations.AddConstraint(
            model_name='publicnotice',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('case__isnull', False), ('region__isnull', True)), models.Q(('case__isnull', True), ('region__isnull', False)), _connector='OR'), name='notice_of_a_case_or_a_place'),
        ),
    ]
