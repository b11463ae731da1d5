import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="RuleVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("benefit", models.CharField(max_length=60, verbose_name="事项")),
                ("version", models.PositiveSmallIntegerField(verbose_name="版本")),
                ("definition", models.JSONField(verbose_name="规则")),
                ("wording", models.JSONField(verbose_name="文字")),
                ("digest", models.CharField(max_length=64, unique=True, verbose_name="摘要")),
                ("since", models.DateField(verbose_name="适用自")),
                ("recorded_at", models.DateTimeField(auto_now_add=True, verbose_name="记录时间")),
            ],
            options={
                "verbose_name": "规则版本",
                "verbose_name_plural": "规则版本",
                "ordering": ["benefit", "version"],
                "constraints": [
                    models.UniqueConstraint(fields=("benefit", "version"), name="one_rule_per_version")
                ],
            },
        ),
        migrations.CreateModel(
            name="Determination",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("benefit", models.CharField(max_length=60, verbose_name="事项")),
                (
                    "rule_version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="determinations",
                        to="policy.ruleversion",
                    ),
                ),
                ("subject_type", models.CharField(max_length=20, verbose_name="对象类别")),
                ("subject_id", models.BigIntegerField(null=True, verbose_name="对象编号")),
                ("on", models.DateField(verbose_name="基准日")),
                ("decided_at", models.DateTimeField(verbose_name="认定时间")),
                ("facts", models.JSONField(verbose_name="事实")),
                ("fact_sources", models.JSONField(default=dict, verbose_name="事实来源")),
                ("law", models.JSONField(verbose_name="政策参数")),
                ("conditions", models.JSONField(verbose_name="条件")),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("eligible", "符合条件"),
                            ("ineligible", "不符合条件"),
                            ("undetermined", "尚不能确定"),
                        ],
                        max_length=12,
                        verbose_name="结论",
                    ),
                ),
                (
                    "amount",
                    models.DecimalField(
                        decimal_places=2, max_digits=12, null=True, verbose_name="金额（元）"
                    ),
                ),
                ("fund", models.CharField(max_length=40, null=True, verbose_name="资金来源")),
                ("gives", models.JSONField(default=dict, verbose_name="待遇")),
                ("digest", models.CharField(max_length=64, verbose_name="摘要")),
                (
                    "supersedes",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="superseded_by",
                        to="policy.determination",
                    ),
                ),
                ("batch", models.UUIDField(null=True, verbose_name="批次")),
            ],
            options={
                "verbose_name": "认定记录",
                "verbose_name_plural": "认定记录",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(
                        fields=["subject_type", "subject_id", "benefit", "-id"],
                        name="policy_dete_subject_7311d8_idx",
                    ),
                    models.Index(fields=["batch"], name="policy_dete_batch_4392a6_idx"),
                    models.Index(fields=["rule_version", "id"], name="policy_dete_rule_ve_d6937d_idx"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("amount__isnull", True), ("outcome", "eligible"), _connector="OR"
                        ),
                        name="amount_only_when_eligible",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("supersedes__isnull", True),
                            models.Q(("supersedes", models.F("id")), _negated=True),
                            _connector="OR",
                        ),
                        name="determination_follows_another",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PolicyDocument",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=80, unique=True, verbose_name="文号")),
                ("title", models.CharField(blank=True, max_length=200, verbose_name="题名")),
                ("issued_on", models.DateField(blank=True, null=True, verbose_name="印发日期")),
                ("effective_on", models.DateField(blank=True, null=True, verbose_name="施行日期")),
                ("note", models.TextField(blank=True, verbose_name="说明")),
            ],
            options={
                "verbose_name": "政策文件",
                "verbose_name_plural": "政策文件",
                "ordering": ["number"],
            },
        ),
        migrations.CreateModel(
            name="Department",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60, unique=True, verbose_name="名称")),
            ],
            options={
                "verbose_name": "责任部门",
                "verbose_name_plural": "责任部门",
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="Clause",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="clauses",
                        to="policy.policydocument",
                    ),
                ),
                ("number", models.CharField(max_length=4, verbose_name="条款")),
                ("chapter", models.CharField(max_length=60, verbose_name="所属部分")),
                ("order", models.PositiveSmallIntegerField(verbose_name="次序")),
                ("title", models.CharField(max_length=80, verbose_name="标题")),
                ("summary", models.TextField(verbose_name="要点")),
            ],
            options={
                "verbose_name": "政策条款",
                "verbose_name_plural": "政策条款",
                "ordering": ["document", "order"],
                "constraints": [
                    models.UniqueConstraint(fields=("document", "number"), name="one_clause_per_number")
                ],
            },
        ),
        migrations.CreateModel(
            name="ClauseDepartment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "clause",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="shares", to="policy.clause"
                    ),
                ),
                (
                    "department",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="shares",
                        to="policy.department",
                    ),
                ),
                ("order", models.PositiveSmallIntegerField(verbose_name="次序")),
            ],
            options={
                "verbose_name": "条款责任部门",
                "verbose_name_plural": "条款责任部门",
                "ordering": ["clause", "order"],
                "constraints": [
                    models.UniqueConstraint(fields=("clause", "order"), name="one_department_per_place"),
                    models.UniqueConstraint(fields=("clause", "department"), name="one_place_per_department"),
                ],
            },
        ),
        migrations.CreateModel(
            name="OpenQuestion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.SlugField(max_length=60, unique=True, verbose_name="编号")),
                (
                    "clause",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="open_questions",
                        to="policy.clause",
                    ),
                ),
                ("question", models.TextField(verbose_name="问题")),
                ("decision", models.TextField(verbose_name="本平台的处理")),
                ("reason", models.TextField(verbose_name="理由")),
                ("benefits", models.JSONField(default=list, verbose_name="涉及事项")),
            ],
            options={
                "verbose_name": "待明确事项",
                "verbose_name_plural": "待明确事项",
                "ordering": ["code"],
            },
        ),
        migrations.CreateModel(
            name="OfficialText",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="official_texts",
                        to="policy.policydocument",
                    ),
                ),
                ("version", models.PositiveSmallIntegerField(verbose_name="版本")),
                ("file_name", models.CharField(max_length=200, verbose_name="文件名")),
                ("digest", models.CharField(max_length=64, verbose_name="文件摘要")),
                (
                    "loaded_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("loaded_at", models.DateTimeField(auto_now_add=True, verbose_name="载入时间")),
            ],
            options={
                "verbose_name": "政策原文",
                "verbose_name_plural": "政策原文",
                "ordering": ["document", "-version"],
                "constraints": [
                    models.UniqueConstraint(fields=("document", "version"), name="one_text_per_version")
                ],
            },
        ),
        migrations.CreateModel(
            name="OfficialClause",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "official",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="clauses",
                        to="policy.officialtext",
                    ),
                ),
                (
                    "clause",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="official_clauses",
                        to="policy.clause",
                    ),
                ),
                ("text", models.TextField(verbose_name="原文")),
            ],
            options={
                "verbose_name": "条款原文",
                "verbose_name_plural": "条款原文",
                "ordering": ["official", "clause"],
                "constraints": [
                    models.UniqueConstraint(fields=("official", "clause"), name="one_text_per_clause")
                ],
            },
        ),
        migrations.CreateModel(
            name="Parameter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=80, unique=True, verbose_name="代码")),
                ("label", models.CharField(max_length=120, verbose_name="名称")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("integer", "整数"),
                            ("number", "数字"),
                            ("money", "金额（元）"),
                            ("table", "对照表"),
                            ("codes", "代码清单"),
                            ("steps", "分段数值"),
                        ],
                        max_length=10,
                        verbose_name="类型",
                    ),
                ),
                ("unit", models.CharField(blank=True, max_length=20, verbose_name="单位")),
                ("description", models.TextField(blank=True, verbose_name="说明")),
                (
                    "clause",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parameters",
                        to="policy.clause",
                    ),
                ),
                ("cells", models.JSONField(blank=True, default=dict, verbose_name="表格项目")),
            ],
            options={
                "verbose_name": "政策参数",
                "verbose_name_plural": "政策参数",
                "ordering": ["code"],
            },
        ),
        migrations.CreateModel(
            name="ParameterValue",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "parameter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="values",
                        to="policy.parameter",
                    ),
                ),
                ("value", models.JSONField(blank=True, null=True, verbose_name="取值")),
                ("since", models.DateField(verbose_name="自")),
                ("until", models.DateField(blank=True, null=True, verbose_name="至")),
                ("document", models.CharField(max_length=160, verbose_name="来源文件")),
                ("article", models.CharField(blank=True, max_length=80, verbose_name="条款")),
                ("caveat", models.TextField(blank=True, verbose_name="提示")),
                (
                    "caveat_since",
                    models.DateField(
                        blank=True, help_text="空表示自始提示", null=True, verbose_name="提示自"
                    ),
                ),
                (
                    "entered_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("entered_at", models.DateTimeField(auto_now_add=True, verbose_name="录入时间")),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("confirmed_at", models.DateTimeField(blank=True, null=True, verbose_name="复核时间")),
            ],
            options={
                "verbose_name": "参数取值",
                "verbose_name_plural": "参数取值",
                "ordering": ["parameter", "-since", "-confirmed_at", "-id"],
                "indexes": [models.Index(fields=["confirmed_at"], name="policy_para_confirm_fb220d_idx")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("until__isnull", True), ("until__gte", models.F("since")), _connector="OR"
                        ),
                        name="value_ends_after_it_begins",
                        violation_error_message="截止日期不能早于起始日期。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("confirmed_by__isnull", True), ("entered_by__isnull", True)),
                            models.Q(
                                ("confirmed_at__isnull", True),
                                ("confirmed_by__isnull", True),
                                ("entered_by__isnull", False),
                            ),
                            models.Q(
                                ("confirmed_at__isnull", False),
                                ("confirmed_by__isnull", False),
                                ("entered_by__isnull", False),
                                models.Q(("confirmed_by", models.F("entered_by")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="value_confirmed_by_a_second_person",
                        violation_error_message="参数取值须由录入人以外的人员复核。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("document", ""), _negated=True),
                        name="value_has_a_source",
                        violation_error_message="须注明来源文件。",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("confirmed_at__isnull", True)),
                        fields=("parameter", "since"),
                        name="one_value_waits_for_a_day",
                        violation_error_message="自该日起的取值已录入一项，正在等待复核。请先复核或撤回，再录入新的取值。",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="Clause",
            name="departments",
            field=models.ManyToManyField(
                related_name="clauses", through="policy.ClauseDepartment", to="policy.department"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="parametervalue",
            trigger=pgtrigger.compiler.Trigger(
                name="rules_of_writing",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\nIF TG_OP = 'DELETE' THEN\n    IF OLD.confirmed_at IS NOT NULL THEN\n        RAISE EXCEPTION 'a confirmed parameter value stays' USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\n    RETURN OLD;\nEND IF;\nIF TG_OP = 'UPDATE' THEN\n    IF OLD.confirmed_at IS NOT NULL OR NEW.confirmed_at IS NULL\n       OR to_jsonb(NEW) - 'confirmed_at' - 'confirmed_by_id' IS DISTINCT FROM to_jsonb(OLD) - 'confirmed_at' - 'confirmed_by_id'\n    THEN\n        RAISE EXCEPTION 'a parameter value is only ever confirmed: enter a new one beside it'\n        USING ERRCODE = 'integrity_constraint_violation';\n    END IF;\nEND IF;\nIF NEW.confirmed_at IS NOT NULL THEN\n    PERFORM pg_advisory_xact_lock(7108201906);\n    NEW.confirmed_at := clock_timestamp();\nEND IF;\nRETURN NEW;\n",
                    hash="e5b5215d2112b55f302b1500b680bfcf2ec5c5c5",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_rules_of_writing_7d753",
                    table="policy_parametervalue",
                    when="BEFORE",
                ),
            ),
        ),
    ]
