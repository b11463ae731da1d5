"""Extracts of registers, what they cover, and when somebody came to where they are."""

import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.text
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from portal.workforce import arrival_guards


class Migration(migrations.Migration):

    dependencies = [
        ('jobs', '0001_initial'),
        ('regions', '0001_initial'),
        ('workforce', '0026_bound_numbers'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Arrival',
            fields=[
                ('worker', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='arrival', serialize=False, to='workforce.worker')),
                ('at', models.DateTimeField()),
            ],
            options={
                'verbose_name': '转入时间',
                'verbose_name_plural': '转入时间',
            },
        ),
        migrations.CreateModel(
            name='FigureAge',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('what', models.CharField(choices=[('claims', '以往补贴'), ('insurance', '失业保险信息'), ('certificates', '证书联网查询结果')], max_length=16, verbose_name='信息')),
                ('days', models.PositiveSmallIntegerField(verbose_name='天数')),
                ('since', models.DateField(verbose_name='自')),
                ('source', models.CharField(max_length=160, verbose_name='依据')),
                ('is_sample', models.BooleanField(default=False, verbose_name='示例')),
                ('changed_at', models.DateTimeField(auto_now=True, verbose_name='更新时间')),
            ],
            options={
                'verbose_name': '信息时效',
                'verbose_name_plural': '信息时效',
                'ordering': ['what', '-since'],
                'constraints': [models.UniqueConstraint(fields=('what', 'since'), name='one_age_from_a_day')],
            },
        ),
        migrations.CreateModel(
            name='RegisterExtract',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('insurance', '失业保险参保缴费'), ('claims', '以往补贴发放'), ('certificates', '证书全国联网查询结果')], max_length=16, verbose_name='类别')),
                ('register', models.CharField(max_length=60, verbose_name='登记库名称')),
                ('as_of', models.DateField(verbose_name='摘录日期')),
                ('league_code', models.GeneratedField(db_persist=True, expression=django.db.models.functions.text.Concat(django.db.models.functions.text.Left('place_id', 4), models.Value('00')), output_field=models.CharField(max_length=6))),
                ('fund', models.CharField(blank=True, choices=[('unemployment_insurance_fund', '失业保险基金'), ('employment_subsidy_fund', '就业补助资金')], max_length=32, verbose_name='资金')),
                ('covers_from', models.DateField(verbose_name='覆盖起始日')),
                ('covers_until', models.DateField(verbose_name='覆盖截止日')),
                ('file_name', models.CharField(max_length=100, verbose_name='文件名')),
                ('suffix', models.CharField(choices=[('.csv', 'CSV'), ('.xlsx', 'Excel')], max_length=5)),
                ('fingerprint', models.CharField(max_length=64, verbose_name='文件摘要')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='提交时间')),
                ('phase', models.CharField(choices=[('received', '等待核对'), ('reading', '正在核对'), ('examined', '待确认写入'), ('merging', '正在写入'), ('done', '已写入'), ('failed', '未写入')], default='received', max_length=12, verbose_name='阶段')),
                ('message', models.CharField(blank=True, max_length=600, verbose_name='说明')),
                ('understood', models.JSONField(db_default=models.Value([], models.JSONField()), default=list)),
                ('rows_read', models.PositiveIntegerField(default=0, verbose_name='读取')),
                ('added', models.PositiveIntegerField(default=0, verbose_name='新增')),
                ('changed', models.PositiveIntegerField(default=0, verbose_name='更新')),
                ('unchanged', models.PositiveIntegerField(default=0, verbose_name='相同')),
                ('refused', models.PositiveIntegerField(default=0, verbose_name='未写入')),
                ('elsewhere', models.PositiveIntegerField(default=0, verbose_name='其中无档案或不在本地区')),
                ('has_refused_file', models.BooleanField(default=False)),
                ('merged_at', models.DateTimeField(null=True, verbose_name='写入时间')),
                ('people_until', models.DateTimeField(null=True)),
                ('source_deleted_at', models.DateTimeField(null=True)),
                ('withdrawn_at', models.DateTimeField(null=True, verbose_name='撤回覆盖声明时间')),
                ('withdrawn_for', models.CharField(blank=True, max_length=200, verbose_name='撤回理由')),
                ('changed_at', models.DateTimeField(auto_now=True)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='提交人')),
                ('job', models.OneToOneField(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='register_extract', to='jobs.job')),
                ('place', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='regions.region', verbose_name='覆盖地区')),
                ('withdrawn_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='撤回人')),
            ],
            options={
                'verbose_name': '登记库摘录',
                'verbose_name_plural': '登记库摘录',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='DecidedHere',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('league_code', models.GeneratedField(db_persist=True, expression=django.db.models.functions.text.Concat(django.db.models.functions.text.Left('place_id', 4), models.Value('00')), output_field=models.CharField(max_length=6))),
                ('fund', models.CharField(choices=[('unemployment_insurance_fund', '失业保险基金'), ('employment_subsidy_fund', '就业补助资金')], max_length=32, verbose_name='资金')),
                ('since', models.DateField(verbose_name='自')),
                ('until', models.DateField(blank=True, null=True, verbose_name='至')),
                ('basis', models.CharField(max_length=160, verbose_name='依据')),
                ('stated_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='提出时间')),
                ('confirmed_at', models.DateTimeField(null=True, verbose_name='确认时间')),
                ('changed_at', models.DateTimeField(auto_now=True)),
                ('confirmed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='确认人')),
                ('ended_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='终止人')),
                ('place', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='regions.region', verbose_name='地区')),
                ('stated_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='提出人')),
            ],
            options={
                'verbose_name': '本系统办理起始',
                'verbose_name_plural': '本系统办理起始',
                'ordering': ['place_id', 'fund', 'since', 'id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('until__isnull', True), ('until__gte', models.F('since')), _connector='OR'), name='decided_here_ends_after_it_begins', violation_error_message='截止日期不能早于起始日期。'), models.CheckConstraint(condition=models.Q(('confirmed_by__isnull', True), models.Q(('confirmed_by', models.F('stated_by')), _negated=True), _connector='OR'), name='decided_here_is_confirmed_by_another', violation_error_message='提出人不能确认自己提出的声明。'), models.UniqueConstraint(condition=models.Q(('until__isnull', True)), fields=('place', 'fund'), name='one_open_statement_of_a_place', violation_error_message='该地区、该资金已有一项声明。')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='decidedhere',
            trigger=pgtrigger.compiler.Trigger(name='by_two', sql=pgtrigger.compiler.UpsertTriggerSql(func="\nIF TG_OP = 'INSERT' THEN\n    -- Without people only whoever installs the portal writes it.\n    IF (NEW.stated_by_id IS NULL OR NEW.confirmed_by_id IS NOT NULL) AND NOT pg_has_role(\n        current_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'MEMBER'\n    ) THEN\n        RAISE EXCEPTION 'what is decided here is stated by one and confirmed by another'\n            USING ERRCODE = 'check_violation';\n    END IF;\n    RETURN NEW;\nEND IF;\nIF TG_OP = 'DELETE' AND OLD.confirmed_at IS NULL THEN\n    RETURN OLD;\nEND IF;\nIF TG_OP = 'UPDATE' AND to_jsonb(NEW) - '{until,confirmed_by_id,confirmed_at,ended_by_id,changed_at,league_code}'::text[] = to_jsonb(OLD) - '{until,confirmed_by_id,confirmed_at,ended_by_id,changed_at,league_code}'::text[]\n   AND (OLD.confirmed_at IS NULL OR (NEW.confirmed_by_id, NEW.confirmed_at)\n        IS NOT DISTINCT FROM (OLD.confirmed_by_id, OLD.confirmed_at))\n   AND (OLD.until IS NULL OR NEW.until <= OLD.until) THEN\n    RETURN NEW;\nEND IF;\nRAISE EXCEPTION 'since when claims are decided here stands as it is' USING ERRCODE = 'check_violation';\n", hash='d297abb8975c3e8221eef9a4b954b0e93589793a', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_by_two_85cd9', table='workforce_decidedhere', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='registerextract',
            constraint=models.CheckConstraint(condition=models.Q(('covers_until__gte', models.F('covers_from')), ('covers_until__lte', models.F('as_of'))), name='extract_covers_until_its_day', violation_error_message='覆盖截止日不能早于起始日，也不能晚于摘录日期。'),
        ),
        migrations.AddConstraint(
            model_name='registerextract',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'claims'), models.Q(('fund', ''), _negated=True)), models.Q(models.Q(('kind', 'claims'), _negated=True), ('fund', '')), _connector='OR'), name='extract_of_claims_names_a_fund'),
        ),
        migrations.AddConstraint(
            model_name='registerextract',
            constraint=models.CheckConstraint(condition=models.Q(('rows_read', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('added'), '+', models.F('changed')), '+', models.F('unchanged')), '+', models.F('refused'))), ('elsewhere__lte', models.F('refused'))), name='extract_rows_add_up'),
        ),
        migrations.AddConstraint(
            model_name='registerextract',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('withdrawn_at__isnull', True), ('withdrawn_by__isnull', True), ('withdrawn_for', '')), models.Q(('withdrawn_at__isnull', False), ('withdrawn_by__isnull', False), models.Q(('withdrawn_for', ''), _negated=True)), _connector='OR'), name='withdrawn_extract_says_why'),
        ),
        migrations.AddConstraint(
            model_name='registerextract',
            constraint=models.UniqueConstraint(condition=models.Q(('merged_at__isnull', False)), fields=('kind', 'fingerprint'), name='an_extract_is_taken_in_once'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='registerextract',
            trigger=pgtrigger.compiler.Trigger(name='stands', sql=pgtrigger.compiler.UpsertTriggerSql(func="\nIF TG_OP = 'DELETE' THEN\n    IF OLD.merged_at IS NULL THEN RETURN OLD; END IF;\nELSIF OLD.merged_at IS NULL OR (\n    to_jsonb(NEW) - '{withdrawn_at,withdrawn_by_id,withdrawn_for,changed_at,has_refused_file,source_deleted_at,job_id,league_code}'::text[] = to_jsonb(OLD) - '{withdrawn_at,withdrawn_by_id,withdrawn_for,changed_at,has_refused_file,source_deleted_at,job_id,league_code}'::text[]\n    AND (OLD.withdrawn_at IS NULL OR (NEW.withdrawn_at, NEW.withdrawn_by_id, NEW.withdrawn_for)\n         IS NOT DISTINCT FROM (OLD.withdrawn_at, OLD.withdrawn_by_id, OLD.withdrawn_for))\n) THEN\n    RETURN NEW;\nEND IF;\nRAISE EXCEPTION 'an extract that was taken in stands as it is' USING ERRCODE = 'check_violation';\n", hash='4a0e48f3d93272b375eda9a1fef366f148f1d355', operation='UPDATE OR DELETE', pgid='pgtrigger_stands_5c47a', table='workforce_registerextract', when='BEFORE')),
        ),
        migrations.RunSQL(arrival_guards.INSTALL, arrival_guards.REMOVE),
    ]
