"""Logs: one JSON object a line, and no personal data in any of them.

Redaction works by exclusion of what can hold it, not by trust: names of fields that carry bodies or people are dropped,
long numbers in every text are masked, and a traceback says where, never with which values.

Masked: fields whose name speaks of a person, a body or a secret, in English or in the contracts' Vietnamese; numbers of
9 to 12 digits (personal number, old card, telephone, enterprise code), also grouped, in percent-encoding or in base64;
the query of an address. Not masked, since nothing tells them from other words: a person's name in a free text. So no
free text from outside is ever logged: events are constants, fields are codes and counts, exceptions are type and place.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any
from urllib.parse import unquote

import structlog

_PERSONAL = re.compile(
    r"name|birth|person|citizen|relative|applicant|address|phone|email|body|content|document|payload|secret|token"
    r"|password|authorization|cookie|query|key$"
    r"|ho_?(va_?)?ten|sinh|dinh_?danh|cmnd|cccd|can_?cuoc|giay_?to|dia_?chi|dien_?thoai|thu_?dien_?tu",
    re.I,
)
_ALLOWED = {"key_id", "logger_name"}
_NUMBERS = re.compile(
    r"(?<![0-9a-zA-Z])[0-9a-f]{16,}(?![0-9a-zA-Z])"  # a trace id or a digest, which stays
    r"|(?<!\d)(?P<number>\d(?:[ .]?\d){8,11})(?!\d)"
)
_PACKED = re.compile(r"[A-Za-z0-9+/_-]{12,}={0,2}")
_QUERY = re.compile(r"(?<=[A-Za-z0-9/])\?\S*=\S*")
_MASK = "[redacted]"
_LARGEST_COUNT = 10**10
"""A larger whole number is a personal number that lost its zero, not a count."""


def redact(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: mask what may be personal, at any depth."""
    for key, value in event.items():
        event[key] = _clean(key, value)
    return event


def _clean(key: str, value: Any) -> Any:
    if key not in _ALLOWED and _PERSONAL.search(key):
        return _MASK
    if isinstance(value, Mapping):
        return {masked(str(name)): _clean(str(name), inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_clean("", inner) for inner in value]
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        return value if abs(value) < _LARGEST_COUNT else _MASK
    return masked(str(value))


def masked(text: str) -> str:
    """The text without the numbers that may be somebody's, in whichever spelling, and without queries of addresses."""
    text = _QUERY.sub("?" + _MASK, text)
    if "%" in text and _holds_number(unquote(text)):
        text = unquote(text)
    return _PACKED.sub(_unpacked, _NUMBERS.sub(lambda found: _MASK if found["number"] else found[0], text))


def _unpacked(found: re.Match[str]) -> str:
    """A text in base64, wherever it was cut."""
    word = found[0].rstrip("=").replace("-", "+").replace("_", "/")
    for begin in range(4):
        with contextlib.suppress(binascii.Error):  # a length that base64 never has
            if _holds_number(base64.b64decode(word[begin:] + "===").decode("latin-1")):
                return _MASK
    return found[0]


def _holds_number(text: str) -> bool:
    return any(found["number"] for found in _NUMBERS.finditer(text))


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
