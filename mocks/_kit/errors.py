"""What the mocks raise themselves.

MockError
├── FaultNotKnown       a fault that this mock does not offer, or an argument it cannot read
├── SettingNotKnown     a setting that this mock does not have, or of another type
├── ConnectionCut       the connection should be dropped, but the server in front cannot do it
├── UpstreamFailed      the system behind a platform gave no answer
└── MockDidNotStart     the port is taken, or the server did not come up
"""

from __future__ import annotations


class MockError(Exception):
    """Base of the mocks' own errors."""


class FaultNotKnown(MockError):  # noqa: N818 - names the fact
    """A fault that this mock does not offer, or an argument it cannot read."""


class SettingNotKnown(MockError):  # noqa: N818 - names the fact
    """A setting that this mock does not have, or a value of another type than its default."""


class ConnectionCut(MockError):  # noqa: N818 - names the fact
    """The connection should be dropped, but the server in front of the mock gave no way to do it (`serve` does)."""


class MockDidNotStart(MockError):  # noqa: N818 - names the fact
    """The port is taken, or the server did not come up in time."""


class UpstreamFailed(MockError):  # noqa: N818 - names the fact
    """The system behind a platform mock gave no answer: nobody listens, it took too long, or it hung up."""
