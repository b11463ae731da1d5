"""A decision that nobody has signed lapses when the claim is taken back."""

from django.db import migrations, models

from subsidies import lapsing_guards


class Migration(migrations.Migration):

    dependencies = [
        ('subsidies', '0011_trainings_in_lists'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='adversedecision',
            name='a_decision_says_who_signed_it',
        ),
        migrations.AlterField(
            model_name='adversedecision',
            name='state',
            field=models.CharField(choices=[('proposed', '待会签'), ('signed', '已作出'), ('declined', '会签未同意'), ('lapsed', '申请撤回，未作出')], default='proposed', max_length=10, verbose_name='状态'),
        ),
        migrations.AddConstraint(
            model_name='adversedecision',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('signed_by__isnull', True), ('signed_on__isnull', True), ('state__in', ['proposed', 'lapsed'])), models.Q(('state__in', ['signed', 'declined']), ('signed_by__isnull', False), ('signed_on__isnull', False)), _connector='OR'), name='a_decision_says_who_signed_it'),
        ),
        migrations.RunSQL(lapsing_guards.INSTALL, lapsing_guards.REMOVE),
    ]
