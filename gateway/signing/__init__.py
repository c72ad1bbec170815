"""Keys and what is done with them: signing, sealing and keyed digests. Keys never leave this package."""

from gateway.signing.keyring import Keyring
from gateway.signing.model import Digester, Sealer, Signer

__all__ = ["Digester", "Keyring", "Sealer", "Signer"]
