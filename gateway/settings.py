"""Settings: one commented TOML file (`deploy/lienthong.toml`) and environment variables that override it.

`LIENTHONG_DATABASE_URL` names a PostgreSQL server; without it the gateway runs a private cluster of its own.
`LIENTHONG_CONFIG` names the file. Nested keys use two underscores: `LIENTHONG_API__PORT=8100`.
"""

from __future__ import annotations

import os
import tomllib
from datetime import time
from math import ceil
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, IPvAnyNetwork, SecretStr, ValidationError, model_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from gateway.agreements.settings import AgreementsSettings
from gateway.alerts.settings import AlertsSettings
from gateway.approvals.settings import ApprovalsSettings
from gateway.audit.settings import AuditSettings
from gateway.clients.settings import ApiTlsSettings, InboundSettings, OauthSettings, QuotaSettings
from gateway.diagnostics.settings import DiagnosticsSettings
from gateway.exchange.settings import BreakerSettings, RouteSettings
from gateway.files.settings import FilesSettings
from gateway.maintenance.settings import ContactSettings
from gateway.observability.settings import MetricsSettings
from gateway.operators.settings import OperatorsSettings
from gateway.payments.settings import PaymentsSettings
from gateway.platforms.model import PLAIN_NAME
from gateway.privacy.settings import PrivacySettings
from gateway.receipts.settings import ReceiptsSettings
from gateway.rechecks.settings import RechecksSettings
from gateway.reconciliation.settings import ReconciliationSettings
from gateway.restraint.settings import RestraintSettings
from gateway.retention.settings import RetentionSettings, StorageSettings
from gateway.scores.settings import ScoresSettings
from gateway.sdk import ConfigurationError
from gateway.signing.settings import PLAIN_NAME as KEY_NAME
from gateway.signing.settings import KeySettings, ProtectionSettings, SealingSettings, TlsSettings, TrustSettings
from gateway.traffic.settings import TrafficSettings


def default_state() -> Path:
    """Where keys and the embedded database live: `/var/lib/lienthong` for root, else below the user's data folder."""
    if os.geteuid() == 0:
        return Path("/var/lib/lienthong")
    return Path(os.environ.get("XDG_DATA_HOME", str(Path.home() / ".local" / "share"))) / "lienthong"


OURS_ALONE = {"CONFIG", "SESSION", "SUPERVISOR", "LISTENING", "SEAT", "TEST_DATABASE_URL", "TEST_ROUNDS", "TEST_SEED"}
"""Variables that are no settings."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ApiSettings(_Section):
    host: str = "127.0.0.1"
    port: int = 7100
    max_body_bytes: int = Field(default=1_048_576, description="Larger requests are answered 413, unread.")
    max_inbound_bytes: int = Field(
        default=20_971_520, description="The same for what national systems send: their notices hold files in base64."
    )
    longest_s: float = Field(default=60.0, gt=0, le=600, description="Seconds after which a caller's time is over.")
    processes: int = Field(default=1, ge=1, le=64, description="API processes that share the port.")
    max_under_way: int = Field(
        default=1024, ge=1, description="Requests that one process takes on at a time; more are answered 503, unread."
    )
    max_held_bytes: int = Field(
        default=83_886_080,
        ge=1,
        description="Bytes of bodies over 64 KiB that one process holds at a time; more are answered 503.",
    )
    share_of_one: float = Field(
        default=0.75, gt=0, le=1, description="The part of these requests and bytes that one address may have."
    )
    public_url: str = Field(
        default="",
        pattern=r"^(https?://[^\s?#/]+)?$",
        description="Where partners reach this gateway; their signatures cover addresses that begin with it.",
    )
    soap_namespace: str = Field(
        default="https://lienthong.example.vn/soap/v1",
        pattern=r"^(https?://[^\s?#]+|urn:[^\s?#]+)$",
        description="Namespace of the SOAP façade: an address of the province's own site (TT 13/2017 Art 20.1).",
    )
    soap_url: str = Field(
        default="",
        pattern=r"^(https?://[^\s?#]+)?$",
        description="Where older software reaches `/soap`, as its WSDL says; empty: where the WSDL was fetched.",
    )
    trusted_proxies: tuple[IPvAnyNetwork, ...] = Field(
        default=(), description="Networks of our own proxies: what they say of callers is believed."
    )
    proxy_certificates: bool = Field(
        default=False, description="They also tell of callers' certificates, and take off what callers write there."
    )
    tls: ApiTlsSettings = ApiTlsSettings()

    @property
    def most_of_one(self) -> int:
        """Requests of one address that a process takes on at a time."""
        return ceil(self.max_under_way * self.share_of_one)

    @model_validator(mode="after")
    def _hold_the_largest(self) -> ApiSettings:
        """Else it would be sent away for ever."""
        if self.max_held_bytes * self.share_of_one < max(self.max_inbound_bytes, self.max_body_bytes):
            raise PydanticCustomError("held", "max_held_bytes x share_of_one must hold the largest body")
        return self


class DatabaseSettings(_Section):
    pool_size: int = Field(default=10, ge=2)
    longest_statement_s: float = Field(default=60.0, ge=1, description="Then the server ends a statement of the API.")
    binaries: Path | None = Field(default=None, description="Folder with `postgres` and `initdb`, if not Debian's.")
    run_as: str | None = Field(default=None, description="System user of the embedded cluster when started by root.")


class DeliverySettings(_Section):
    workers: int = Field(default=1, ge=0, description="Worker processes that `lienthong run` starts.")
    streams: int = Field(default=20, ge=1, description="Streams of each target that one worker serves at a time.")
    lease_s: float = Field(default=60.0, gt=0, description="A worker silent for this long has lost its streams.")
    poll_s: float = Field(default=1.0, gt=0, description="Look for due streams at least this often.")
    backoff_base_s: float = Field(default=2.0, gt=0)
    backoff_cap_s: float = Field(default=900.0, gt=0)
    settle_after_s: float = Field(default=15.0, ge=0, description="Wait before asking what became of a message.")


CatalogueName = Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")]


class SyncSettings(_Section):
    reconcile: tuple[str, ...] = Field(
        default=("national_portal",), description="Systems whose content is compared with ours every night."
    )
    reconcile_at: time = Field(default=time(2), description="Local time of the nightly comparison.")
    catalogues: tuple[CatalogueName, ...] = Field(
        default=("agencies", "fields", "procedures"), description="Code lists that are taken over every night."
    )
    catalogues_at: time = Field(default=time(1), description="Local time at which they are taken over.")
    within_s: float = Field(default=60.0, gt=0, description="Acknowledged within so many seconds counts as in time.")


class ResultsSettings(_Section):
    trust: str = Field(
        default="",
        description="Name in [trust]: results are sent on only when its signatures hold; empty: all are.",
    )


class CacheSettings(_Section):
    operation: str = Field(description="The look-up, such as lookup_enterprise.")
    seconds: int = Field(gt=0, le=86_400, description="How long a copy may be read; a day at most.")
    basis: str = Field(min_length=5, max_length=300, description="The provider's rule that allows the copy.")


class Settings(BaseSettings):
    """Everything a province sets. Unknown keys are refused, so that a typing error is not a silent default."""

    model_config = SettingsConfigDict(env_prefix="LIENTHONG_", env_nested_delimiter="__", extra="forbid", frozen=True)

    tenant: str = Field(
        default="H99", pattern=r"^[A-Z0-9.]{1,35}$", description="Agency id of the province (QĐ 20/2020)."
    )
    state: Path = Field(default_factory=default_state, description="Folder for keys and the embedded database.")
    database_url: SecretStr | None = Field(default=None, description="PostgreSQL 14 or newer; None: embedded.")
    sandbox: bool = Field(default=False, description="Point every system at the mocks of `lienthong mocks`.")
    log_level: str = "INFO"
    api: ApiSettings = ApiSettings()
    oauth: OauthSettings = OauthSettings()
    quotas: QuotaSettings = QuotaSettings()
    inbound: dict[str, InboundSettings] = Field(
        default_factory=dict, description="System to the networks it calls from; none: anywhere."
    )
    files: FilesSettings = FilesSettings()
    database: DatabaseSettings = DatabaseSettings()
    delivery: DeliverySettings = DeliverySettings()
    sync: SyncSettings = SyncSettings()
    breaker: BreakerSettings = BreakerSettings()
    audit: AuditSettings = AuditSettings()
    rechecks: RechecksSettings = RechecksSettings()
    payments: PaymentsSettings = PaymentsSettings()
    reconciliation: ReconciliationSettings = ReconciliationSettings()
    receipts: ReceiptsSettings = ReceiptsSettings()
    restraint: RestraintSettings = RestraintSettings()
    results: ResultsSettings = ResultsSettings()
    contact: ContactSettings = ContactSettings()
    agreements: AgreementsSettings = AgreementsSettings()
    privacy: PrivacySettings = PrivacySettings()
    operators: OperatorsSettings = OperatorsSettings()
    approvals: ApprovalsSettings = ApprovalsSettings()
    retention: RetentionSettings = RetentionSettings()
    scores: ScoresSettings = ScoresSettings()
    storage: StorageSettings = StorageSettings()
    traffic: TrafficSettings = TrafficSettings()
    metrics: MetricsSettings = MetricsSettings()
    alerts: AlertsSettings = AlertsSettings()
    diagnostics: DiagnosticsSettings = DiagnosticsSettings()
    cache: tuple[CacheSettings, ...] = Field(
        default=(), description="Look-ups whose answers may be kept for a time; none: nothing is kept."
    )
    routes: dict[str, str | tuple[RouteSettings, ...]] = Field(
        default_factory=dict, description="Operation to system, or to a list of rules, where several offer it."
    )
    systems: dict[str, dict[str, Any]] = Field(default_factory=dict, description="One table per national system.")
    keys: dict[Annotated[str, Field(pattern=KEY_NAME)], tuple[KeySettings, ...]] = Field(
        default_factory=dict, description="Private keys and shared secrets by name; several of a name are a rotation."
    )
    sealing: SealingSettings = SealingSettings()
    trust: dict[Annotated[str, Field(pattern=KEY_NAME)], TrustSettings] = Field(
        default_factory=dict, description="Whose signatures are believed, by name."
    )
    protection: dict[str, tuple[ProtectionSettings, ...]] = Field(
        default_factory=dict, description="System to the rules by which its messages are signed and verified."
    )
    tls: dict[str, TlsSettings] = Field(
        default_factory=dict, description="System or platform to what TLS with it takes beside the machine's roots."
    )
    platforms: dict[Annotated[str, Field(pattern=PLAIN_NAME)], dict[str, Any]] = Field(
        default_factory=dict, description="One table per exchange platform in between."
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the signature is pydantic's
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments win over the environment, the environment over the file."""
        file = TomlConfigSettingsSource(settings_cls, toml_file=os.environ.get("LIENTHONG_CONFIG"))
        return init_settings, env_settings, file

    @property
    def four_eyes(self) -> bool:
        """Whether some acts need a second person."""
        required = self.approvals.required
        return not self.sandbox if required is None else required

    @property
    def keyring(self) -> Path:
        return self.state / "keyring.json"

    @property
    def cluster(self) -> Path:
        return self.state / "postgresql"


def _check_names() -> None:
    """pydantic-settings refuses unknown names in the file and inside a section, but not a whole variable."""
    known = {name.upper() for name in Settings.model_fields} | OURS_ALONE
    unknown = [
        name
        for name in os.environ
        if name.startswith("LIENTHONG_") and name.removeprefix("LIENTHONG_").partition("__")[0] not in known
    ]
    if unknown:
        names = ", ".join(sorted(unknown))
        raise ConfigurationError(f"No such setting: {names}.", vi=f"Không có cấu hình này: {names}.")


def load_settings(**overrides: Any) -> Settings:
    """Read the settings, or raise `ConfigurationError` that names each wrong key (never its value)."""
    file = os.environ.get("LIENTHONG_CONFIG")
    if file and not Path(file).is_file():
        raise ConfigurationError(f"LIENTHONG_CONFIG names {file}, which is not a file.", vi=f"Không có tệp {file}.")
    _check_names()
    try:
        return Settings(**overrides)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as exc:
        raise ConfigurationError(
            f"{file} cannot be read as TOML: {exc}.", vi=f"Không đọc được tệp cấu hình {file} (TOML): {exc}."
        ) from exc
    except ValidationError as exc:
        problems = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in exc.errors())
        raise ConfigurationError(f"Settings: {problems}.", vi=f"Cấu hình sai: {problems}.") from exc
