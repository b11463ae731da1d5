"""Numbers encrypted by a second process are numbers encrypted by the portal."""

from __future__ import annotations

import os
import signal

import pytest

from portal import crypto
from portal.workforce.roster import encrypting
from portal.workforce.roster.encrypting import Encrypting

NUMBERS = [f"1501021990010{n:05d}" for n in range(5000)]
# Each bound to a row of its own.
GIVEN = [f"{number} {number.encode().hex()}" for number in NUMBERS]


def opened(ciphertexts: list[str]) -> list[str]:
    return [
        crypto.decrypt(
            bytes.fromhex(ciphertext), purpose=crypto.Purpose.COLUMNS, bound_to=NUMBERS[place].encode()
        )
        for place, ciphertext in enumerate(ciphertexts)
    ]


def test_a_second_process_encrypts_with_the_same_key() -> None:
    with Encrypting() as encrypting:
        first, second, none = encrypting.begin(GIVEN), encrypting.begin(GIVEN[:7]), encrypting.begin([])
        assert opened(first.result(60)) == NUMBERS
        assert opened(second.result(60)) == NUMBERS[:7]
        assert none.result(60) == []
        process = encrypting._process
    assert process is not None
    assert process.returncode == 0


def test_few_numbers_need_no_process() -> None:
    with Encrypting() as encrypting:
        assert opened(encrypting.begin(GIVEN[:10]).result(1)) == NUMBERS[:10]
        assert encrypting._process is None


def test_a_process_that_was_killed_ends_the_import(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encrypting, "_WORTH_A_PROCESS", 1)
    with Encrypting() as some:
        some.begin(GIVEN[:10]).result(60)
        assert some._process is not None
        os.kill(some._process.pid, signal.SIGKILL)
        some._process.wait()
        with pytest.raises((RuntimeError, BrokenPipeError)):
            some.begin(GIVEN[:10]).result(60)
