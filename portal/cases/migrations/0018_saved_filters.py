"""Filters of lists of cases that somebody keeps."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0017_finished_in_index'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='SavedFilter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('page', models.CharField(choices=[('home', '工作台'), ('cases', '办件')], max_length=8, verbose_name='清单')),
                ('name', models.CharField(max_length=20, verbose_name='名称')),
                ('query', models.CharField(max_length=300, verbose_name='筛选条件')),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('person', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': '保存的筛选',
                'verbose_name_plural': '保存的筛选',
                'ordering': ['person', 'page', 'name'],
                'constraints': [models.UniqueConstraint(fields=('person', 'page', 'name'), name='one_saved_filter_of_a_name', violation_error_message='已有同名的筛选。'), models.CheckConstraint(condition=models.Q(models.Q(('name', ''), _negated=True), models.Q(('query', ''), _negated=True)), name='a_saved_filter_says_something')],
            },
        ),
    ]
