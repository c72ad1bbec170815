"""Addresses of pages with what they are about."""

from __future__ import annotations

from urllib.parse import quote, urlencode


def linked(path: str, **values: object) -> str:
    """With those values that say something."""
    said = {name: value for name, value in values.items() if value not in {"", None}}
    return f"{path}?{urlencode(said)}" if said else path


def stream_path(target: str, key: str) -> str:
    return f"/console/delivery/streams/{quote(target, safe='')}/{quote(key, safe='')}"


def job_path(job_id: str) -> str:
    return f"/console/jobs/{job_id}"
