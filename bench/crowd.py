"""650,000 synthetic workers, each with an open case and an entry, for the list benchmarks.

They are no people: names are drawn from two short lists, numbers are digests of a counter. The owner writes
them in a few statements with the row guards off, because what is measured is reading.
"""

from __future__ import annotations

from datetime import date

from bench import ciphers
from bench.database import owner, vacuum, without_guards
from portal.workforce.models import Worker
from talent_registry.benefits import determine_again

SURNAMES = list(
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛"
    "叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段漕钱汤尹黎易常武乔"
    "贺赖龚文"
)
GIVEN = list(
    "伟芳娜敏静强磊军洋勇艳杰娟涛明超霞平刚桂英华玉兰红建国志海云峰山丽文辉力生学永健世广义兴良东清飞"
    "彬富顺信子朋松厚庆斌腾哲琳婷雪慧萍鑫宇浩凯秀莉珊莎锦黛青倩思巧美瑞凡佳嘉琼勤珍贞乌日娜其格巴特尔"
)
OCCUPATIONS = [
    "焊工",
    "电工",
    "钳工",
    "车工",
    "汽车维修工",
    "化工总控工",
    "煤矿采掘工",
    "乳品评鉴师",
    "起重装卸机械操作工",
    "电梯安装维修工",
    "炼钢工",
    "变电站值班员",
    "民族拉弦弹拨乐器制作工",
    "育婴员",
    "中式烹调师",
]
# Clear for an index of two characters that hardly anybody shares.
RARE = "骞翯"
GUARDED = ("cases_case", "talent_registry_registryentry", "talent_registry_inclusionproposal")


_EMPLOYERS = """
INSERT INTO workforce_employer (name, credit_code, kind, region_id, source, created_at)
SELECT '草原机械制造第' || n || '公司', NULL, 'private', b.codes[1 + n % cardinality(b.codes)],
       '合成数据', now()
FROM generate_series(1, 2000) n,
     (SELECT array_agg(code ORDER BY code) codes FROM regions_region WHERE tier = 'banner_county') b
"""
_WORKERS = """
INSERT INTO workforce_worker (
    name, id_number, id_digest, sex, birth_on, work_region_id, employer_id, skill_level, occupation,
    source, created_at, updated_at)
SELECT s.list[1 + (random() * (cardinality(s.list) - 1))::int]
           || g.list[1 + (random() * (cardinality(g.list) - 1))::int]
           || CASE WHEN n %% 10000 = 0 THEN %(rare)s
                   WHEN n %% 3 = 0 THEN ''
                   ELSE g.list[1 + (random() * (cardinality(g.list) - 1))::int] END,
       c.cipher, sha256(int8send(n)), CASE WHEN n %% 4 = 0 THEN 'female' ELSE 'male' END,
       date '1965-01-01' + (random() * 14000)::int,
       b.codes[1 + (random() ^ 2 * (cardinality(b.codes) - 1))::int],
       (SELECT min(id) FROM workforce_employer) + n %% 2000, 10 * (1 + (random() ^ 2 * 7)::int),
       o.list[1 + (random() ^ 2 * (cardinality(o.list) - 1))::int], '合成数据', now(), now()
FROM (SELECT n, cipher FROM bench_number ORDER BY n) c,
     (SELECT %(surnames)s::text[] list) s,
     (SELECT %(given)s::text[] list) g,
     (SELECT %(occupations)s::text[] list) o,
     (SELECT array_agg(code ORDER BY code) codes FROM regions_region WHERE tier = 'banner_county') b
"""
_USERS = """
INSERT INTO accounts_user (
    username, display_name, password, is_active, must_change_password, password_changed_at, created_at)
SELECT 'bench' || n, '测试人员' || n, '!', true, false, now(), now()
FROM generate_series(1, 3) n
"""
_HONOURS = """
INSERT INTO workforce_honour (
    worker_id, type_id, named_as, year, document, state, verified_by_id, verified_at, verdict,
    source, recorded_by_id, recorded_at)
SELECT w.id, t.code, t.name, 2019 + w.id % 8, '合成文号', 'verified', u.ids[1], now(), '',
       '合成数据', u.ids[2], now()
FROM workforce_worker w,
     (SELECT array_agg(id ORDER BY id) ids FROM accounts_user) u,
     (SELECT code, name, row_number() OVER (ORDER BY code) - 1 AS place, count(*) OVER () AS kinds
      FROM workforce_honourtype) t
WHERE t.place = (w.id * 7919 % 97) % t.kinds
"""
_CASES = """
INSERT INTO cases_case (
    number, kind, region_id, worker_id, subject, state, state_since, version, opened_on, opened_at,
    closed_at, due_on, due_certain)
SELECT %(prefix)s || '-2026-' || lpad(w.id::text, 7, '0'), 'registry.direct-inclusion',
       w.work_region_id, w.id, '合成办件', %(state)s, now(), 1, date '2026-11-02', now(),
       CASE WHEN %(closed)s THEN now() END, date '2026-11-16' + (w.id %% 60)::int, true
FROM workforce_worker w
"""
_PROPOSALS = """
INSERT INTO talent_registry_inclusionproposal (
    case_id, worker_id, basis, honour_id, determination_id, proposed_on, established_how, outcome)
SELECT c.id, c.worker_id, 'honour', h.id, %s, date '2026-11-02', '', ''
FROM cases_case c JOIN workforce_honour h ON h.worker_id = c.worker_id
WHERE c.state = 'proposed'
"""
_ENTRIES = """
INSERT INTO talent_registry_registryentry (
    number, worker_id, case_id, determination_id, confirmed_by_id,
    included_on, published_at, basis, policy_number, clause,
    honour_id, honour_type_id, honour_name, honour_year, honour_document,
    name, id_shown, region_id, employer_name, occupation, skill_level,
    counted_from, counted_from_on,
    days_from_honour, days_of_handling, status, status_since, version)
SELECT 'LJ-2026-' || lpad(c.id::text, 7, '0'), w.id, c.id, %s, u.id,
       make_date(2019 + (w.id %% 8)::int, 6, 1), now(), 'honour', '内党办发〔2019〕6号', '一',
       h.id, h.type_id, h.named_as, h.year, h.document,
       w.name, '**************001X', w.work_region_id, e.name, w.occupation, w.skill_level,
       CASE WHEN w.id %% 3 = 0 THEN 'verified' ELSE 'conferred' END,
       make_date(2019 + (w.id %% 8)::int, 6, 1) - (w.id * 7919 %% 1500)::int,
       w.id * 7919 %% 1500, w.id * 31 %% 90,
       CASE WHEN w.id %% 5000 = 0 THEN 'suspended' ELSE 'active' END, date '2026-11-02', 0
FROM cases_case c
JOIN workforce_worker w ON w.id = c.worker_id
JOIN workforce_honour h ON h.worker_id = w.id
JOIN workforce_employer e ON e.id = w.employer_id,
     (SELECT min(id) AS id FROM accounts_user) u
WHERE c.state = 'confirmed' ORDER BY w.id
"""


def populate(count: int) -> None:
    """Fill an empty, migrated database. Deterministic: the same rows every time."""
    write_workers(count)
    with owner() as cursor:
        cursor.execute(_HONOURS)
    first_worker = Worker.objects.order_by("id").values_list("id", flat=True)[0]
    determination = determine_again(first_worker, on=date(2026, 11, 2))
    _write_cases_and_entries(determination.pk)
    vacuum()


def write_workers(count: int) -> None:
    """So many workers of 2,000 employers, and three accounts."""
    given = {
        "surnames": SURNAMES,
        "given": GIVEN,
        "occupations": OCCUPATIONS,
        "rare": RARE,
    }
    with owner() as cursor:
        cursor.execute("SELECT setseed(0.2019)")
        cursor.execute(_EMPLOYERS)
        ciphers.prepare(cursor, 1, count)
        cursor.execute(_WORKERS, given)
        cursor.execute(_USERS)


def _write_cases_and_entries(determination: int) -> None:
    """An open proposal each, and an entry each, all resting on one determination."""
    with owner() as cursor, without_guards(cursor, *GUARDED):
        cursor.execute(_CASES, {"prefix": "ZJ", "state": "proposed", "closed": False})
        cursor.execute(_CASES, {"prefix": "ZY", "state": "confirmed", "closed": True})
        cursor.execute(_PROPOSALS, [determination])
        cursor.execute(_ENTRIES, [determination])
