"""The commands that are processes: they run until they are told to stop."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping

from gateway.settings import load_settings


def run() -> None:
    """Database, API and workers on this machine, supervised together. Chạy toàn bộ cổng trên máy này."""
    from gateway.cli import supervise

    sys.exit(supervise.run(load_settings()))


def api() -> None:
    """The API alone, on LIENTHONG_DATABASE_URL or the embedded database. Chỉ chạy API."""
    from gateway.cli import serve

    settings = load_settings()
    if settings.api.processes > 1 and not serve.is_one_of_many():
        from gateway.cli import supervise

        sys.exit(supervise.share(settings))
    serve.api(settings)


def worker() -> None:
    """One delivery worker. Chỉ chạy tiến trình gửi."""
    from gateway.cli import serve

    serve.worker(load_settings())


PROCESSES: Mapping[str, Callable[[], None]] = {"run": run, "api": api, "worker": worker}
"""By the word that starts each."""
