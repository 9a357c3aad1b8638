"""Amounts: ohms as people say them."""


def ohms(value: float) -> str:
    """`84 mohm`, `1.43 ohm`, `50 kohm`: three digits, milliohms whole."""
    for size, prefix in ((1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, "")):
        if value >= 0.9995 * size:
            return f"{value / size:.3g} {prefix}ohm"
    return f"{value * 1e3:.0f} mohm"
