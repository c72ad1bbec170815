"""Tell a client that its recheck ended, without a word about a person: whoever wants to know the verdict asks for it
with its own key."""

from __future__ import annotations

import orjson

from gateway.callbacks.model import Message
from gateway.rechecks.model import Recheck


def message_of(recheck: Recheck) -> Message:
    """The next try to tell it."""
    return Message(
        tenant=recheck.tenant,
        client_id=recheck.client_id,
        message_id=recheck.recheck_id,
        body=body_of(recheck),
        trace_id=recheck.trace_id,
        reference=recheck.dossier_code,
        facts={"recheck_id": recheck.recheck_id, "try": recheck.callback_tries + 1},
    )


def body_of(recheck: Recheck) -> bytes:
    """The same bytes at each try, so that a receiver may compare repeats."""
    document = {
        "type": f"recheck.{recheck.state.value}",
        "recheck_id": recheck.recheck_id,
        "dossier_code": recheck.dossier_code,
        "operation": recheck.operation.value,
        "state": recheck.state.value,
        "at": recheck.ended_at.isoformat() if recheck.ended_at else None,
    }
    return orjson.dumps(document)
