"""Who may do what: every route with the roles that may call it, in one table.

The table is all there is: the application does not start with a route that is not in it, and
`authorize` runs before each. A key for some rooms opens those alone, and nothing that changes
the whole shop.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials
from starlette.exceptions import HTTPException

from assistant.api.auth import (
    CHALLENGE,
    THIS_MACHINE,
    Caller,
    Role,
    Who,
    address_of,
    bearer,
    who_asks,
)
from assistant.api.rates import Charge
from assistant.api.service import Service, TheService

EVERYBODY: frozenset[Role] = frozenset({"viewer", "host", "merchant", "connector", "metrics"})
VIEWERS: frozenset[Role] = frozenset({"viewer", "host", "merchant"})
SENDERS: frozenset[Role] = VIEWERS | {"connector"}
HOSTS: frozenset[Role] = frozenset({"host", "merchant"})
MERCHANT: frozenset[Role] = frozenset({"merchant"})
METRICS: frozenset[Role] = frozenset({"metrics", "merchant"})


@dataclass(frozen=True, slots=True)
class Access:
    """`roles` may call a route. `shop`: it changes more than one room, so a key for some may not.

    `own`: a viewer with a token may call it too, about themselves.
    """

    roles: frozenset[Role]
    shop: bool = False
    own: bool = False


ROUTES: dict[str, Access] = {
    "GET /healthz": Access(EVERYBODY),
    "GET /readyz": Access(EVERYBODY),
    "GET /metrics": Access(METRICS),
    "GET /pictures/{name}": Access(EVERYBODY),
    "GET /panel": Access(EVERYBODY),
    "GET /console": Access(EVERYBODY),  # it asks for the key itself
    "GET /demo": Access(EVERYBODY),
    "GET /demo/show": Access(VIEWERS),
    "POST /demo/show": Access(HOSTS, shop=True),
    "GET /overlay/{room}": Access(EVERYBODY),
    "GET /live-assistant.js": Access(EVERYBODY),
    "GET /ui/{version}/{name}": Access(EVERYBODY),
    "GET /v1/models": Access(VIEWERS),
    "GET /v1/models/{model}": Access(VIEWERS),
    "POST /v1/chat/completions": Access(VIEWERS),
    "POST /api/v1/rooms/{room}/chat": Access(VIEWERS),
    "POST /api/v1/rooms/{room}/events": Access(SENDERS),  # by type of event: events.py
    "GET /api/v1/rooms/{room}/feed": Access(VIEWERS),  # host=true: feed.py
    "GET /api/v1/rooms/{room}/recommendations": Access(VIEWERS),
    "GET /api/v1/rooms": Access(VIEWERS),
    "PUT /api/v1/rooms": Access(MERCHANT, shop=True),
    "GET /api/v1/rooms/{room}": Access(VIEWERS),
    "GET /api/v1/rooms/{room}/on-air": Access(VIEWERS),
    "GET /api/v1/rooms/{room}/cards": Access(VIEWERS),
    "PUT /api/v1/rooms/{room}/on-air": Access(HOSTS),
    "PUT /api/v1/rooms/{room}/mode": Access(HOSTS),
    "PUT /api/v1/rooms/{room}/items": Access(HOSTS),
    "GET /api/v1/rooms/{room}/access": Access(HOSTS),
    "PUT /api/v1/rooms/{room}/access": Access(MERCHANT),
    "POST /api/v1/rooms/{room}/viewer-tokens": Access(HOSTS),
    "GET /api/v1/rooms/{room}/questions": Access(HOSTS),
    "GET /api/v1/rooms/{room}/questions/{id}": Access(HOSTS),
    "GET /api/v1/rooms/{room}/items": Access(HOSTS),
    "GET /api/v1/rooms/{room}/mute": Access(HOSTS),
    "POST /api/v1/rooms/{room}/lines": Access(HOSTS),
    "POST /api/v1/rooms/{room}/questions/{id}/approve": Access(HOSTS),
    "POST /api/v1/rooms/{room}/questions/{id}/edit": Access(HOSTS),
    "POST /api/v1/rooms/{room}/questions/{id}/answer": Access(HOSTS),
    "POST /api/v1/rooms/{room}/questions/{id}/dismiss": Access(HOSTS),
    "POST /api/v1/rooms/{room}/questions/{id}/hand-off": Access(HOSTS),
    "POST /api/v1/rooms/{room}/pin": Access(HOSTS),
    "POST /api/v1/rooms/{room}/mute": Access(HOSTS),
    "GET /api/v1/rooms/{room}/pulse": Access(HOSTS),
    "GET /api/v1/rooms/{room}/report": Access(HOSTS),
    "POST /api/v1/compliance/check": Access(HOSTS),
    "GET /api/v1/products/{id}": Access(VIEWERS),
    "PATCH /api/v1/products/{id}": Access(MERCHANT, shop=True),
    "GET /api/v1/variants/{id}": Access(VIEWERS),
    "PATCH /api/v1/variants/{id}": Access(HOSTS, shop=True),
    "GET /api/v1/offers": Access(VIEWERS),
    "PUT /api/v1/offers": Access(HOSTS, shop=True),
    "GET /api/v1/policies": Access(VIEWERS),
    "PUT /api/v1/policies": Access(MERCHANT, shop=True),
    "GET /api/v1/catalog/search": Access(VIEWERS),
    "POST /api/v1/catalog/import": Access(MERCHANT, shop=True),
    "GET /api/v1/viewers/{viewer}": Access(MERCHANT, shop=True, own=True),
    "DELETE /api/v1/viewers/{viewer}": Access(MERCHANT, shop=True, own=True),
    "PUT /api/v1/viewers/{viewer}/personalization": Access(MERCHANT, shop=True, own=True),
}


async def authorize(
    request: Request,
    service: TheService,
    documented: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
) -> None:
    """Let pass who may call the route; a dependency of the whole application.

    `documented` only tells the OpenAPI document of the header.

    Raises HTTPException 401 where a key or token might help, 403 where it does not.
    """
    access = ROUTES.get(route_of(request))
    if access is None:
        raise HTTPException(403, "this route has no place in the table of access")
    if access.roles == EVERYBODY:
        request.state.who = Who("viewer")
        return
    settings = service.settings
    try:
        who = request.state.who = await who_asks(request, service)
    except HTTPException:
        await charge(
            request, service, [("address", address_of(request, settings), settings.rate_address)]
        )
        raise
    own = access.own and who.viewer is not None
    if own and request.path_params["viewer"] != who.viewer:
        raise HTTPException(403, "viewer: the token is of another viewer")
    if who.role not in access.roles and not own:
        raise refused(who, service, access.roles)
    if access.shop and who.rooms is not None and not own:
        raise HTTPException(403, "the key is for some rooms; this changes the whole shop")
    room = request.path_params.get("room", "")
    if room:
        await enter(service, who, room)
    await charge(request, service, _limits(request, service, who, room))


def _limits(request: Request, service: Service, who: Who, room: str) -> list[tuple[str, str, int]]:
    """What a request is charged to: policy, whose, and how many a minute. Nothing for ourselves."""
    settings = service.settings
    if who.key == THIS_MACHINE:
        return []
    if who.key:
        return [("key", who.key, settings.rate_key)]
    if who.viewer is not None:
        found = [("viewer", who.viewer, settings.rate_viewer)]
    else:
        found = [("address", address_of(request, settings), settings.rate_address)]
    return [*found, ("room", room, settings.rate_room)] if room else found


async def charge(request: Request, service: Service, limits: list[tuple[str, str, int]]) -> None:
    """Count the request; raises HTTPException 429 where one of `limits` is used up."""
    charges = request.state.charged = list[Charge]()
    for limit in limits:
        charges.append(await service.rates.charge(*limit))
        if (wait := charges[-1].wait_s) == 0:
            continue
        seconds = str(math.ceil(wait))
        raise HTTPException(
            429, f"too many requests; again in {seconds} s", {"Retry-After": seconds}
        )


def route_of(request: Request) -> str:
    """The route of a request as the table writes it, such as GET /api/v1/rooms/{room}."""
    return f"{request.method} {getattr(request.scope.get('route'), 'path_format', '')}"


def refused(who: Who, service: Service, roles: frozenset[Role]) -> HTTPException:
    """What to raise where `who` has none of `roles`."""
    if not who.anonymous:
        return HTTPException(403, f"this needs a key of the role {' or '.join(sorted(roles))}")
    if service.settings.host_key is None:
        return HTTPException(
            403, "only this machine may do this while LIVESHOP_HOST_KEY is not set"
        )
    return HTTPException(401, "this needs the header Authorization: Bearer KEY", CHALLENGE)


async def enter(service: Service, who: Who, room: str) -> None:
    """Let `who` into `room`; for routes that name it elsewhere than in their path.

    Raises HTTPException 403 for a key or token of other rooms, 401 where the room asks for one.
    """
    if not await may_enter(service, who, room):
        if who.rooms is not None:
            raise HTTPException(403, "the key or token is for another room")
        raise HTTPException(401, f"room {room!r} asks viewers for a token", CHALLENGE)


async def may_enter(service: Service, who: Who, room: str) -> bool:
    """Whether `who` may see `room`."""
    if who.rooms is not None:
        return room in who.rooms
    return not who.anonymous or (await service.doors.of(room)).anonymous


def require_host(who: Caller, service: Service) -> None:
    """Let hosts pass within a route that others may call too. Raises HTTPException as above."""
    if who.role not in HOSTS:
        raise refused(who, service, HOSTS)
