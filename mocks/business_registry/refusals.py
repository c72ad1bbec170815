"""How the registry says no: `Status` "0" (contract, 4.2). Its real messages are UNKNOWN; HTTP 200 is MOCK-STATUS-0."""

from __future__ import annotations


class RefusedError(Exception):
    """The registry understood and does not do it; the text becomes the reply's `Message`."""
