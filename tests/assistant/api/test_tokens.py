"""Viewer tokens: only ours, whole, in time and of the one algorithm are believed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import time
from pathlib import Path
from typing import Any

import jwt
import pytest

from assistant.api import tokens
from assistant.api.tokens import Token, TokenRefused, Tokens, tokens_of
from assistant.settings import Settings

NEW, OLD = "n" * 40, "o" * 40
KID = hashlib.sha256(b"liveshop key id " + NEW.encode()).hexdigest()[:8]
VECTORS = "wycheproof/testvectors_v1"


def b64(value: bytes | dict[str, Any]) -> str:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def forged(header: dict[str, Any] | None = None, **claims: Any) -> str:
    """A token signed with our secret whose header and claims are ours but for these."""
    now = int(time.time())
    whole: dict[str, Any] = {
        "iss": "liveshop",
        "aud": "liveshop-viewer",
        "sub": "ann",
        "room": "demo",
        "iat": now,
        "exp": now + 60,
        "jti": "1",
    }
    body = {name: value for name, value in (whole | claims).items() if value is not None}
    head = {"alg": "HS256", "typ": "viewer+jwt", "kid": KID} | (header or {})
    signed = f"{b64({n: v for n, v in head.items() if v is not None})}.{b64(body)}"
    return f"{signed}.{b64(hmac.digest(NEW.encode(), signed.encode(), 'sha256'))}"


def test_a_token_says_who_and_where() -> None:
    token, ends = Tokens(NEW).sign("ann", "demo", "https://shop.example", 600)
    assert Tokens(NEW).read(token) == Token("ann", "demo", "https://shop.example")
    assert 590 < ends - time.time() <= 600
    assert Tokens(NEW).read(forged()) == Token("ann", "demo", "")


def test_a_secret_is_exchanged_without_a_gap() -> None:
    before, _ = Tokens(OLD).sign("ann", "demo", "", 60)
    assert Tokens(NEW, OLD).read(before).viewer == "ann"
    with pytest.raises(TokenRefused):
        Tokens(NEW).read(before)
    after, _ = Tokens(NEW, OLD).sign("ann", "demo", "", 60)
    assert Tokens(NEW).read(after).viewer == "ann"


@pytest.mark.parametrize(
    "token",
    [
        "",
        "..",
        "a.b.c",
        "e30.e30.",
        forged({"alg": "none"}),
        forged({"alg": "None"}),
        forged({"alg": "HS512"}),
        forged({"alg": "RS256"}),
        forged({"alg": ["HS256"]}),
        forged({"typ": "JWT"}),
        forged({"typ": None}),
        forged({"kid": None}),
        forged({"kid": "../../dev/null"}),
        forged({"kid": ["x"]}),
        forged({"crit": ["b64"], "b64": False}),
        forged(iss="somebody"),
        forged(aud="another"),
        forged(aud=["liveshop-viewer", "another"]),
        forged(sub=None),
        forged(sub=7),
        forged(room=None),
        forged(room=["demo", "other"]),
        forged(origin=7),
        forged(jti=None),
        forged(exp=None),
        forged(exp="soon"),
        forged(exp=int(time.time()) - 60),
        forged(iat=int(time.time()) + 60),
        forged(nbf=int(time.time()) + 60),
        forged()[:-2],
        forged() + "A",
        forged().replace(".", "..", 1),
        forged() + "." + forged(),
        " " + forged() + "\n",
        "x" * 3000 + "." + "y" * 10 + ".z",
        jwt.encode({"sub": "ann"}, NEW, "HS256"),
        f"{b64(b'[' * 900)}.{b64(b'{}')}.x",
    ],
)
def test_nothing_else_is_believed(token: str) -> None:
    with pytest.raises(TokenRefused):
        Tokens(NEW).read(token)


def test_without_a_setting_a_secret_is_kept_for_its_owner_alone(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, home=tmp_path / "home")
    token, _ = tokens_of(settings).sign("ann", "demo", "", 60)
    assert tokens_of(settings).read(token).viewer == "ann"
    assert (tmp_path / "home" / "token.secret").stat().st_mode & 0o777 == 0o600


def test_wycheproof() -> None:
    """Wycheproof's web signatures: none opens anything here; of those under a shared secret the
    library believes the valid HS256 ones and no other."""
    folder = Path(os.environ.get("LIVESHOP_TEST_DATA", "-")) / VECTORS
    files = sorted(folder.glob("json_web_*test.json"))
    if not files:
        pytest.skip(f"no {VECTORS}/json_web_*test.json under LIVESHOP_TEST_DATA")
    believed = wrongly = 0
    for file in files:
        for group in json.loads(file.read_text(encoding="utf-8"))["testGroups"]:
            key = group.get("private") or group.get("public") or {}
            shared = base64.urlsafe_b64decode(key["k"] + "==") if key.get("kty") == "oct" else b""
            # Two vectors (367, 370) called invalid are a valid one to the byte.
            good = {test.get("jws") for test in group["tests"] if test["result"] == "valid"}
            for test in group["tests"]:
                token = test.get("jws") or test.get("jwe") or ""
                token = token if isinstance(token, str) else json.dumps(token)
                with pytest.raises(TokenRefused):
                    Tokens(shared.decode("latin-1") or NEW).read(token)
                try:
                    jwt.api_jws.decode(token, shared or NEW.encode(), [tokens.ALGORITHM])
                except jwt.PyJWTError:
                    continue
                believed += token in good
                wrongly += token not in good
    assert believed
    assert wrongly == 0
