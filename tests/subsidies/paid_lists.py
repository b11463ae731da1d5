"""Lists of payments as an office has them, and what a trial says of them."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

HEAD = ("证件号码", "姓名", "职业工种", "技能等级", "证书编号", "发证日期", "申领日期", "补贴金额")
LEVELS = {20: "初级工", 30: "中级工", 40: "高级工", 50: "技师", 60: "高级技师"}


def line_of(credential: Any, claimed_on: str, paid: str = "1500", **changed: str) -> dict[str, str]:
    """A payment by a certificate, in the words of the list."""
    given = {
        "证件号码": credential.worker.id_number,
        "姓名": credential.worker.name,
        "职业工种": credential.occupation,
        "技能等级": LEVELS[credential.level],
        "证书编号": credential.number,
        "发证日期": credential.issued_on.isoformat(),
        "申领日期": claimed_on,
        "补贴金额": paid,
    }
    return given | changed


def content_of(*lines: dict[str, str], head: tuple[str, ...] = HEAD) -> bytes:
    rows = [head, *([line.get(label, "") for label in head] for line in lines)]
    return "\n".join(",".join(row) for row in rows).encode("utf-8-sig")


def list_of(*lines: dict[str, str], head: tuple[str, ...] = HEAD) -> SimpleUploadedFile:
    return SimpleUploadedFile("名单.csv", content_of(*lines, head=head))


def tried(*lines: dict[str, str], head: tuple[str, ...] = HEAD, **asked: Any) -> dict[str, Any]:
    """What a trial says of these lines."""
    from portal import memory_files
    from subsidies.trials.deciding import Asked
    from subsidies.trials.jobs import try_list

    with memory_files.of(content_of(*lines, head=head)) as clear:
        return try_list(clear, Asked(**asked), on_read=lambda n: None, on_decided=lambda n: None)


def outcomes(result: dict[str, Any]) -> list[str]:
    """What came of each line, in the order of the file."""
    return [row["outcome"] for row in result["rows"]]


def reasons(result: dict[str, Any], place: int = 0) -> list[str]:
    """Why one line came out so: the condition or the fact, without what is the matter with it."""
    labels = [result["reasons"][number]["label"] for number in result["rows"][place]["reasons"]]
    return [label.rpartition("：")[2] for label in labels]
