"""Logs: one JSON object a line, and no personal data in any of them.

Redaction works by exclusion of what can hold it, not by trust: names of fields that carry bodies or people are dropped,
long numbers in every text are masked, and a traceback says where, never with which values.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

_PERSONAL = re.compile(
    r"name|birth|personal|address|phone|email|body|content|document|payload|secret|token|password|authorization|key$",
    re.I,
)
_ALLOWED = {"key_id", "logger_name"}
_NUMBERS = re.compile(r"(?<![0-9a-fA-F])\d(?:[ .]?\d){8,11}(?![0-9a-fA-F])")
_MASK = "[redacted]"


def redact(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: mask what may be personal, at any depth."""
    for key, value in event.items():
        event[key] = _clean(key, value)
    return event


def _clean(key: str, value: Any) -> Any:
    if key not in _ALLOWED and _PERSONAL.search(key):
        return _MASK
    if isinstance(value, str):
        return _NUMBERS.sub(_MASK, value)
    if isinstance(value, Mapping):
        return {str(name): _clean(str(name), inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_clean("", inner) for inner in value]
    return value if isinstance(value, int | float | bool | None) else _NUMBERS.sub(_MASK, str(value))


def _without_values(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Exceptions of libraries quote what they were given. Their type and place suffice to find the fault."""
    raised = event.pop("exc_info", None)
    if raised is True:
        raised = sys.exc_info()[1]
    if isinstance(raised, tuple):
        raised = raised[1]
    if isinstance(raised, BaseException):
        event["exception"] = " <- ".join(_describe(exc) for exc in _chain(raised))
    return event


def _chain(exc: BaseException | None) -> list[BaseException]:
    found: list[BaseException] = []
    while exc is not None and exc not in found:
        found.append(exc)
        exc = exc.__cause__ or exc.__context__
    return found


def _describe(exc: BaseException) -> str:
    trace = exc.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}" if trace else "?"
    return f"{type(exc).__name__} at {place}"


def configure_logging(level: str = "INFO", *, process: str = "") -> None:
    """Everything to stderr, ours and the libraries'. Call it once, first."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _without_values,
        redact,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer(ensure_ascii=False)],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(process=process)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
            foreign_pre_chain=[*shared],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
