"""The hash chain over the audit entries, kept by the database itself."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

# The digest of an entry in its place: SHA-256 over the digest before it and the whole row as canonical text.
INSTALL = """
CREATE FUNCTION audit_digest(before bytea, place bigint, e audit_entry) RETURNS bytea
LANGUAGE sql STABLE SET timezone = 'UTC' SET datestyle = 'ISO' AS $$
    SELECT sha256(before || convert_to(place::text || chr(31) || to_jsonb(e)::text, 'UTF8'))
$$;

CREATE FUNCTION audit_link() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    last audit_chainlink;
BEGIN
    -- One committer at a time, for the moment of the commit.
    PERFORM pg_advisory_xact_lock(hashtext('audit chain'));
    SELECT * INTO last FROM audit_chainlink ORDER BY position DESC LIMIT 1;
    INSERT INTO audit_chainlink (position, entry_id, digest)
    VALUES (coalesce(last.position, 0) + 1, NEW.id,
            audit_digest(coalesce(last.digest, '\\x'::bytea), coalesce(last.position, 0) + 1, NEW));
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER audit_link AFTER INSERT ON audit_entry
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit_link();

CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit entries are only ever added' USING ERRCODE = 'insufficient_privilege';
END
$$;

-- The grants already refuse this to the application; the trigger refuses it to everyone who does not first
-- drop it.
CREATE TRIGGER audit_entry_stands BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry
FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_chainlink_stands BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_chainlink
FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
"""

REMOVE = """
DROP TRIGGER audit_chainlink_stands ON audit_chainlink;
DROP TRIGGER audit_entry_stands ON audit_entry;
DROP FUNCTION audit_refuse();
DROP TRIGGER audit_link ON audit_entry;
DROP FUNCTION audit_link();
DROP FUNCTION audit_digest(bytea, bigint, audit_entry);
"""

_BROKEN = """
WITH chain AS (
    SELECT link.position, link.entry_id, link.digest, link.at,
           lag(link.digest) OVER w AS before, lag(link.position) OVER w AS place_before,
           lag(link.at) OVER w AS at_before
    FROM audit_chainlink link WINDOW w AS (ORDER BY link.position)
)
SELECT chain.position, chain.entry_id,
       CASE WHEN entry.id IS NULL THEN 'entry is gone'
            WHEN chain.position <> coalesce(chain.place_before, 0) + 1 THEN 'a link before it is gone'
            WHEN chain.digest <> audit_link_digest(coalesce(chain.before, '\\x'::bytea), chain.position, chain.at, entry)
                THEN 'entry or link was changed'
            ELSE 'its moment does not fit its place' END
FROM chain LEFT JOIN audit_entry entry ON entry.id = chain.entry_id
WHERE entry.id IS NULL OR chain.position <> coalesce(chain.place_before, 0) + 1
   OR chain.digest <> audit_link_digest(coalesce(chain.before, '\\x'::bytea), chain.position, chain.at, entry)
   -- Moments rise along the chain, and an entry was written shortly before it was linked: no transaction takes a day.
   OR (chain.at_before IS NOT NULL AND (chain.at IS NULL OR chain.at <= chain.at_before))
   OR entry.at NOT BETWEEN chain.at - interval '1 day' AND chain.at
ORDER BY chain.position LIMIT 1
"""

_OUTSIDE = """
SELECT entry.id FROM audit_entry entry LEFT JOIN audit_chainlink link ON link.entry_id = entry.id
WHERE link.entry_id IS NULL ORDER BY entry.id LIMIT 1
"""


# The first entry that names a set of people which is not the one beside it, as portal.audit.people.digest_of has it.
_CHANGED_SETS = """
SELECT entry.id, link.position FROM (
    SELECT id FROM audit_entry WHERE detail ? 'people_digest' UNION SELECT entry_id FROM audit_peopleblock
) AS naming JOIN audit_entry entry ON entry.id = naming.id JOIN audit_chainlink link ON link.entry_id = entry.id
WHERE entry.detail ->> 'people_digest' IS DISTINCT FROM (
    SELECT encode(sha256(string_agg(int4send(b.block) || b.bits, ''::bytea ORDER BY b.block)), 'hex')
    FROM audit_peopleblock b WHERE b.entry_id = entry.id
)
ORDER BY entry.id LIMIT 1
"""


@dataclass(frozen=True)
class Verdict:
    """What `verify` found. `head` is the digest of the last link: note it elsewhere to prove later that none
    was cut off.
    """

    links: int
    head: str
    broken_at: int | None = None
    entry_id: int | None = None
    why: str = ""

    @property
    def holds(self) -> bool:
        return not self.why


def verify() -> Verdict:
    """Recompute the whole chain in one pass and name the first link that does not hold."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit_chainlink")
        (links,) = cursor.fetchone()
        cursor.execute("SELECT digest FROM audit_chainlink ORDER BY position DESC LIMIT 1")
        row = cursor.fetchone()
        head = bytes(row[0]).hex() if row else ""
        cursor.execute(_BROKEN)
        broken_link = cursor.fetchone()
        if broken_link is not None:
            return Verdict(links, head, *broken_link)
        cursor.execute(_OUTSIDE)
        outside = cursor.fetchone()
        if outside is not None:
            return Verdict(links, head, None, outside[0], "entry stands outside the chain")
        cursor.execute(_CHANGED_SETS)
        changed = cursor.fetchone()
        if changed is not None:
            entry_id, position = changed
            return Verdict(links, head, position, entry_id, "the people it named were changed")
    return Verdict(links, head)
