"""A check does not ask its connection whether it is alive. Without a transaction around it, as requests are
in production.
"""

from __future__ import annotations

import psycopg2
from django.db import connection
from django.test import Client


def backend() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]


def asked(client: Client) -> int:
    return client.post(
        "/api/eligibility-checks/", '{"facts": {}}', content_type="application/json"
    ).status_code


def test_a_connection_that_the_server_ended_is_replaced(committed: str) -> None:
    client = Client()
    assert asked(client) == 200
    first = backend()
    other = psycopg2.connect(
        **{**connection.get_connection_params(), "dbname": committed, "cursor_factory": None}
    )
    with other, other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [first])
    other.close()
    assert asked(client) == 200
    assert backend() != first
