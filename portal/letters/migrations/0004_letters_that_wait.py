"""A letter of a decision waits for the figure that it has to name; a clause may be as long as decisions have it."""

import django.contrib.postgres.fields
import django.db.models.deletion
import portal.fields
import portal.letters.models
from django.conf import settings
from django.db import migrations, models

from portal.letters import waiting_guards


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0011_notes'),
        ('letters', '0003_bound_letters'),
        ('regions', '0001_initial'),
        ('workforce', '0031_stated_answers'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='letter',
            name='clause',
            field=models.CharField(blank=True, max_length=400, verbose_name='依据条款'),
        ),
        migrations.CreateModel(
            name='WaitingLetter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(default=portal.letters.models.new_code, max_length=12, unique=True)),
                ('kind', models.CharField(max_length=48, verbose_name='种类')),
                ('place', models.CharField(max_length=6, verbose_name='决定机关所在地')),
                ('addressee', models.CharField(max_length=120, verbose_name='主送')),
                ('context', portal.fields.EncryptedJSONField(bound_to=('code',), editable=True)),
                ('grounds', portal.fields.EncryptedTextField(bound_to=('code',), editable=True, verbose_name='事实和理由')),
                ('clause', models.CharField(max_length=400, verbose_name='依据条款')),
                ('decided_on', models.DateField(verbose_name='决定日期')),
                ('replaces', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), blank=True, default=list, size=None)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.case', verbose_name='办件')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='决定人')),
                ('issuer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='letters.issuer', verbose_name='发文机关')),
                ('letter', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='letters.letter', verbose_name='已出具的信函')),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='regions.region', verbose_name='地区')),
                ('worker', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='workforce.worker', verbose_name='技术工人')),
            ],
            options={
                'verbose_name': '暂缓出具的信函',
                'verbose_name_plural': '暂缓出具的信函',
                'ordering': ['pk'],
                'indexes': [models.Index(condition=models.Q(('letter__isnull', True)), fields=['id'], name='letter_that_waits')],
            },
        ),
        migrations.RunSQL(waiting_guards.INSTALL, waiting_guards.REMOVE),
    ]
