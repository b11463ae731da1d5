"""Of whom everything is confirmed the facts are no longer kept twice, and gathered rows are not checked one by one
against the register they are drawn from.

Rows of before stay as they are, in both tables, and are read as before until they are gathered again.
"""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('workforce', '0014_one_dash'),
    ]

    operations = [
        migrations.AddField(
            model_name='knownfacts',
            name='all_confirmed',
            field=models.BooleanField(db_default=False, default=False, verbose_name='全部已核验'),
        ),
        migrations.AlterField(
            model_name='knownfacts',
            name='worker',
            field=models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='known', serialize=False, to='workforce.worker'),
        ),
        migrations.AlterField(
            model_name='verifiedfacts',
            name='worker',
            field=models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='verified_facts', serialize=False, to='workforce.worker'),
        ),
    ]
