"""What each command takes of whoever has logged in (SEC-17). The machine's own login may all of it: it has the keys."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

import typer

from gateway.cli.session import needing
from gateway.operators.model import Right

COMMANDS: dict[Right, tuple[str, ...]] = {
    Right.LOOK: (
        "operators password",  # their own; the command asks for more where it is another's
        "operators list", "operators sessions", "operators review", "clients list", "clients review",
        "keys list", "keys check", "retention list", "audit verify", "audit check", "audit key", "audit checkpoint",
        "audit prove", "audit consistency", "delivery status", "dossiers parked", "dossiers due",
        "sync discrepancies", "sync report", "catalogues list", "catalogues drift", "catalogues waiting",
        "places resolve", "places orphans", "receipts list", "receipts show", "receipts ranges list",
        "rechecks list", "rechecks show", "refunds list", "refunds show", "callbacks list", "alarms list",
        "alarms show", "cases list", "cases show", "statements covered", "purposes check", "purposes show",
        "shadow report", "alerts list", "alerts told", "scores report", "scores export", "scores list",
        "transactions find", "transactions show",
    ),
    Right.OPERATE: (
        "delivery pause", "delivery resume", "delivery ask-first", "delivery replay", "delivery hold",
        "delivery release", "delivery release-all", "dossiers dismiss", "sync reconcile", "catalogues sync",
        "places import", "receipts issue", "receipts paper", "receipts tax", "receipts ranges add", "rechecks hurry",
        "refunds approve", "refunds record", "refunds cancel", "callbacks hurry", "cases resolve",
        "statements import", "reconcile", "cache clear", "files restore", "scores close", "diagnose",
    ),
    Right.ADMINISTER: (
        "operators add", "operators roles", "operators disable", "operators enable", "operators unlock",
        "operators reset-totp",
        "clients add", "clients callback", "clients revoke",
        "clients limit", "clients scope", "clients quota", "clients ways", "clients rotate",
        "keys rotate-sealing", "keys rewrap", "alerts add", "alerts suggest", "alerts switch", "alerts remove",
        "alerts add-receiver", "alerts remove-receiver", "alerts test",
    ),
    Right.AUDIT: ("audit copy", "audit export"),
    Right.PRIVACY: ("retention hold", "retention lift", "retention erase"),
}  # fmt: skip

SETTLES = ("alarms settle", "alarms lift")
"""An alarm is settled by whoever it is for: any right to act will do."""

ACTING = frozenset({Right.OPERATE, Right.ADMINISTER, Right.AUDIT, Right.PRIVACY})


def hold_to_rights(app: typer.Typer) -> None:
    """Every command of the table asks for its right before it does anything."""
    needed = {path: frozenset({right}) for right, paths in COMMANDS.items() for path in paths}
    needed |= dict.fromkeys(SETTLES, ACTING)
    for path, command in commands(app):
        if path in needed and command.callback is not None:
            command.callback = _asking(command.callback, needed[path])


def commands(app: typer.Typer, above: str = "") -> Iterator[tuple[str, Any]]:
    """Each command with the words that call it."""
    for command in app.registered_commands:
        named = command.name or (command.callback.__name__ if command.callback else "")
        yield f"{above} {named}".strip(), command
    for group in app.registered_groups:
        if group.typer_instance is not None:
            named = group.name if isinstance(group.name, str) else ""
            yield from commands(group.typer_instance, f"{above} {named}".strip())


def _asking(act: Callable[..., Any], rights: frozenset[Right]) -> Callable[..., Any]:
    @functools.wraps(act)
    def asking(*given: Any, **named: Any) -> Any:
        with needing(rights):
            return act(*given, **named)

    return asking
