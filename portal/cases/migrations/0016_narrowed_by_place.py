"""What else is asked of the cases of a place, or of a person, is told by the index alone."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0015_absences'),
        ('regions', '0001_initial'),
        ('workforce', '0035_mended_rosters'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='case',
            name='case_by_region',
        ),
        migrations.RemoveIndex(
            model_name='case',
            name='case_of_worker',
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(fields=['region', '-opened_on', '-id'], include=('kind', 'state', 'league_code', 'worker'), name='case_by_region'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(fields=['worker', 'kind', 'state', '-opened_on', '-id'], include=('league_code', 'region'), name='case_of_worker'),
        ),
    ]
