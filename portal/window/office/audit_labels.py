"""What the audit's codes are called on its page."""

from __future__ import annotations

from django.apps import apps

from portal.cases.workflow import workflows
from portal.programmes import joined, programmes
from portal.workforce.record_kinds import KINDS

LABELS = {
    "account.login": "登录",
    "account.login_failed": "登录失败",
    "account.logout": "退出登录",
    "account.activate": "激活账号",
    "account.activation_failed": "激活失败",
    "account.create": "建立账号",
    "account.disable": "停用账号",
    "account.enable": "启用账号",
    "account.password_change": "修改密码",
    "account.password_reset": "重置密码",
    "account.unlock": "解除登录锁定",
    "account.token": "领取接口令牌",
    "role.grant": "任用角色",
    "role.end": "解除角色",
    "worker.activation_issue": "发放激活码",
    "worker.create": "登记人员",
    "employer.create": "登记单位",
    "employer.correct": "更正单位",
    "employer.agent-appoint": "任用单位经办人",
    "employer.agent-dismiss": "解除单位经办人",
    "payee.propose": "登记收款账户",
    "case.open": "发起办件",
    "case.assign": "分派办件",
    "job.start": "发起后台任务",
    "job.cancel": "取消后台任务",
    "letter.view": "查看信函",
    "letter.build": "生成信函文件",
    "letter.issuer": "确认发文机关",
    "letter.print": "打印信函",
    "letter.print.download": "下载打印文件",
    "policy.parameter.enter": "录入政策参数",
    "policy.parameter.confirm": "复核政策参数",
    "policy.parameter.withdraw": "撤回政策参数",
    "policy.text.load": "载入政策原文",
    "scarce_list.load": "载入急需紧缺职业（工种）目录",
    "window.edit": "维护服务窗口",
    "calendar.load": "载入工作日历",
    "clock.edit": "维护办理时限",
    "guide.edit": "维护办事指南",
    "worker.check": "查询待遇",
    "audit.verify": "核验审计链",
    "worker.correct": "更正人员信息",
    "worker.search": "查找人员",
    "worker.unmask": "查看完整号码",
    "worker.name.decide": "处理姓名不一致",
    "payee.confirm": "复核收款账户",
    "payee.refuse": "复核未通过收款账户",
    "payee.withdraw": "撤回收款账户",
    "honour.record": "登记荣誉",
    "honour.verify": "核实荣誉",
    "honour.refute": "荣誉核实不符",
    "record.confirm": "核验登记信息",
    "record.refute": "登记信息核验不符",
    "record.document.attach": "上传登记材料",
    "record.document.remove": "移除登记材料",
    "record.document.open": "查看登记材料",
    "record.improbable": "登记异常信息",
    "record.improbable.review": "核查异常信息",
    "roster.import": "导入花名册",
    "roster.refused.download": "下载未导入的行",
    "job.download": "下载任务结果",
    "job.errors": "下载任务错误明细",
    "letter.issue": "签发信函",
    "letter.serve": "登记送达",
    "letter.supersede": "替代信函",
    "letter.download": "下载信函",
    "evidence.attach": "提交佐证材料",
    "evidence.remove": "移除佐证材料",
    "evidence.open": "查看佐证材料",
    "offer.tell": "告知惠享事项",
    "offer.consent": "同意办理惠享事项",
    "offer.decline": "暂不办理惠享事项",
    "offer.lapse": "惠享事项失效",
    "entitlements.match": "全库匹配",
    "simulation.draw_up": "新建政策测算",
    "simulation.change": "修改测算草案",
    "simulation.run": "开始政策测算",
    "notice.publish": "发布公示",
    "notice.revise": "调整公示名单",
    "notice.extend": "延长公示",
    **joined(programme.audit_actions for programme in programmes()),
}


# What is done alike to many things: the code is `thing.verb`.
VERBS = {
    "view": "查看",
    "list": "列出",
    "add": "新增",
    "change": "更改",
    "end": "终止",
    "remove": "撤销",
    "export": "导出",
}
THINGS = {
    "worker": "人员",
    "workers": "人员名单",
    "case": "办件",
    "cases": "办件清单",
    "honour": "荣誉",
    "honours": "荣誉清单",
    "payee": "收款账户",
    "payees": "收款账户清单",
    "employers": "单位清单",
    "audit": "审计记录",
    "letters": "信函清单",
    "objection": "异议",
    "objections": "异议清单",
    "offer": "惠享事项",
    "simulation": "政策测算",
    **joined(programme.audit_things for programme in programmes()),
}


def label_of(action: str) -> str:
    """The Chinese name of an action; moves of cases are called as in their workflow, an unknown code stands
    for itself.
    """
    if action in LABELS:
        return LABELS[action]
    subject, _, move = action.partition(".")
    thing = KINDS[subject].title if subject in KINDS else THINGS.get(subject, "")
    if thing and move in VERBS:
        return f"{VERBS[move]}{thing}"
    if subject == "case":
        for workflow in workflows():
            for transition in workflow.transitions:
                if transition.action == move:
                    return f"办件：{transition.label}"
    return action


KEYS = {
    "username": "用户名",
    "role": "角色",
    "since": "自",
    "until": "至",
    "register": "登记库",
    "rule": "规则",
    "note": "核查情况",
    "reason": "原因",
    "known": "账号存在",
    "locked": "已锁定",
    "removed": "清除记录数",
    "id_card_seen": "已核对身份证件",
    "renewed": "重新发放",
    "number": "编号",
    "from": "原状态",
    "to": "新状态",
    "kind": "种类",
    "fields": "更改项",
    "was_sample": "原为示例",
    "years": "年份",
    "document": "来源文件",
    "documents": "材料摘要",
    "deadlines_moved": "期限变动件数",
    "working_days": "工作日",
    "before": "原值",
    "links": "环数",
    "head": "链尾摘要",
    "holds": "完整",
    "broken_at": "断于",
    "entry": "记录",
    "why": "说明",
    "action": "操作",
    "actor": "操作人",
    "worker": "档案号",
    "rows": "行数",
    "file": "文件",
    "field": "项目",
    "what": "内容",
    "on": "基准日",
    "draft": "草案",
    "again": "原测算",
    "parameter": "参数",
    "value": "取值",
    "version": "版本",
    "digest": "摘要",
    "sha256": "文件摘要",
    "article": "条款",
    "authority": "委托文书",
    "year": "年度",
    "asked": "查询条件",
    "shown": "显示的档案号",
    "filters": "查询条件项",
    "count": "条数",
    "case": "办件",
    "cause": "起因",
    "changed": "变动人数",
    "offered": "新增惠享事项",
    "expired": "失效惠享事项",
    "found": "找到",
    "by": "查找方式",
    "decision": "处理结果",
    "type": "荣誉种类",
    "from_region": "原工作地",
    "letters": "信函数",
    "size": "字节数",
    "seen": "核验依据",
    "trial": "试评",
    "assessed": "评价人数",
    "eligible": "符合条件人数",
    "unchanged": "无变化行数",
    "added": "新增行数",
    "refused": "未通过数",
    "held": "姓名待核对",
    "read": "读取行数",
    "missing": "需补正内容",
    "how": "如何核实",
    "took_place": "占用名额",
    "moved": "变动",
    "league": "盟市",
    "nomination": "申报",
    "honour": "荣誉",
    "determination": "认定记录",
    "benefit": "事项",
    "closes_on": "公示截止",
    "replaces": "替代",
    "gives_way_to": "其后恢复",
    "simulation": "测算",
    "mark": "标记",
    "parts": "部分",
    "xlsx": "工作簿",
    "one": "项",
    "name": "姓名",
    "region": "地区",
    "state": "状态",
    "employer": "用人单位",
    "occupation": "职业（工种）",
    "level": "技能等级",
    "source": "来源",
    "gap": "只看没有文号的",
    "mine": "只看等我办理的",
    **joined(programme.audit_details for programme in programmes()),
}


def object_name(label: str) -> str:
    """What the kind of an object is called, for example 账号; a kind that no longer exists stands for
    itself.
    """
    try:
        return str(apps.get_model(label)._meta.verbose_name)
    except LookupError:
        return label
