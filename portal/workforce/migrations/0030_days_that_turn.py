"""What a new day brings or ends is found without reading every record."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('workforce', '0029_extracts_in_less_time'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='attestedfact',
            index=models.Index(condition=models.Q(('since__isnull', False)), fields=['since'], name='attested_by_since'),
        ),
        migrations.AddIndex(
            model_name='attestedfact',
            index=models.Index(condition=models.Q(('until__isnull', False)), fields=['until'], name='attested_by_until'),
        ),
        migrations.AddIndex(
            model_name='benefitclaim',
            index=models.Index(condition=models.Q(('claimed_on__isnull', False)), fields=['claimed_on'], name='claim_by_claimed_on'),
        ),
        migrations.AddIndex(
            model_name='competitionresult',
            index=models.Index(condition=models.Q(('held_on__isnull', False)), fields=['held_on'], name='result_by_held_on'),
        ),
        migrations.AddIndex(
            model_name='honour',
            index=models.Index(condition=models.Q(('conferred_on__isnull', False)), fields=['conferred_on'], name='honour_by_conferred_on'),
        ),
        migrations.AddIndex(
            model_name='skillcredential',
            index=models.Index(condition=models.Q(('issued_on__isnull', False)), fields=['issued_on'], name='credential_by_issued_on'),
        ),
        migrations.AddIndex(
            model_name='technicalschooling',
            index=models.Index(condition=models.Q(('graduated_on__isnull', False)), fields=['graduated_on'], name='schooling_by_graduated_on'),
        ),
    ]
