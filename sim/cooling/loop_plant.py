"""The plant of one hot loop, as instruments reach it: registers of the unit, and the jig around it.

Names and bits of the registers are those of the map ORV3_RPU in OpenBMC's rackmon (facebook/openbmc).
"""

import math
from collections.abc import Callable

from sim.ailments import Ailment, Ailments
from sim.cooling.coolant import WATER
from sim.cooling.gas import ATMOSPHERE
from sim.cooling.loop import Loop, Wrong
from sim.cooling.spec import LoopSlot, Port
from sim.hands import Hands
from sim.here import Here
from sim.noise import uniform
from sim.quantity import Quantity

MANUAL, PUMPS_ON = 1 << 9, 1 << 1
"""Bits of RPU_Control."""
RESERVOIR, LOOP_BLOCKED, PUMP_ABNORMAL = 1 << 0, 1 << 7, 1 << 6
"""Bits of AALC_Status_Alarm."""
LEAK_BITS = {"internal": 1 << 4, "external": 1 << 5, "pan": 1 << 8}
"""Bits of Leakage by the place that leaks."""
PAN_SENSOR = 1 << 12
LEAK_ENABLED = {"internal": 1 << 1, "external": 1 << 0, "pan": 1 << 3}
"""Bits of Leakage_Settings."""
WET_AFTER, ROPE_AFTER, LOW_AFTER = 40.0, 90.0, 3600.0
"""Seconds of a drip until the unit's own sensor, the rope, and the reservoir's level notice it."""
MAINS, PHASES = 230.0, 3.0
REVERSED = 0.6
"""The head of a centrifugal pump that turns the wrong way, as a part of what it should be."""
FLUTTER = 0.5
"""The standard deviation of the flow that is shown, as a multiple of the part of bubbles."""
PRESSED = 1.5
"""kPa above the air of the coolant that stands: the reservoir's level."""


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
        self._build()
        self._written: dict[str, float] = {"RPU_Control": 0.0, "Leakage_Settings": 0.0}
        jig = slot.jig
        self._ports = {
            jig.heater: "heater", jig.supply: "supply", jig.back: "back", jig.vent: "vent",
        }  # fmt: skip
        self._sensors = self._registers()
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
            return self._register(place) if device == jig.cdu else None
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
        self._written = dict.fromkeys(self._written, 0.0)
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
        self._gain, self._offsets, self._tach = 1.0, dict[str, float](), dict[str, float]()
        self._swapped: dict[str, str] = {}
        self._low = self._pan_broken = False
        self._hands.heal()
        for each in self._ailments:
            self._begin(each)
        self.loop.stir()

    def _begin(self, ailment: Ailment) -> None:
        wrong, fault, places, size = self.loop.wrong, ailment.fault, ailment.places, ailment.size
        place = places[0]
        begin: dict[str, Callable[[], object]] = {
            "pump-worn": lambda: wrong.worn.update({place: size}),
            "pump-reversed": lambda: wrong.worn.update({place: REVERSED}),
            "air-in-loop": lambda: setattr(wrong, "air", size / 100.0),
            "hoses-exchanged": lambda: setattr(self, "_exchanged", True),
            "pump-failed": lambda: wrong.failed.add(place),
            "pump-drags": lambda: wrong.dragging.update({place: size}),
            "check-valve-open": lambda: wrong.leaky.add(place),
            "tach-wrong": lambda: self._tach.update({place: size}),
            "flow-gain": lambda: setattr(self, "_gain", size),
            "sensor-offset": lambda: self._offsets.update({place: size}),
            "pressure-zero": lambda: self._offsets.update({place: size}),
            "sensors-swapped": lambda: self._swapped.update({places[0]: places[1], places[1]: places[0]}),
            "wrong-coolant": lambda: setattr(wrong, "coolant", WATER),
            "loop-blocked": lambda: setattr(wrong, "blocked", size),
            "filter-clogging": lambda: wrong.clog(size / 100.0, ailment.since),
            "drip": lambda: wrong.drips.add(place),
            "hot-leak": lambda: wrong.hot_leaks.update({place: size}),
            "low-level": lambda: setattr(self, "_low", True),
            "leak-sensor-broken": lambda: setattr(self, "_pan_broken", True),
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
        self._written[register] = value
        self._run_pumps()

    def _run_pumps(self) -> None:
        """In manual mode, with its pumps on, every pump runs at its own duty, or at the common one where it has none."""
        control = int(self._written["RPU_Control"])
        running = control & MANUAL and control & PUMPS_ON
        common = self._written.get("Manual_Control_Pump_Duty_Set", 0.0)
        for number, pump in enumerate(self.slot.unit.pumps, start=1):
            own = self._written.get(f"Manual_Control_Pump{number}_Duty_Set", 0.0)
            duty = (own or common) / 100.0 if running and self.mated else 0.0
            if duty != self.loop.duty[pump]:
                self.loop.duty[pump] = duty
                self._note(pump, duty)

    def _note(self, what: str, value: float) -> None:
        self.seen.append((self._here.now(), what, value))

    def _kilopascal(self, end: str) -> float:
        """Above the air, at the unit's outlet or inlet."""
        loop = self.loop
        standing = 0.0 if "vent" in loop.open else PRESSED
        return standing + (loop.lift if end == "out" else 0.0)

    def _register(self, name: str) -> float:
        """The value behind a register; NaN for one that this unit leaves to its controller."""
        if name in self._written:
            return self._written[name]
        sensor = self._sensors.get(name)
        if sensor is None or not self.mated:
            return math.nan
        return sensor()

    def _instruments(self) -> dict[tuple[str, Quantity], Callable[[], float]]:
        """Everything that the jig's own instruments find."""
        jig, loop = self.slot.jig, self.loop
        return {
            (jig.chiller, Quantity.TEMPERATURE): lambda: loop.bath,
            (jig.pressure, Quantity.TEMPERATURE): lambda: loop.hot if self._exchanged else loop.cold,
            (jig.pressure, Quantity.PASCAL): lambda: (
                ATMOSPHERE + 1000.0 * self._kilopascal("in" if self._exchanged else "out")
            ),
            (jig.meter, Quantity.WATTS): lambda: loop.watts / PHASES,
            (jig.meter, Quantity.AMPS): lambda: loop.watts / PHASES / MAINS,
            (jig.meter, Quantity.AC_VOLTS): lambda: MAINS,
            (jig.meter, Quantity.HERTZ): lambda: 50.0,
        }

    def _registers(self) -> dict[str, Callable[[], float]]:
        """Every register that something is behind."""
        loop, unit = self.loop, self.slot.unit

        def pump(at: int) -> dict[str, Callable[[], float]]:
            name = unit.pumps[at]
            return {
                f"RPU_Pump{at + 1}_TACH_RPM": lambda: round(loop.speed(name) * unit.rpm * self._tach.get(name, 1.0)),
                f"RPU_Pump{at + 1}_HSC_P48V_Pin_Pwr_W": lambda: loop.pump_watts(name),
            }

        found: dict[str, Callable[[], float]] = {
            "RPU_Coolant_Flow_Rate_LPM": lambda: max(
                0.0, self._bubbling(loop.flow) * self._own("flow", "flow", 0.008, 1.0) * self._gain
            ),
            "RPU_Coolant_Outlet_Temp_C": lambda: self._sensed("T_out"),
            "RPU_Coolant_Inlet_Temp_C": lambda: self._sensed("T_in"),
            "HEX_Water_Inlet_Temp_C": lambda: self._sensed("T_hex"),
            "RPU_Coolant_Outlet_Pressure_kPa": lambda: self._sensed("p_out"),
            "RPU_Coolant_Inlet_Pressure_kPa": lambda: self._sensed("p_in"),
            "RPU_Pump_PWM_Pct": lambda: round(100.0 * max(loop.duty.values())),
            "RPU_Power_W": lambda: 40.0 + sum(loop.pump_watts(each) for each in unit.pumps),
            "RPU_Input_Volt_V": lambda: 48.0,
            "RPU_Air_Inlet_Temp_C": lambda: self._here.celsius,
            "AALC_Status_Alarm": self._alarms,
            "Leakage": self._leaks,
        }
        for at in range(len(unit.pumps)):
            found |= pump(at)
        return found

    def _bubbling(self, flow: float) -> float:
        """What the flow sensor sees: bubbles make it flutter."""
        air = self.loop.wrong.air
        return (
            flow * (1.0 + self._here.flicker(self.slot.name, self.slot.jig.cdu, "bubbles", FLUTTER * air))
            if air
            else flow
        )

    def _own(self, what: str, quantity: str, spread: float, middle: float = 0.0) -> float:
        """By how much a sensor of this unit errs; about `middle`."""
        member = self.slot.unit.member
        key = member.key(self._here.seed, self.slot.name)
        return member.linear(key, quantity, middle + spread * (uniform(*key, what) - 0.5), what)

    def _sensed(self, sensor: str) -> float:
        there = self._swapped.get(sensor, sensor)
        truths = {"T_out": self.loop.cold, "T_in": self.loop.hot, "T_hex": self.loop.hot}
        if there in truths:
            truth, own = truths[there], self._own(sensor, "thermometer", 0.06)
        else:
            truth, own = self._kilopascal(there.removeprefix("p_")), self._own(sensor, "zero", 0.4)
        return truth + own + self._offsets.get(sensor, 0.0)

    def _alarms(self) -> float:
        loop = self.loop
        lost = any(seconds > LOW_AFTER for seconds in loop.dripped.values())
        dead = any(loop.duty[each] > 0.0 and each in loop.wrong.failed for each in self.slot.unit.pumps)
        blocked = max(loop.duty.values()) > 0.3 and loop.flow < 2.0
        return float(
            (RESERVOIR if self._low or lost else 0) | (PUMP_ABNORMAL if dead else 0) | (LOOP_BLOCKED if blocked else 0)
        )

    def _leaks(self) -> float:
        settings, bits = int(self._written["Leakage_Settings"]), 0
        for place, seconds in self.loop.dripped.items():
            if seconds > WET_AFTER and settings & LEAK_ENABLED[place]:
                bits |= LEAK_BITS[place]
        return float(bits | (PAN_SENSOR if self._pan_broken and settings & LEAK_ENABLED["pan"] else 0))
