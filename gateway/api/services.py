"""Everything that the HTTP edge calls; `bootstrap` fills it in, tests fill it with fakes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.agreements.model import AccessService, AgreementService
    from gateway.approvals.model import Approvals
    from gateway.arrivals.model import ArrivalService
    from gateway.audit.evidence import Evidence
    from gateway.audit.recorder import Recorder
    from gateway.catalogues.service import CatalogueService
    from gateway.clients.authenticate import Authenticator
    from gateway.clients.gate import Gate
    from gateway.clients.idempotency import Once
    from gateway.clients.together import Together
    from gateway.dossiers.batches import Batches
    from gateway.dossiers.model import DossierService, ToldStep
    from gateway.feedback.model import FeedbackService
    from gateway.files.model import FileService
    from gateway.lookups.model import LookupService
    from gateway.numbering.model import NumberingService
    from gateway.observability.metrics import Metrics
    from gateway.operators.accounts import Accounts
    from gateway.operators.entrance import Entrance
    from gateway.operators.model import OperatorService
    from gateway.payments.model import BillService, InboundService, PaymentService
    from gateway.places.service import PlaceService
    from gateway.privacy.desk import Privacy
    from gateway.procedures.model import ProcedureService
    from gateway.receipts.model import ReceiptService
    from gateway.receipts.voucher_model import VoucherService
    from gateway.rechecks.model import RecheckService
    from gateway.refunds.model import RefundService
    from gateway.signing.model import Digester


@dataclass(frozen=True, slots=True, kw_only=True)
class LateServices:
    """Those behind the endpoints that few call."""

    rechecks: RecheckService
    operators: OperatorService
    entrance: Entrance
    accounts: Accounts
    access_requests: AccessService
    privacy: Privacy
    approvals: Approvals
    evidence: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The capabilities behind `/v1` and `/inbound`."""

    tenant: str
    """Under whose name calls without a known client are recorded."""
    lookups: LookupService
    bills: BillService
    payments: PaymentService
    refunds: RefundService
    receipts: ReceiptService
    vouchers: VoucherService
    dossiers: DossierService
    arrivals: ArrivalService
    files: FileService
    procedures: ProcedureService
    feedback: FeedbackService
    catalogues: CatalogueService
    places: PlaceService
    numbering: NumberingService
    inbound: InboundService
    authenticator: Authenticator
    gate: Gate
    agreements: AgreementService
    late: Callable[[], LateServices]
    """Loads and makes them when they are first asked for."""
    once: Once
    steps: Together[ToldStep]
    """Once per key, too: steps that are told at the same time."""
    batches: Batches
    recorder: Recorder
    digester: Digester
    clock: Callable[[], datetime]
    ready: Callable[[], Awaitable[bool]]
    metrics: Metrics | None = None
    longest_s: float = 60.0
    """Seconds that a request may take, whatever the caller waits."""
    public_url: str = ""
    """Where partners reach us, such as `https://lienthong.tinh.gov.vn`; empty: as the request says."""
    max_body_bytes: int = 1_048_576
    max_inbound_bytes: int = 20_971_520
