"""What the leak check of manifolds and the burn-in of pumping units claim to catch."""

from sequences.claim import LINKS, PULLED_OUT, Claim, claims

LEAK_CHECK = (
    # A pinhole and a crack are told apart at two pressures only, and this test has one.
    Claim("gas-leak", at_least=2.0, located="near"),
    Claim("crack", at_least=2.0, located="near"),
    *claims("seal-missing", "poppet-missing", located="near"),
    Claim("creep", at_least=0.2, located="near"),
    Claim("wrong-volume", at_most=0.92, located="near"),
    Claim("branch-blocked", at_least=1.4, located="near"),
    *claims(
        "bench-leak", "calibrated-leak-blocked", "coupling-leak", "coupling-stuck", "fill-valve-passes",
        "isolate-stuck-open", "isolate-stuck-shut", "zero-shifted", "draught", "cover-open", "drifted", "stuck",
        "wrong-label", located="anywhere",
    ),
    PULLED_OUT,
    *LINKS,
)  # fmt: skip
LOOP_BURN_IN = (
    Claim("pump-worn", at_most=0.9, located="near"),
    Claim("pump-drags", at_least=1.15, located="near"),
    Claim("tach-wrong", at_most=0.9, located="near"),
    Claim("flow-gain", at_most=0.93, located="near"),
    Claim("sensor-offset", at_least=0.5, located="near"),
    Claim("pressure-zero", at_least=2.0, located="near"),
    Claim("loop-blocked", at_least=1.3, located="near"),
    Claim("filter-clogging", at_least=3.0, located="near"),
    Claim("hot-leak", at_most=50.0, located="near"),
    *claims(
        "pump-reversed", "pump-failed", "check-valve-open", "sensors-swapped", "wrong-coolant", "drip", "low-level",
        "leak-sensor-broken", located="near",
    ),
    *claims("rope-broken", "heater-welded", "hoses-exchanged", "cover-open", "drifted", "stuck", "wrong-label", located="anywhere"),
    PULLED_OUT,
    *LINKS,
)  # fmt: skip
