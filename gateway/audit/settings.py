"""How often the log is signed, and who else says that it was so."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from gateway.audit.cosignature import witness_of
from gateway.sdk.errors import TrustError


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _of_a_witness(key: str) -> str:
    try:
        witness_of(key)
    except TrustError as exc:
        raise PydanticCustomError("witness", "not the verifier key of a witness (name+id+key)") from exc
    return key


class WitnessSettings(_Section):
    """Nhân chứng."""

    name: str = Field(pattern=r"^[a-z0-9_-]{1,40}$", description="How alarms call it.")
    url: str = Field(pattern=r"^https?://[^\s?#]+$", description="`/add-checkpoint` is added (C2SP tlog-witness).")
    key: Annotated[str, AfterValidator(_of_a_witness)] = Field(description="Its verifier key, name+id+key.")


class StampsSettings(_Section):
    """Dấu thời gian."""

    url: str = Field(pattern=r"^https?://[^\s#]+$", description="The authority (RFC 3161).")
    trust: str = Field(description="The trust that its certificates must lead to.")
    every_s: float = Field(default=600.0, gt=0, description="The newest checkpoint is stamped this often.")


class AuditSettings(_Section):
    checkpoint_every: int = Field(default=1000, ge=1, description="Leaves between signed checkpoints.")
    checkpoint_seconds: float = Field(default=60.0, gt=0)
    when_unwritable: Literal["stop", "continue"] = Field(
        default="stop", description="Whether traffic stops or goes on, with evidence kept in `spool`, and an alarm."
    )
    spool_max_bytes: int = Field(default=100_000_000, ge=1, description="When the spool is that large, traffic stops.")
    witnesses: tuple[WitnessSettings, ...] = Field(default=(), description="Who cosigns checkpoints; none: nobody.")
    stamps: StampsSettings | None = Field(default=None, description="Who stamps checkpoints; None: nobody.")
    overdue_s: float = Field(
        default=3600.0, gt=0, description="A checkpoint that has waited so long for a witness or stamp is an alarm."
    )
