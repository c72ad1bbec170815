"""The composition root: the only package that sees every part. It builds, and decides nothing.

`ground` is what everything stands on, `stores` keeps what is kept, `assembly` puts the capabilities on them.
"""

from gateway.bootstrap.assembly import Gateway, open_gateway
from gateway.bootstrap.clock import utc_now
from gateway.bootstrap.ground import LOOPBACK, cluster, configured_systems, database_url, prepare_state
from gateway.bootstrap.stores import SEAT

__all__ = [
    "LOOPBACK",
    "SEAT",
    "Gateway",
    "cluster",
    "configured_systems",
    "database_url",
    "open_gateway",
    "prepare_state",
    "utc_now",
]
