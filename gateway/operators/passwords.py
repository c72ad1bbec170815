"""Passwords: Argon2id (RFC 9106), and rules that keep out the worst ones."""

from __future__ import annotations

import asyncio
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from gateway.sdk.errors import UnprocessableError

SHORTEST = 12
LONGEST = 256
SHORTEST_NAMED = 4
"""Shorter logins stand in words by chance."""
COMMON = frozenset(
    {"password", "passw0rd", "matkhau", "mậtkhẩu", "lienthong", "liênthông", "quantri", "administrator", "admin"}
    | {"qwertyuiop", "123456789012", "1234567890", "abcdefghijkl", "motcua", "mộtcửa", "vietnam", "việtnam"}
    | {"changeme", "letmein"}
)
"""What a password is not made of alone, with digits and signs around it or twice over."""
HASHER = PasswordHasher(time_cost=3, memory_cost=65_536, parallelism=1)
"""64 MiB and three passes (RFC 9106, second recommended option, in one lane)."""
AT_ONCE = 2
"""Hashes at a time in one process: whoever knocks must not fill the memory."""


class Passwords:
    """Hashes and verifies outside the event loop. `hasher` has its parameters; older hashes are made anew at log-in."""

    def __init__(self, hasher: PasswordHasher = HASHER) -> None:
        self._hasher = hasher
        self._dummy = ""
        self._turn = asyncio.Semaphore(AT_ONCE)

    async def hash(self, password: str) -> str:
        async with self._turn:
            return await asyncio.to_thread(self._hasher.hash, normal(password))

    async def verify(self, hashed: str | None, password: str) -> bool:
        """None: nobody is known; as much work is done, so that the time tells nothing."""
        async with self._turn:
            if not self._dummy:  # costs what a hash costs: made when the first one is verified, not at each start
                self._dummy = await asyncio.to_thread(self._hasher.hash, "nobody has this password")
            right = await asyncio.to_thread(self._verify, hashed or self._dummy, normal(password)[:LONGEST])
        return right and hashed is not None

    def _verify(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, password)
        except (Argon2Error, InvalidHashError):
            return False

    def is_old(self, hashed: str) -> bool:
        """Whether it was made with other parameters."""
        return self._hasher.check_needs_rehash(hashed)


def normal(password: str) -> str:
    """The same on every keyboard (NFKC, as RFC 8265 4.2 has it)."""
    return unicodedata.normalize("NFKC", password)


def check_password(password: str, *, login: str) -> None:
    """`UnprocessableError` (`caller.password`) for those that are guessed first."""
    plain = normal(password)
    core = plain.casefold().strip("0123456789 !@#$%^&*()-_=+.,?~").replace(" ", "")
    halves = {core, core[: len(core) // 2]} if core[: len(core) // 2] * 2 == core else {core}
    named = len(login) >= SHORTEST_NAMED and login in plain.casefold()
    weak = halves & COMMON or plain.casefold() in COMMON or len(set(plain)) < 5 or named
    if weak or not SHORTEST <= len(plain) <= LONGEST:
        raise UnprocessableError(
            f"A password has {SHORTEST} to {LONGEST} characters, does not hold the login, and is none of the usual.",
            vi=f"Mật khẩu dài {SHORTEST} tới {LONGEST} ký tự, không chứa tên đăng nhập, không phải mật khẩu phổ biến.",
            what="password",
        )
