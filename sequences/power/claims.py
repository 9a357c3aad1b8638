"""What the checks of rack PDUs and of power supplies claim to catch."""

from sequences.claim import LINKS, PULLED_OUT, Claim, claims

BAY = (
    *claims(
        "hv-lead-broken", "hv-low", "interlock-open", "drifted", "stuck", "wrong-label", located="anywhere",
    ),
    PULLED_OUT,
    *LINKS,
)  # fmt: skip
"""What every sequence of a bay catches of the bay itself."""
METERED = claims("reference-reversed", "load-weak", "source-sags", located="anywhere")
"""What a sequence that compares meters catches besides."""
INSULATION = (
    Claim("insulation-weak", at_most=1400.0, located="near"),
    Claim("pe-loose", at_least=0.1),
    *claims("pe-open"),
)
SWITCHED = (
    *INSULATION,
    *claims("neutral-live-swapped", "phase-swap", "neutral-open", "relay-crossed", "relay-welded", "relay-dead"),
    Claim("surge-arrester", at_most=200_000.0, located="near"),
    Claim("y-capacitor", at_least=2e-8, located="near"),
)
"""What the way from the inlet to the outlets shows of a rack PDU."""
PDU_CHECK = (
    *SWITCHED,
    *claims("ct-reversed", "meter-swapped", "ct-saturated", located="near"),
    Claim("ct-gain", at_least=1.05, at_most=0.97, located="near"),
    Claim("ct-phase", at_least=1.0, at_most=-1.0, located="near"),
    Claim("meter-offset", at_least=0.05),
    Claim("voltage-gain", at_least=1.03, at_most=0.97, located="near"),
    *BAY,
    *METERED,
)
PDU_BURN_IN = (*SWITCHED, Claim("contact-worn", at_least=0.1), *BAY)
PSU_CHECK = (
    *INSULATION,
    *claims("fan-failed", "wrong-firmware"),
    Claim("fan-slow", at_most=0.85),
    Claim("psu-low-efficiency", at_least=1.5),
    Claim("psu-setpoint", at_most=49.8),
    *BAY,
    *METERED,
)
