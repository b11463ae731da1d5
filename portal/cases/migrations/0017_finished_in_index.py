"""What was finished in a year, and whether in time, is counted in an index alone."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0016_narrowed_by_place'),
        ('regions', '0001_initial'),
        ('workforce', '0036_rosters_of_units'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name='case',
            index=models.Index(condition=models.Q(('closed_at__isnull', False)), fields=['closed_at'], include=('due_on', 'kind', 'region', 'league_code', 'assigned_to'), name='case_finished'),
        ),
    ]
