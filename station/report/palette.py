"""The palette: every colour of the report by its name, for light and for dark. Texts keep a contrast of 4.5 and more."""

LIGHT = {
    "ground": "#f4f5f7",
    "paper": "#ffffff",
    "ink": "#1a1d21",
    "soft": "#59616c",
    "faint": "#8b939e",
    "rule": "#e1e4e9",
    "track": "#eef0f3",
    "wire": "#a3acb7",
    "wire-name": "#6b7480",
    "box": "#f7f8fa",
    "box-edge": "#b9c1cb",
    "ribbon": "#dbe0e6",
    "tolerated": "#d3e3ef",
    "accepted": "#9cc3dd",
    "limit": "#33475b",
    "good": "#12405e",
    "bad": "#c0182b",
    "bad-soft": "#fbe5e7",
    "line": "#1f6f9f",
    "passed": "#12703d",
    "failed": "#b3142a",
    "error": "#6d3bb0",
    "aborted": "#96540a",
    "interrupted": "#2f5d86",
    "refused": "#4a515b",
    "skipped": "#6a727d",
    "passed-text": "#12703d",
    "failed-text": "#b3142a",
    "error-text": "#6d3bb0",
    "aborted-text": "#8a4c06",
    "interrupted-text": "#2f5d86",
    "refused-text": "#4a515b",
    "skipped-text": "#59616c",
    "ribbon-one": "#ffd54a",
    "ribbon-two": "#1a1d21",
}
DARK = LIGHT | {
    "ground": "#101317",
    "paper": "#191d22",
    "ink": "#eceef1",
    "soft": "#a9b1bc",
    "faint": "#7c8692",
    "rule": "#2c323a",
    "track": "#252b33",
    "wire": "#66717e",
    "wire-name": "#97a1ad",
    "box": "#20252c",
    "box-edge": "#4a5460",
    "ribbon": "#333b45",
    "tolerated": "#24394a",
    "accepted": "#336285",
    "limit": "#c3d3e2",
    "good": "#e4f1fa",
    "bad": "#ff7482",
    "bad-soft": "#45222a",
    "line": "#6cb8e6",
    "passed": "#15804a",
    "failed": "#c9253c",
    "error": "#7d52c4",
    "aborted": "#9c5b0c",
    "interrupted": "#386c9c",
    "refused": "#5b6470",
    "skipped": "#79828e",
    "passed-text": "#5fd097",
    "failed-text": "#ff7f8c",
    "error-text": "#c6a6f7",
    "aborted-text": "#f0b763",
    "interrupted-text": "#93c0ea",
    "refused-text": "#b9c0ca",
    "skipped-text": "#a9b1bc",
}


def declared(colors: dict[str, str]) -> str:
    """The colours as custom properties of a style sheet."""
    return "".join(f"--{name}:{color};" for name, color in colors.items())


def resolved(sheet: str, colors: dict[str, str]) -> str:
    """A style sheet with the colours in place of their names, for programs that know no custom properties."""
    for name, color in colors.items():
        sheet = sheet.replace(f"var(--{name})", color)
    return sheet
