"""Stand-ins for the national systems, written from the contract pages alone. They import nothing of the gateway."""

from pkgutil import extend_path

__path__ = extend_path(__path__, __name__)
