"""The ways in, besides the API and MQTT: what the station file asks for, made for a line."""

from station.intake.folder import WatchedFolder, watched_folder
from station.intake.gun import Gun, is_product
from station.line.line import Line
from station.seats import seats_of


def ways_in(line: Line) -> list[WatchedFolder | Gun]:
    """The watched folder and the scanner of the line's station, each to be run as long as the daemon lives.

    Their conditions are among those of the line from now on. Raises RefusalError for a scanner that cannot take work.
    """
    station, bench = line.service.station, line.service.bench
    ways: list[WatchedFolder | Gun] = []
    if (folder := watched_folder(station)) is not None:
        ways.append(WatchedFolder(folder, line))
    if name := station.daemon.scanner:
        seat = seats_of(station)[name]
        ways.append(Gun.at(station, seat, line, lambda code: is_product(line.placing.library, code), bench.sim_wire))
    line.watched += [each.condition for each in ways]
    return ways
