"""A row of a unit's list, and the proposal that comes of it, may be about a completed training."""

import django.db.models.deletion
from django.db import migrations, models

from subsidies.by_unit import training_guards


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0009_notices_of_many_cases'),
        ('subsidies', '0010_voided_trainings'),
        ('workforce', '0031_stated_answers'),
    ]

    operations = [
        migrations.AddField(
            model_name='claimfilerow',
            name='training',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='subsidies.completedtraining'),
        ),
        migrations.AddField(
            model_name='proposal',
            name='training',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='claim_proposals', to='subsidies.completedtraining', verbose_name='培训结业'),
        ),
        migrations.AlterField(
            model_name='proposal',
            name='credential',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='claim_proposals', to='workforce.skillcredential', verbose_name='技能证书'),
        ),
        migrations.AddConstraint(
            model_name='proposal',
            constraint=models.UniqueConstraint(condition=models.Q(('lapsed', False)), fields=('unit', 'training'), name='a_unit_proposes_a_training_once'),
        ),
        migrations.AddConstraint(
            model_name='proposal',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('credential__isnull', False), ('training__isnull', True)), models.Q(('credential__isnull', True), ('training__isnull', False)), _connector='OR'), name='a_proposal_is_about_one_thing'),
        ),
        migrations.RunSQL(training_guards.INSTALL, training_guards.REMOVE),
    ]
