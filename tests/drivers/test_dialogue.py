"""A link never gives an answer to the wrong question, whatever the other end does."""

import asyncio
import math
from itertools import pairwise

import pytest

from drivers.errors import BadReply, LinkTimeout
from drivers.links.dialogue import LONGEST, LineLink
from drivers.links.line import Lines
from drivers.links.traffic import KEPT, KEPT_BYTES
from tests.drivers.fake_wire import IDN, FakeWire, Late, table, virtual
from tests.drivers.talking import ONE, TWO, A, B, cancel_after, opened, refused, seconds_of, timed_out


@virtual
async def test_a_link_is_lines() -> None:
    """The link keeps the contract that drivers are written against."""
    link: Lines = LineLink("ohms", FakeWire())
    assert ("ohms", 0.0) == (link.name, link.now())


@virtual
async def test_a_question_is_answered() -> None:
    """One line out, one line back, without its ending, with or without a CR before the LF, in pieces or whole."""
    link, wire = await opened((A, [(0.0, b"+1.5E-03\r\n")]), (B, [(0.0, b"+2"), (0.1, b".5\n")]))
    assert ["+1.5E-03", "+2.5"] == [await link.query(A), await link.query(B)]
    assert ["*IDN?", A, B] == wire.sent
    assert (3, 0, 0) == (link.counters.exchanges, link.counters.timeouts, link.counters.resyncs)


@virtual
async def test_flow_control_between_the_bytes_means_nothing() -> None:
    """XON and XOFF that an instrument puts into its replies are no part of them; of another they are a BadReply."""
    answer: tuple[str, list[Late]] = (A, [(0.0, b"\x13"), (0.1, b"+1\x11.5\r\n\x11")])
    wire = FakeWire(table(answer, answer))
    link = LineLink("bath", wire, within=1.0, ignores=b"\x11\x13")
    await link.open()
    assert "+1.5" == await link.query(A)
    strict = LineLink("bath", wire, within=1.0)
    await strict.open()
    with pytest.raises(BadReply):
        await strict.query(A)


@virtual
async def test_a_late_answer_is_never_the_next_one() -> None:
    """After a timeout the link drains, waits longer than the slowest reply, and asks the sentinel, before it asks on."""
    link, wire = await opened((A, [(1.4, b"1.0\n")]), (B, TWO))
    with pytest.raises(LinkTimeout, match=r"no answer to 'MEAS:A\?' within 1 s"):
        await link.query(A)
    assert "2.0" == await link.query(B)
    assert ["*IDN?", A, "*IDN?", B] == wire.sent
    assert (1, 1) == (link.counters.timeouts, link.counters.resyncs)


@virtual
async def test_an_answer_that_comes_in_place_of_the_sentinels_is_thrown_away() -> None:
    """A reply slower than every promise still does not become the answer to another question."""
    link, wire = await opened()
    wire.answer = table((A, [(2.5, b"1.0\n")]), ("*IDN?", [(0.5, IDN)]), (B, TWO))
    with pytest.raises(LinkTimeout):
        await link.query(A)
    assert "2.0" == await link.query(B)
    assert ["*IDN?", A, "*IDN?", "*IDN?", B] == wire.sent


@virtual
async def test_bytes_that_nobody_asked_for_are_no_answer() -> None:
    """What waits before a question is sent makes the link resynchronise first, and is counted."""
    link, wire = await opened((A, ONE))
    wire.comes(b"9.9\n")
    await asyncio.sleep(0.1)
    assert "1.0" == await link.query(A)
    assert 1 == link.counters.resyncs
    assert ["*IDN?", "*IDN?", A] == wire.sent


@virtual
@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param([(0.0, b"1.0\n2.0\n")], id="glued"),
        pytest.param([(0.0, b"1.0\n2.")], id="a line and a bit"),
        pytest.param([(0.0, b"1.0"), (0.1, b"\n2.0\n")], id="glued, in pieces"),
        pytest.param([(0.0, b"1.0\xb5A\n")], id="not ASCII"),
        pytest.param([(0.0, b"ACME\x1b[31m,X,1,1\n")], id="an escape sequence"),
        pytest.param([(0.0, b"1.0\x00\n")], id="NUL"),
        pytest.param([(0.0, b"\xff\xfe\x80\r\x00\n")], id="noise of a wrong baud rate"),
        pytest.param([(0.0, b"1" * (LONGEST + 2))], id="no ending, too long"),
        pytest.param([(0.0, b"1" * LONGEST), (0.1, b"1" * LONGEST), (0.2, b"\n")], id="too long, in pieces"),
    ],
)
async def test_garbage_is_an_error_and_then_forgotten(pieces: list[Late]) -> None:
    """Bytes that are no line of ASCII are a BadReply that shows them, and the next answer is the right one."""
    link, wire = await opened((A, pieces), (B, TWO))
    with pytest.raises(BadReply) as caught:
        await link.query(A)
    assert str(caught.value).isprintable()
    assert repr(pieces[0][1][:3])[2:-1] in str(caught.value)
    assert "2.0" == await link.query(B)
    assert 1 == link.counters.bad_replies
    assert "*IDN?" == wire.sent[-2]


@virtual
@pytest.mark.parametrize("glued", [b"1.0\n2.0\n", b"1.0\n2."])
async def test_more_than_one_line_is_told_as_such(glued: bytes) -> None:
    """Whether the wire hands over both at once or keeps the second back."""

    class Piecemeal(FakeWire):
        async def receive(self) -> bytes:
            first, ending, rest = (await super().receive()).partition(b"\n")
            self._heard[:0] = rest
            return first + ending

    for wire in (FakeWire(), Piecemeal()):
        wire.answer = table((A, [(0.01, glued)]), (B, TWO))
        link = LineLink("ohms", wire, within=1.0)
        await link.open()
        await link.query("*IDN?")
        with pytest.raises(BadReply, match="more than one line"):
            await link.query(A)
        assert "2.0" == await link.query(B)


@virtual
@pytest.mark.parametrize("late", [[], [(0.0, b"1.0")], [(0.0, b"1"), (0.9, b".0")]], ids=["silence", "short", "slow"])
async def test_no_terminator_is_a_timeout(late: list[Late]) -> None:
    """Part of a line is no answer, however much of it has come when the time is up."""
    link, _ = await opened((A, late), (B, TWO))
    with pytest.raises(LinkTimeout):
        await link.query(A)
    assert "2.0" == await link.query(B)


@virtual
async def test_an_endless_stream_ends() -> None:
    """One byte a millisecond for ever: the question times out on time, and resynchronising gives up as well."""
    link, wire = await opened()
    wire.answer = lambda line: [(n / 1000, b"1") for n in range(60_000)] if line == A else []
    assert pytest.approx(1.0) == await seconds_of(timed_out(link, A))
    took = await seconds_of(refused(link, B, "does not stop talking"))
    assert took < 10
    assert B not in wire.sent


@virtual
async def test_a_cancelled_question_leaves_nothing_for_the_next() -> None:
    """The next question never gets the old answer, and does not wait for silence either: making safe is in a hurry."""
    link, wire = await opened((A, [(0.05, b"1.0\n")]), (B, TWO))
    await cancel_after(0.02, link.query(A))
    began = link.now()
    assert "2.0" == await link.query(B)
    assert link.now() - began < 0.1
    assert ["*IDN?", A, "*IDN?", B] == wire.sent


@virtual
@pytest.mark.parametrize("after", [0.0, 0.009, 0.01, 0.011, 0.02, 0.03])
async def test_a_question_may_be_cancelled_at_any_moment(after: float) -> None:
    """Also while half of the answer has come."""
    link, _ = await opened((A, [(0.01, b"1."), (0.02, b"0"), (0.03, b"\n")]), (B, TWO))
    task = asyncio.get_running_loop().create_task(link.query(A))
    await asyncio.sleep(after)
    task.cancel()
    await asyncio.wait({task})
    assert "2.0" == await link.query(B)


@virtual
async def test_a_cancelled_question_whose_answer_never_comes() -> None:
    """When the owed answer does not come before the sentinel's, only a long silence is believed."""
    link, wire = await opened((A, []), (B, TWO))
    await cancel_after(0.02, link.query(A))
    took = await seconds_of(link.query(B))
    assert took > link.quiet
    assert B == wire.sent[-1]


@virtual
async def test_an_instrument_that_answers_out_of_order_is_not_believed() -> None:
    """Should the owed answer come after the sentinel's, against all manuals, it is still nobody's answer."""
    link, wire = await opened((A, [(0.4, b"1.0\n")]), (B, TWO))
    wire.in_order = False
    await cancel_after(0.02, link.query(A))
    assert "2.0" == await link.query(B)


@virtual
async def test_a_cancelled_identification_does_not_serve_as_the_sentinel() -> None:
    """Its answer looks just like the sentinel's; both must come, or the sentinel's own would be one too many."""
    link, wire = await opened()
    wire.answer = table(("*IDN?", [(0.5, IDN)]), (B, TWO))
    await cancel_after(0.1, link.query("*IDN?"))
    assert "2.0" == await link.query(B)


@virtual
async def test_cancelling_the_resynchronisation_does_not_end_it() -> None:
    """A link stays poisoned until it has come to its senses, whoever loses patience on the way."""
    link, wire = await opened((A, []), (B, TWO))
    await timed_out(link, A)
    await cancel_after(0.5, link.query(B))
    await cancel_after(link.quiet + 0.0005, link.query(B))
    assert "2.0" == await link.query(B)
    assert [B] == [line for line in wire.sent if line == B]


@virtual
async def test_a_cancelled_sentinel_does_not_count_an_older_answer_as_its_own() -> None:
    """A reply slower than every promise, then the sentinel's twice: the second of these is nobody's answer either."""
    link, wire = await opened()
    wire.answer = table(
        (A, [(2.4, b"1.0\n")]), ("*IDN?", [(0.3, IDN)]), ("*IDN?", [(0.3, IDN)]), (B, [(0.5, b"2.0\n")])
    )
    wire.in_order = False
    await timed_out(link, A)
    await cancel_after(link.quiet + 0.01, link.query(B))
    assert "2.0" == await link.query(B)


@virtual
async def test_a_wrong_sentinel_then_a_cancellation() -> None:
    """An answer that is not the sentinel's does not clear the link, even if the next try is cancelled."""
    link, wire = await opened()
    wire.answer = table((A, []), ("*IDN?", [(0.001, b"1.0\n")]), (B, TWO))
    await timed_out(link, A)
    await cancel_after(link.quiet + 0.5, link.query(B))
    before = link.counters.resyncs
    assert "2.0" == await link.query(B)
    assert before + 1 == link.counters.resyncs


@virtual
async def test_a_command_does_not_wait_for_a_poisoned_link() -> None:
    """Switching off needs no answer to believe: it leaves at once, and the link stays poisoned."""
    link, wire = await opened((A, []), (B, TWO))
    await timed_out(link, A)
    assert 0.0 == await seconds_of(link.write("OUTP OFF"))
    assert "OUTP OFF" == wire.sent[-1]
    assert "2.0" == await link.query(B)
    assert 1 == link.counters.resyncs


@virtual
@pytest.mark.parametrize("identified", [True, False])
async def test_what_is_urgent_leaves_a_link_in_doubt_at_once(identified: bool) -> None:
    """After a timeout and after a cancellation; the answer that is believed is that of the second time."""
    shut = "SHUT"

    async def cancelled(link: LineLink, question: str) -> None:
        await cancel_after(0.02, link.query(question))

    for spoil in (timed_out, cancelled):
        link, wire = await opened(
            (A, []), (shut, [(0.02, b"first\n")]), (shut, [(0.02, b"second\n")]), identified=identified
        )
        assert "first" == await link.query(shut, urgent=True)
        wire.answer = table((A, []), (shut, [(0.02, b"first\n")]), (shut, [(0.02, b"second\n")]))
        await spoil(link, A)
        asked = asyncio.get_running_loop().create_task(link.query(shut, urgent=True))
        await asyncio.sleep(0)
        assert [A, shut] == wire.sent[-2:]
        assert "second" == await asked
        assert [A, shut, *["*IDN?"] * identified, shut] == wire.sent[-3 - identified :]


@virtual
async def test_one_dialogue_at_a_time_in_order() -> None:
    """Questions of several tasks wait for their turn, first come, first served."""
    link, wire = await opened((A, [(0.5, b"1.0\n")]), (B, TWO))
    assert ("1.0", "2.0") == tuple(await asyncio.gather(link.query(A), link.query(B)))
    assert [A, B] == wire.sent[1:]


@virtual
async def test_a_deadline_does_not_swallow_a_cancellation() -> None:
    """When the deadline and an outer timeout fall together, the outer one gets through."""
    link, _ = await opened((A, []))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1.0):
            await link.query(A)
    task = asyncio.current_task()
    assert task is not None
    assert 0 == task.cancelling()


@virtual
async def test_without_a_sentinel_silence_must_be_enough() -> None:
    """A driver that does not identify (a scanner) resynchronises by draining alone."""
    link, wire = await opened((A, [(1.5, b"1.0\n")]), (B, TWO), identified=False)
    await timed_out(link, A)
    assert "2.0" == await link.query(B)
    assert [A, B] == wire.sent


@virtual
async def test_a_sentinel_can_be_set() -> None:
    """A model with another question of identity sets its own; the first *IDN? does not replace it."""
    link, wire = await opened((A, []), ("ID?", [(0.001, b"X9\n")]), (B, TWO), identified=False)
    link.sentinel = ("ID?", "X9")
    await link.query("*IDN?")
    await timed_out(link, A)
    assert "2.0" == await link.query(B)
    assert ["*IDN?", A, "ID?", B] == wire.sent


@virtual
@pytest.mark.parametrize("command", ["*CLS\n*RST", "A\rB", "R\u00e9sistance?", "1 \u2126"])
async def test_a_command_is_one_line_of_ascii(command: str) -> None:
    """Text from outside cannot smuggle a second command into a first one."""
    link, wire = await opened()
    with pytest.raises(ValueError, match="not one line of ASCII"):
        await link.query(command)
    with pytest.raises(ValueError, match="not one line of ASCII"):
        await link.write(command)
    assert ["*IDN?"] == wire.sent


@virtual
async def test_a_command_that_cannot_be_told_times_out() -> None:
    """A full buffer is no excuse to wait for ever."""

    class Full(FakeWire):
        async def send(self, data: bytes) -> None:
            if data.startswith(b"*CLS"):
                await asyncio.Event().wait()
            await super().send(data)

    link = LineLink("ohms", Full(table((B, TWO))), within=1.0)
    await link.open()
    with pytest.raises(LinkTimeout, match="could not be told"):
        await link.write("*CLS")
    assert "2.0" == await link.query(B)
    assert 1 == link.counters.resyncs


@virtual
async def test_listening_forgets_what_came_before() -> None:
    """A scan made before the prompt does not count; the one after it does, whenever it comes."""
    link, wire = await opened(identified=False)
    wire.comes(b"OLD\n")
    await asyncio.sleep(0.1)
    wire.comes(b"NEW\n", after=3600.0)
    assert "NEW" == await link.listen()
    with pytest.raises(LinkTimeout, match="no line within 2 s"):
        await link.listen(within=2.0)


@virtual
async def test_half_a_scan_is_no_scan() -> None:
    """A line that had begun before is thrown away to its end."""
    link, wire = await opened(identified=False)
    wire.comes(b"OLD-")
    wire.comes(b"SERIAL\n", after=0.15)
    await asyncio.sleep(0.1)
    wire.comes(b"NEW\n", after=3.0)
    assert "NEW" == await link.listen()
    wire.comes(b"A", after=0.1)
    wire.comes(b"BC\n", after=0.3)
    await cancel_after(0.2, link.listen())
    wire.comes(b"NEWER\n", after=3.0)
    assert "NEWER" == await link.listen()


@virtual
async def test_the_last_bytes_are_kept() -> None:
    """A trace can show what was said, in which direction and when; much of it is never kept."""
    link, wire = await opened((A, [(0.5, b"1.0\n")]))
    before = link.now()
    await link.query(A)
    assert [(before, "out", b"MEAS:A?\n"), (before + 0.5, "in", b"1.0\n")] == [tuple(each) for each in link.recent[-2:]]
    wire.answer = lambda _: [(0.0, b"1" * 1000 + b"\n")]
    for _ in range(50):
        await link.query(B)
    assert KEPT == len(link.recent)
    assert KEPT_BYTES == len(link.recent[-1].data)


@virtual
async def test_an_answer_may_take_as_long_as_it_is_given() -> None:
    """`within` holds for one exchange; infinity is no deadline at all."""
    link, _ = await opened((A, [(50.0, b"1.0\n")]), (B, [(1e6, b"2.0\n")]))
    assert ["1.0", "2.0"] == [await link.query(A, within=60.0), await link.query(B, within=math.inf)]


@virtual
async def test_an_instrument_is_left_alone_as_long_as_it_wants() -> None:
    """After what has no reply, after a reply, and after the sentinel's; one that wants nothing is not kept waiting."""
    for after_command, after_query in ((0.0, 0.0), (0.3, 0.05)):
        times: list[float] = []
        wire = FakeWire()

        def answer(line: str, times: list[float] = times) -> list[Late]:
            times.append(asyncio.get_running_loop().time())
            return [] if line in {"*CLS", "LOST?"} else [(0.0, IDN)]

        wire.answer = answer
        link = LineLink("ohms", wire, within=1.0, after_command=after_command, after_query=after_query)
        await link.open()
        await link.query("*IDN?")
        await link.query(A)
        await link.write("*CLS")
        await link.query(A)
        gaps = [after - before for before, after in pairwise(times)]
        assert [pytest.approx(each) for each in (after_query, after_query, after_command)] == gaps
        await timed_out(link, "LOST?")
        await link.query(B)
        assert pytest.approx(after_query) == times[-1] - times[-2]
