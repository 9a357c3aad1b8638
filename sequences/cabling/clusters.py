"""Clusters: things that are known to hang together, here nets by their numbers."""


class Clusters:
    """Numbers that hang together, directly or through others."""

    def __init__(self) -> None:
        self._first: dict[int, int] = {}

    def first(self, number: int) -> int:
        """The first one of its cluster."""
        while number in self._first:
            number = self._first[number]
        return number

    def join(self, one: int, other: int) -> bool:
        """Put two into one cluster; whether that is news."""
        low, high = sorted((self.first(one), self.first(other)))
        if low == high:
            return False
        self._first[high] = low
        return True
