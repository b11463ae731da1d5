"""What the audit's codes are called on its page."""
from __future__ import annotations

from portal.cases.workflow import workflows

LABELS = {
    "account.login": "登录", "account.login_failed": "登录失败", "account.logout": "退出登录", "account.activate": "激活账号",
    "account.activation_failed": "激活失败", "account.create": "建立账号", "account.disable": "停用账号",
    "account.enable": "启用账号",
    "account.password_change": "修改密码", "account.password_reset": "重置密码", "account.unlock": "解除登录锁定",
    "account.token": "领取接口令牌", "role.grant": "任用角色", "role.end": "解除角色", "worker.activation_issue": "发放激活码",
    "worker.create": "登记人员", "employer.create": "登记单位", "employer.correct": "更正单位", "payee.propose": "登记收款账户",
    "case.open": "发起办件", "case.assign": "分派办件", "job.start": "发起后台任务", "job.cancel": "取消后台任务",
    "letter.view": "查看信函", "letter.build": "生成信函文件", "letter.issuer": "确认发文机关", "letter.print": "打印信函",
    "letter.print.download": "下载打印文件", "policy.parameter.enter": "录入政策参数", "policy.parameter.confirm": "复核政策参数",
    "policy.parameter.withdraw": "撤回政策参数", "window.edit": "维护服务窗口", "calendar.load": "载入工作日历",
    "clock.edit": "维护办理时限", "audit.export": "导出审计记录", "audit.verify": "核验审计链",
}  # fmt: skip


def label_of(action: str) -> str:
    """The Chinese name of an action; moves of cases are called as in their workflow, an unknown code stands for itself."""
    if action in LABELS:
        return LABELS[action]
    subject, _, move = action.partition(".")
    if subject == "case":
        for workflow in workflows():
            for transition in workflow.transitions:
                if transition.action == move:
                    return f"办件：{transition.label}"
    return action
