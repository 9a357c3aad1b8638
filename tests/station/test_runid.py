"""Run ids: one per run, in the order of time, and nothing else passes for one."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.runid import is_run_id, run_id

MOMENTS = st.datetimes(datetime(1970, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 (hypothesis adds the zone)
WHEN = datetime(2026, 1, 1, 12, 30, tzinfo=UTC)


@given(MOMENTS, st.text(max_size=20), st.binary(max_size=20))
def test_every_run_id_is_one(when: datetime, station: str, nonce: bytes) -> None:
    """Whatever the clock, the station's name and the nonce: 26 characters that the strict grammar takes."""
    made = run_id(when, station.encode(errors="replace").decode(), nonce)
    assert (True, 26) == (is_run_id(made), len(made))


@given(MOMENTS, MOMENTS, st.binary(), st.binary())
def test_ids_sort_by_the_millisecond_in_which_the_run_began(a: datetime, b: datetime, x: bytes, y: bytes) -> None:
    """Ids can be sorted as text; whatever is a millisecond later sorts later."""
    if b - a >= timedelta(milliseconds=1):
        assert run_id(a, "s", x) < run_id(b, "s", y)


def test_the_same_run_has_the_same_id() -> None:
    """An id follows from its three parts alone, so that a simulation can give it again."""
    assert "01KDWRJKA0ETCPFK4EBQ05B21J" == run_id(WHEN, "cell-2", b"7 0")


@pytest.mark.parametrize(
    ("station", "nonce"), [("cell-3", b"7 0"), ("cell-2", b"7 1"), ("cell-", b"27 0"), ("cell-27", b" 0")]
)
def test_another_run_has_another_id(station: str, nonce: bytes) -> None:
    """Station and nonce both count, and are not run together."""
    assert run_id(WHEN, "cell-2", b"7 0") != run_id(WHEN, station, nonce)


def test_the_time_zone_does_not_count() -> None:
    """An id knows the instant, not how people there write it."""
    there = WHEN.astimezone(timezone(timedelta(hours=-6)))
    assert run_id(WHEN, "s", b"") == run_id(there, "s", b"")


@pytest.mark.parametrize("when", [datetime(2026, 1, 1), datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)])  # noqa: DTZ001
def test_a_clock_that_cannot_be_right_is_refused(when: datetime) -> None:
    """No zone, or before 1970: no id comes out of that."""
    with pytest.raises(ValueError, match=r"time zone|1970"):
        run_id(when, "s", b"")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "01KDX9X4M0QRFM0QJSWZRZN2W",
        "01KDX9X4M0QRFM0QJSWZRZN2W55",
        "01KDX9X4M0QRFM0QJSWZRZN2W5\n",
        "01kdx9x4m0qrfm0qjswzrzn2w5",
        "81KDX9X4M0QRFM0QJSWZRZN2W5",
        "01KDX9X4M0QRFM0QJSWZRZN2WI",
        "01KDX9X4M0QRFM0QJSWZRZN2W/",
        "01KDX9X4M0QRFM0QJSWZRZN2W\0",
        "0١KDX9X4M0QRFM0QJSWZRZN2W5",  # noqa: RUF001 (a digit that is not ours)
        "../../../../../etc/passwd00",
    ],
)
def test_what_only_looks_like_a_run_id_is_none(text: str) -> None:
    """The grammar is strict: nothing else may become a file name or a query."""
    assert not is_run_id(text)
