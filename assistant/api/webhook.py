"""Signed webhooks: events from a connector that holds a secret instead of the host's key.

`Webhook-Timestamp` is the moment of sending in Unix seconds, `Webhook-Signature` is `sha256=`
and the HMAC-SHA256 (RFC 2104), in hexadecimal, of the timestamp, a full stop and the body as it
is sent, under LIVESHOP_WEBHOOK_SECRET. A timestamp more than five minutes from ours is refused;
within them the events' ids see to it that nothing sent twice counts twice.
"""

from __future__ import annotations

import hashlib
import hmac
import time

from fastapi import Request
from pydantic import SecretStr
from starlette.exceptions import HTTPException

WINDOW_S = 300


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """What stands in Webhook-Signature."""
    text = timestamp.encode() + b"." + body
    return "sha256=" + hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()


async def is_signed(request: Request) -> bool:
    """Whether the request is a webhook of ours; False for one without a signature.

    Raises HTTPException 401 for a wrong signature or time, 403 where no secret is set.
    """
    given = request.headers.get("webhook-signature")
    if given is None:
        return False
    secret: SecretStr | None = request.app.state.service.settings.webhook_secret
    if secret is None:
        raise HTTPException(403, "webhooks need LIVESHOP_WEBHOOK_SECRET, which is not set")
    sent = request.headers.get("webhook-timestamp", "")
    if not sent.isdecimal() or len(sent) > 12 or abs(time.time() - int(sent)) > WINDOW_S:
        raise HTTPException(
            401, f"Webhook-Timestamp: needs Unix seconds within {WINDOW_S} s of the service's clock"
        )
    expected = signature(secret.get_secret_value(), sent, await request.body())
    if not hmac.compare_digest(given.encode("latin-1"), expected.encode()):
        raise HTTPException(401, "Webhook-Signature: does not fit the timestamp and the body")
    return True
