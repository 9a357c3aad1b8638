"""SVG, element by element. Every text and attribute is escaped here, so that no caller can forget it."""

from markupsafe import Markup, escape

from station.report.plain import visible


def tag(name: str, *inside: str, **attributes: str | float | None) -> Markup:
    """An element. `stroke_width` becomes stroke-width, `class_` class; numbers are kept to 0.1; None leaves it out."""
    said = "".join(
        f' {_attribute(key)}="{number(value) if isinstance(value, (int, float)) else _safe(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    if not inside:
        return Markup(f"<{name}{said}/>")  # noqa: S704 (every part has been escaped above)
    return Markup(f"<{name}{said}>{''.join(_safe(each) for each in inside)}</{name}>")  # noqa: S704 (as above)


def join(*parts: str) -> Markup:
    """Elements one after the other."""
    return Markup("").join(parts)


def number(value: float) -> str:
    """A coordinate to 0.1, as short as it can be written."""
    text = f"{value:.1f}"
    text = text.removesuffix(".0")
    return "0" if text == "-0" else text


def at(*values: float) -> str:
    """Coordinates for a path."""
    return " ".join(number(value) for value in values)


def _attribute(key: str) -> str:
    return key.rstrip("_").replace("_", "-")


def _safe(text: str) -> Markup:
    return text if isinstance(text, Markup) else escape(visible(text))
