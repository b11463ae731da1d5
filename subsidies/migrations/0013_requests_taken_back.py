"""A request to look again at a decision has its receipt, and may be taken back until it is answered."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from subsidies import request_guards


class Migration(migrations.Migration):

    dependencies = [
        ('letters', '0003_bound_letters'),
        ('subsidies', '0012_decisions_that_lapse'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='reconsideration',
            name='receipt',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='letters.letter', verbose_name='收件回执'),
        ),
        migrations.AddField(
            model_name='reconsideration',
            name='withdrawn_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='撤回登记人'),
        ),
        migrations.AddField(
            model_name='reconsideration',
            name='withdrawn_on',
            field=models.DateField(null=True, verbose_name='撤回日期'),
        ),
        migrations.AlterField(
            model_name='reconsideration',
            name='decision',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reconsiderations', related_query_name='reconsideration', to='subsidies.adversedecision', verbose_name='原决定'),
        ),
        migrations.AddConstraint(
            model_name='reconsideration',
            constraint=models.UniqueConstraint(condition=models.Q(('withdrawn_on__isnull', True)), fields=('decision',), name='a_decision_is_looked_at_once'),
        ),
        migrations.AddConstraint(
            model_name='reconsideration',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('withdrawn_by__isnull', True), ('withdrawn_on__isnull', True)), models.Q(('finding', ''), ('withdrawn_by__isnull', False), ('withdrawn_on__isnull', False)), _connector='OR'), name='what_was_taken_back_was_not_answered'),
        ),
        migrations.RunSQL(request_guards.INSTALL, request_guards.REMOVE),
    ]
