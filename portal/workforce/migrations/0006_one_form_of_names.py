"""One form of names, for what was written down before: people's names and certificate numbers in their normal
form, units compared by a folded name that the database keeps beside the one of the licence.

The tables stand here as they were that day. Names and numbers are not brought back into their many spellings: the
history keeps them. Published lists and letters stay as they were published.
"""

import unicodedata

from django.db import migrations, models

import portal.workforce.models.base

# Each radical before the character it looks like.
RADICALS_SUPPLEMENT = (
    "⺁厂 ⺂乛 ⺃乚 ⺄乙 ⺅亻 ⺆冂 ⺇𠘨 ⺈刀 ⺉刂 ⺊卜 ⺋㔾 ⺌小 ⺍小 ⺎兀 ⺏尣 ⺐尢 ⺑𡯂 ⺒巳 ⺓幺 ⺔彑 "
    "⺖忄 ⺗心 ⺘扌 ⺙攵 ⺛旡 ⺜日 ⺝月 ⺞歺 ⺟母 ⺠民 ⺡氵 ⺢氺 ⺣灬 ⺤爫 ⺥爫 ⺦丬 ⺧牛 ⺨犭 ⺩王 ⺪𤴔 "
    "⺫目 ⺬示 ⺭礻 ⺮𥫗 ⺯糹 ⺰纟 ⺱罓 ⺲罒 ⺳㓁 ⺴冗 ⺵𦉫 ⺶羊 ⺷𦍌 ⺸𦍋 ⺹耂 ⺺肀 ⺻聿 ⺼肉 ⺽𦥑 ⺾艹 "
    "⺿艹 ⻀艹 ⻁虎 ⻂衤 ⻃覀 ⻄西 ⻅见 ⻆角 ⻇𧢲 ⻈讠 ⻉贝 ⻊𧾷 ⻋车 ⻌辶 ⻍辶 ⻎辶 ⻏邑 ⻐钅 ⻑長 ⻒镸 "
    "⻓长 ⻔门 ⻕𨸏 ⻖阝 ⻗雨 ⻘青 ⻙韦 ⻚页 ⻛风 ⻜飞 ⻝食 ⻞𩙿 ⻟飠 ⻠饣 ⻡𩠐 ⻢马 ⻣骨 ⻤鬼 ⻥鱼 ⻦鸟 "
    "⻧卤 ⻨麦 ⻩黄 ⻪黾 ⻫斉 ⻬齐 ⻭歯 ⻮齿 ⻯竜 ⻰龙 ⻱龜 ⻲亀 ⻳龟 "
)  # fmt: skip
ONCE_PRIVATE = {
    0xE816: 0x20087, 0xE817: 0x20089, 0xE818: 0x200CC, 0xE81E: 0x9FB4, 0xE826: 0x9FB5, 0xE82B: 0x9FB6,
    0xE82C: 0x9FB7, 0xE831: 0x215D7, 0xE832: 0x9FB8, 0xE83B: 0x2298F, 0xE843: 0x9FB9, 0xE854: 0x9FBA,
    0xE855: 0x241FE, 0xE864: 0x9FBB,
}  # fmt: skip
KANGXI = range(0x2F00, 0x2FD6)
INVISIBLE = "".join(
    map(
        chr,
        (
            0xAD, 0x061C, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF,
            *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0),
        ),
    )
)  # fmt: skip
HAN = "々〇㐀-䶿一-鿿豈-\uFAFF\U00020000-\U0002A6DF\U0002A700-\U0002EE5D\U00030000-\U00033479"

IDEOGRAPHS = {
    **{chr(old): chr(new) for old, new in ONCE_PRIVATE.items()},
    **{pair[0]: pair[1] for pair in RADICALS_SUPPLEMENT.split()},
    **{chr(code): unicodedata.normalize("NFKC", chr(code)) for code in KANGXI},
}
IN_A_NAME = {
    **IDEOGRAPHS,
    **{chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},
    **dict.fromkeys("•‧∙⋅・･●▪◦∘⸱⸳᛫˙\u0387\uA78F", "·"),
    **dict.fromkeys("．。｡﹒", "."),
    **dict.fromkeys("’‘ʼ`´′", "'"),
    **dict.fromkeys("‐‑‒–—―−﹣", "-"),
}


def quoted(text):
    """A text as SQL has it."""
    return "'" + text.replace("'", "''") + "'"


def replaced(column, table):
    """SQL of a column with the characters of a table replaced, and those that nobody sees left out."""
    before, after = "".join(table) + INVISIBLE, "".join(table.values())
    return f"translate({column}, {quoted(before)}, {quoted(after)})"


def normal_name(column):
    """SQL of a person's name in its normal form."""
    sql = f"normalize({replaced(column, IN_A_NAME)}, NFC)"
    for pattern, by in (
        (r"\s+", " "),
        (rf"(?<=[{HAN}]) ?\.[ .]*|[ .]*\. ?(?=[{HAN}])", "·"),
        ("[ ·]*·[ ·]*", "·"),
        (" ?([-']) ?", r"\1"),
        (f"(?<=[{HAN}]) | (?=[{HAN}])", ""),
    ):
        sql = f"regexp_replace({sql}, {quoted(pattern)}, {quoted(by)}, 'g')"
    return f"btrim({sql}, ' ·')"


# Most names are plain, and not looked at further.
PLAIN = "'^[一-鿿]+$'"
WORKERS = f"""
UPDATE workforce_worker w SET name = n.name
FROM (SELECT id, {normal_name("name")} AS name FROM workforce_worker WHERE name !~ {PLAIN}) n
WHERE n.id = w.id AND n.name <> w.name AND n.name <> ''
"""  # noqa: S608
# What was decided on is compared with what a roster says next. Of two open ones on two spellings one stays.
CONFLICTS = f"""
UPDATE workforce_nameconflict c SET registered_name = n.registered_name, roster_name = n.roster_name
FROM (
    SELECT id, worker_id, decision, {normal_name("registered_name")} AS registered_name,
           {normal_name("roster_name")} AS roster_name,
           row_number() OVER (PARTITION BY worker_id, decision, {normal_name("roster_name")} ORDER BY id) AS place
    FROM workforce_nameconflict
) n
WHERE n.id = c.id AND (n.registered_name, n.roster_name) <> (c.registered_name, c.roster_name)
  AND n.registered_name <> '' AND n.roster_name <> '' AND (n.decision <> '' OR n.place = 1)
"""  # noqa: S608

UNITS = f"""
UPDATE workforce_employer u SET name = n.name
FROM (
    SELECT id, btrim(regexp_replace(normalize({replaced("name", IDEOGRAPHS)}, NFC), '\\s+', ' ', 'g')) AS name
    FROM workforce_employer
) n
WHERE n.id = u.id AND n.name <> u.name AND n.name <> ''
"""  # noqa: S608
# What does not distinguish a unit: width and case, the kind of brackets, dots and dashes; and, left out, spaces
# and quotation marks.
KINDS = {
    **dict.fromkeys("[{〔【〖〘", "("),
    **dict.fromkeys("]}〕】〗〙", ")"),
    **dict.fromkeys(".•‧∙⋅・●▪◦∘⸱⸳᛫\uA78F。", "·"),
    **dict.fromkeys("‐‒–—―−", "-"),
    **dict.fromkeys("、，", ","),
}
LEFT_OUT = " \t\n\r\u00A0\u3000\"'`“”‘’„‟「」『』《》〈〉«»" + INVISIBLE
FOLDED = f"""
CREATE FUNCTION workforce_unit_folded(name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT lower(translate(
        normalize(name, NFKC),
        {quoted("".join(KINDS) + LEFT_OUT)},
        {quoted("".join(KINDS.values()))}
    ))
$$
"""
TWINS = """
UPDATE workforce_employer u SET twin = t.place - 1
FROM (
    SELECT id, row_number() OVER (PARTITION BY folded_name, region_id ORDER BY id) AS place
    FROM workforce_employer WHERE credit_code IS NULL
) t
WHERE t.id = u.id AND t.place > 1
"""

# The number is the same, written in its one form: who confirmed it has confirmed it.
KEEP_CONFIRMED = (
    "SELECT set_config('pgtrigger.ignore', '{pgtrigger_change_is_unconfirmed_8803e}', true)"
)
CONFIRM_AGAIN = "SELECT set_config('pgtrigger.ignore', '', true)"
# Of two spellings of one number of one person the second stays: somebody must say which record is right.
NUMBERS = f"""
UPDATE workforce_skillcredential c SET number = n.number
FROM (
    SELECT id, number AS was, folded AS number,
           row_number() OVER (PARTITION BY worker_id, occupation, level, folded ORDER BY number <> folded, id) AS place
    FROM (
        SELECT *, upper(regexp_replace(
            translate(number, {quoted("".join(map(chr, range(0xFF01, 0xFF5F))))},
                      {quoted("".join(map(chr, range(0x21, 0x7F))))}),
            '\\s', '', 'g')) AS folded
        FROM workforce_skillcredential WHERE number <> ''
    ) f
) n
WHERE n.id = c.id AND n.place = 1 AND n.number <> n.was
"""  # noqa: S608
NOTHING = migrations.RunSQL.noop


class Migration(migrations.Migration):
    dependencies = [
        ("regions", "0001_initial"),
        ("workforce", "0005_verification"),
    ]

    operations = [
        migrations.RunSQL([(WORKERS, None), (CONFLICTS, None)], NOTHING),
        migrations.RunSQL([(KEEP_CONFIRMED, None), (NUMBERS, None), (CONFIRM_AGAIN, None)], NOTHING),
        migrations.RemoveConstraint(model_name="employer", name="one_employer_of_a_name_without_code"),
        migrations.RunSQL([(UNITS, None)], NOTHING),
        # Rows just changed have events to come, which a change of the table would stumble over.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", NOTHING),
        migrations.RunSQL([(FOLDED, None)], "DROP FUNCTION workforce_unit_folded(text)"),
        migrations.AddField(
            model_name="employer",
            name="folded_name",
            field=models.GeneratedField(
                db_persist=True,
                expression=portal.workforce.models.base.Folded("name"),
                output_field=models.TextField(),
            ),
        ),
        migrations.AddField(
            model_name="employer",
            name="twin",
            field=models.PositiveSmallIntegerField(db_default=0, default=0, editable=False),
        ),
        migrations.RunSQL([(TWINS, None)], NOTHING),
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", NOTHING),
        migrations.AddIndex(
            model_name="employer",
            index=models.Index(fields=["folded_name", "region"], name="employer_by_folded_name"),
        ),
        migrations.AddConstraint(
            model_name="employer",
            constraint=models.UniqueConstraint(
                condition=models.Q(("credit_code__isnull", True)),
                fields=("folded_name", "region", "twin"),
                name="one_employer_of_a_name_without_code",
            ),
        ),
    ]
