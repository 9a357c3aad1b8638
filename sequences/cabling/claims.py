"""What the continuity test of cables claims to catch."""

from sequences.claim import LINKS, PULLED_OUT, Claim, claims

CATCHES = (
    *claims("open", "swap", "swap-pair", "split-pair", "miswire", "missing-jumper", "shield-open"),
    # Equal to every meter: either end of a straight cable; a jumper, and a short of the wires at its pins; ohms of leads.
    *claims("reversed", "short", "extra-jumper", "shield-short", located="near"),
    Claim("leak", at_most=1e6, located="near"),
    # From what no tolerance of a wire excuses; a few milliohms too much may be one gauge less as well.
    Claim("high-resistance", at_least=0.1, located="near"),
    Claim("wrong-gauge", at_least=2.0, at_most=-2.0, located="near"),
    Claim("wrong-length", at_least=1.3, at_most=0.5, located="near"),
    *claims(
        "relay-stuck-open", "relay-stuck-closed", "bar-worn", "jig-swapped", "jig-leak", "sense-open", "current-open",
        "sense-reversed", "drifted", "nan", "frozen", "stuck", "card-swapped", "wrong-label", "unmated",
        located="anywhere",
    ),
    PULLED_OUT,
    *LINKS,
)  # fmt: skip
