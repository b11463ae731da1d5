"""Cases of a person, and those in a state, are narrowed in the index alone."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0012_duties_of_many'),
        ('regions', '0001_initial'),
        ('workforce', '0031_stated_answers'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='case',
            name='case_by_worker',
        ),
        migrations.RemoveIndex(
            model_name='case',
            name='case_by_state',
        ),
        migrations.AlterField(
            model_name='case',
            name='worker',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='cases', to='workforce.worker', verbose_name='技术工人'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(fields=['worker', 'kind', 'state', '-opened_on', '-id'], name='case_of_worker'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(fields=['kind', 'state', '-opened_on', '-id'], include=('worker', 'league_code', 'region'), name='case_in_state'),
        ),
    ]
