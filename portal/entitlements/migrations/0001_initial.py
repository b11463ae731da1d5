import django.db.models.deletion
import django.db.models.functions.text
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "__first__"),
        ("cases", "0001_initial"),
        ("jobs", "0001_initial"),
        ("policy", "0001_initial"),
        ("regions", "0001_initial"),
        ("workforce", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="BenefitGuide",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("benefit", models.CharField(max_length=60, unique=True, verbose_name="事项")),
                ("materials", models.TextField(blank=True, max_length=2000, verbose_name="所需材料")),
                ("handled_by", models.CharField(blank=True, max_length=160, verbose_name="办理地点")),
                ("handling_time", models.CharField(blank=True, max_length=120, verbose_name="办理时限")),
                ("is_sample", models.BooleanField(default=False, verbose_name="示例数据")),
                (
                    "edited_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="编辑人",
                    ),
                ),
                ("edited_at", models.DateTimeField(auto_now=True, verbose_name="编辑时间")),
            ],
            options={
                "verbose_name": "办事指南",
                "verbose_name_plural": "办事指南",
                "ordering": ["benefit"],
            },
        ),
        migrations.CreateModel(
            name="MatchRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("on", models.DateField(verbose_name="基准日")),
                ("cause", models.CharField(max_length=40, verbose_name="起因")),
                ("policy_version", models.CharField(max_length=16, verbose_name="政策版本")),
                ("people", models.PositiveIntegerField(default=0, verbose_name="人数")),
                ("changed", models.PositiveIntegerField(default=0, verbose_name="有变化的人数")),
                ("offered", models.PositiveIntegerField(default=0, verbose_name="新增事项")),
                ("expired", models.PositiveIntegerField(default=0, verbose_name="失效事项")),
                ("counts", models.JSONField(default=dict, verbose_name="各项待遇")),
                (
                    "facts",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="workforce.refresh",
                        verbose_name="事实汇总",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="发起人",
                    ),
                ),
                ("began_at", models.DateTimeField(verbose_name="开始时间")),
                ("finished_at", models.DateTimeField(auto_now_add=True, verbose_name="完成时间")),
            ],
            options={
                "verbose_name": "全库匹配",
                "verbose_name_plural": "全库匹配",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="MatchState",
            fields=[
                (
                    "worker",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="standing",
                        serialize=False,
                        to="workforce.worker",
                    ),
                ),
                ("eligible", models.BigIntegerField()),
                ("undetermined", models.BigIntegerField()),
                ("subject", models.IntegerField()),
            ],
            options={
                "verbose_name": "匹配结果",
                "verbose_name_plural": "匹配结果",
            },
        ),
        migrations.CreateModel(
            name="Offer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "worker",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="offers",
                        to="workforce.worker",
                        verbose_name="技术工人",
                    ),
                ),
                (
                    "region",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regions.region",
                        verbose_name="工作地",
                    ),
                ),
                (
                    "league_code",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.text.Concat(
                            django.db.models.functions.text.Left("region_id", 4), models.Value("00")
                        ),
                        output_field=models.CharField(max_length=6),
                    ),
                ),
                ("benefit", models.CharField(max_length=60, verbose_name="事项")),
                ("distinction", models.CharField(blank=True, max_length=120, verbose_name="区分")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("matched", "待告知"),
                            ("notified", "已告知"),
                            ("consented", "同意办理"),
                            ("declined", "暂不办理"),
                            ("expired", "已失效"),
                        ],
                        default="matched",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("matched_on", models.DateField(verbose_name="匹配日期")),
                ("notified_at", models.DateTimeField(null=True, verbose_name="告知时间")),
                (
                    "notified_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="告知人",
                    ),
                ),
                ("answered_on", models.DateField(null=True, verbose_name="答复日期")),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="说明")),
                (
                    "determination",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="policy.determination",
                        verbose_name="认定记录",
                    ),
                ),
            ],
            options={
                "verbose_name": "惠享事项",
                "verbose_name_plural": "惠享事项",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["matched", "notified"])),
                        fields=["region", "-id"],
                        name="offer_open_by_region",
                    ),
                    models.Index(
                        condition=models.Q(("state__in", ["matched", "notified"])),
                        fields=["league_code", "-id"],
                        name="offer_open_by_league",
                    ),
                    models.Index(fields=["benefit", "-id"], name="offer_by_benefit"),
                    models.Index(
                        condition=models.Q(("notified_by__isnull", False)),
                        fields=["notified_by"],
                        name="offer_by_teller",
                    ),
                    models.Index(
                        condition=models.Q(("determination__isnull", False)),
                        fields=["determination"],
                        name="offer_by_evidence",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("worker", "benefit", "distinction"), name="one_offer_of_an_entitlement"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "notified"), _negated=True),
                            ("notified_at__isnull", False),
                            _connector="OR",
                        ),
                        name="who_is_notified_was_told",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["consented", "declined"]), _negated=True),
                            ("answered_on__isnull", False),
                            _connector="OR",
                        ),
                        name="an_answer_has_its_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "consented"), _negated=True),
                            ("determination__isnull", False),
                            _connector="OR",
                        ),
                        name="consent_rests_on_a_determination",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ServiceRequest",
            fields=[
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="service_request",
                        serialize=False,
                        to="cases.case",
                    ),
                ),
                (
                    "offer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="request",
                        to="entitlements.offer",
                    ),
                ),
                (
                    "determination",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="policy.determination",
                    ),
                ),
                ("result", models.CharField(blank=True, max_length=500, verbose_name="办理结果")),
            ],
            options={
                "verbose_name": "惠享办件",
                "verbose_name_plural": "惠享办件",
            },
        ),
        migrations.CreateModel(
            name="RectificationRequest",
            fields=[
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="rectification_request",
                        serialize=False,
                        to="cases.case",
                    ),
                ),
                ("facts", models.JSONField(verbose_name="涉及的信息")),
                ("shown", models.JSONField(verbose_name="当时的记录")),
                ("statement", models.CharField(max_length=500, verbose_name="申请说明")),
                ("answer", models.CharField(blank=True, max_length=500, verbose_name="处理结果")),
            ],
            options={
                "verbose_name": "信息更正申请",
                "verbose_name_plural": "信息更正申请",
            },
        ),
        migrations.CreateModel(
            name="Simulation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(max_length=80, verbose_name="名称")),
                ("on", models.DateField(verbose_name="基准日")),
                ("draft", models.JSONField(verbose_name="草案取值")),
                (
                    "value",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="simulations",
                        to="policy.parametervalue",
                    ),
                ),
                (
                    "job",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="simulation",
                        to="jobs.job",
                    ),
                ),
                ("inputs", models.JSONField(default=dict, verbose_name="依据")),
                ("result", models.JSONField(null=True, verbose_name="结果")),
                ("digest", models.CharField(blank=True, max_length=64, verbose_name="摘要")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="测算人",
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="测算时间")),
            ],
            options={
                "verbose_name": "政策测算",
                "verbose_name_plural": "政策测算",
                "ordering": ["-id"],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="offer",
            trigger=pgtrigger.compiler.Trigger(
                name="offer_moves",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE _is_valid_transition BOOLEAN;",
                    func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{matched:notified,matched:consented,matched:declined,matched:expired,notified:consented,notified:declined,notified:expired,expired:matched,expired:notified}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                    hash="5e0d8606b5a312296ab9df084b42c3e4d89b9122",
                    operation="UPDATE",
                    pgid="pgtrigger_offer_moves_33e23",
                    table="entitlements_offer",
                    when="BEFORE",
                ),
            ),
        ),
    ]
