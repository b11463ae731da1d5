"""Insurance and earlier claims say from which extract they are; answers of the national query."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from portal.workforce import extract_guards


class Migration(migrations.Migration):

    dependencies = [
        ('jobs', '0001_initial'),
        ('regions', '0001_initial'),
        ('workforce', '0027_extracts_of_registers'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='CertificateAnswer',
            fields=[
                ('credential', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='national_answer', serialize=False, to='workforce.skillcredential')),
                ('found', models.BooleanField(verbose_name='查到')),
                ('as_of', models.DateField(verbose_name='查询日期')),
            ],
            options={
                'verbose_name': '证书联网查询结果',
                'verbose_name_plural': '证书联网查询结果',
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='benefitclaim',
            name='delete_delete',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='benefitclaim',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='registerextract',
            name='stands',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='unemploymentinsurance',
            name='begins_unconfirmed',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='unemploymentinsurance',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='unemploymentinsurance',
            name='delete_delete',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='unemploymentinsurance',
            name='change_is_unconfirmed',
        ),
        migrations.RemoveConstraint(
            model_name='registerextract',
            name='an_extract_is_taken_in_once',
        ),
        migrations.AddField(
            model_name='benefitclaim',
            name='amount',
            field=models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True, verbose_name='金额（元）'),
        ),
        migrations.AddField(
            model_name='benefitclaim',
            name='extract',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='workforce.registerextract', verbose_name='登记库摘录'),
        ),
        migrations.AddField(
            model_name='benefitclaim',
            name='fund',
            field=models.CharField(blank=True, choices=[('unemployment_insurance_fund', '失业保险基金'), ('employment_subsidy_fund', '就业补助资金')], db_default='', default='', max_length=32, verbose_name='资金'),
        ),
        migrations.AddField(
            model_name='benefitclaimevent',
            name='amount',
            field=models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True, verbose_name='金额（元）'),
        ),
        migrations.AddField(
            model_name='benefitclaimevent',
            name='extract',
            field=models.ForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='workforce.registerextract', verbose_name='登记库摘录'),
        ),
        migrations.AddField(
            model_name='benefitclaimevent',
            name='fund',
            field=models.CharField(blank=True, choices=[('unemployment_insurance_fund', '失业保险基金'), ('employment_subsidy_fund', '就业补助资金')], db_default='', default='', max_length=32, verbose_name='资金'),
        ),
        migrations.AddField(
            model_name='registerextract',
            name='merging_in',
            field=models.BigIntegerField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='unemploymentinsurance',
            name='extract',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='workforce.registerextract', verbose_name='登记库摘录'),
        ),
        migrations.AddField(
            model_name='unemploymentinsuranceevent',
            name='extract',
            field=models.ForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='workforce.registerextract', verbose_name='登记库摘录'),
        ),
        migrations.AlterField(
            model_name='registerextract',
            name='phase',
            field=models.CharField(choices=[('received', '等待核对'), ('reading', '正在核对'), ('examined', '待确认写入'), ('confirmed', '等待写入'), ('merging', '正在写入'), ('done', '已写入'), ('failed', '未写入')], default='received', max_length=12, verbose_name='阶段'),
        ),
        migrations.AlterField(
            model_name='registerextract',
            name='understood',
            field=models.JSONField(blank=True, db_default=models.Value([], models.JSONField()), default=list),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='benefitclaim',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "workforce_benefitclaimevent" ("amount", "certificate_number", "claimed_on", "extract_id", "fund", "id", "kind", "level", "occupation", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recorded_at", "recorded_by_id", "source", "worker_id") SELECT old_values."amount", old_values."certificate_number", old_values."claimed_on", old_values."extract_id", old_values."fund", old_values."id", old_values."kind", old_values."level", old_values."occupation", _pgh_attached_context.value, NOW(), \'update\', old_values."id", old_values."recorded_at", old_values."recorded_by_id", old_values."source", old_values."worker_id" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."amount" IS DISTINCT FROM (new_values."amount") OR old_values."certificate_number" IS DISTINCT FROM (new_values."certificate_number") OR old_values."claimed_on" IS DISTINCT FROM (new_values."claimed_on") OR old_values."extract_id" IS DISTINCT FROM (new_values."extract_id") OR old_values."fund" IS DISTINCT FROM (new_values."fund") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."kind" IS DISTINCT FROM (new_values."kind") OR old_values."level" IS DISTINCT FROM (new_values."level") OR old_values."occupation" IS DISTINCT FROM (new_values."occupation") OR old_values."recorded_at" IS DISTINCT FROM (new_values."recorded_at") OR old_values."recorded_by_id" IS DISTINCT FROM (new_values."recorded_by_id") OR old_values."source" IS DISTINCT FROM (new_values."source") OR old_values."worker_id" IS DISTINCT FROM (new_values."worker_id")) ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='51a405e4cc86ded14bd48ec509c95d7cdfaef0d7', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_21cde', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='workforce_benefitclaim', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='benefitclaim',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "workforce_benefitclaimevent" ("amount", "certificate_number", "claimed_on", "extract_id", "fund", "id", "kind", "level", "occupation", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recorded_at", "recorded_by_id", "source", "worker_id") SELECT old_values."amount", old_values."certificate_number", old_values."claimed_on", old_values."extract_id", old_values."fund", old_values."id", old_values."kind", old_values."level", old_values."occupation", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."recorded_at", old_values."recorded_by_id", old_values."source", old_values."worker_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='c1460d20bbf130a4c72e34657e7784f9807011fd', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_fca59', referencing='REFERENCING OLD TABLE AS old_values ', table='workforce_benefitclaim', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='registerextract',
            trigger=pgtrigger.compiler.Trigger(name='stands', sql=pgtrigger.compiler.UpsertTriggerSql(func="\nIF TG_OP = 'DELETE' THEN\n    IF OLD.merged_at IS NULL THEN RETURN OLD; END IF;\nELSIF OLD.merged_at IS NULL THEN\n    IF NEW.phase = 'merging' THEN\n        NEW.merging_in := pg_current_xact_id()::text::bigint;\n    END IF;\n    RETURN NEW;\nELSIF to_jsonb(NEW) - '{withdrawn_at,withdrawn_by_id,withdrawn_for,changed_at,has_refused_file,source_deleted_at,job_id,league_code}'::text[] = to_jsonb(OLD) - '{withdrawn_at,withdrawn_by_id,withdrawn_for,changed_at,has_refused_file,source_deleted_at,job_id,league_code}'::text[]\n    AND (OLD.withdrawn_at IS NULL OR (NEW.withdrawn_at, NEW.withdrawn_by_id, NEW.withdrawn_for)\n         IS NOT DISTINCT FROM (OLD.withdrawn_at, OLD.withdrawn_by_id, OLD.withdrawn_for))\nTHEN\n    RETURN NEW;\nEND IF;\nRAISE EXCEPTION 'an extract that was taken in stands as it is' USING ERRCODE = 'check_violation';\n", hash='e7d6d7a7a6476a1d1d6b615430ef3b36302516f0', operation='UPDATE OR DELETE', pgid='pgtrigger_stands_5c47a', table='workforce_registerextract', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='unemploymentinsurance',
            trigger=pgtrigger.compiler.Trigger(name='begins_unconfirmed', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (NEW.verification <> 'stated' AND NEW.extract_id IS NULL)", func="RAISE EXCEPTION 'a record is confirmed after it was written down, by somebody else';", hash='0943e23c8453bbbe8c2262591fca1a52e5cee6df', operation='INSERT', pgid='pgtrigger_begins_unconfirmed_51f6a', table='workforce_unemploymentinsurance', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='unemploymentinsurance',
            trigger=pgtrigger.compiler.Trigger(name='change_is_unconfirmed', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.verification <> 'confirmed' AND (NEW.extract_id IS NULL OR NEW.extract_id IS NOT DISTINCT FROM OLD.extract_id) AND (OLD.verification = 'refuted' OR OLD.verification = 'stated' AND NEW.verification <> 'stated'))", func="\nIF (OLD.worker_id, OLD.months, OLD.paying, OLD.drawing_benefit, OLD.as_of) IS DISTINCT FROM (NEW.worker_id, NEW.months, NEW.paying, NEW.drawing_benefit, NEW.as_of) THEN\n    IF NEW.verified_at IS DISTINCT FROM OLD.verified_at AND NEW.verification <> 'stated' THEN\n        RAISE EXCEPTION 'a record is not changed and confirmed in one step';\n    END IF;\n    NEW.verification := 'stated';\n    NEW.verified_by_id := NULL;\n    NEW.verified_at := NULL;\n    NEW.verified_from := '';\nEND IF;\nRETURN NEW;\n", hash='57e4fa9e1e6615dff5a07bb543e366d6de6fb85b', operation='UPDATE', pgid='pgtrigger_change_is_unconfirmed_1d330', table='workforce_unemploymentinsurance', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='unemploymentinsurance',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "workforce_unemploymentinsuranceevent" ("as_of", "drawing_benefit", "extract_id", "id", "months", "paying", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recorded_at", "recorded_by_id", "source", "verification", "verified_at", "verified_by_id", "verified_from", "worker_id") SELECT old_values."as_of", old_values."drawing_benefit", old_values."extract_id", old_values."id", old_values."months", old_values."paying", _pgh_attached_context.value, NOW(), \'update\', old_values."id", old_values."recorded_at", old_values."recorded_by_id", old_values."source", old_values."verification", old_values."verified_at", old_values."verified_by_id", old_values."verified_from", old_values."worker_id" FROM ( SELECT old_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='797d2a50781a86f11bf21223bc4dbfa132bb4c97', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_f1dff', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='workforce_unemploymentinsurance', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='unemploymentinsurance',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "workforce_unemploymentinsuranceevent" ("as_of", "drawing_benefit", "extract_id", "id", "months", "paying", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recorded_at", "recorded_by_id", "source", "verification", "verified_at", "verified_by_id", "verified_from", "worker_id") SELECT old_values."as_of", old_values."drawing_benefit", old_values."extract_id", old_values."id", old_values."months", old_values."paying", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."recorded_at", old_values."recorded_by_id", old_values."source", old_values."verification", old_values."verified_at", old_values."verified_by_id", old_values."verified_from", old_values."worker_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='5f92875c55410d4eb169f11ae089930effb3babf', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_2b37d', referencing='REFERENCING OLD TABLE AS old_values ', table='workforce_unemploymentinsurance', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='registerextract',
            constraint=models.UniqueConstraint(condition=models.Q(('merged_at__isnull', False), ('withdrawn_at__isnull', True)), fields=('kind', 'fingerprint'), name='an_extract_is_taken_in_once'),
        ),
        migrations.AddField(
            model_name='certificateanswer',
            name='extract',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='workforce.registerextract', verbose_name='登记库摘录'),
        ),
        migrations.RunSQL(extract_guards.INSTALL, extract_guards.REMOVE),
    ]
