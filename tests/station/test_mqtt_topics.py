"""Topics: what somebody called something never names another branch, and a serial number is in none."""

import pytest

from station.mqtt.topics import Topics, is_topic, level, topic


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("cell-2", "cell-2"),
        ("Halle 7", "Halle%207"),
        ("SN1/cmd", "SN1%2Fcmd"),  # B040
        ("$SYS", "%24SYS"),  # B041
        ("a+b#", "a%2Bb%23"),
        ("100%", "100%25"),
        ("S\N{LATIN SMALL LETTER U WITH DIAERESIS}d", "S%C3%BCd"),
        ("javascript:alert(1)", "javascript%3Aalert%281%29"),  # B029
    ],
)
def test_a_level_is_one_level(name: str, said: str) -> None:
    """Whatever is in it; two names are two levels."""
    assert level(name) == said
    assert is_topic(f"a/{said}/b")


@pytest.mark.parametrize("name", ["", "SN\x00001", "a\nb", "\x1b[0m", "\u202etxt"], ids=ascii)
def test_what_nobody_can_read_names_nothing(name: str) -> None:
    """B004, B112, B115, F065: refused before there is a topic."""
    with pytest.raises(ValueError, match="cannot be part of a topic"):
        topic("rackproof", name)


def test_a_topic_has_an_end() -> None:
    """B113: far below what MQTT would allow."""
    with pytest.raises(ValueError, match="1024 at most"):
        topic(*["x" * 200] * 6)


@pytest.mark.parametrize(
    "odd", ["", "a//b", "/a", "a/", "a/+/b", "a/#", "a\0b", "a" * 1025], ids=lambda odd: ascii(odd[:9])
)
def test_what_is_no_topic_is_known(odd: str) -> None:
    """B112, B113, B115: before it is given to a library that believes everything."""
    assert not is_topic(odd)


def test_the_tree() -> None:
    """Every branch is a topic; a slot's name is a level of its own."""
    topics = Topics(topic("rackproof", "houston", "cell-2"))
    branches = (topics.state, topics.result, topics.receipt, topics.command, topics.answer)
    assert all(is_topic(each) for each in (*branches, topics.slot("A"), topics.event("A"), topics.telemetry("A")))
    assert topics.slot("A/B") == "rackproof/houston/cell-2/slot/A%2FB"
