"""Job files: what they may say, and that everything else is refused by line or field, with what was found and is allowed."""

import ast
import csv
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.config.problems import BadDocuments
from station.intake.job_file import JobFile, job_in

CSV = Path(__file__).parents[4] / "shared" / "bad_inputs.csv"
"""The catalogue of bad inputs; where it is absent, the rows below are enough."""
GOOD = 'product = "PWR-WHIP-8"\nserial = "SN001"\n'


def refused(name: str, raw: bytes) -> str:
    """Why it is."""
    with pytest.raises(BadDocuments) as why:
        job_in(Path(name), raw)
    assert str(why.value).isprintable() or "\n" in str(why.value)
    return str(why.value)


def test_both_kinds_say_the_same() -> None:
    """TOML and JSON, with all that may be said, and with the least."""
    least = JobFile("PWR-WHIP-8", "SN001")
    assert least == job_in(Path("a.toml"), GOOD.encode())
    assert least == job_in(Path("a.json"), b'{"product": "PWR-WHIP-8", "serial": "SN001"}')
    most = JobFile("PWR-WHIP-8@B", "SN001", "A", "whip-check", 9)
    more = 'product = "PWR-WHIP-8@B"\nserial = "SN001"\nslot = "A"\nsequence = "whip-check"\npriority = 9\n'
    assert most == job_in(Path("a.toml"), more.encode())
    raw = b'{"product":"PWR-WHIP-8@B","serial":"SN001","slot":"A","sequence":"whip-check","priority":9}'
    assert most == job_in(Path("a.json"), raw)


@pytest.mark.parametrize(
    ("row", "toml", "said"),
    [
        ("B136", 'product = !!python/object/apply:os.system ["id"]\n', "a.toml:1: is not TOML"),
        ("B139", f"{GOOD}slot = 00123\n", "a.toml:3: is not TOML"),
        ("B140", f"{GOOD}slot = NO\n", "a.toml:3: is not TOML"),
        ("B142", 'product = "P"\nserial = 2026-01-02\n', "a.toml:2: serial: found 2026-01-02; allowed: text"),
        ("B143", f"{GOOD}priority = inf\n", "a.toml:3: priority: found inf; allowed: a finite number"),
        ("B145", f"{GOOD}priority = 9223372036854775808\n", "a.toml:3: priority: found"),
        ("B146", 'product = "P"\nserial.a = 1\nserial.a = 2\n', "a.toml:3: is not TOML"),
        ("B149", f"{GOOD}priority = -1\n", "a.toml:3: priority: found -1; allowed: 0 to 9"),
        ("B158", f"{GOOD}sequence = \"__import__('os')\"\n", "a.toml:3: sequence: found"),
        ("B016", 'product = "P"\nserial = "\uff11\uff12"\n', "a.toml:2: serial: found '\\uff11\\uff12'; allowed: A-Z"),
        ("B055", 'product = "P"\nserial = 00123\n', "a.toml:2: is not TOML"),
        ("twice", f'{GOOD}serial = "SN002"\n', "a.toml:3: is not TOML"),
        ("unknown", f"{GOOD}colour = 1\n", "a.toml:3: colour: found unknown key 'colour'; allowed:"),
        ("missing", 'product = "P"\n', "serial: found nothing; allowed: text"),
        ("list", f"{GOOD}\n[[job]]\nserial = 1\n", "job: found unknown key 'job'"),
        ("truth", f"{GOOD}priority = true\n", "priority: found true; allowed: a whole number"),
        ("slot", f'{GOOD}slot = "../A"\n', "a.toml:3: slot: found '../A'; allowed: letters"),
        ("revision", 'product = "P@../x"\nserial = "SN1"\n', "product: found 'P@../x'; allowed: behind the @"),
        ("product", 'product = "p"\nserial = "SN1"\n', "product: found 'p'; allowed: A-Z"),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 9 else "",
)
def test_a_bad_toml_file_is_refused(row: str, toml: str, said: str) -> None:
    """By its line and field."""
    assert said in refused("a.toml", toml.encode()), row


@pytest.mark.parametrize(
    ("row", "raw", "said"),
    [
        ("B116", b"not json", "a.json:1: is not JSON"),
        ("B117", b'{"product":"P","serial":"S","priority":NaN}', "a.json:1: NaN is no number of JSON"),
        ("B118", b'{"product":"P","serial":"S","priority":1e999}', "priority: found inf; allowed: a whole number"),
        ("B119", b'{"product":"P",\n"serial":"S1",\n"serial":"S2"}', "a.json:3: the key 'serial' is there twice"),
        ("B122", b'{"product":"P","serial":[1]}', "serial: found a list; allowed: text"),
        ("list", b'[{"product":"P"}]', "a.json:1: found a list; allowed: an object"),
        ("digits", b'{"priority":' + b"9" * 5000 + b"}", "a number of thousands of digits"),
        ("deep", b"[" * 60000, "nested too deeply"),
        ("BOM", b'\xef\xbb\xbf{"product":"P"}', "a.json:1: is not JSON"),
        ("unknown", b'{"product":"P","serial":"S","cmd":"x"}', "cmd: found unknown key 'cmd'"),
        ("latin", b'{"product":\n"\xe4"}', "a.json:2: is not UTF-8 text"),
        ("B151", b" " * 65537, "is larger than 64 KiB"),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 9 else "",
)
def test_a_bad_json_file_is_refused(row: str, raw: bytes, said: str) -> None:
    """By its line or field."""
    assert said in refused("a.json", raw), row


@pytest.mark.skipif(not CSV.is_file(), reason="the catalogue of bad inputs is not beside the clone")
def test_no_serial_of_the_catalogue_is_taken_by_mistake() -> None:
    """Rows of barcodes: each is refused, or is a serial number by the grammar."""
    with CSV.open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["surface"] == "serial/barcode"]
    taken = set()
    for row in rows:
        text = row["payload_python_escaped"]
        try:
            payload = ast.literal_eval(text)
        except (ValueError, SyntaxError):
            continue
        if isinstance(payload, str):
            raw = orjson_dumps({"product": "P", "serial": payload})
            try:
                job_in(Path("a.json"), raw)
                taken.add(row["id"])
            except BadDocuments:
                pass
    assert taken <= {"B037", "B047", "B055"}
    assert len(rows) > 30


def orjson_dumps(document: dict[str, str]) -> bytes:
    """As any client writes it."""
    import json

    return json.dumps(document).encode()


@given(st.binary(max_size=300), st.sampled_from(["a.json", "a.toml"]))
def test_any_bytes_are_a_job_or_refused(raw: bytes, name: str) -> None:
    """Nothing else comes of them."""
    with suppress(BadDocuments):
        assert isinstance(job_in(Path(name), raw), JobFile)
