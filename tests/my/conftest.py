"""Letters are issued here as in their own tests: with kinds of their own and no broker."""

from tests.letters.conftest import issue, queued, test_kinds  # noqa: F401
