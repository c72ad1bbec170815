"""Keys, trust and protection as a province writes them down: data, no code (`lienthong.toml`).

[[keys.tinh]]                 # several of one name: a rotation; the youngest in force signs
source = "pkcs12"
path = "/etc/lienthong/tinh-2026.p12"
password_env = "TINH_P12"

[trust.c06]
domain = "official"           # chuyên dùng công vụ; never mixed with "public"
roots = ["/etc/lienthong/ca-bcy.pem"]
revocation = "required"

[[protection.population]]
scheme = "wsse-x509"
key = "tinh"
trust = "c06"
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

PLAIN_NAME = r"^[a-z][a-z0-9_-]{0,39}$"
EVER = datetime.min.replace(tzinfo=UTC)
NEVER = datetime.max.replace(tzinfo=UTC)


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Domain(StrEnum):
    """Hai miền tin cậy (SIG-03), and links that are neither. A certificate of one is worth nothing in another."""

    OFFICIAL = "official"
    """Chứng thư số chuyên dùng công vụ (NĐ 68/2024)."""
    PUBLIC = "public"
    """Chứng thư số công cộng (NĐ 23/2025)."""
    TECHNICAL = "technical"
    """Agreed between two systems: pinned certificates, TLS, tokens. Signs no document (SIG-07)."""


class Revocation(StrEnum):
    """What is known of a certificate's revocation when its responder is down."""

    REQUIRED = "required"
    """Without a fresh answer nothing is accepted: `security.revocation_unknown`."""
    LAST_KNOWN = "last_known"
    """The last answer holds for `revocation_grace_h` hours more, with an alarm; then as `required`."""
    NONE = "none"
    """Never asked. For pinned certificates alone: taking the pin away is the revocation."""


class KeySettings(_Table):
    """One private key, or one shared secret, and where it is."""

    source: Literal["pkcs12", "pem", "pkcs11", "secret"] = Field(description="How it is kept.")
    path: Path | None = Field(default=None, description="pkcs12, pem: the file with the key, mode 0600.")
    certificate: Path | None = Field(default=None, description="pem, pkcs11: certificate and chain, if elsewhere.")
    password_env: str = Field(default="", description="Environment variable with the password; secret: with it.")
    module: Path | None = Field(default=None, description="pkcs11: the library of the HSM or token.")
    token: str = Field(default="", description="pkcs11: label of the token.")
    label: str = Field(default="", description="pkcs11: label of the key on it.")
    pin_env: str = Field(default="", description="pkcs11: environment variable with the PIN.")
    kid: str = Field(default="", description="Key id that partners know it by; empty: its thumbprint (RFC 7638).")
    since: AwareDatetime = Field(default=EVER, description="Signs from then on.")
    until: AwareDatetime = Field(default=NEVER, description="Opens what partners still encrypt to it until then.")


class SealingSettings(_Table):
    """Where the keys are that wrap the keys of what is stored."""

    hsm: tuple[KeySettings, ...] = Field(
        default=(), description="AES-256 keys in an HSM, newest first: the first seals; none: the key file's newest."
    )


class TrustSettings(_Table):
    """Whose signatures are believed, in one place. The partner's, never ours."""

    domain: Domain = Field(description="official, public or technical.")
    pinned: tuple[Path, ...] = Field(default=(), description="PEM: exactly these certificates.")
    roots: tuple[Path, ...] = Field(default=(), description="PEM: roots whose certificates are believed.")
    intermediates: tuple[Path, ...] = Field(default=(), description="PEM: helps to find the path, proves nothing.")
    names: tuple[str, ...] = Field(
        default=(), description="With roots: the subject must hold one of these (RFC 4514, or a common name)."
    )
    public_keys: dict[str, Path] = Field(default_factory=dict, description="kid → PEM, for keys without certificate.")
    jwks: Path | None = Field(default=None, description="The partner's keys as a JWK set.")
    secret: str = Field(default="", description="hmac: the name in [keys] of the shared secret.")
    revocation: Revocation = Field(default=Revocation.REQUIRED, description="When the responder is down.")
    revocation_grace_h: float = Field(default=24.0, ge=0)
    crls: tuple[Path, ...] = Field(default=(), description="Lists that somebody fetches for us, beside the network's.")
    responder: str = Field(default="", description="OCSP address, where the certificates name none or another.")


class ProtectionSettings(_Table):
    """One rule: from the day `since` on, `operations` are protected by `scheme`. Several rules of one operation are
    layers, the first innermost."""

    scheme: Literal["wsse-x509", "xmldsig", "jws", "jwe", "http-signature", "hmac"]
    operations: tuple[str, ...] = Field(default=(), description="None: all, `login` and inbound events among them.")
    since: date = date.min
    direction: Literal["both", "outbound", "inbound"] = Field(
        default="both", description="Calls that we make, calls that we get, or both."
    )
    key: Annotated[str, Field(pattern=PLAIN_NAME)] = Field(description="Name in [keys]; ours.")
    trust: Annotated[str, Field(pattern=PLAIN_NAME)] = Field(description="Name in [trust]; theirs.")
    replies: Literal["signed", "unsafe_unsigned"] = Field(
        default="signed", description="`unsafe_unsigned`: the partner's contract leaves its replies unsigned."
    )
    fresh_s: float = Field(default=300.0, gt=0, description="Seconds that a message may be old, or ahead.")
    bound: bool = Field(default=True, description="A reply must name the request that it answers.")
    replays: Literal["refused", "handled_again"] = Field(
        default="refused",
        description="The same signed bytes twice; `handled_again`: the partner repeats them when our answer is lost.",
    )
    options: dict[str, Any] = Field(default_factory=dict, description="What the scheme itself can be told.")


class TlsSettings(_Table):
    """How a system is reached over TLS. There is no switch that leaves the peer unverified."""

    ca: tuple[Path, ...] = Field(default=(), description="PEM: these roots instead of the machine's.")
    key: str = Field(default="", description="Name in [keys]: our certificate, where the system wants one (mTLS).")
    pinned: tuple[Annotated[str, Field(pattern="^[0-9a-f]{64}$")], ...] = Field(
        default=(), description="SHA-256 of the peer's public key (SPKI), beside `ca`."
    )
