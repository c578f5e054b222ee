"""Which people are the same: names across alphabets and ears, dates, numbers, mailboxes."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from desk import matching
from desk.matching import Individual, individual


def child(
    given: str = "", family: str = "", born: str = "", years: tuple[int, ...] = ()
) -> Individual:
    return individual(
        given=given or None, names=[family], birth_date=born or None, birth_years=years
    )


SAME = [
    (child("Elif", "Yılmaz", "2019-03-04"), child("Elif", "Yılmaz", "2019-03-04")),
    (child("Elif", "Yılmaz", "2019-03-04"), child("ELİF", "YILMAZ", "2019-03-04")),
    (child("Elif", "Yılmaz", "2019-03-04"), child("elif", "yilmaz", "2019-04-03")),
    (child("Elif", "", "2019-03-04"), child("Elif", "Kaya", "2019-03-04")),
    (child("Elif", "Yılmaz", "2019-03-04"), child("", "Yilmaz", "2019-03-04")),
    (child("Ömer", "Çelik", "2017-11-30"), child("Omer", "Celik", "2017-11-30")),
    (child("Ömer", "Çelik"), child("Omer", "Celik")),
    (child("Şule", "Öztürk", "2015-07-01"), child("Sule", "Ozturk", "2015-01-07")),
    (child("Işıl", "Güneş", "2018-02-09"), child("Isil", "Gunes", "2018-09-02")),
    (child("İbrahim", "Doğan"), child("Ibrahim", "Dogan")),
    (child("Łukasz", "Kowalski", "2016-05-06"), child("Lukasz", "Kowalska", "2016-06-05")),
    (child("Zofia", "Wójcik"), child("Zofia", "Wojcik")),
    (child("Szymon", "Nowak"), child("Simon", "Nowak")),
    (child("Krzysztof", "Wiśniewski"), child("Krzystof", "Wisniewski")),
    (child("Wiktoria", "Kamińska"), child("Viktoria", "Kaminski")),
    (child("Jakub", "Zieliński"), child("Yakub", "Zielinski")),
    (child("Małgorzata", "Dąbrowska"), child("Malgorzata", "Dabrowski")),
    (child("Aleksander", "Lewandowski"), child("Alexander", "Lewandowska")),
    (child("Yusuf", "de Vries"), child("Youssef", "Vries", "", ())),
    (child("Юсуф", "Демир"), child("Yusuf", "Demir")),
    (child("Elif", "Yılmaz-Jansen"), child("Elif", "Jansen")),
    (child("Elif", "Yılmaz Demir"), child("Elif", "Demir")),
    (child("Yılmaz", "Elif"), child("Elif", "Yılmaz")),
    (child("Elif Naz", "Yılmaz"), child("Elif", "Yılmaz")),
    (child("Mehmet", "Kaya", "", (2018,)), child("Mehmet", "Kaya", "2019-01-02")),
    (child("Mehmet", "Kaya", "", (2018, 2017)), child("Mehmet", "Kaya", "", (2017,))),
    (child("Mehmet", "Kaya", "2018-03-04"), child("Mehmet", "Kaya", "2018-03-05")),
    (child("Mehmet", "Kaya", "2018-03-04"), child("Mehmet", "Kaya", "2017-03-04")),
    (child("Muhammed", "Yıldız"), child("Muhammet", "Yildiz")),
    (child("Katarzyna", "Mazur"), child("Katarzina", "Mazur")),
]
OTHERS = [
    (child("Elif", "Yılmaz", "2019-03-04"), child("Zeynep", "Kaya", "2019-03-04")),
    (child("Elif", "Yılmaz", "2019-03-04"), child("Elif", "Yılmaz", "2012-08-17")),
    (child("Elif", "Yılmaz", "2019-03-04"), child("Elif", "Kaya", "2018-08-17")),
    (child("Elif", "Yılmaz"), child("Elif", "Kaya")),
    (child("Elif", "Yılmaz"), child("Zeynep", "Yılmaz")),
    (child("Elif", ""), child("Elif", "")),
    (child("", "Yılmaz"), child("", "Yılmaz")),
    (child("", "", "2019-03-04"), child("", "", "2019-03-04")),
    (child("Ali", "Kaya"), child("Ala", "Kaya")),
    (child("Ali", "Kaya"), child("Ayla", "Kaya")),
    (child("Jan", "Nowak"), child("Jana", "Mazur")),
    (child("Zofia", "Kowalska"), child("Zuzanna", "Kowalska")),
    (child("Mehmet", "Kaya", "", (2018,)), child("Mehmet", "Kaya", "", (2011,))),
    (child("Mehmet", "Kaya", "", (2018,)), child("Mehmet", "Kaya", "2022-01-01")),
    (child("Jan", "de Vries"), child("Piet", "de Jong")),
    (child("Jan", "van den Berg"), child("Els", "van den Broek")),
    (child("Adam", "Kamiński", "2018-03-04"), child("Adam", "Kowalski", "2018-05-04")),
    (child("Elif", "Yılmaz", "2019-03-14"), child("Elif", "Öztürk", "2019-03-15")),
    (Individual(), Individual()),
]


@pytest.mark.parametrize(("one", "other"), SAME, ids=itertools.count())
def test_the_same_child(one: Individual, other: Individual):
    assert matching.same_child(one, other)
    assert matching.same_child(other, one)


@pytest.mark.parametrize(("one", "other"), OTHERS, ids=itertools.count())
def test_another_child(one: Individual, other: Individual):
    assert not matching.same_child(one, other)
    assert not matching.same_child(other, one)


@pytest.mark.parametrize(("one", "other"), SAME, ids=itertools.count())
def test_the_index_brings_every_same_child_together(one: Individual, other: Individual):
    """What is compared must first be found: a date in common, or two parts of the names."""
    dates = {matching.date_key(each.birth_date) for each in (one, other) if each.birth_date}
    by_date = one.birth_date and other.birth_date and len(dates) == 1
    letters = set().union(*(matching.shortened(part) for part in other.names))
    by_name = sum(bool(matching.shortened(part) & letters) for part in one.names) >= 2
    assert by_date or by_name


@pytest.mark.parametrize(
    "number",
    ["0612345678", "06-12345678", "+31 6 12345678", "0031612345678", "+31 (0)6 12 34 56 78"],
)
def test_a_number_is_the_same_in_every_form(number: str):
    assert matching.phone_key(number) == matching.phone_key("+31612345678")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("+90 532 123 45 67", "0532 1234567"),
        ("+48 601 234 567", "601234567"),
        ("+48 601-234-567", "0048601234567"),
        ("+32 470 12 34 56", "0470/12.34.56"),
        ("٠٦١٢٣٤٥٦٧٨", "0612345678"),
    ],
)
def test_numbers_of_other_countries(one: str, other: str):
    assert matching.phone_key(one) == matching.phone_key(other) is not None


@pytest.mark.parametrize("number", ["", "112", "12345", "unknown"])
def test_what_is_no_number_has_no_key(number: str):
    assert matching.phone_key(number) is None


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("A.Yilmaz@Gmail.com", "ayilmaz@gmail.com", True),
        ("ayilmaz+kompas@gmail.com", "ayilmaz@googlemail.com", True),
        ("Jan@example.nl ", "jan@EXAMPLE.nl", True),
        ("jan.x@example.nl", "janx@example.nl", False),
        ("jan@example.nl", "jan@example.pl", False),
    ],
)
def test_mailboxes(one: str, other: str, same: bool):
    assert (matching.email_key(one) == matching.email_key(other)) is same


NAMES: list[tuple[dict[str, Any], dict[str, Any], bool]] = [
    ({"given": "Ayşe", "names": ["Yılmaz"]}, {"names": ["Yilmaz, Ayse"]}, True),
    ({"given": "Ayşe", "names": ["Kaya", "Yılmaz"]}, {"names": ["Ayse Yilmaz"]}, True),
    ({"given": "Ayşe", "names": ["Kaya"]}, {"names": ["Fatma Kaya"]}, False),
    ({"given": "Anna", "names": ["Kowalska"]}, {"given": "Jan", "names": ["Kowalski"]}, False),
    (
        {"names": ["Grzegorz Brzęczyszczykiewicz"]},
        {"names": ["grzegorz brzeczyszczykiewicz"]},
        True,
    ),
    ({"names": ["Mr. J. de Vries"]}, {"names": ["K. de Vries"]}, False),
    ({"names": ["Ayşe"]}, {"names": ["Ayşe"]}, False),
]


@pytest.mark.parametrize(("one", "other", "same"), NAMES, ids=itertools.count())
def test_names_of_parents(one: dict[str, Any], other: dict[str, Any], same: bool):
    assert matching.same_name(individual(**one), individual(**other)) is same


def test_there_are_enough_pairs():
    assert len(SAME) + len(OTHERS) >= 40
