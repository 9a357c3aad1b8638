"""The library: documents are found by what stands in them."""

from pathlib import Path

import pytest

from station.config.library import Library, shipped
from station.config.names import revision_order
from station.config.shelf import UnknownName
from tests.station.documents import FAMILIES, JIG, MODELS, PRODUCT, STATION, changed, library, said, shelved


def revision(letter: str, title: str = "A small cable") -> str:
    """The small cable in another revision."""
    return changed(changed(PRODUCT, '"A"', f'"{letter}"'), "A small cable", title)


def test_revisions_live_side_by_side_and_the_newest_is_meant(tmp_path: Path) -> None:
    """Their files may be called anything; an older one is had by its name."""
    shelved(tmp_path, products__x=revision("A"), products__old=revision("AA"), products__new=revision("Z"))
    found = library(tmp_path)
    assert ["AA", "A", "Z"] == [found.product(name).revision for name in ("PN-1", "PN-1@A", "PN-1@Z")]


def test_revisions_are_in_the_order_of_people() -> None:
    """After Z comes AA, after 9 comes 10."""
    assert ["1", "2", "10", "A", "A1", "A2", "A10", "B", "Z", "AA"] == sorted(
        ["10", "A10", "AA", "Z", "B", "2", "A2", "A", "1", "A1"], key=revision_order
    )


def test_what_does_not_exist_is_said_with_what_does(tmp_path: Path) -> None:
    """The nearest names, or all."""
    found = library(shelved(tmp_path, products__x=PRODUCT, jigs__x=JIG, stations__x=STATION))
    for look, message in (
        (lambda: found.product("PN-2"), "there is no product 'PN-2'; allowed: PN-1"),
        (lambda: found.product("PN-1@B"), "there is no revision of PN-1 called 'B'; allowed: A"),
        (lambda: found.product("\x1b[2J"), "there is no product '\\x1b[2J'; allowed: PN-1"),
        (lambda: found.jig("smalljig"), "there is no jig 'smalljig'; allowed: small-jig"),
        (lambda: found.station("cell"), "there is no station 'cell'; allowed: cell-1"),
        (lambda: library(tmp_path / "empty").jig("x"), "there is no jig 'x'; allowed: none"),
    ):
        with pytest.raises(UnknownName) as caught:
            look()
        assert message == str(caught.value)


def test_another_files_mistakes_do_not_stand_in_the_way(tmp_path: Path) -> None:
    """But one's own do, and when everything is asked for all are told."""
    shelved(
        tmp_path,
        products__good=PRODUCT,
        products__bad="a = [",
        products__odd=changed(PRODUCT, '"PN-1"', '"pn-1"'),
        jigs__x=JIG,
    )
    found = library(tmp_path)
    assert "PN-1@A" == found.product("PN-1").name
    made, problems = found.products()
    assert ["PN-1@A"] == [each.name for each in made]
    assert ["bad.toml:1", "odd.toml:2"] == sorted(Path(f"{each.file}:{each.line}").name for each in problems)


def test_a_file_that_cannot_be_read_and_speaks_of_the_name_is_told(tmp_path: Path) -> None:
    """Nobody is told that a product does not exist because its file has a comma too much."""
    found = library(shelved(tmp_path, products__x=PRODUCT + "isolation = {,\n"))
    assert [f"{tmp_path}/products/x.toml:34: is not TOML: Invalid initial character for a key part"] == said(
        lambda: found.product("PN-1")
    )


def test_the_same_twice_in_a_folder_is_told_and_in_another_folder_the_first_counts(tmp_path: Path) -> None:
    """A station's own documents come before the shipped ones; two of the same kind in one place are a mistake."""
    shelved(tmp_path / "one", products__a=revision("A", "first"))
    shelved(tmp_path / "two", products__a=revision("A", "second"))
    found = Library(FAMILIES, MODELS, lambda _: None, (tmp_path / "one", tmp_path / "two"))
    assert "first" == found.product("PN-1").title
    shelved(tmp_path / "one", products__b=revision("A", "third"))
    name = f"{tmp_path}/one/products"
    assert [f"{name}/b.toml:3: product.revision: PN-1@A is in {name}/a.toml too"] == said(lambda: found.product("PN-1"))
    _, problems = found.products()
    assert any("is in" in str(each) for each in problems)


def test_a_product_whose_jig_is_missing_or_too_small_is_told(tmp_path: Path) -> None:
    """With the line of the jig in the product's file."""
    text = changed(PRODUCT, '["small-jig"]', '["small-jig", "smaller", "none"]')
    smaller = changed(changed(JIG, '"small-jig"', '"smaller"'), 'J2 = "5-8"', 'J2 = "5-7"')
    found = library(shelved(tmp_path, products__x=text, jigs__a=JIG, jigs__b=smaller))
    _, problems = found.products()
    name = f"{tmp_path}/products/x.toml:7: product.jigs"
    assert [
        f"{name}[1]: smaller: connector J2 has 4 pins, the jig only 3 points for it",
        f"{name}[2]: found 'none'; allowed: small-jig, smaller",
    ] == [str(each) for each in problems]


def test_the_environment_names_folders_before_the_shipped_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """$STATION_FIXTURES, one or several."""
    shelved(tmp_path, products__x=PRODUCT, jigs__x=JIG)
    monkeypatch.setenv("STATION_FIXTURES", f"{tmp_path}:{tmp_path}/none")
    found = Library.usual(FAMILIES, MODELS, lambda _: None)
    assert (tmp_path, tmp_path / "none", shipped()) == found.roots
    assert "PN-1@A" == found.product("PN-1").name
    monkeypatch.delenv("STATION_FIXTURES")
    assert (shipped(),) == Library.usual(FAMILIES, MODELS, lambda _: None).roots


def test_a_station_is_had_by_its_name_or_its_file(tmp_path: Path) -> None:
    """Whatever the file is called."""
    found = library(shelved(tmp_path, stations__x=STATION, jigs__x=JIG))
    assert ["cell-1", "cell-1"] == [found.station("cell-1").name, found.station(f"{tmp_path}/stations/x.toml").name]
    assert [f"{tmp_path}/y.toml: there is no such file"] == said(lambda: found.station(f"{tmp_path}/y.toml"))
    made, problems = found.stations()
    assert (["cell-1"], []) == ([each.name for each in made], problems)
