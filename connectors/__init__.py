"""National systems, one folder each. A folder is the registration; other places on the path may add theirs."""

from pkgutil import extend_path

__path__ = extend_path(__path__, __name__)
