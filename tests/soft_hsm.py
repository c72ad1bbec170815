"""An HSM in software (SoftHSM 2, Debian's), with a token of its own for each test."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pkcs11
from pkcs11 import Attribute, KeyType, ObjectClass
from pkcs11.util.ec import encode_named_curve_parameters

from gateway.signing.settings import KeySettings

MODULE = Path(os.environ.get("SOFTHSM2_MODULE", "/usr/lib/softhsm/libsofthsm2.so"))
TOKEN, PIN, PIN_ENV = "thu-nghiem", "made-up-9876", "HSM_PIN"
ENVIRONMENT = {PIN_ENV: PIN}


@dataclass
class SoftHsm:
    """One token. What is made on it stays on it."""

    folder: Path

    def settings(self, label: str, **changes: Any) -> KeySettings:
        said: dict[str, Any] = {"source": "pkcs11", "module": MODULE, "token": TOKEN, "label": label}
        return KeySettings(**said | {"pin_env": PIN_ENV} | changes)

    def rsa(self, label: str, *, bits: int = 2048, **template: Any) -> None:
        with self._session() as session:
            session.generate_keypair(KeyType.RSA, bits, label=label, store=True, private_template=_kept(template))

    def ec(self, label: str, *, curve: str = "secp256r1") -> None:
        with self._session() as session:
            parameters = {Attribute.EC_PARAMS: encode_named_curve_parameters(curve)}
            domain = session.create_domain_parameters(KeyType.EC, parameters, local=True)
            domain.generate_keypair(label=label, store=True, private_template=_kept({}))

    def aes(self, label: str, *, bits: int = 256, **template: Any) -> None:
        with self._session() as session:
            session.generate_key(KeyType.AES, bits, label=label, store=True, template=_kept(template))

    def put(self, label: str, certificate: Any) -> None:
        """A certificate beside the key."""
        from cryptography.hazmat.primitives.serialization import Encoding

        with self._session() as session:
            session.create_object(
                {
                    Attribute.CLASS: ObjectClass.CERTIFICATE,
                    Attribute.CERTIFICATE_TYPE: pkcs11.CertificateType.X_509,
                    Attribute.TOKEN: True,
                    Attribute.LABEL: label,
                    Attribute.SUBJECT: certificate.subject.public_bytes(),
                    Attribute.VALUE: certificate.public_bytes(Encoding.DER),
                }
            )

    def restart(self) -> None:
        """Every session is lost, as when the HSM was switched off and on."""
        pkcs11.lib(str(MODULE)).reinitialize()

    @contextmanager
    def _session(self) -> Iterator[Any]:
        token = pkcs11.lib(str(MODULE)).get_token(token_label=TOKEN)
        with token.open(rw=True, user_pin=PIN) as session:
            yield session


def _kept(template: dict[str, Any]) -> dict[Any, Any]:
    said = {"EXTRACTABLE": False, "SENSITIVE": True, **template}
    return {Attribute[name]: value for name, value in said.items()}


@contextmanager
def soft_hsm(folder: Path) -> Iterator[SoftHsm]:
    """The library reads where its tokens are from the environment, when it starts."""
    (folder / "tokens").mkdir()
    settings = folder / "softhsm2.conf"
    settings.write_text(f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\nlog.level = ERROR\n")
    before = os.environ.get("SOFTHSM2_CONF")
    os.environ["SOFTHSM2_CONF"] = str(settings)
    made = ["softhsm2-util", "--init-token", "--free", "--label", TOKEN, "--so-pin", PIN, "--pin", PIN]
    subprocess.run(made, check=True, capture_output=True)
    try:
        pkcs11.lib(str(MODULE)).reinitialize()
        yield SoftHsm(folder)
    finally:
        pkcs11.lib(str(MODULE)).finalize()
        os.environ.pop("SOFTHSM2_CONF")
        if before is not None:
            os.environ["SOFTHSM2_CONF"] = before
