"""The plant of one hot loop, as instruments reach it: the unit, and the jig around it.

Names and bits of the unit's registers are those of the map ORV3_RPU in OpenBMC's rackmon (facebook/openbmc).
"""

from collections.abc import Callable

from sim.ailments import Ailment, Ailments
from sim.cooling.coolant import WATER
from sim.cooling.gas import ATMOSPHERE
from sim.cooling.loop import Loop, Wrong
from sim.cooling.spec import LoopSlot, Port
from sim.cooling.telemetry import Errors, Telemetry
from sim.hands import Hands
from sim.here import Here
from sim.quantity import Quantity

MANUAL, PUMPS_ON = 1 << 9, 1 << 1
"""Bits of RPU_Control."""
ROPE_AFTER = 90.0
"""Seconds of a drip until the rope notices it."""
MAINS, PHASES = 230.0, 3.0
REVERSED = 0.6
"""The head of a centrifugal pump that turns the wrong way, as a part of what it should be."""


class LoopPlant:
    """One slot. At first nothing is connected."""

    def __init__(self, slot: LoopSlot, here: Here) -> None:
        self.slot = slot
        self.loop = Loop(slot, here)
        self.seen: list[tuple[float, str, float]] = []
        """Everything that was switched: when, what, and how."""
        self._here = here
        self._hands = Hands(slot.unit.label)
        self._ailments = Ailments()
        self._telemetry = Telemetry(slot, self.loop, here)
        self._build()
        jig = slot.jig
        self._ports = {
            jig.heater: "heater", jig.supply: "supply", jig.back: "back", jig.vent: "vent",
        }  # fmt: skip
        self._found = self._instruments()

    @property
    def mated(self) -> bool:
        """Whether a unit is connected."""
        return self._hands.mated

    @property
    def devices(self) -> frozenset[str]:
        """The instruments of the loop."""
        jig = self.slot.jig
        return frozenset(
            {jig.cdu, jig.chiller, jig.meter, jig.pressure, jig.operator, *(port.device for port in self._ports)}
        )

    @property
    def operator(self) -> str:
        """The scanner of this slot."""
        return self.slot.jig.operator

    def sense(self, device: str, quantity: Quantity, place: str) -> float | None:
        """What an instrument finds here."""
        self.loop.settle()
        jig = self.slot.jig
        if quantity is Quantity.REGISTER:
            return self._telemetry.register(place) if device == jig.cdu else None
        if quantity is Quantity.INPUT:
            return self._input(Port(device, int(place)))
        there = self._found.get((device, quantity))
        return there() if there is not None else None

    def drive(self, device: str, quantity: Quantity, place: str, value: float) -> None:
        """Write a register, switch an output, tell the chiller."""
        self.loop.settle()
        jig = self.slot.jig
        match quantity:
            case Quantity.REGISTER if device == jig.cdu:
                self._write(place, value)
            case Quantity.SETPOINT if device == jig.chiller:
                self.loop.set_point = value
            case Quantity.RUN if device == jig.chiller:
                self.loop.chilling = bool(value)
                self._note("chiller", value)
            case Quantity.OUTPUT if (name := self._ports.get(Port(device, int(place)))) is not None:
                self._switch(name, on=bool(value))
            case _:
                pass
        self.loop.stir()

    def mate(self) -> None:
        """Connect the unit."""
        self.loop.settle()
        self._hands.mate()
        self.loop.mated = self._hands.mated
        self.loop.stir()

    def unmate(self) -> None:
        """Take the unit off."""
        self.loop.settle()
        self.loop.mated = self._hands.mated = False
        self._telemetry.forget()
        self._run_pumps()
        self.loop.stir()

    def scan(self) -> str:
        """What the scanner reads here."""
        return self._hands.scan()

    def strike(self, fault: str, places: tuple[str, ...], value: float | None) -> None:
        """Let a fault of the unit, of the jig or of the operator begin."""
        self.loop.settle()
        self._ailments.begin(fault, places, value, self._here.now())
        self._build()
        self.loop.settle()

    def heal(self, fault: str, places: tuple[str, ...], value: float | None) -> None:
        """Let a fault end that has begun."""
        self.loop.settle()
        self._ailments.end(fault, places, value)
        self._build()
        self.loop.settle()

    def _build(self) -> None:
        """Put jig and unit together as drawn, and as they are now."""
        self.loop.wrong = Wrong()
        self._covered, self._rope, self._exchanged = True, True, False
        self._telemetry.errors = Errors()
        self._hands.heal()
        for each in self._ailments:
            self._begin(each)
        self.loop.stir()

    def _begin(self, ailment: Ailment) -> None:
        wrong, fault, places, size = self.loop.wrong, ailment.fault, ailment.places, ailment.size
        errors = self._telemetry.errors
        place = places[0]
        begin: dict[str, Callable[[], object]] = {
            "pump-worn": lambda: wrong.worn.update({place: size}),
            "pump-reversed": lambda: wrong.worn.update({place: REVERSED}),
            "air-in-loop": lambda: setattr(wrong, "air", size / 100.0),
            "hoses-exchanged": lambda: setattr(self, "_exchanged", True),
            "pump-failed": lambda: wrong.failed.add(place),
            "pump-drags": lambda: wrong.dragging.update({place: size}),
            "check-valve-open": lambda: wrong.leaky.add(place),
            "tach-wrong": lambda: errors.tach.update({place: size}),
            "flow-gain": lambda: setattr(errors, "gain", size),
            "sensor-offset": lambda: errors.offsets.update({place: size}),
            "pressure-zero": lambda: errors.offsets.update({place: size}),
            "sensors-swapped": lambda: errors.swapped.update({places[0]: places[1], places[1]: places[0]}),
            "wrong-coolant": lambda: setattr(wrong, "coolant", WATER),
            "loop-blocked": lambda: setattr(wrong, "blocked", size),
            "filter-clogging": lambda: wrong.clog(size / 100.0, ailment.since),
            "drip": lambda: wrong.drips.add(place),
            "hot-leak": lambda: wrong.hot_leaks.update({place: size}),
            "low-level": lambda: setattr(errors, "low", True),
            "leak-sensor-broken": lambda: setattr(errors, "pan_broken", True),
            "rope-broken": lambda: setattr(self, "_rope", False),
            "cover-open": lambda: setattr(self, "_covered", False),
            "heater-welded": lambda: setattr(wrong, "welded", True),
        }
        if fault in begin:
            begin[fault]()
        else:
            self._hands.strike(fault)
            self.loop.mated = self._hands.mated

    def _input(self, port: Port) -> float | None:
        if port == self.slot.jig.cover:
            return float(self._covered)
        if port == self.slot.jig.rope:
            wet = any(seconds > ROPE_AFTER for seconds in self.loop.dripped.values())
            return float(self._rope and not wet)
        if port == self.slot.jig.lock:
            return float(self.mated)
        return None

    def _switch(self, name: str, *, on: bool) -> None:
        """When the next test begins on a loop at rest, the last unit is off already."""
        loop, at = self.loop, self._here.now()
        if on and self._hands.begin(at):
            self.unmate()
        changed = (name in loop.open) != on
        (loop.open.add if on else loop.open.discard)(name)
        loop.heating = "heater" in loop.open
        if changed:
            self._note(name, float(on))
        if not loop.open:
            self._hands.rest(at)

    def _write(self, register: str, value: float) -> None:
        self._telemetry.written[register] = value
        self._run_pumps()

    def _run_pumps(self) -> None:
        """In manual mode, with its pumps on, every pump runs at its own duty, or at the common one where it has none."""
        control = int(self._telemetry.written["RPU_Control"])
        running = control & MANUAL and control & PUMPS_ON
        common = self._telemetry.written.get("Manual_Control_Pump_Duty_Set", 0.0)
        for number, pump in enumerate(self.slot.unit.pumps, start=1):
            own = self._telemetry.written.get(f"Manual_Control_Pump{number}_Duty_Set", 0.0)
            duty = (own or common) / 100.0 if running and self.mated else 0.0
            if duty != self.loop.duty[pump]:
                self.loop.duty[pump] = duty
                self._note(pump, duty)

    def _note(self, what: str, value: float) -> None:
        self.seen.append((self._here.now(), what, value))

    def _instruments(self) -> dict[tuple[str, Quantity], Callable[[], float]]:
        """Everything that the jig's own instruments find."""
        jig, loop = self.slot.jig, self.loop
        return {
            (jig.chiller, Quantity.TEMPERATURE): lambda: loop.bath,
            (jig.pressure, Quantity.TEMPERATURE): lambda: loop.hot if self._exchanged else loop.cold,
            (jig.pressure, Quantity.PASCAL): lambda: (
                ATMOSPHERE + 1000.0 * loop.kilopascal("in" if self._exchanged else "out")
            ),
            (jig.meter, Quantity.WATTS): lambda: loop.watts / PHASES,
            (jig.meter, Quantity.AMPS): lambda: loop.watts / PHASES / MAINS,
            (jig.meter, Quantity.AC_VOLTS): lambda: MAINS,
            (jig.meter, Quantity.HERTZ): lambda: 50.0,
        }
