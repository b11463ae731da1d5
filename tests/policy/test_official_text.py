"""The official text from the office's own file: found clause by clause, or refused with the clause that does
not match.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from portal.audit.models import Entry
from portal.policy.models import Clause, OfficialClause, OfficialText
from portal.policy.official_text import TextRefused, read_clauses
from tests import copies

NUMBER = "内党办发〔2019〕6号"
ROOT = Path(__file__).resolve().parent.parent.parent
TITLES = {
    "一": "服务保障与人才名录",
    "二": "政治待遇",
    "三": "经济待遇",
    "四": "社会待遇",
    "五": "技术创新",
    "六": "工资分配制度",
    "七": "工资正常增长与长效激励",
    "八": "终身职业技能培训",
    "九": "企业职工岗位技能提升培训",
    "十": "高技能人才振兴计划",
    "十一": "技术工人评价",
    "十二": "技能竞赛",
    "十三": "休息休假",
    "十四": "组织领导",
    "十五": "政策落实",
    "十六": "社会氛围",
}
CHAPTERS = {
    "一": "二、甲部分",
    "六": "三、乙部分的\n名称很长",
    "八": "四、丙部分",
    "十一": "五、丁部分",
    "十四": "六、戊部分",
}


def clause(number: str, title: str | None = None, *, broken: bool = False) -> str:
    """An invented clause: a heading that has the words of our title in it, two sentences, the departments in
    brackets.
    """
    head = title or f"切实做好{TITLES[number].split('与')[0]}有关事项"
    sentences = f"演示文字{number}甲，年度内办理20件，参见第（三）条（见附件）。演示文字{number}乙。"
    text = f"（{number}）{head}。{sentences}（某厅、某局（牵头）负责）"
    # Broken after every thirteenth character, as a narrow column breaks it: inside words, numbers and
    # brackets.
    return "\n".join(text[at : at + 13] for at in range(0, len(text), 13)) if broken else text


def document(*, broken: bool = False, clauses: dict[str, str] | None = None) -> str:
    """A document of the same shape: letterhead with Mongolian script, chapters, clauses, page numbers, an
    imprint.
    """
    parts = [
        "ᠠᠮᠤᠷ ᠮᠡᠨᠳᠦ",
        "某办公厅文件",
        f"{NUMBER}",
        "现印发给你们，请执行。",
        "一、总体要求",
        "演示文字，总体要求一段。",
    ]
    page = 1
    for number, text in (clauses or {number: clause(number, broken=broken) for number in TITLES}).items():
        if number in CHAPTERS:
            parts.append(CHAPTERS[number])
        lines = text.split("\n")
        if broken and len(lines) > 4:
            page += 1
            lines[3:3] = ["", f"— {page} —" if page % 2 else str(page), ""]
        parts.append("\n".join(lines))
    return "\n\n".join([*parts, "某办公厅秘书处", "2019年2月20日印发"]) + "\n"


def read(text: str) -> dict[str, str]:
    return dict(read_clauses(text.encode(), TITLES).clauses)


# -- reading -------------------------------------------------------------------------------------------------
def test_the_titles_are_those_of_the_shelf(db: None) -> None:
    assert (
        dict(Clause.objects.filter(document__number=NUMBER).order_by("order").values_list("number", "title"))
        == TITLES
    )


@pytest.mark.parametrize("broken", [False, True])
def test_every_clause_is_found_whole_and_nothing_else(broken: bool) -> None:
    found = read(document(broken=broken))
    assert list(found) == list(TITLES)
    for number, text in found.items():
        assert text == clause(number).removeprefix(f"（{number}）"), number


@pytest.mark.parametrize(
    ("what", "change"),
    [
        ("half-width brackets", lambda text: re.sub("（([一二三四五六七八九十]+)）切", r"(\1) 切", text)),
        ("a number broken over two lines", lambda text: text.replace("（十一）切", "（十\n一）切")),
        (
            "bold type left by a converter",
            lambda text: text.replace("（某厅", "**（某厅").replace("负责）", "负责）**"),
        ),
        ("Windows line ends and spaces before lines", lambda text: text.replace("\n", "\r\n\u3000\u3000")),
        ("form feeds between pages", lambda text: text.replace("\n\n（七）", "\n\f（七）")),
        ("everything on one line", lambda text: text.replace("\n", "")),
        ("no empty lines", lambda text: text.replace("\n\n", "\n")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_files_of_other_makes_read_the_same(what: str, change: Any) -> None:
    assert read(change(document())) == read(document())


def test_lines_of_page_numbers_are_named_and_figures_of_the_text_stay() -> None:
    text = (
        document()
        .replace("办理20件", "办理\n20\n件")
        .replace("\n\n（二）", "\n\n1\n\n（二）")
        .replace("\n\n（三）", "\n- 2 -\n（三）")
    )
    read_text = read_clauses(text.encode(), TITLES)
    assert dict(read_text.clauses) == read(document())
    lines = text.split("\n")
    assert [lines[number - 1] for number in read_text.page_lines] == ["1", "- 2 -"]


def test_a_paragraph_of_a_clause_stays_one() -> None:
    given = {number: clause(number) for number in TITLES} | {
        "四": "（四）切实做好社会待遇有关事项。第一段。\n\n第二段。"
    }
    assert read(document(clauses=given))["四"] == "切实做好社会待遇有关事项。第一段。\n第二段。"


def changed(**given: str) -> dict[str, str]:
    return {number: clause(number) for number in TITLES} | given


def without(number: str) -> dict[str, str]:
    return {key: text for key, text in changed().items() if key != number}


def swapped(first: str, second: str) -> dict[str, str]:
    order = list(TITLES)
    a, b = order.index(first), order.index(second)
    order[a], order[b] = second, first
    return {number: clause(number) for number in order}


REFUSED = [
    ("missing", without("五"), ["第五条：文件中没有找到"]),
    ("missing at the end", without("十六"), ["第十六条：文件中没有找到"]),
    ("doubled", changed(六=clause("六") + "\n\n" + clause("六")), ["第六条：在文件中出现了2次"]),
    (
        "misnumbered",
        changed(七=clause("七").replace("（七）", "（六）")),
        ["第七条：文件中没有找到", "第六条：在文件中出现了2次", "第六条：标题不符"],
    ),
    ("out of order", swapped("八", "九"), ["第八条：排在第九条之后"]),
    (
        "one too many",
        changed(十六=clause("十六") + "\n\n（十七）另外一条。演示。"),
        ["第十七条：政策条款中没有这一条"],
    ),
    (
        "another title",
        changed(三=clause("三", "改进道路照明")),
        ["第三条：标题不符。应为“经济待遇”，文件中是“改进道路照明”"],
    ),
    (
        "titles exchanged",
        changed(二=clause("二", "提高经济待遇"), 三=clause("三", "提高政治待遇")),
        [
            "第二条：标题不符。应为“政治待遇”，文件中是“提高经济待遇”",
            "第三条：标题不符。应为“经济待遇”，文件中是“提高政治待遇”",
        ],
    ),
]


@pytest.mark.parametrize(("what", "given", "said"), REFUSED, ids=[row[0] for row in REFUSED])
def test_a_file_that_does_not_match_is_refused_by_clause(
    what: str, given: dict[str, str], said: list[str]
) -> None:
    with pytest.raises(TextRefused) as refusal:
        read(document(clauses=given))
    for words in said:
        assert any(problem.startswith(words) for problem in refusal.value.problems), refusal.value.problems
    assert len(refusal.value.problems) == len(said)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "没有找到"),
        ("一、只有章\n二、没有条".encode(), "没有找到"),
        (b"%PDF-1.7\n", "不是纯文本"),
        (b"PK\x03\x04", "不是纯文本"),
        ("文".encode("utf-16"), "编码无法识别"),
        (b"\xff\xff\xff", "编码无法识别"),
        (b"a" * (1024 * 1024 + 1), "文件过大"),
    ],
    ids=lambda value: value if isinstance(value, str) else "file",
)
def test_what_is_no_such_text_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(TextRefused, match=said):
        read_clauses(data, TITLES)


# -- the command ---------------------------------------------------------------------------------------------
def load(path: Path, data: bytes | str, *args: str, number: str = NUMBER) -> str:
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    said = StringIO()
    call_command("load_policy_text", number, str(path), *args, stdout=said)
    return said.getvalue()


def test_the_office_loads_its_file_and_everybody_reads_it(
    db: None, tmp_path: Path, policy_officer: Any, client: Any, as_user: Any
) -> None:
    file = tmp_path / "原文.txt"
    assert "文件原文" not in client.get("/policy/九/").content.decode()
    tried = load(file, document(broken=True), "--dry-run")
    assert (
        "（十六）切实做好社会氛围有关事项" in tried
        and "nothing was stored" in tried
        and not OfficialText.objects.exists()
    )

    said = load(file, document(broken=True), "--by", policy_officer.username, number="内党办发[2019]6号")
    assert (
        said.splitlines()[-1].startswith("Loaded version 1.") and "Left out as page numbers: lines " in said
    )
    stored = OfficialText.objects.get()
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    assert (stored.version, stored.digest, stored.loaded_by, stored.file_name) == (
        1,
        digest,
        policy_officer,
        "原文.txt",
    )
    entry = Entry.objects.get(action="policy.text.load")
    assert (entry.actor, entry.detail["digest"], entry.detail["version"]) == (policy_officer, digest, 1)

    page = client.get("/policy/九/").content.decode()
    summary = Clause.objects.get(document__number=NUMBER, number="九").summary
    assert (
        "演示文字九甲" in page
        and summary in page
        and digest in page
        and "第1版" in page
        and "演示文字八甲" not in page
    )
    assert "宋文" not in page
    staff = as_user(policy_officer).get("/window/law/").content.decode()
    assert "第1版" in staff and "宋文" in staff and digest in staff


def test_the_same_again_changes_nothing_and_a_correction_stands_beside_it(
    db: None, tmp_path: Path, client: Any
) -> None:
    file = tmp_path / "text.txt"
    assert "Loaded version 1." in load(file, document().encode("gb18030"))
    for same in (document().encode("gb18030"), document(broken=True).encode("utf-8-sig")):
        assert "Unchanged: version 1" in load(file, same)
    assert "Unchanged" in load(file, document(), "--dry-run")
    corrected = document().replace("演示文字二乙", "更正文字二乙")
    assert "Would become version 2" in load(file, corrected, "--dry-run")
    assert "Loaded version 2." in load(file, corrected)
    assert list(OfficialText.objects.order_by("version").values_list("version", "loaded_by")) == [
        (1, None),
        (2, None),
    ]
    texts = (
        OfficialClause.objects.filter(clause__number="二")
        .order_by("official__version")
        .values_list("text", flat=True)
    )
    assert ["演示文字二乙" in texts[0], "更正文字二乙" in texts[1]] == [True, True]
    page = client.get("/policy/二/").content.decode()
    assert "更正文字二乙" in page and "演示文字二乙" not in page and "第2版" in page and "取代" not in page
    earlier = client.get("/policy/二/?text=1").content.decode()
    assert "演示文字二乙" in earlier and "更正文字二乙" not in earlier and "已被第2版取代" in earlier
    for unknown in ("3", "0", "x", "٢"):
        assert "更正文字二乙" in client.get("/policy/二/", {"text": unknown}).content.decode()
    assert Entry.objects.filter(action="policy.text.load").count() == 2
    for table in ("policy_officialtext", "policy_officialclause"):
        for statement in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):
            with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)


def test_what_cannot_be_loaded_is_said_and_nothing_is_stored(db: None, tmp_path: Path, clerk: Any) -> None:
    file = tmp_path / "text.txt"
    with pytest.raises(CommandError, match="第五条：文件中没有找到"):
        load(file, document(clauses=without("五")))
    with pytest.raises(CommandError, match="no document 国发〔2000〕1号"):
        load(file, document(), number="国发〔2000〕1号")
    with pytest.raises(CommandError, match="no document 人社部发〔2017〕40号 with clauses"):
        load(file, document(), number="人社部发〔2017〕40号")
    with pytest.raises(CommandError, match="there is no account nobody"):
        load(file, document(), "--by", "nobody")
    with pytest.raises(CommandError, match="政策管理员"):
        load(file, document(), "--by", clerk.username)
    with pytest.raises(CommandError, match="No such file"):
        call_command("load_policy_text", NUMBER, str(tmp_path / "none.txt"))
    assert not OfficialText.objects.exists() and not Entry.objects.filter(action="policy.text.load").exists()


def test_the_command_runs_as_the_application_and_exits_1_when_it_refuses(
    committed: str, command_environment: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "text.txt"
    file.write_text(document(clauses=swapped("一", "二")), encoding="utf-8")
    refused = copies.manage("load_policy_text", NUMBER, str(file))
    assert (
        refused.status == 1
        and "第一条：排在第二条之后" in refused.complained
        and not OfficialText.objects.exists()
    )
    file.write_text(document(), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "manage.py", "load_policy_text", NUMBER, str(file)],
        cwd=ROOT,
        env=os.environ | command_environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert OfficialClause.objects.count() == 16
