"""Whom a list or an export named: a set of people, kept with its entry and found by each of them.

A few stand in the detail of the entry itself, which has an index by each. Many are kept in blocks: one row for every
8,192 numbers of people in a row, with a bit for each; an export of 650,000 people is some eighty rows of a kilobyte. The
entry keeps the digest of the blocks, so that the chain covers them.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Any

# So many numbers of people stand in a detail.
FEW = 100
_BITS = 13
PEOPLE_IN_BLOCK = 1 << _BITS

Blocks = Mapping[int, bytearray]


def place_of(worker: int) -> tuple[int, int]:
    """In which block somebody stands, and at which bit."""
    return worker >> _BITS, worker & (PEOPLE_IN_BLOCK - 1)


def blocks_of(workers: Iterable[int]) -> Blocks:
    """The set of these people. Bits are counted as get_bit() of PostgreSQL does."""
    blocks: defaultdict[int, bytearray] = defaultdict(lambda: bytearray(PEOPLE_IN_BLOCK // 8))
    for worker in workers:
        bit = worker & (PEOPLE_IN_BLOCK - 1)
        blocks[worker >> _BITS][bit >> 3] |= 1 << (bit & 7)
    return dict(sorted(blocks.items()))


def people_in(blocks: Blocks) -> list[int]:
    """The people of a set, in order."""
    return [
        (block << _BITS) + bit
        for block, bits in sorted(blocks.items())
        for bit in range(PEOPLE_IN_BLOCK)
        if bits[bit >> 3] >> (bit & 7) & 1
    ]


def digest_of(blocks: Blocks) -> str:
    """SHA-256 over the blocks in order, each behind its number: as _CHANGED_SETS in portal/audit/chain.py has it."""
    content = hashlib.sha256()
    for block, bits in sorted(blocks.items()):
        content.update(block.to_bytes(4, "big", signed=True) + bytes(bits))
    return content.hexdigest()


def told(workers: Iterable[int]) -> tuple[dict[str, Any], Blocks]:
    """What the detail of the entry says of these people, and the blocks to keep beside it."""
    left = iter(workers)
    few: set[int] = set()
    for worker in left:
        few.add(worker)
        if len(few) > FEW:
            break
    else:
        return {"shown": sorted(few)}, {}
    blocks = blocks_of(chain(few, left))
    count = sum(int.from_bytes(bits, "big").bit_count() for bits in blocks.values())
    return {"people": count, "people_digest": digest_of(blocks)}, blocks
