"""How this mock says no.

CSDLDC's own error payloads and codes are UNKNOWN (contract, 3.7). So every refusal here is ours: a SOAP 1.1 Fault whose
`faultcode` begins with `MOCK-`, never to be mistaken for the ministry's.
"""

from __future__ import annotations

from mocks._kit.errors import MockError


class Refusal(MockError):  # noqa: N818 - names the fact
    """This request is not answered: `status` is the HTTP status, `code` begins with `MOCK-`, `reason` has no values."""

    def __init__(self, status: int, code: str, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.code = code
        self.reason = reason


def not_permitted(status: int = 200) -> Refusal:
    """The record may exist, but this caller may not see it (MOCK-NOT-PERMITTED: shape and status are ours)."""
    return Refusal(status, "MOCK-NOT-PERMITTED", "Cán bộ hoặc dịch vụ chưa được cấp quyền khai thác thông tin này")


def malformed(code: str, reason: str) -> Refusal:
    return Refusal(400, code, reason)
