"""Connecting: opening a wire, not sooner than the backoff allows, and leaving nothing half open."""

import asyncio

from drivers.errors import LinkError
from drivers.links.backoff import Backoff
from drivers.links.deadline import Deadline, ExpiredError
from drivers.links.wire import Wire

OPEN_WITHIN = 10.0


async def connect(name: str, wire: Wire, backoff: Backoff, deadline: Deadline) -> None:
    """Open the wire of the instrument `name`. Raises LinkError, and then the wire is closed."""
    loop = asyncio.get_running_loop()
    await asyncio.sleep(backoff.left(loop.time()))
    backoff.attempt(loop.time())
    opened = False
    try:
        with deadline(OPEN_WITHIN):
            await wire.open()
        opened = True
    except ExpiredError:
        raise LinkError(name, f"no connection within {OPEN_WITHIN:g} s") from None
    except OSError as error:
        raise LinkError(name, f"no connection: {error}") from error
    finally:
        if not opened:
            wire.close()
