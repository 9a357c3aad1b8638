"""Seats: the instruments of a station's file, as the bench knows them."""

from station.bench import Seat
from station.catalog import models
from station.config.station_file import Station


def seats_of(station: Station) -> dict[str, Seat]:
    """The seats of a station, by name."""
    known = {**models(), **station.models}
    return {
        name: Seat(name, known[each.model], each.link, each.serial or "", each.safe_within, each.calibration_due)
        for name, each in station.instruments.items()
    }
