"""Every switch with what it may say. They hold until they are set again or everything is reset.

`rate_limits`: whose numbers count. `inactive_regions`: where the merchant account is inactive.
`rotate_on_every_order`: whether each linked purchase replaces its customer token.
`refresh_reuse_revokes`: whether a refresh token that comes twice ends its sign-in.
`authorization_callback`, `push`, `notification_callback`, `webhooks`: how messages to merchants are delivered.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .. import customer_tokens, store, switches
from ..api import auth, rate_limit
from ..callbacks import messages
from ..callbacks.messages import Manner
from ..config import RateLimits
from ..idp import grants
from ..merchants import Region
from .reading import BadInput, one_of


@dataclass(frozen=True)
class Switch:
    """One of several words."""

    choices: tuple[str, ...]
    value: Callable[[], Any]


def _kept(name: str, default: str) -> Callable[[], Any]:
    return lambda: switches.get(name, default)


SWITCHES = {
    rate_limit.SWITCH: Switch(tuple(RateLimits), rate_limit.numbers_in_force),
    customer_tokens.ROTATION: Switch(("off", "on"), _kept(customer_tokens.ROTATION, "off")),
    grants.REUSE_REVOKES: Switch(("on", "off"), _kept(grants.REUSE_REVOKES, "on")),
    messages.AUTHORIZATION: Switch(tuple(Manner), _kept(messages.AUTHORIZATION, Manner.ON)),
    messages.PUSH: Switch(tuple(Manner), _kept(messages.PUSH, Manner.ON)),
    messages.NOTIFICATION: Switch(tuple(Manner), _kept(messages.NOTIFICATION, Manner.ON)),
    messages.WEBHOOKS: Switch(messages.FOR_WEBHOOKS, _kept(messages.WEBHOOKS, Manner.ON)),
}


def positions() -> dict[str, Any]:
    """Each switch as it stands."""
    words = {name: switch.value() for name, switch in SWITCHES.items()}
    return words | {auth.INACTIVE: switches.get(auth.INACTIVE, [])}


def put(wanted: dict[str, Any]) -> None:
    """Set switches, all of them or none; raises BadInput."""
    for name, value in wanted.items():
        _check(name, value)
    with store.transaction():
        for name, value in wanted.items():
            switches.put(name, value)


def _check(name: str, value: Any) -> None:
    if name in SWITCHES:
        one_of(value, SWITCHES[name].choices, name)
    elif name != auth.INACTIVE:
        raise BadInput(f"there is no switch {name!r}; there are {', '.join([*SWITCHES, auth.INACTIVE])}")
    elif not isinstance(value, list) or not all(region in list(Region) for region in value):
        raise BadInput(f"{name} has to be a list of {', '.join(Region)}")
