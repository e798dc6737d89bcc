"""Viewer tokens: short-lived JWTs (RFC 7519) for one viewer in one room, HS256 and nothing else.

Written and checked with the advice of RFC 8725: one pinned algorithm, an explicit type, an
audience, an issuer. The shop's server asks for one with its key and hands it to the viewer's page.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt

from assistant.settings import Settings

ALGORITHM, TYPE = "HS256", "viewer+jwt"
ISSUER, AUDIENCE = "liveshop", "liveshop-viewer"
LONGEST = 2048
CLAIMS = ["iss", "aud", "sub", "room", "iat", "exp", "jti"]
LEEWAY_S = 5


class TokenRefused(Exception):
    """A token that opens nothing; the message says why and holds nothing of the token."""


@dataclass(frozen=True, slots=True)
class Token:
    """What a token says. `origin` is the one page that may use it, '' for any the room allows."""

    viewer: str
    room: str
    origin: str


class Tokens:
    """Signs and reads tokens. The first secret signs; the others are still believed."""

    def __init__(self, *given: str) -> None:
        self._secrets = {_name(secret): secret for secret in given}
        self._signing = given[0]

    def sign(self, viewer: str, room: str, origin: str, ttl_s: int) -> tuple[str, int]:
        """A token for `viewer` in `room`, and the second (Unix time) at which it ends."""
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": viewer,
            "room": room,
            "iat": now,
            "exp": now + ttl_s,
            "jti": secrets.token_hex(8),
        }
        if origin:
            claims["origin"] = origin
        headers = {"typ": TYPE, "kid": _name(self._signing)}
        return jwt.encode(claims, self._signing, ALGORITHM, headers), claims["exp"]

    def read(self, token: str) -> Token:
        """What `token` says. Raises TokenRefused for any that is not ours, whole and in time."""
        if len(token) > LONGEST:
            raise TokenRefused(f"is longer than {LONGEST} characters")
        try:
            header = jwt.get_unverified_header(token)
            secret = self._secrets.get(str(header.get("kid")))
            if secret is None or header.get("typ") != TYPE:
                raise TokenRefused("is not signed here, or with a secret that is gone")
            claims = jwt.decode(
                token,
                secret,
                [ALGORITHM],
                options={"require": CLAIMS, "strict_aud": True},
                audience=AUDIENCE,
                issuer=ISSUER,
                leeway=LEEWAY_S,
            )
        except jwt.ExpiredSignatureError as error:
            raise TokenRefused("has ended; ask the shop for a new one") from error
        except (jwt.PyJWTError, ValueError, RecursionError) as error:
            raise TokenRefused("is not one that this service signed") from error
        viewer, room, origin = claims["sub"], claims["room"], claims.get("origin", "")
        if not all(isinstance(one, str) for one in (viewer, room, origin)):
            raise TokenRefused("is not one that this service signed")
        return Token(viewer, room, origin)


def tokens_of(settings: Settings) -> Tokens:
    """The tokens of a service: of its settings' secrets, else of one kept under home."""
    given = [settings.token_secret, settings.token_secret_before]
    stated = [one.get_secret_value() for one in given if one is not None]
    return Tokens(*stated) if settings.token_secret else Tokens(_kept(settings.home), *stated)


def _kept(home: Path) -> str:
    """The secret in home/token.secret, which only its owner may read; made where there is none."""
    file = home / "token.secret"
    home.mkdir(parents=True, exist_ok=True)
    try:
        made = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_text(encoding="ascii")
    with os.fdopen(made, "w", encoding="ascii") as opened:
        secret = secrets.token_urlsafe(48)
        opened.write(secret)
    return secret


def _name(secret: str) -> str:
    """The key id of a secret, which tells nothing of it."""
    return hashlib.sha256(b"liveshop key id " + secret.encode()).hexdigest()[:8]
