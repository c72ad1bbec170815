"""What operators see of a running gateway: logs without personal data, and traces that cross systems."""

from gateway.observability.logging import configure_logging
from gateway.observability.tracing import Trace, accept_trace, continue_trace, own_context

__all__ = ["Trace", "accept_trace", "configure_logging", "continue_trace", "own_context"]
