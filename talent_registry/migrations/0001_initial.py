import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import portal.workforce.models.people
from talent_registry import guards as registry_guards
from talent_registry.selection import guards as selection_guards


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "__first__"),
        ("cases", "0001_initial"),
        ("policy", "0001_initial"),
        ("regions", "0001_initial"),
        ("workforce", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="InclusionProposal",
            fields=[
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="inclusion",
                        serialize=False,
                        to="cases.case",
                    ),
                ),
                (
                    "worker",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="inclusion_proposals",
                        to="workforce.worker",
                    ),
                ),
                (
                    "basis",
                    models.CharField(
                        choices=[
                            ("honour", "荣誉称号"),
                            ("special_allowance", "政府特殊津贴"),
                            ("scarce_talent", "高精尖缺人才认定"),
                            ("selection", "年度遴选"),
                        ],
                        max_length=20,
                        verbose_name="依据类别",
                    ),
                ),
                (
                    "honour",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="inclusion_proposals",
                        to="workforce.honour",
                        verbose_name="依据的荣誉",
                    ),
                ),
                (
                    "determination",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="policy.determination",
                        verbose_name="认定记录",
                    ),
                ),
                ("proposed_on", models.DateField(verbose_name="提出日期")),
                ("is_skilled_worker", models.BooleanField(null=True, verbose_name="本人属于技术工人")),
                ("established_how", models.CharField(blank=True, max_length=200, verbose_name="如何核实")),
                ("settled_on", models.DateField(null=True, verbose_name="办结日期")),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("proposed", "待确认"),
                            ("returned", "补正中"),
                            ("confirmed", "已纳入"),
                            ("declined", "不予纳入"),
                            ("withdrawn", "已撤回"),
                        ],
                        max_length=24,
                        verbose_name="办理结果",
                    ),
                ),
            ],
            options={
                "verbose_name": "纳入建议",
                "verbose_name_plural": "纳入建议",
                "indexes": [
                    models.Index(fields=["worker", "-case"], name="proposal_of_worker"),
                    models.Index(
                        condition=models.Q(("settled_on__isnull", True)),
                        fields=["basis", "case"],
                        name="proposal_open_by_basis",
                    ),
                    models.Index(
                        condition=models.Q(("outcome", ""), _negated=True),
                        fields=["outcome", "-case"],
                        name="proposal_by_outcome",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("settled_on__isnull", True)),
                        fields=("worker",),
                        name="one_open_proposal_a_worker",
                        violation_error_message="该人员已有正在办理的纳入建议。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("outcome", ""), ("settled_on__isnull", True)),
                            models.Q(("settled_on__isnull", False), models.Q(("outcome", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="settled_proposal_has_its_outcome",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("is_skilled_worker__isnull", True),
                            models.Q(("established_how", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="skilled_worker_established_somehow",
                        violation_error_message="须写明如何核实本人属于技术工人。",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SelectionRound",
            fields=[
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="selection_round",
                        serialize=False,
                        to="cases.case",
                    ),
                ),
                ("year", models.PositiveSmallIntegerField(unique=True, verbose_name="年度")),
                ("title", models.CharField(max_length=80, verbose_name="名称")),
                ("opens_on", models.DateField(verbose_name="开始申报")),
                ("nominations_until", models.DateField(verbose_name="申报截止")),
                ("panel_until", models.DateField(verbose_name="评审截止")),
                ("recommend_until", models.DateField(verbose_name="推荐截止")),
                ("as_of", models.DateField(verbose_name="事实截止日")),
                ("notice_working_days", models.PositiveSmallIntegerField(verbose_name="公示工作日")),
                ("scheme", models.JSONField(verbose_name="评分办法")),
                (
                    "scheme_document",
                    models.CharField(blank=True, max_length=120, verbose_name="评分办法文号"),
                ),
                ("is_sample", models.BooleanField(default=True, verbose_name="示例办法和名额")),
                ("places", models.PositiveIntegerField(verbose_name="入选名额")),
                (
                    "notice",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="selection_round",
                        to="cases.publicnotice",
                    ),
                ),
            ],
            options={
                "verbose_name": "年度遴选",
                "verbose_name_plural": "年度遴选",
                "ordering": ["-year"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("opens_on__lte", models.F("nominations_until")),
                            ("nominations_until__lte", models.F("panel_until")),
                            ("panel_until__lte", models.F("recommend_until")),
                            ("as_of__lte", models.F("recommend_until")),
                        ),
                        name="round_days_follow_one_another",
                        violation_error_message="各阶段日期须依次在后。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("notice_working_days__gte", 1)),
                        name="round_notice_lasts",
                        violation_error_message="公示至少1个工作日。",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Quota",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="quotas",
                        to="talent_registry.selectionround",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("recommendation", "盟市推荐名额"),
                            ("league", "盟市入选上限"),
                            ("industry", "行业入选上限"),
                        ],
                        max_length=16,
                    ),
                ),
                ("key", models.CharField(max_length=6)),
                ("places", models.PositiveIntegerField(verbose_name="名额")),
                ("used", models.PositiveIntegerField(default=0, verbose_name="已用")),
            ],
            options={
                "verbose_name": "名额",
                "verbose_name_plural": "名额",
                "ordering": ["kind", "key"],
                "constraints": [
                    models.UniqueConstraint(fields=("round", "kind", "key"), name="one_quota"),
                    models.CheckConstraint(
                        condition=models.Q(("used__lte", models.F("places"))),
                        name="quota_is_never_exceeded",
                        violation_error_message="名额已用完。",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Nomination",
            fields=[
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="nomination",
                        serialize=False,
                        to="cases.case",
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="nominations",
                        to="talent_registry.selectionround",
                    ),
                ),
                (
                    "worker",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="nominations",
                        to="workforce.worker",
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[("employer", "单位推荐"), ("window", "窗口代办"), ("self", "本人申报")],
                        max_length=12,
                        verbose_name="申报方式",
                    ),
                ),
                (
                    "industry",
                    models.CharField(
                        choices=[
                            ("A", "农、林、牧、渔业"),
                            ("B", "采矿业"),
                            ("C", "制造业"),
                            ("D", "电力、热力、燃气及水生产和供应业"),
                            ("E", "建筑业"),
                            ("F", "批发和零售业"),
                            ("G", "交通运输、仓储和邮政业"),
                            ("H", "住宿和餐饮业"),
                            ("I", "信息传输、软件和信息技术服务业"),
                            ("J", "金融业"),
                            ("K", "房地产业"),
                            ("L", "租赁和商务服务业"),
                            ("M", "科学研究和技术服务业"),
                            ("N", "水利、环境和公共设施管理业"),
                            ("O", "居民服务、修理和其他服务业"),
                            ("P", "教育"),
                            ("Q", "卫生和社会工作"),
                            ("R", "文化、体育和娱乐业"),
                            ("S", "公共管理、社会保障和社会组织"),
                            ("T", "国际组织"),
                        ],
                        max_length=1,
                        verbose_name="所属行业",
                    ),
                ),
                ("statement", models.TextField(max_length=2000, verbose_name="主要业绩")),
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
                ("panel_score", models.PositiveIntegerField(null=True, verbose_name="评审得分")),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("draft", "草稿"),
                            ("submitted", "待受理"),
                            ("returned", "补正中"),
                            ("accepted", "已受理"),
                            ("recommended", "已推荐"),
                            ("not_recommended", "未推荐"),
                            ("selected", "入选"),
                            ("not_selected", "未入选"),
                            ("refused", "不予受理"),
                            ("withdrawn", "已撤回"),
                        ],
                        max_length=24,
                        verbose_name="结果",
                    ),
                ),
            ],
            options={
                "verbose_name": "遴选申报",
                "verbose_name_plural": "遴选申报",
                "indexes": [models.Index(fields=["round", "-case"], name="nomination_of_round")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("outcome__in", ["withdrawn", "refused"]), _negated=True),
                        fields=("round", "worker"),
                        name="one_nomination_a_round",
                        violation_error_message="该人员本年度已有申报。",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PanelAssignment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "nomination",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="panel",
                        to="talent_registry.nomination",
                    ),
                ),
                (
                    "expert",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="panel_assignments",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "assigned_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("assigned_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("conflict_at", models.DateTimeField(null=True, verbose_name="回避时间")),
                ("conflict_reason", models.CharField(blank=True, max_length=200, verbose_name="回避理由")),
                ("scores", models.JSONField(default=dict, verbose_name="评分")),
                ("comment", models.CharField(blank=True, max_length=500, verbose_name="评语")),
                ("submitted_at", models.DateTimeField(null=True, verbose_name="提交时间")),
            ],
            options={
                "verbose_name": "专家评审",
                "verbose_name_plural": "专家评审",
                "constraints": [
                    models.UniqueConstraint(fields=("nomination", "expert"), name="one_assignment_an_expert"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("conflict_at__isnull", True),
                            models.Q(
                                ("submitted_at__isnull", True),
                                models.Q(("conflict_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="barred_expert_scores_nothing",
                        violation_error_message="已声明回避的专家不能评分，回避须写明理由。",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Exclusion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "nomination",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="exclusion",
                        to="talent_registry.nomination",
                    ),
                ),
                (
                    "objection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="cases.objection"
                    ),
                ),
                ("reason", models.CharField(max_length=500, verbose_name="理由")),
                ("on", models.DateField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "取消资格",
                "verbose_name_plural": "取消资格",
            },
        ),
        migrations.CreateModel(
            name="SelectionList",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lists",
                        to="talent_registry.selectionround",
                    ),
                ),
                ("version", models.PositiveSmallIntegerField(verbose_name="版次")),
                ("scheme", models.JSONField(verbose_name="评分办法")),
                ("places", models.PositiveIntegerField(verbose_name="入选名额")),
                ("quotas", models.JSONField(verbose_name="名额")),
                ("as_of", models.DateField(verbose_name="事实截止日")),
                (
                    "rule_version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="policy.ruleversion"
                    ),
                ),
                ("law", models.JSONField(verbose_name="政策参数")),
                ("digest", models.CharField(max_length=64, verbose_name="摘要")),
                ("moved", models.JSONField(default=list)),
                ("reason", models.CharField(max_length=500, verbose_name="编制原因")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "verbose_name": "遴选名单",
                "verbose_name_plural": "遴选名单",
                "ordering": ["round", "version"],
                "constraints": [
                    models.UniqueConstraint(fields=("round", "version"), name="one_list_of_a_version")
                ],
            },
        ),
        migrations.CreateModel(
            name="ListedNominee",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "list",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="nominees",
                        to="talent_registry.selectionlist",
                    ),
                ),
                (
                    "nomination",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="listings",
                        to="talent_registry.nomination",
                    ),
                ),
                ("position", models.PositiveIntegerField(verbose_name="位次")),
                ("league_code", models.CharField(max_length=6)),
                (
                    "industry",
                    models.CharField(
                        choices=[
                            ("A", "农、林、牧、渔业"),
                            ("B", "采矿业"),
                            ("C", "制造业"),
                            ("D", "电力、热力、燃气及水生产和供应业"),
                            ("E", "建筑业"),
                            ("F", "批发和零售业"),
                            ("G", "交通运输、仓储和邮政业"),
                            ("H", "住宿和餐饮业"),
                            ("I", "信息传输、软件和信息技术服务业"),
                            ("J", "金融业"),
                            ("K", "房地产业"),
                            ("L", "租赁和商务服务业"),
                            ("M", "科学研究和技术服务业"),
                            ("N", "水利、环境和公共设施管理业"),
                            ("O", "居民服务、修理和其他服务业"),
                            ("P", "教育"),
                            ("Q", "卫生和社会工作"),
                            ("R", "文化、体育和娱乐业"),
                            ("S", "公共管理、社会保障和社会组织"),
                            ("T", "国际组织"),
                        ],
                        max_length=1,
                    ),
                ),
                ("facts", models.JSONField()),
                ("parts", models.JSONField()),
                ("score", models.IntegerField(verbose_name="总分")),
                ("draw", models.CharField(max_length=64)),
                ("selected", models.BooleanField(verbose_name="入选")),
                ("reason", models.CharField(max_length=24)),
                ("detail", models.JSONField(default=dict)),
            ],
            options={
                "ordering": ["list", "position"],
                "constraints": [
                    models.UniqueConstraint(fields=("list", "position"), name="one_nominee_at_a_position"),
                    models.UniqueConstraint(fields=("list", "nomination"), name="one_listing_a_nominee"),
                ],
            },
        ),
        migrations.CreateModel(
            name="AssessmentRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="runs",
                        to="talent_registry.selectionround",
                    ),
                ),
                ("number", models.PositiveSmallIntegerField()),
                ("is_trial", models.BooleanField(verbose_name="试评")),
                ("as_of", models.DateField(verbose_name="事实截止日")),
                (
                    "rule_version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="policy.ruleversion"
                    ),
                ),
                ("law", models.JSONField(verbose_name="政策参数")),
                ("conditions", models.JSONField(verbose_name="条件")),
                ("codes", models.JSONField(verbose_name="代码")),
                ("scheme", models.JSONField(verbose_name="评分办法")),
                ("assessed", models.PositiveIntegerField(default=0, verbose_name="评价人数")),
                ("eligible", models.PositiveIntegerField(default=0, verbose_name="符合条件")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "ordering": ["round", "number"],
                "constraints": [
                    models.UniqueConstraint(fields=("round", "number"), name="one_assessment_run")
                ],
            },
        ),
        migrations.CreateModel(
            name="Assessment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assessments",
                        to="talent_registry.selectionround",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="talent_registry.assessmentrun",
                    ),
                ),
                (
                    "worker",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assessments",
                        to="workforce.worker",
                    ),
                ),
                ("region_code", models.CharField(max_length=6)),
                ("league_code", models.CharField(max_length=6)),
                (
                    "skill_level",
                    models.SmallIntegerField(
                        choices=[
                            (0, "无"),
                            (10, "学徒工"),
                            (20, "初级工"),
                            (30, "中级工"),
                            (40, "高级工"),
                            (50, "技师"),
                            (60, "高级技师"),
                            (70, "特级技师"),
                            (80, "首席技师"),
                        ],
                        null=True,
                        verbose_name="技能等级",
                    ),
                ),
                ("on_front_line", models.BooleanField(null=True, verbose_name="在一线岗位")),
                (
                    "front_line_tenths",
                    models.SmallIntegerField(null=True, verbose_name="一线年限（十分之一年）"),
                ),
                ("honour_bits", models.BigIntegerField(default=0, verbose_name="荣誉")),
                ("achievement_bits", models.BigIntegerField(default=0, verbose_name="业绩和贡献")),
                ("on_registry", models.BooleanField(verbose_name="已在名录")),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("eligible", "符合条件"),
                            ("ineligible", "不符合条件"),
                            ("undetermined", "信息不足"),
                        ],
                        max_length=12,
                        verbose_name="结论",
                    ),
                ),
                ("failed", models.SmallIntegerField(default=0)),
                ("unknown", models.SmallIntegerField(default=0)),
                ("skill", models.IntegerField(default=0, verbose_name="技能水平")),
                ("achievement", models.IntegerField(default=0, verbose_name="业绩成果")),
                ("contribution", models.IntegerField(default=0, verbose_name="突出贡献")),
                ("front_line", models.IntegerField(default=0, verbose_name="一线年限")),
                ("score", models.IntegerField(default=0, verbose_name="得分")),
                ("place", models.PositiveIntegerField(null=True, verbose_name="盟市内位次")),
            ],
            options={
                "verbose_name": "年度评价",
                "verbose_name_plural": "年度评价",
                "indexes": [
                    models.Index(
                        condition=models.Q(("place__isnull", False)),
                        fields=["round", "league_code", "place"],
                        name="assessment_by_place",
                    ),
                    models.Index(
                        condition=models.Q(("place__isnull", False)),
                        fields=["round", "region_code", "place"],
                        name="assessment_by_region",
                    ),
                    models.Index(
                        condition=models.Q(("place__isnull", False)),
                        fields=["round", "place", "id"],
                        name="assessment_best_first",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("worker", "round"), name="one_assessment_a_round")
                ],
            },
        ),
        migrations.CreateModel(
            name="RegistryEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=24, unique=True, verbose_name="名录编号")),
                (
                    "worker",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="registry_entries",
                        to="workforce.worker",
                    ),
                ),
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="registry_entry",
                        to="cases.case",
                    ),
                ),
                (
                    "determination",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="policy.determination",
                        verbose_name="认定记录",
                    ),
                ),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="确认人",
                    ),
                ),
                ("included_on", models.DateField(verbose_name="纳入日期")),
                (
                    "year",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.datetime.ExtractYear("included_on"),
                        output_field=models.SmallIntegerField(verbose_name="年度"),
                        verbose_name="年度",
                    ),
                ),
                (
                    "published_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="公布时间"),
                ),
                (
                    "basis",
                    models.CharField(
                        choices=[
                            ("honour", "荣誉称号"),
                            ("special_allowance", "政府特殊津贴"),
                            ("scarce_talent", "高精尖缺人才认定"),
                            ("selection", "年度遴选"),
                        ],
                        max_length=20,
                        verbose_name="依据类别",
                    ),
                ),
                ("policy_number", models.CharField(max_length=80, verbose_name="政策文号")),
                ("clause", models.CharField(max_length=4, verbose_name="条款")),
                (
                    "honour",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="registry_entries",
                        to="workforce.honour",
                    ),
                ),
                (
                    "honour_type",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="workforce.honourtype",
                        verbose_name="荣誉",
                    ),
                ),
                ("honour_name", models.CharField(blank=True, max_length=60, verbose_name="荣誉名称")),
                ("honour_year", models.PositiveSmallIntegerField(null=True, verbose_name="荣誉年度")),
                ("honour_document", models.CharField(blank=True, max_length=80, verbose_name="荣誉文号")),
                (
                    "selection",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="talent_registry.selectionround",
                        verbose_name="年度遴选",
                    ),
                ),
                ("name", models.CharField(max_length=60, verbose_name="姓名")),
                ("id_shown", models.CharField(max_length=18, verbose_name="证件号码（已遮盖）")),
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
                ("employer_name", models.CharField(blank=True, max_length=120, verbose_name="单位")),
                ("occupation", models.CharField(blank=True, max_length=60, verbose_name="职业（工种）")),
                (
                    "skill_level",
                    models.SmallIntegerField(
                        choices=[
                            (0, "无"),
                            (10, "学徒工"),
                            (20, "初级工"),
                            (30, "中级工"),
                            (40, "高级工"),
                            (50, "技师"),
                            (60, "高级技师"),
                            (70, "特级技师"),
                            (80, "首席技师"),
                        ],
                        default=0,
                        verbose_name="技能等级",
                    ),
                ),
                (
                    "counted_from",
                    models.CharField(
                        blank=True,
                        choices=[("conferred", "授予日期"), ("verified", "核实日期")],
                        max_length=12,
                        verbose_name="计算起点",
                    ),
                ),
                ("counted_from_on", models.DateField(null=True, verbose_name="起点日期")),
                (
                    "days_from_honour",
                    models.PositiveIntegerField(null=True, verbose_name="从荣誉到纳入的天数"),
                ),
                ("days_of_handling", models.IntegerField(null=True, verbose_name="从提出到确认的天数")),
                (
                    "status",
                    models.CharField(
                        choices=[("active", "有效"), ("suspended", "暂停"), ("removed", "移出")],
                        default="active",
                        max_length=12,
                        verbose_name="状态",
                    ),
                ),
                ("status_since", models.DateField(verbose_name="状态自")),
                ("version", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "verbose_name": "名录",
                "verbose_name_plural": "名录",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("status", "removed"), _negated=True),
                        fields=["-id"],
                        name="entry_published",
                    ),
                    models.Index(
                        condition=models.Q(("status", "removed"), _negated=True),
                        fields=["year", "-id"],
                        name="entry_by_year",
                    ),
                    models.Index(
                        condition=models.Q(("status", "removed"), _negated=True),
                        fields=["league_code", "-id"],
                        name="entry_by_league",
                    ),
                    models.Index(
                        condition=models.Q(("status", "removed"), _negated=True),
                        fields=["occupation", "-id"],
                        name="entry_by_occupation",
                    ),
                    models.Index(
                        condition=models.Q(("status", "removed"), _negated=True),
                        fields=["honour_type", "-id"],
                        name="entry_by_honour",
                    ),
                    models.Index(
                        condition=models.Q(("status", "removed"), _negated=True),
                        fields=["year", "league_code", "-id"],
                        name="entry_by_year_league",
                    ),
                    models.Index(
                        condition=models.Q(("status", "removed"), _negated=True),
                        fields=["year", "occupation", "-id"],
                        name="entry_by_year_occupation",
                    ),
                    models.Index(
                        condition=models.Q(("status", "removed"), _negated=True),
                        fields=["year", "honour_type", "-id"],
                        name="entry_by_year_honour",
                    ),
                    models.Index(
                        condition=models.Q(("status", "removed"), _negated=True),
                        fields=["league_code", "occupation", "-id"],
                        name="entry_by_league_occupation",
                    ),
                    models.Index(
                        condition=models.Q(("status", "removed"), _negated=True),
                        fields=["league_code", "honour_type", "-id"],
                        name="entry_by_league_honour",
                    ),
                    models.Index(
                        condition=models.Q(("status", "removed"), _negated=True),
                        fields=["occupation", "honour_type", "-id"],
                        name="entry_by_occupation_honour",
                    ),
                    models.Index(
                        condition=models.Q(("status", "removed"), _negated=True),
                        fields=["basis", "-id"],
                        name="entry_by_basis",
                    ),
                    models.Index(
                        condition=models.Q(("status", "suspended")), fields=["-id"], name="entry_suspended"
                    ),
                    models.Index(
                        condition=models.Q(("status", "removed")), fields=["-id"], name="entry_removed"
                    ),
                    models.Index(fields=["region", "-id"], name="entry_of_region"),
                    models.Index(fields=["league_code", "-id"], name="entry_of_league"),
                    models.Index(
                        condition=models.Q(("basis", "selection"), _negated=True),
                        fields=[
                            "league_code",
                            "counted_from",
                            "days_from_honour",
                            "days_of_handling",
                            "year",
                        ],
                        name="entry_days",
                    ),
                    django.contrib.postgres.indexes.GinIndex(
                        portal.workforce.models.people.Characters("name"),
                        fastupdate=False,
                        name="entry_name_characters",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status", "removed"), _negated=True),
                        fields=("worker",),
                        name="one_live_entry_a_worker",
                        violation_error_message="该人员已在名录中。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("counted_from", ""),
                                ("counted_from_on__isnull", True),
                                ("days_from_honour__isnull", True),
                            ),
                            models.Q(
                                ("counted_from_on__lte", models.F("included_on")),
                                ("days_from_honour__gte", 0),
                                models.Q(("counted_from", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="days_are_counted_from_a_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("basis", "selection"), ("honour__isnull", True), ("selection__isnull", False)
                            ),
                            models.Q(
                                models.Q(("basis", "selection"), _negated=True),
                                ("honour__isnull", False),
                                ("honour_year__isnull", False),
                                ("selection__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="entry_rests_on_an_honour_or_a_selection",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("id_shown__regex", "^\\*{14}[0-9]{3}[0-9X]$")),
                        name="id_number_is_masked",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StatusChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="changes",
                        to="talent_registry.registryentry",
                    ),
                ),
                ("position", models.PositiveSmallIntegerField()),
                (
                    "from_status",
                    models.CharField(
                        choices=[("active", "有效"), ("suspended", "暂停"), ("removed", "移出")],
                        max_length=12,
                        verbose_name="原状态",
                    ),
                ),
                (
                    "to_status",
                    models.CharField(
                        choices=[("active", "有效"), ("suspended", "暂停"), ("removed", "移出")],
                        max_length=12,
                        verbose_name="现状态",
                    ),
                ),
                ("document", models.CharField(max_length=120, verbose_name="决定文号")),
                ("reason", models.CharField(max_length=500, verbose_name="理由")),
                ("on", models.DateField(verbose_name="生效日期")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="经办人",
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="登记时间")),
            ],
            options={
                "verbose_name": "名录状态变更",
                "verbose_name_plural": "名录状态变更",
                "ordering": ["entry", "position"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("entry", "position"), name="one_status_change_at_a_position"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("document", ""), _negated=True), models.Q(("reason", ""), _negated=True)
                        ),
                        name="status_change_has_its_document",
                        violation_error_message="状态变更须有决定文号和理由。",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="SelectionRound",
            name="standing_list",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="talent_registry.selectionlist",
                verbose_name="现行名单",
            ),
        ),
        migrations.RunSQL(registry_guards.INSTALL, registry_guards.REMOVE),
        migrations.RunSQL(selection_guards.INSTALL, selection_guards.REMOVE),
        migrations.RunSQL(selection_guards.EXTEND, selection_guards.NO_EXTENSION),
    ]
