"""A connection to the broker, from its opening to its loss.

aiomqtt is asked for MQTT 5 and for what a frozen or hostile peer cannot hold up. What it keeps to itself is taken here: the
reason code of a PUBACK, how large a packet the broker takes, that a message is there. It never reconnects; the broker's room does.
"""

import asyncio
import logging
import math
import socket
from collections.abc import Callable, Sequence, Set
from contextlib import suppress
from typing import Final

import aiomqtt
from paho.mqtt.client import Client as Paho
from paho.mqtt.client import ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from station.mqtt.broker.letter import Denied, Heard, Letter, Lost, Unsent
from station.mqtt.contact import Contact, Named
from station.mqtt.topics import is_topic

MOST_IN: Final = 65536
"""Bytes of a packet that may come in; the broker is told so."""
MOST_UNANSWERED: Final = 1024
"""Messages that the broker has not acknowledged."""
FRAME: Final = 64
"""Bytes of a packet besides topic and payload, and some."""
TAKEN_OVER: Final = 0x8E
BLAMING: Final = {0x81, 0x82, 0x90, 0x93, 0x95, 0x97, 0x99, 0x9A, 0x9B}
"""Malformed packet, protocol error (so says mosquitto 2.0 of one too large), topic name invalid, receive maximum exceeded, packet
too large, quota exceeded, payload format invalid, retain not supported, QoS not supported."""
FOR_EVER: Final = {0x90, 0x95, 0x99}
"""Topic name invalid, packet too large, payload format invalid."""
_NEW, _KEPT = (
    SubscribeOptions(qos=1, retainAsPublished=True, retainHandling=handling)
    for handling in (SubscribeOptions.RETAIN_DO_NOT_SEND, SubscribeOptions.RETAIN_SEND_ON_SUBSCRIBE)
)
_QUIET = logging.getLogger("rackproof.mqtt")
_QUIET.addHandler(logging.NullHandler())
_QUIET.propagate = False


class Connection(aiomqtt.Client):
    """Opened once, by `open`; `lost` returns when it is over; `shut` ends it, whatever state it is in."""

    def __init__(
        self,
        contact: Contact,
        client: str,
        address: str,
        secret: str | None,
        context: Named | None,
        will: Letter,
        keepalive: int,
        hear: Callable[[Heard], None],
    ) -> None:
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call] # the library has no types there
        properties.MaximumPacketSize = MOST_IN
        super().__init__(
            address,
            contact.port,
            username=contact.username or None,
            password=secret,
            identifier=client,
            logger=_QUIET,
            protocol=aiomqtt.ProtocolVersion.V5,
            will=aiomqtt.Will(will.topic, will.payload, will.qos, will.retain),
            # Nothing that waits at the broker may come later: old commands are none, and the outbox remembers the rest.
            clean_start=True,
            properties=properties,
            timeout=math.inf,
            keepalive=keepalive,
            max_queued_outgoing_messages=MOST_UNANSWERED,
            max_inflight_messages=MOST_UNANSWERED,
            tls_context=context,
        )
        self.most_out = math.inf
        self._hear = hear
        self._will, self._context = will, context
        self._answers: dict[int, asyncio.Future[ReasonCode]] = {}
        self._since: dict[int, float] = {}
        self._dialled = asyncio.Event()
        self._told = self._idle = False

    async def open(self, deadline: float) -> None:
        """Connect. Raises Lost. Cancelled, it still waits for the thread that connects, ten seconds at most."""
        opening = self._loop.create_task(self.__aenter__())
        try:
            async with asyncio.timeout(deadline):
                await asyncio.shield(opening)
        except BaseException as error:
            self._cut_secured()
            await self._dialled.wait()
            opening.cancel()
            await asyncio.wait([opening])
            if not opening.cancelled():
                opening.exception()
            await self.shut()
            if isinstance(error, TimeoutError):
                raise Lost(f"the broker did not answer in {deadline:g} s") from None
            if isinstance(error, aiomqtt.MqttError | OSError | ValueError):
                raise Lost(f"the broker cannot be reached: {error}") from None
            raise

    async def ask(self, filters: Sequence[str], deadline: float, kept: Set[str] = frozenset()) -> list[str]:
        """Subscribe, also again, which changes nothing and proves that the broker lives; the filters it denies. Raises Lost.

        What the broker has retained is sent for the filters in `kept` only.
        """
        asked = [(each, _KEPT if each in kept else _NEW) for each in filters]
        try:
            async with asyncio.timeout(deadline):
                codes = await self.subscribe(asked, timeout=math.inf)
        except (TimeoutError, aiomqtt.MqttError, ValueError, OSError) as error:
            raise Lost(f"the broker did not answer in {deadline:g} s") from error
        answered = zip(filters, codes, strict=False)
        return [each for each, code in answered if isinstance(code, ReasonCode) and code.is_failure]

    async def publish_letter(self, letter: Letter, deadline: float) -> None:
        """Send it, and of QoS 1 wait for the broker's answer. Raises Unsent, Denied."""
        if not is_topic(letter.topic):
            raise Denied(f"{letter.topic[:80]!a} is no topic", for_ever=True)
        if len(letter.topic) + len(letter.payload) + FRAME > self.most_out:
            said = f"{len(letter.payload)} bytes are more than the {self.most_out:g} of a packet that the broker takes"
            raise Denied(said, for_ever=True)
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call] # the library has no types there
        if letter.expiry:
            properties.MessageExpiryInterval = letter.expiry
        try:
            sent = self._client.publish(letter.topic, letter.payload, letter.qos, letter.retain, properties)
        except (ValueError, OSError) as odd:
            raise Denied(f"the library refuses it: {odd}", for_ever=True) from odd
        if sent.rc != 0:
            raise Unsent("there is no connection, or too much is unanswered")
        if sent.is_published():
            return
        answer = self._answers[sent.mid] = self._loop.create_future()
        self._since[sent.mid] = self._loop.time()
        try:
            async with asyncio.timeout(deadline):
                code = await answer
        except TimeoutError:
            self.cut()
            raise Unsent(f"the broker did not answer in {deadline:g} s") from None
        finally:
            self._answers.pop(sent.mid, None)
            self._since.pop(sent.mid, None)
        if code.is_failure:
            raise Denied(f"the broker says {code} ({code.value:#04x})", for_ever=code.value in FOR_EVER)

    @property
    def lag(self) -> float:
        """Seconds for which the broker has owed an answer, or not taken what was to be written."""
        return self._loop.time() - next(iter(self._since.values())) if self._since else 0.0

    async def lost(self) -> Lost:
        """Return when the connection is over, and why it is."""
        await asyncio.wait([self._disconnected])
        error = self._disconnected.exception()
        code = getattr(error, "rc", None)
        if isinstance(code, ReasonCode) and self._told:
            return Lost(f"the broker says {code} ({code.value:#04x})", taken=code.value == TAKEN_OVER)
        return Lost("the connection was lost", mute=self._idle)

    async def shut(self) -> None:
        """End it: politely where it lives, in a second; else hard. Nothing of it is left in the loop."""
        if self._connected.done() and not self._disconnected.done():
            # Who leaves in order leaves no will; it is said all the same.
            self._client.publish(self._will.topic, self._will.payload, 0, self._will.retain)
            with suppress(TimeoutError, aiomqtt.MqttError, OSError):
                async with asyncio.timeout(1.0):
                    await self.__aexit__(None, None, None)
        held = self._client.socket()
        self.cut()
        if isinstance(held, socket.socket):
            for _ in range(100):
                if held.fileno() < 0:
                    break
                await asyncio.sleep(0.001)
        if self._context is not None and self._context.made is not None:
            self._context.made.close()
        self._fail(Unsent("the connection is shut"))
        if self._misc_task is not None:
            self._misc_task.cancel()
            await asyncio.wait([self._misc_task])
        for future in (self._connected, self._disconnected):
            if future.done() and not future.cancelled():
                future.exception()

    def cut(self) -> None:
        """Where the peer is silent the library would wait on; a socket that ends makes it tidy up by itself."""
        held = self._client.socket()
        if isinstance(held, socket.socket):
            with suppress(OSError):
                held.shutdown(socket.SHUT_RDWR)

    def _cut_secured(self) -> None:
        """A frozen peer would hold up the handshake of TLS."""
        if self._context is not None and self._context.made is not None:
            with suppress(OSError):
                socket.socket.shutdown(self._context.made, socket.SHUT_RDWR)

    def _client_connect(self) -> None:
        try:
            super()._client_connect()
        finally:
            self._loop.call_soon_threadsafe(self._dialled.set)

    def _on_connect(
        self, client: Paho, userdata: object, flags: ConnectFlags, reason_code: ReasonCode, properties: Properties | None = None
    ) -> None:  # fmt: skip
        if properties is not None:
            self.most_out = getattr(properties, "MaximumPacketSize", math.inf)
        super()._on_connect(client, userdata, flags, reason_code, properties)

    def _on_disconnect(
        self, client: Paho, userdata: object, flags: DisconnectFlags, reason_code: ReasonCode, properties: Properties | None = None
    ) -> None:  # fmt: skip
        super()._on_disconnect(client, userdata, flags, reason_code, properties)
        self._told = bool(flags.is_disconnect_packet_from_server)
        self._idle = not self._answers
        blamed = flags.is_disconnect_packet_from_server and reason_code.value in BLAMING
        self._fail(Unsent("the connection was lost", lost=True, blamed=blamed))

    def _on_publish(
        self, client: Paho, userdata: object, mid: int, reason_code: ReasonCode, properties: Properties
    ) -> None:
        del client, userdata, properties
        answer = self._answers.get(mid)
        if answer is not None and not answer.done():
            answer.set_result(reason_code)

    def _on_message(self, client: Paho, userdata: object, message: MQTTMessage) -> None:
        del client, userdata
        self._hear(Heard(message.topic, bytes(message.payload), message.retain))

    def _fail(self, unsent: Unsent) -> None:
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(unsent)
