"""The bound of a cable's line time: how many states of the matrix nobody can do without. Pure."""

from sequences.cabling.netlist import Netlist


def least_states(netlist: Netlist) -> int:
    """The least number of matrix states in which a good unit can be proven: the bound of its line time.

    One for each path and each twisted pair, and the groups that tell all nets, and the points of the empty jig, apart. What
    the fixture needs besides to prove itself is not counted.
    """
    return len(netlist.paths) + len(netlist.pairs) + bits(len(netlist.nets)) + bits(len(netlist.pins))


def bits(count: int) -> int:
    """How many yes-or-no questions tell `count` things apart."""
    return (count - 1).bit_length() if count > 1 else 0
