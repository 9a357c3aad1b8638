"""The Alicat MC's driver, against the public facts of its manual, line by line."""

import contextlib
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.cooling_roles import FlowController
from drivers.errors import BadReply, LinkError, LinkTimeout, Refused, Unsupported
from drivers.flow.alicat_mc import FLAGS, MODELS, AlicatMc, frame_of
from drivers.links.scripted import Exchange, scripted
from drivers.reading import State
from drivers.roles import Identity
from tests.drivers.fake_wire import virtual

IDLE = "A +014.70 +025.00 +00.000 +00.000 00.00 Air"
"""As the manual writes a frame."""
OPEN = "A +014.70 +025.00 +10.012 +10.000 10.00     Air"


def test_it_is_a_flow_controller() -> None:
    """The catalogue's entry: lines that end with CR, 19200 8N1."""
    (model,) = MODELS
    with scripted() as link:
        assert isinstance(model.connect(link), FlowController)
    assert ("alicat-mc", (FlowController,), "lines", b"\r", b"\r", 19200, "N") == (
        model.name,
        model.roles,
        model.speaks,
        model.ends_with,
        model.replies_end_with,
        model.baudrate,
        model.parity,
    )
    assert "engineering practice" in model.accuracy


@virtual
async def test_it_is_known_by_its_frame() -> None:
    """Its letter and its gas; another's frame is a BadReply."""
    with scripted(("A", IDLE), ("A", IDLE.replace("A ", "B ", 1)), ("A", IDLE.replace("Air", "N2"))) as link:
        controller = AlicatMc(link)
        assert Identity("Alicat", "MC", "", "") == await controller.identify()
        with pytest.raises(BadReply, match="not a frame of unit A"):
            await controller.identify()
        with pytest.raises(BadReply, match="set for N2"):
            await controller.identify()


@virtual
async def test_a_flow() -> None:
    """Mass flow in litres per minute: 0.8 % of reading and 0.2 % of 20 l/min, k = 2."""
    with scripted(("A", OPEN), at=2.0, name="mfc") as link:
        read = await AlicatMc(link).flow()
    assert (10.0, "l/min", 2.0, "mfc", State.OK) == (read.value, read.unit, read.at, read.by, read.state)
    assert pytest.approx(2 * math.sqrt(0.12**2 / 3 + 0.001**2 / 12)) == read.uncertainty


@pytest.mark.parametrize("flag", ["MOV", "VOV", "POV", "TOV"])
@virtual
async def test_over_range_is_no_flow(flag: str) -> None:
    """Whatever is beyond its range, mass flow is worked out from it."""
    with scripted(("A", f"{OPEN} {flag}"), ("A", f"{OPEN} LCK")) as link:
        controller = AlicatMc(link)
        assert State.OVER_RANGE is (await controller.flow()).state
        assert State.OK is (await controller.flow()).state


@virtual
async def test_a_set_point_is_read_back() -> None:
    """F044: the frame that is asked for afterwards must have it; one that has not, or whose valve is held, is Refused."""
    with scripted(
        ("AS10.00", OPEN), ("A", OPEN), ("AS5.25", OPEN), ("A", OPEN), ("AS10.00", OPEN), ("A", OPEN + " HLD")
    ) as link:
        controller = AlicatMc(link)
        await controller.let(10.0)
        with pytest.raises(Refused, match=r"told to let 5\.25"):
            await controller.let(5.25)
        with pytest.raises(Refused, match="held"):
            await controller.let(10.0)
        for wrong in (-0.1, 20.1, math.nan, math.inf):
            with pytest.raises(Unsupported):
                await controller.let(wrong)


@pytest.mark.parametrize("reply", ["?", "A ?"])
@virtual
async def test_a_question_mark_is_a_refusal(reply: str) -> None:
    """What it does not understand, it has not done."""
    with scripted(("AS10.00", reply)) as link, pytest.raises(Refused, match=r"does not understand 'AS10\.00'"):
        await AlicatMc(link).let(10.0)


@virtual
async def test_made_safe_it_is_closed() -> None:
    """Set-point 0 read back; a hold is cancelled first, for a held valve does not close; tried a second time."""
    closed: tuple[Exchange, ...] = (("AS0.00", IDLE), ("A", IDLE))
    held: tuple[Exchange, ...] = (("AS0.00", IDLE + " HLD"), ("A$$C", IDLE), ("A", IDLE))
    with scripted(*closed, *held, ("AS0.00", LinkError("mfc", "lost")), *closed) as link:
        controller = AlicatMc(link)
        for _ in range(3):
            await controller.make_safe()
    with scripted(("AS0.00", OPEN), ("A", OPEN)) as link, pytest.raises(Refused, match="it has 10"):
        await AlicatMc(link).make_safe()
    stuck: tuple[Exchange, ...] = (("AS0.00", IDLE + " HLD"), ("A$$C", IDLE + " HLD"), ("A", IDLE + " HLD"))
    with scripted(*stuck) as link, pytest.raises(Refused, match="still held"):
        await AlicatMc(link).make_safe()
    silent: Exchange = ("AS0.00", LinkTimeout("mfc", "silent"))
    with scripted(silent, silent) as link, pytest.raises(LinkTimeout):
        await AlicatMc(link).make_safe()


@virtual
async def test_its_check_is_its_flags() -> None:
    """Over range or held is not well; a locked display is."""
    with scripted(("A", IDLE + " LCK"), ("A", IDLE + " MOV HLD")) as link:
        controller = AlicatMc(link)
        await controller.self_check()
        with pytest.raises(Refused, match="HLD MOV"):
            await controller.self_check()


def test_a_frame_in_si() -> None:
    """I26: psi become pascals; 14.696 psi are one atmosphere."""
    read = frame_of("A +014.696 +025.00 -00.010 -00.010 00.00 Air MOV LCK", "A", "Air")
    assert pytest.approx(101_325, abs=5) == read.pascals
    assert (25.0, -0.01, 0.0, frozenset({"MOV", "LCK"})) == (read.celsius, read.mass, read.set_point, read.flags)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "A",
        "A Air",
        "A +014.70 +025.00 +00.000 +00.000 Air",
        "A +014.70 +025.00 +00.000 +00.000 00.00 00.00 Air",
        "A +014.70 +025.00 +00.000 +00.000 00.00",
        "A +014.70 +025.00 +00.000 +00.000 00.00 Air OOPS",
        "A +014.70 +025.00 +00.000 +00.000 00.00 Air XYZ",
        "A +014.70 +025.00 +00.000 nan 00.00 Air",
        "A +014.70 +025.00 +00.000 +1e3 00.00 Air",
        "A +014.70 +025.00 +00.000 +99.000 00.00 Air",
        "A +014.70 +025.00 +00.000 +00.000 -1.00 Air",
        "A -014.70 +025.00 +00.000 +00.000 00.00 Air",
        "A+014.70 +025.00 +00.000 +00.000 00.00 Air",
        "a +014.70 +025.00 +00.000 +00.000 00.00 Air",
        "A +014.70 +025.00 +00.000 +00.0A +014.70 +025.00 +00.000 +00.000 00.00 Air",
    ],
)
def test_what_is_no_frame_is_none(text: str) -> None:
    """I29: cut short, merged, other numbers, other flags."""
    with pytest.raises(ValueError, match=r"frame|flags|numbers"):
        frame_of(text, "A", "Air")


@given(st.text(alphabet="A +-.0123456789AirMOVTHLDnae?", max_size=80) | st.text(max_size=40))
def test_any_text_is_a_frame_or_none(text: str) -> None:
    """No crash; and of a frame every number is in the text, and every flag is known."""
    with contextlib.suppress(ValueError):
        read = frame_of(text, "A", "Air")
        assert read.flags <= FLAGS
        assert read.mass in {float(word) for word in text.split()[1:6]}


@given(
    st.floats(0.0, 100.0),
    st.floats(-20.0, 80.0),
    st.floats(-20.0, 20.0),
    st.floats(0.0, 20.0),
    st.sets(st.sampled_from(sorted(FLAGS))),
)
def test_frames_go_round(psi: float, celsius: float, flow: float, set_point: float, flags: set[str]) -> None:
    """Whatever it measures, the frame says."""
    text = " ".join(
        [f"A {psi:+07.2f} {celsius:+07.2f} {flow:+07.3f} {flow:+07.3f} {set_point:05.2f} Air", *sorted(flags)]
    )
    read = frame_of(text, "A", "Air")
    assert pytest.approx((psi * 6894.757, celsius, flow, set_point), abs=40) == (
        read.pascals, read.celsius, read.mass, read.set_point,
    )  # fmt: skip
    assert pytest.approx((celsius, flow, set_point), abs=0.0051) == (read.celsius, read.mass, read.set_point)
    assert flags == read.flags
