"""The one-command stack: embedded PostgreSQL and Valkey, web, worker and beat under one supervisor. `./jht
help`.
"""
