"""Databases of tests can be thrown away whatever a test left open in them."""

from __future__ import annotations

import os

import psycopg2

from tests import databases


def test_a_connection_left_open_does_not_keep_a_database(template_database: str) -> None:
    name = f"jht_left_open_{os.getpid()}"
    databases.clone(template_database, name)
    left_open = psycopg2.connect(databases.renamed(os.environ["DATABASE_URL"], name))
    databases.drop(name)
    with databases._server() as cursor:
        cursor.execute("SELECT count(*) FROM pg_database WHERE datname = %s", [name])
        assert cursor.fetchone() == (0,)
    left_open.close()
