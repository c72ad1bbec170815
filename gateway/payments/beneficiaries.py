"""Whose accounts money may be sent to (PAY-05): the rails' signatures do not cover them (payment contract 2.8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.sdk.errors import FieldProblem, UnprocessableError


@dataclass(frozen=True, slots=True, kw_only=True)
class Beneficiary:
    """An account that an agency collects at. `kinds`: `fee` (phí), `charge` (lệ phí), or both: the law may want two
    accounts (NĐ 120/2016 Art 3 as amended)."""

    agency_id: str
    account: str
    bank_code: str
    kinds: frozenset[str] = frozenset({"fee", "charge"})


class Beneficiaries:
    """Those that the province has listed. Without a list nothing is known of accounts, and none is refused."""

    def __init__(self, known: Sequence[Beneficiary] = ()) -> None:
        self._known = known

    def check(self, document: Mapping[str, Any]) -> None:
        """`UnprocessableError`: the account is not this agency's, or not for these kinds of fees."""
        if not self._known:
            return
        said, kinds = document["beneficiary"], {line["kind"] for line in document["lines"]}
        own = [known for known in self._known if known.agency_id == document["agency_id"]]
        fitting = [known for known in own if (known.account, known.bank_code) == (said["account"], said["bank_code"])]
        if not any(kinds <= known.kinds for known in fitting):
            english = "This account is not one at which this agency collects such fees; see payments.beneficiaries."
            vietnamese = (
                "Tài khoản thụ hưởng không thuộc danh mục tài khoản thu của cơ quan này cho loại khoản thu này."
            )
            fields = [FieldProblem("/beneficiary/account", english, vietnamese)]
            raise UnprocessableError(english, vi=vietnamese, what="beneficiary_unknown", fields=fields)
