"""Whose request it is, behind a proxy: else all visitors share the limits of one address.

Only a proxy that is named in the settings is believed; whoever asks directly could write anything
into `X-Forwarded-For`.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable, Iterable, Mapping

from aiohttp import web

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def read_networks(environment: Mapping[str, str], faults: list[str]) -> tuple[Network, ...]:
    """What `KOMPAS_TRUSTED_PROXIES` names; each faulty entry is added to `faults`."""
    found = []
    for each in environment.get("KOMPAS_TRUSTED_PROXIES", "").split():
        try:
            found.append(ipaddress.ip_network(each))
        except ValueError:
            faults.append(
                f"KOMPAS_TRUSTED_PROXIES: {each!r} is no address and no network. Give addresses "
                "such as 127.0.0.1 or networks such as 10.0.0.0/8, parted by spaces."
            )
    return tuple(found)


def behind(trusted: Iterable[Network]) -> Callable[..., Awaitable[web.StreamResponse]]:
    """Middleware by which `request.remote` is the address that the `trusted` proxies saw."""
    trusted = tuple(trusted)

    @web.middleware
    async def seen(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        remote = request.remote or ""
        hops = ",".join(request.headers.getall("X-Forwarded-For", [])).split(",")
        # the last one was written by the proxy that is nearest to us
        while hops and _is_in(remote, trusted) and _is_address(hops[-1].strip()):
            remote = hops.pop().strip()
        return await handler(request.clone(remote=remote) if remote != request.remote else request)

    return seen


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _is_in(text: str, trusted: Iterable[Network]) -> bool:
    return _is_address(text) and any(ipaddress.ip_address(text) in each for each in trusted)
