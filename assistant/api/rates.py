"""How many requests one viewer, address, room or key may make in a minute.

The generic cell rate algorithm (ITU-T I.371): one number a key, no bursts at the turn of a
minute. Told in the headers of draft-ietf-httpapi-ratelimit-headers: RateLimit-Policy, RateLimit.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

WINDOW_S = 60.0
MOST_KEYS = 200_000


class Charge(NamedTuple):
    """One policy as it stands for one caller after a request: `quota` a minute, `left`, and the
    seconds until all of it is there again. `wait_s` above 0: refused, try again after so long."""

    policy: str
    quota: int
    left: int
    reset_s: int
    wait_s: float


class Rates:
    """Counts in this process; the least recently seen keys are forgotten beyond MOST_KEYS."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._full_at: OrderedDict[tuple[str, str], float] = OrderedDict()

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


def headers(charges: list[Charge]) -> dict[str, str]:
    """How a response tells of the limits that it was charged to."""
    policies = (f'"{one.policy}";q={one.quota};w={WINDOW_S:.0f}' for one in charges)
    states = (f'"{one.policy}";r={one.left};t={one.reset_s}' for one in charges)
    return {"RateLimit-Policy": ", ".join(policies), "RateLimit": ", ".join(states)}
