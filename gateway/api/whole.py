"""Every endpoint of the API, in the order of its document. `app` says which of them a process begins with."""

from __future__ import annotations

from gateway.api.routes import (
    agreements,
    arrivals,
    audit,
    bills,
    dossiers,
    evidence,
    feedback,
    files,
    health,
    inbound,
    lookups,
    operators,
    payer,
    payments,
    privacy,
    procedures,
    receipts,
    rechecks,
    refunds,
    registers,
    vouchers,
)

MODULES = (
    health,
    lookups,
    rechecks,
    bills,
    payments,
    refunds,
    receipts,
    vouchers,
    dossiers,
    registers,
    procedures,
    feedback,
    files,
    arrivals,
    inbound,
    payer,
    operators,
    evidence,
    audit,
    privacy,
    agreements,
)
ROUTERS = tuple(module.router for module in MODULES)
