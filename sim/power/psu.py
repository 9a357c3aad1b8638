"""The plant of a bay for power supplies: one phase of the source at the inlet, a load of direct current at the output."""

from sim.ailments import Ailments
from sim.here import Here
from sim.power.bay import Place
from sim.power.converter import ALARMED, HOTTER, INTAKE, Converter
from sim.power.insulation import Insulation
from sim.power.spec import PsuSlot
from sim.quantity import Quantity

AWAKE = 180.0
"""Volts rms at the inlet from which on it runs."""
SAGGING = 1.0
"""Amperes of load above which a weak source sags."""
FAN_LOST, FAN_ALARM, HOT_ALARM = 0x0100, 0x0800, 0x0001


class PsuPlant:
    """One bay. At first it is empty."""

    def __init__(self, slot: PsuSlot, here: Here) -> None:
        self.slot = slot
        self._here = here
        self.unit = self._made()
        self._ailments = Ailments()
        self._place = Place(slot.bay, slot.unit.label, here)
        self._volts, self._hertz, self._asked = 0.0, 0.0, 0.0
        self._weak = self._sag = self._clamp = 1.0
        self._meaning = {name: quantity for quantity, name in slot.unit.registers.items()}

    @property
    def mated(self) -> bool:
        """Whether a unit is connected."""
        return self._place.mated

    @property
    def devices(self) -> frozenset[str]:
        """The instruments that are wired to the bay."""
        bay = self.slot.bay
        wired = {bay.safety, bay.source, bay.load, bay.reference, bay.voltmeter, bay.contactors, bay.io, bay.operator}
        return frozenset(wired | {self.slot.psu})

    @property
    def operator(self) -> str:
        """The scanner of this bay."""
        return self.slot.bay.operator

    @property
    def insulation(self) -> Insulation:
        """Of the unit's primary to its chassis."""
        return self.unit.insulation

    def earth(self, name: str) -> float:
        """Ohms from the inlet's earth contact to the chassis."""
        del name
        return self.unit.earth

    def scan(self) -> str:
        """What the scanner reads here."""
        return self._place.hands.scan()

    def mate(self) -> None:
        """The operator connects the unit and closes the cover."""
        self._place.hands.mate()

    def unmate(self) -> None:
        """The operator takes the unit off."""
        self._place.hands.mated = False
        self._warm()

    def strike(self, fault: str, places: tuple[str, ...], value: float | None) -> None:
        """Let a fault of the unit, of the jig or of the operator begin."""
        self._ailments.begin(fault, places, value)
        self._build()

    def heal(self, fault: str, places: tuple[str, ...], value: float | None) -> None:
        """Let a fault end that has begun."""
        self._ailments.end(fault, places, value)
        self._build()

    def _made(self) -> Converter:
        """The unit as it was made, by its label."""
        unit = self.slot.unit
        return Converter.made(unit, unit.member.key(self._here.seed, self.slot.name, unit.label))

    def _build(self) -> None:
        """Put bay and unit together as they were made, and as they are now."""
        was, self.unit = self.unit, self._made()
        self.unit.warmth = was.warmth
        self._weak = self._sag = self._clamp = 1.0
        self._place.heal()
        for each in self._ailments:
            match each.fault:
                case "load-weak":
                    self._weak = each.size
                case "source-sags":
                    self._sag = each.size
                case "reference-reversed":
                    self._clamp = -1.0
                case _ if not self.unit.strike(each.fault, each.size):
                    self._place.strike(each.fault)
        self._warm()

    def drive(self, device: str, quantity: Quantity, place: str, value: float) -> None:
        """An instrument acts on the bay."""
        bay = self.slot.bay
        if device == bay.source and quantity is Quantity.AC_VOLTS and place == "1":
            self._volts = value
        elif device == bay.source and quantity is Quantity.HERTZ:
            self._hertz = value
        elif device == bay.load and quantity is Quantity.AMPS:
            self._asked = value
        else:
            self._place.drive(device, quantity, place, value)
        self._warm()

    def sense(self, device: str, quantity: Quantity, place: str) -> float | None:
        """What an instrument's leads find here; None where it is not connected now."""
        slot, bay = self.slot, self.slot.bay
        match device:
            case slot.psu:
                return self._own(place) if quantity is Quantity.REGISTER else None
            case bay.load:
                return self._at_load(quantity)
            case bay.reference if "reference" in self._place.closed:
                return self._at_inlet(quantity)
            case bay.source:
                return self._input_amps() if (quantity, place) == (Quantity.AMPS, "1") else 0.0
            case bay.voltmeter:
                return self._at_voltmeter(quantity)
            case _:
                return self._place.sense(device, quantity, place, self)

    def _inlet(self) -> float:
        closed = "source" in self._place.closed and self._place.mated
        return self._volts * (self._sag if self._asked > SAGGING else 1.0) if closed else 0.0

    def _running(self) -> bool:
        return self._inlet() >= AWAKE

    def _output(self) -> float:
        return self.unit.volts(self._amps()) if self._running() else 0.0

    def _amps(self) -> float:
        return self._asked * self._weak if "load" in self._place.closed and self._running() else 0.0

    def _watts(self) -> float:
        return self.unit.drawn(self._amps()) if self._running() else 0.0

    def _input_amps(self) -> float:
        inlet = self._inlet()
        return self._watts() / (inlet * self.unit.power_factor(self._amps())) if inlet else 0.0

    def _at_load(self, quantity: Quantity) -> float | None:
        seen = "load" in self._place.closed
        match quantity:
            case Quantity.DC_VOLTS:
                return self._output() if seen else 0.0
            case Quantity.AC_VOLTS:
                return 0.0
            case Quantity.AMPS:
                return self._amps()
            case Quantity.WATTS:
                return self._output() * self._amps() if seen else 0.0
            case _:
                return None

    def _at_inlet(self, quantity: Quantity) -> float | None:
        match quantity:
            case Quantity.AC_VOLTS:
                return self._inlet()
            case Quantity.AMPS:
                return self._input_amps()
            case Quantity.WATTS:
                return self._watts() * self._clamp
            case Quantity.HERTZ:
                return self._hertz if self._inlet() else 0.0
            case _:
                return None

    def _at_voltmeter(self, quantity: Quantity) -> float | None:
        closed = self._place.closed
        if "output" in closed:
            return {Quantity.DC_VOLTS: self._output(), Quantity.AC_VOLTS: 0.0}.get(quantity)
        if "voltmeter" in closed:
            return {Quantity.DC_VOLTS: self._place.residual(), Quantity.AC_VOLTS: self._inlet()}.get(quantity)
        if "shunt" in closed:
            return {Quantity.DC_VOLTS: self._amps() * self.slot.bay.shunt, Quantity.AC_VOLTS: 0.0}.get(quantity)
        return self._place.proven(quantity)

    def _own(self, name: str) -> float | None:
        """What a register says; None where the plant knows nothing of it."""
        quantity = self._meaning.get(name)
        if quantity is None:
            return None
        if quantity == "firmware":
            return self.unit.firmware
        if quantity.startswith("alarms"):
            return float(self._alarms(quantity))
        value = self._quantity(quantity)
        if value is None:
            return None
        return value * (1.0 + self._here.flicker(self.slot.name, self.slot.psu, name, 1e-4))

    def _quantity(self, quantity: str) -> float | None:
        unit, gains, amps, on = self.unit, self.unit.gains, self._amps(), self._running()
        inlet = self._here.celsius - INTAKE
        outlet = inlet + unit.warmth.at(self._here.now())
        known = {
            "output_volts": self._output() * gains["volts"],
            "output_amps": amps * gains["amps"],
            "output_watts": self._output() * amps * gains["watts"],
            "input_volts": self._inlet() * gains["input_volts"],
            "input_amps": self._input_amps() * gains["input_amps"],
            "input_watts": self._watts() * gains["input_watts"],
            "hertz": self._hertz if self._inlet() else 0.0,
            "power_factor": unit.power_factor(amps) if on else 0.0,
            "distortion": unit.distortion(amps) if on else 0.0,
            "bulk_volts": unit.bulk if on else 0.0,
            "fan": unit.rpm * unit.fan if on else 0.0,
            "inlet_temperature": inlet,
            "outlet_temperature": outlet,
            "hottest": outlet + HOTTER * (amps / (0.66 * self.slot.unit.rated_amps)),
        }
        return known.get(quantity)

    def _alarms(self, quantity: str) -> int:
        lost = self._running() and self.unit.fan < 0.5
        outlet = self._here.celsius - INTAKE + self.unit.warmth.at(self._here.now())
        hot = outlet > ALARMED
        match quantity:
            case "alarms_general":
                return (FAN_ALARM if lost else 0) | (0x0404 if hot else 0)
            case "alarms_temperature":
                return (FAN_LOST if lost else 0) | (HOT_ALARM if hot else 0)
            case _:
                return 0

    def _warm(self) -> None:
        """The load has changed: what is lost heats the air from now on."""
        lost = self.unit.lost(self._amps()) * self.unit.cooled() if self._running() else 0.0
        self.unit.warmth.heat(lost, self._here.now())
