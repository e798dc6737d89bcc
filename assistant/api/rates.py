"""How many requests one viewer, address, room or key may make in a minute.

The generic cell rate algorithm (ITU-T I.371): one number a key, no bursts at the turn of a
minute. Told in the headers of draft-ietf-httpapi-ratelimit-headers: RateLimit-Policy, RateLimit.
"""

from __future__ import annotations

import hashlib
import math
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple, Protocol

from assistant.errors import Busy

WINDOW_S = 60.0
MOST_KEYS = 200_000
# The same arithmetic at the Redis server, by its clock: the wait, and until all is there again.
SCRIPT = """
local t = redis.call('TIME')
local now, step, window = t[1] + t[2] / 1e6, tonumber(ARGV[1]), tonumber(ARGV[2])
local full = math.max(now, tonumber(redis.call('GET', KEYS[1]) or now))
if full + step - now - window > 1e-6 then
  return {string.format('%.6f', full + step - now - window), string.format('%.6f', full - now)}
end
full = full + step
redis.call('SET', KEYS[1], string.format('%.6f', full), 'PX', math.ceil((full - now) * 1000) + 1)
return {'0', string.format('%.6f', full - now)}
"""


class Charge(NamedTuple):
    """One policy as it stands for one caller after a request: `quota` a minute, `left`, and the
    seconds until all of it is there again. `wait_s` above 0: refused, try again after so long."""

    policy: str
    quota: int
    left: int
    reset_s: int
    wait_s: float


class Counts(Protocol):
    """Where requests are counted."""

    async def charge(self, policy: str, key: str, quota: int) -> Charge:
        """Charge one request of `key`; a request refused costs nothing."""


class Rates:
    """Counts in this process; the least recently seen keys are forgotten beyond MOST_KEYS."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._full_at: OrderedDict[tuple[str, str], float] = OrderedDict()

    async def charge(self, policy: str, key: str, quota: int) -> Charge:
        """As `take`."""
        return self.take(policy, key, quota)

    def take(self, policy: str, key: str, quota: int) -> Charge:
        """Charge one request of `key`; a request refused costs nothing."""
        now, step = self._clock(), WINDOW_S / quota
        full_at = max(now, self._full_at.get((policy, key), now)) + step
        wait = full_at - now - WINDOW_S
        if wait > 1e-9:
            return Charge(policy, quota, 0, math.ceil(full_at - step - now), wait)
        self._full_at[policy, key] = full_at
        self._full_at.move_to_end((policy, key))
        if len(self._full_at) > MOST_KEYS:
            self._full_at.popitem(last=False)
        left = int((WINDOW_S - (full_at - now)) / step + 1e-9)
        return Charge(policy, quota, left, math.ceil(full_at - now), 0.0)


class SharedRates:
    """Counts at a Redis server for all processes; in this process alone while it is away.

    `run` runs a script there, or raises Busy. Who a key is cannot be read from what is kept.
    """

    def __init__(self, run: Callable[..., Awaitable[Any]]) -> None:
        self._run, self._own = run, Rates()

    async def charge(self, policy: str, key: str, quota: int) -> Charge:
        """As Rates.take, over all processes."""
        step = WINDOW_S / quota
        name = hashlib.sha256(f"{policy}:{key}".encode()).hexdigest()[:32]
        try:
            said = await self._run(SCRIPT, f"liveshop:rate:{name}", step, WINDOW_S)
        except Busy:
            return self._own.take(policy, key, quota)
        wait, until_full = (float(one) for one in said)
        left = 0 if wait else int((WINDOW_S - until_full) / step + 1e-3)
        return Charge(policy, quota, left, math.ceil(until_full), wait)


def headers(charges: list[Charge]) -> dict[str, str]:
    """How a response tells of the limits that it was charged to."""
    policies = (f'"{one.policy}";q={one.quota};w={WINDOW_S:.0f}' for one in charges)
    states = (f'"{one.policy}";r={one.left};t={one.reset_s}' for one in charges)
    return {"RateLimit-Policy": ", ".join(policies), "RateLimit": ", ".join(states)}
