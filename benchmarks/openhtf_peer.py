"""OpenHTF, the peer: the same steps as its phases. It is asked for a record and writes none: the cheapest it can be."""

import importlib.util
import logging
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

Phase = Callable[[Any], None]


def is_installed() -> bool:
    """Whether OpenHTF is here; `make bench` installs it."""
    return importlib.util.find_spec("openhtf") is not None


def measured_phases(count: int) -> float:
    """Seconds for one test of `count` phases, each of which takes one measurement with a limit."""
    with _quiet() as htf:

        @htf.measures(htf.Measurement("volts").in_range(maximum=2.0))
        def volts(test: Any) -> None:  # noqa: ANN401 (a peer's type, and the peer may be absent)
            test.measurements.volts = 1.0

        return _together([_test(htf, volts, count)])


def sleeping_phases(tests: int, count: int, seconds: float) -> float:
    """Seconds for `tests` tests at once, each in a thread of its own as OpenHTF has it, of `count` sleeping phases."""
    with _quiet() as htf:

        def sleeps(test: Any) -> None:  # noqa: ANN401 (as above)
            del test
            time.sleep(seconds)

        return _together([_test(htf, sleeps, count) for _ in range(tests)])


def _test(htf: Any, phase: Phase, count: int) -> Any:  # noqa: ANN401 (as above)
    return htf.Test(*(htf.PhaseOptions(name=f"phase_{number}")(phase) for number in range(count)))


def _together(tests: Sequence[Any]) -> float:
    outcomes: list[bool] = []

    def execute(test: Any) -> None:  # noqa: ANN401 (as above)
        outcomes.append(test.execute(test_start=lambda: "SN1"))

    threads = [threading.Thread(target=execute, args=(test,)) for test in tests]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - began
    assert [True] * len(tests) == outcomes, f"OpenHTF did not pass: {outcomes}"
    return took


@contextmanager
def _quiet() -> Iterator[Any]:
    """OpenHTF, which reads the command line, wraps the standard streams and takes SIGINT: all as it was before after."""
    arguments, streams, interrupt = sys.argv, (sys.stdout, sys.stderr), signal.getsignal(signal.SIGINT)
    sys.argv = arguments[:1]
    try:
        import openhtf
        from openhtf.util import console_output

        console_output.CLI_QUIET = True
        yield openhtf
    finally:
        sys.argv, (sys.stdout, sys.stderr) = arguments, streams
        signal.signal(signal.SIGINT, interrupt)
        logging.getLogger("openhtf").handlers.clear()
