"""JSON logs in which no ID number, bank account or phone number can be read, nor a row that the database refused."""

from __future__ import annotations

import re
from typing import Any

import structlog

# 18-character ID numbers, 15-19 digit accounts and 11-digit phone numbers: what stays is enough to tell two
# apart.
_LONG_NUMBER = re.compile(r"(?<![0-9A-Za-z])(\d{3})\d{5,13}(\d{2}[\dXx])(?![0-9A-Za-z])")
# What PostgreSQL says of an error beside its message: the key that was there already, the row that was refused, the
# statement. It reaches to the next thing it says, to an empty line, or to the end.
_ROWS_OF_ERRORS = re.compile(
    r"(?<![^\n])(DETAIL|QUERY|LINE \d+):.*?(?=\n(?:DETAIL|HINT|QUERY|CONTEXT|LINE \d+):|\n[^\S\n]*\n|\s*\Z)",
    re.DOTALL,
)


def mask(value: Any) -> Any:
    if isinstance(value, str):
        return _LONG_NUMBER.sub(r"\1***\2", _ROWS_OF_ERRORS.sub(r"\1: ***", value))
    if isinstance(value, dict):
        return {key: mask(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [mask(item) for item in value]
    return value


def _mask_event(_logger: Any, _method: str, event: Any) -> Any:
    return mask(dict(event))


def formatter() -> structlog.stdlib.ProcessorFormatter:
    """What settings.LOGGING uses.

    Tracebacks are printed without local variables, which hold personal data.
    """
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.ExtraAdder(),
        structlog.processors.format_exc_info,
        _mask_event,
    ]
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )
