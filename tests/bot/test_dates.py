"""Dates in sentences, seen from Sunday 22 November 2026. A line: first day, last day, the text.

A single day stands for first and last; a minus sign for no date.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.dates import (
    as_past,
    duration_pattern,
    find_dates,
    in_another_year,
    names_impossible_day,
)
from bot.languages import every_language, fold

TODAY = date(2026, 11, 22)

DUTCH = """
2026-11-22 | Hij vertrekt vandaag
2026-11-23 | morgen gaat ze met hem op het vliegtuig
2026-11-23 | Morgenochtend vliegen ze
2026-11-24 | overmorgen om 6 uur
2026-11-21 | gisteren heeft hij haar meegenomen
2026-11-20 | eergisteren moest hij terug zijn
2026-11-22 | ze vertrekken vanavond
2026-11-22 | vannacht om 3 uur
2026-11-21 | gisteravond stond hij hier
2026-11-23 2026-11-29 | volgende week gaat hij weg
2026-11-27 | volgende week vrijdag
2026-11-27 | vrijdag volgende week vliegt ze
2026-11-16 2026-11-22 | deze week nog
2026-11-09 2026-11-15 | vorige week is hij niet teruggekomen
2026-11-27 | vrijdag gaan ze
2026-11-20 | afgelopen vrijdag opgehaald
2026-11-25 | aanstaande woensdag is de zitting
2026-11-28 2026-11-29 | komend weekend
2026-12-01 2026-12-31 | volgende maand verhuizen we
2026-10-01 2026-10-31 | vorige maand vertrokken
2027-01-01 2027-12-31 | volgend jaar wil ze weg
2025-01-01 2025-12-31 | vorig jaar
2026-06-01 2026-08-31 | vorige zomer naar Marokko
2026-06-01 2026-08-31 | afgelopen zomer
2027-06-01 2027-08-31 | volgende zomer
2027-03-12 | op 12 maart
2027-03-12 | ze vliegt op 12/3
2025-03-12 | 12 maart 2025
2025-03-12 | 12-3-2025
2025-03-12 | 12/03/2025
2025-03-12 | 12.03.25
2025-03-12 | 2025-03-12
2027-01-01 | op 1 januari
2024-02-29 | 29 februari 2024
- | 29 februari 2025
- | 31-2-2025
- | 30 februari
- | 45 maart
2027-03-01 2027-03-31 | in maart gaan we
2026-07-01 2026-07-31 | in juli is ze vertrokken
2024-08-01 2024-08-31 | sinds augustus 2024
2026-06-11 2026-06-20 | half juni
2026-12-21 2026-12-31 | eind december
2026-09-01 2026-09-10 | begin september
2026-03-01 2026-03-31 | sinds maart woont hij daar
2026-01-01 2026-01-31 | wij wonen sinds januari weer in Polen
- | na een weekend in Duitsland
- | om het weekend naar papa
- | zij is op een dag terug naar Polen
2019-01-01 2019-12-31 | we zijn in 2019 gescheiden
2026-11-25 | over 3 dagen
2026-12-03 2026-12-09 | over twee weken
2026-12-10 2026-12-16 | over drie weken vertrekt hij
2026-10-29 2026-11-04 | 3 weken geleden
2026-09-07 2026-10-07 | twee maanden geleden
2026-10-07 2026-11-06 | een maand geleden
2026-05-07 2026-06-06 | een half jaar geleden
2025-05-07 2025-06-06 | anderhalf jaar geleden
2025-05-23 2026-05-24 | een jaar geleden
2026-11-18 2026-11-20 | 2 tot 4 dagen geleden
2026-11-01 2026-11-11 | een paar weken geleden
2027-05-03 | drie mei
2027-03-01 | eerste maart
2026-12-25 | 25 dec vliegen ze
2024-06-01 2024-08-31 | in de zomer van 2024
2026-12-01 2027-02-28 | deze winter
2026-11-17 | dinsdag 17 november
2025-06-01 2025-08-31 | vorig jaar zomer
2025-03-01 2025-03-31 | vorig jaar in maart
- | goede morgen
- | goedemorgen
- | elke vrijdag is hij bij papa
- | 's morgens
- | het verdrag van 1980
- | het Haags verdrag 1980
- | mijn zoon van 8 jaar
- | om 12 uur
- | artikel 13
- | ik heb 2 kinderen
- | Jan en Mei zijn mijn kinderen
- | dat kost 2000 euro
- | hij belt om de week
- | 06-12345678
"""

TURKISH = """
2026-11-22 | bugün gidiyor
2026-11-23 | yarın uçağı var
2026-11-23 | yarin sabah
2026-11-23 | Yarınki uçakla
2026-11-24 | öbür gün
2026-11-21 | dün aldı
2026-11-20 | evvelsi gün
2026-11-22 | bu akşam
2026-11-22 | bu gece kaçıracak
2026-11-21 | dün gece
2026-11-23 2026-11-29 | haftaya gidiyor
2026-11-27 | haftaya cuma
2026-11-27 | gelecek hafta cuma günü
2026-11-09 2026-11-15 | geçen hafta
2026-11-16 2026-11-22 | bu hafta
2026-11-27 | cuma günü
2026-11-27 | cumaya
2026-11-20 | geçen cuma
2026-11-28 2026-11-29 | hafta sonu
2026-11-28 | cumartesi
2026-11-23 | pazartesi mahkeme var
2026-12-01 2026-12-31 | gelecek ay
2026-12-01 2026-12-31 | önümüzdeki ay
2026-10-01 2026-10-31 | geçen ay
2025-01-01 2025-12-31 | geçen yıl
2025-01-01 2025-12-31 | geçen sene
2027-01-01 2027-12-31 | gelecek yıl
2027-01-01 2027-12-31 | seneye
2026-06-01 2026-08-31 | geçen yaz
2026-06-01 2026-08-31 | bu yaz
2027-06-01 2027-08-31 | gelecek yaz
2027-03-12 | 12 Mart'ta
2027-03-12 | 12/3'te uçuyor
2025-03-12 | 12 mart 2025
2025-03-12 | 12.03.2025
2025-03-12 | 12.03.2025'te
2025-03-12 | 12/3/2025 tarihinde
- | 31 şubat
- | 29 şubat 2025
2024-02-29 | 29 Şubat 2024
2027-03-01 2027-03-31 | mart ayında
2027-03-01 2027-03-31 | martta
2026-07-01 2026-07-31 | temmuzda
2026-07-01 2026-07-31 | temmuzdan beri
2026-08-01 2026-08-31 | ağustos ayından beri
2024-08-01 2024-08-31 | Ağustos 2024'te
2026-06-11 2026-06-20 | haziran ortasında
2026-12-21 2026-12-31 | aralık sonunda
2026-09-01 2026-09-10 | eylül başında
2019-01-01 2019-12-31 | 2019'da boşandık
2020-01-01 2020-12-31 | 2020 yılında
2026-10-29 2026-11-04 | 3 hafta önce
2026-10-29 2026-11-04 | üç hafta evvel
2026-12-03 2026-12-09 | iki hafta sonra
2026-11-25 | 3 gün sonra
2026-11-20 | iki gün önce
2026-09-07 2026-10-07 | 2 ay önce
2026-10-07 2026-11-06 | bir ay önce
2025-05-23 2026-05-24 | bir yıl önce
2025-05-07 2025-06-06 | bir buçuk yıl önce
2026-05-07 2026-06-06 | yarım yıl önce
2026-08-07 2026-10-07 | 2-3 ay önce
2027-05-03 | üç mayıs
2027-01-15 | on beş ocak
2024-06-01 2024-08-31 | 2024 yazında
2026-12-01 2027-02-28 | bu kış
2026-11-21 | dünkü
2025-06-01 2025-08-31 | geçen yıl yazın
2025-03-01 2025-03-31 | geçen yıl martta
- | her cuma babasında
- | 8 yaşında
- | iki çocuğum var
- | ne kadar sürer
- | 1980 sözleşmesi
- | 1980 tarihli Lahey Sözleşmesi
- | Eylül benim kızım
- | dünya
- | ayda bir
- | numaranızı yazın lütfen
2026-06-01 2026-08-31 | yazın tatile çıkıyoruz
2026-01-01 2026-01-31 | ocak ayından beri
- | saat 12
"""

POLISH = """
2026-11-22 | dzisiaj wylatują
2026-11-22 | dziś wieczorem
2026-11-23 | jutro lecą
2026-11-24 | pojutrze
2026-11-21 | wczoraj zabrał
2026-11-20 | przedwczoraj
2026-11-26 2026-12-02 | za tydzień
2026-12-03 2026-12-09 | za dwa tygodnie
2026-11-25 | za 3 dni
2026-12-07 2027-01-06 | za miesiąc
2027-05-23 2028-05-23 | za rok
2027-05-07 2027-06-06 | za pół roku
2026-09-07 2026-10-07 | 2 miesiące temu
2026-09-07 2026-10-07 | dwa miesiące temu
2026-10-29 2026-11-04 | trzy tygodnie temu
2026-11-12 2026-11-18 | tydzień temu
2026-10-07 2026-11-06 | miesiąc temu
2025-05-23 2026-05-24 | rok temu
2025-05-07 2025-06-06 | półtora roku temu
2026-05-07 2026-06-06 | pół roku temu
2026-11-17 | pięć dni temu
2026-11-09 2026-11-15 | w zeszłym tygodniu
2026-11-23 2026-11-29 | w przyszłym tygodniu
2026-11-16 2026-11-22 | w tym tygodniu
2026-10-01 2026-10-31 | w zeszłym miesiącu
2026-12-01 2026-12-31 | w przyszłym miesiącu
2025-01-01 2025-12-31 | w zeszłym roku
2025-01-01 2025-12-31 | w ubiegłym roku
2027-01-01 2027-12-31 | w przyszłym roku
2026-01-01 2026-12-31 | w tym roku
2026-06-01 2026-08-31 | zeszłego lata
2026-06-01 2026-08-31 | w zeszłe lato
2027-06-01 2027-08-31 | w przyszłe lato
2026-06-01 2026-08-31 | latem wyjechali
2026-11-27 | w piątek
2026-11-27 | w przyszły piątek
2026-11-20 | w zeszły piątek
2026-11-27 | w przyszłym tygodniu w piątek
2026-11-28 2026-11-29 | w weekend
2026-11-28 | w sobotę
2026-11-25 | w środę rozprawa
2027-03-12 | 12 marca
2027-03-12 | dnia 12.03 wylot
2025-03-12 | 12 marca 2025
2025-03-12 | 12 marca 2025 r.
2025-03-12 | 12.03.2025
2025-03-12 | 12.03.2025 r.
2025-03-12 | 2025-03-12
2027-03-12 | dwunastego marca
2027-01-21 | dwudziestego pierwszego stycznia
- | 31 lutego
- | 29 lutego 2025
2024-02-29 | 29 lutego 2024
2027-03-01 2027-03-31 | w marcu
2026-07-01 2026-07-31 | w lipcu
2026-08-01 2026-08-31 | od sierpnia
2024-08-01 2024-08-31 | w sierpniu 2024
2026-06-11 2026-06-20 | w połowie czerwca
2026-12-21 2026-12-31 | pod koniec grudnia
2026-09-01 2026-09-10 | na początku września
2019-01-01 2019-12-31 | w 2019 roku
2021-01-01 2021-12-31 | od 2021
2024-06-01 2024-08-31 | latem 2024
2027-05-03 | 3 maja
2026-08-07 2026-10-07 | 2-3 miesiące temu
2026-11-01 2026-11-11 | kilka tygodni temu
2026-12-25 | 25 grudnia lecą do Turcji
2025-06-01 2025-08-31 | w zeszłym roku latem
2026-11-17 | we wtorek 17 listopada
- | co piątek
- | w każdy piątek
- | Maja ma 5 lat
- | ma osiem lat
- | konwencja z 1980 roku
- | konwencja haska z 1980 r.
- | artykuł 13
- | dwójka dzieci
- | za granicę
- | raz w tygodniu
- | o 12
"""

ENGLISH = """
2026-11-22 | he is leaving today
2026-11-22 | they fly tonight at 11 pm
2026-11-23 | she is going tomorrow with my son
2026-11-23 | tommorow morning they go on the plane
2026-11-24 | the day after tomorrow
2026-11-21 | he took her yesterday
2026-11-21 | last night she packed the bags
2026-11-20 | it was the day before yesterday
2026-11-23 2026-11-29 | next week they go
2026-11-27 | next week friday
2026-11-27 | friday next week
2026-11-17 | last tuesday she didnt come back
2026-11-17 | my wife left last tues
2026-11-27 | this coming friday
2026-11-25 | on wednesday there is the hearing
2026-11-28 2026-11-29 | next weekend
2026-10-01 2026-10-31 | last month he left
2026-12-01 2026-12-31 | next month we move
2025-01-01 2025-12-31 | last year
2026-06-01 2026-08-31 | last summer in Morocco
2027-06-01 2027-08-31 | next summer holidays
2026-05-03 | 3/5 this year
2025-05-03 | she left 3/5 last year
2027-03-12 | on 12 March
2027-03-12 | on 12/3
2027-03-12 | on the 12th of march
2027-03-12 | March 12
2025-03-12 | March 12th, 2025
2025-03-12 | the 12th of March 2025
2025-03-12 | 12.03.2025
2025-05-03 | May 3 2025
2027-05-03 | may the third
2024-02-29 | 29 February 2024
- | 29 February 2025
2026-11-17 | on tuesday 17 november
2025-09-21 | twenty-first of september 2025
2026-08-01 2026-08-31 | since august
2026-05-01 2026-05-31 | since May he lives there
2027-03-01 2027-03-31 | in March
2026-08-01 2026-08-10 | beginning of august
2026-07-21 2026-07-31 | end of July
2026-06-11 2026-06-20 | mid June
2025-08-01 2025-08-31 | August 2025
2019-01-01 2019-12-31 | since 2019
2025-06-01 2025-08-31 | in the summer of 2025
2025-03-01 2025-03-31 | last year in march
2025-06-01 2025-08-31 | summer last year
2026-10-29 2026-11-04 | three weeks ago
2026-10-29 2026-11-04 | 3 weeks back
2026-11-16 2026-11-22 | this week
2026-11-19 | 3 days ago
2026-11-25 | in three days
2026-09-07 2026-10-07 | two months ago
2026-08-07 2026-10-07 | two to three months ago
2024-05-07 2024-06-06 | two and a half years ago
2025-05-07 2025-06-06 | a year and a half ago
2025-05-23 2026-05-24 | a year ago
2026-11-12 2026-11-18 | a week ago
2026-12-24 2026-12-27 | with christmas
2026-10-31 | halloween
2026-11-08 | a fortnight ago
- | may one parent take the child
- | this may be wrong
- | he may go
- | the 1980 hague convention
- | every friday he has her
- | we were together for 3 years
- | can the 2 may travel alone
"""


def cases(table: str) -> list[tuple[str, list[tuple[date, date]]]]:
    found = []
    for line in filter(None, table.splitlines()):
        days, text = (part.strip() for part in line.split("|"))
        ends = [date.fromisoformat(day) for day in days.split()] if days != "-" else []
        found.append((text, [(ends[0], ends[-1])] if ends else []))
    return found


def ranges(text: str, language: str) -> list[tuple[date, date]]:
    return [(found.start_date, found.end_date) for found in find_dates(text, language, TODAY)]


@pytest.mark.parametrize(("text", "expected"), cases(DUTCH))
def test_it_finds_dates_in_dutch(text: str, expected: list[tuple[date, date]]) -> None:
    assert ranges(text, "nl") == expected


@pytest.mark.parametrize(("text", "expected"), cases(TURKISH))
def test_it_finds_dates_in_turkish(text: str, expected: list[tuple[date, date]]) -> None:
    assert ranges(text, "tr") == expected


@pytest.mark.parametrize(("text", "expected"), cases(POLISH))
def test_it_finds_dates_in_polish(text: str, expected: list[tuple[date, date]]) -> None:
    assert ranges(text, "pl") == expected


@pytest.mark.parametrize(("text", "expected"), cases(ENGLISH))
def test_it_finds_dates_in_english(text: str, expected: list[tuple[date, date]]) -> None:
    assert [(m.start_date, m.end_date) for m in find_dates(text, "en", TODAY)] == expected


def test_it_finds_several_in_order() -> None:
    found = find_dates("van 12 juli 2025 tot 20 augustus 2025", "nl", TODAY)
    assert [mention.start_date for mention in found] == [date(2025, 7, 12), date(2025, 8, 20)]


def test_a_mention_says_where_it_stands_how_precise_it_is_and_what_was_guessed() -> None:
    text = "Çocuğu 3 hafta önce aldı, 12 Mart'ta dönecekti"
    first, second = find_dates(text, "tr", TODAY)
    assert text[first.start : first.end] == "3 hafta önce"
    assert (first.precision, first.guessed_year) == ("week", False)
    assert (second.precision, second.guessed_year) == ("day", True)


def test_without_a_language_all_are_tried() -> None:
    for text in ("overmorgen", "öbür gün", "pojutrze"):
        assert [found.start_date for found in find_dates(text, None, TODAY)] == [date(2026, 11, 24)]


@pytest.mark.parametrize("today", [date(2024, 2, 29), date(2026, 12, 31), date(2027, 1, 1)])
@pytest.mark.parametrize("language", [*every_language(), None])
def test_every_day_of_the_year_will_do(today: date, language: str | None) -> None:
    for text, _ in cases(DUTCH + TURKISH + POLISH):
        for found in find_dates(text, language, today):
            assert found.start_date <= found.end_date
            assert 0 <= found.start < found.end <= len(text)


@pytest.mark.parametrize(
    "text", ["", " ", "99999 weken geleden", "over 999 jaar", "999 yıl önce", "0 dagen geleden"]
)
def test_odd_texts_raise_nothing(text: str) -> None:
    find_dates(text, "nl", TODAY)
    find_dates(text, "tr", TODAY)


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("nl", "met kerst", ("2026-12-24", "2026-12-27")),
        ("nl", "kerst 2024", ("2024-12-24", "2024-12-27")),
        ("nl", "met sinterklaas", ("2026-12-05", "2026-12-06")),
        ("nl", "op koningsdag 2026", ("2026-04-26", "2026-04-27")),
        ("nl", "met oud en nieuw", ("2026-12-31", "2026-12-31")),
        ("nl", "sinds nieuwjaar", ("2027-01-01", "2027-01-02")),
        ("tr", "yılbaşında", ("2027-01-01", "2027-01-02")),
        ("pl", "w sylwestra", ("2026-12-31", "2026-12-31")),
        ("pl", "po Bożym Narodzeniu", None),
        ("pl", "na Boże Narodzenie", ("2026-12-24", "2026-12-27")),
        ("pl", "w wigilię 2023", ("2023-12-24", "2023-12-27")),
        ("nl", "op een feest", None),
    ],
)
def test_feasts_are_on_the_same_days_each_year(
    language: str, text: str, expected: tuple[str, str] | None
) -> None:
    days = [tuple(map(date.fromisoformat, expected))] if expected else []
    assert ranges(text, language) == days


@pytest.mark.parametrize(
    ("language", "text", "today", "expected"),
    [
        # said of what has happened, the last December and the last Friday are meant
        ("nl", "in december", "2026-11-22", ("2025-12-01", "2025-12-31")),
        ("nl", "in december", "2027-01-01", ("2026-12-01", "2026-12-31")),
        ("nl", "op vrijdag", "2026-11-22", ("2026-11-20", "2026-11-20")),
        ("nl", "op vrijdag", "2027-01-01", ("2027-01-01", "2027-01-01")),
        ("nl", "op 12 maart", "2026-11-22", ("2026-03-12", "2026-03-12")),
        ("nl", "met kerst", "2026-11-22", ("2025-12-24", "2025-12-27")),
        ("tr", "cuma günü", "2026-11-22", ("2026-11-20", "2026-11-20")),
        ("tr", "12 Mart'ta", "2026-11-22", ("2026-03-12", "2026-03-12")),
        ("pl", "w piątek", "2026-11-22", ("2026-11-20", "2026-11-20")),
        ("pl", "w marcu", "2026-11-22", ("2026-03-01", "2026-03-31")),
        # only a leap year has a 29 February, and it ends that month
        ("nl", "op 29 februari", "2026-11-22", ("2024-02-29", "2024-02-29")),
        ("nl", "op 29 februari", "2028-02-29", ("2028-02-29", "2028-02-29")),
        ("nl", "in februari", "2025-01-10", ("2024-02-01", "2024-02-29")),
        ("nl", "op 28 februari", "2025-01-10", ("2024-02-28", "2024-02-28")),
        # what was said in full stays
        ("nl", "op 12 maart 2027", "2026-11-22", ("2027-03-12", "2027-03-12")),
        ("nl", "morgen", "2026-12-31", ("2027-01-01", "2027-01-01")),
        ("nl", "gisteren", "2027-01-01", ("2026-12-31", "2026-12-31")),
        ("nl", "deze maand", "2026-11-22", ("2026-11-01", "2026-11-30")),
    ],
)
def test_of_the_past_the_last_such_day_is_meant(
    language: str, text: str, today: str, expected: tuple[str, str]
) -> None:
    now = date.fromisoformat(today)
    (mention,) = find_dates(text, language, now)
    assert as_past(mention, now) == tuple(map(date.fromisoformat, expected))


@settings(max_examples=100)
@given(st.dates(date(2020, 1, 1), date(2032, 12, 31)))
@example(date(2024, 2, 29))
@example(date(2026, 12, 31))
@example(date(2027, 1, 1))
def test_what_was_guessed_never_lies_ahead_of_the_past(today: date) -> None:
    for text in ("op 29 februari", "in maart", "op vrijdag", "met kerst", "op 31 december"):
        for mention in find_dates(text, "nl", today):
            first, last = as_past(mention, today)
            assert first <= today
            assert first <= last
            assert (first.month, first.day) == (
                mention.start_date.month,
                mention.start_date.day,
            ) or mention.guessed_week
            # and no further back than needed
            assert today - first <= timedelta(days=8 * 366)


@pytest.mark.parametrize(
    ("first", "last", "years", "expected"),
    [
        ("2025-02-01", "2025-02-28", -1, ("2024-02-01", "2024-02-29")),
        ("2024-02-01", "2024-02-29", 1, ("2025-02-01", "2025-02-28")),
        ("2025-02-28", "2025-02-28", -1, ("2024-02-28", "2024-02-28")),
        ("2024-02-29", "2024-02-29", 1, ("2025-02-28", "2025-02-28")),
        ("2026-12-01", "2027-02-28", 1, ("2027-12-01", "2028-02-29")),
        ("2026-12-21", "2026-12-31", -1, ("2025-12-21", "2025-12-31")),
        ("2026-12-24", "2026-12-27", 0, ("2026-12-24", "2026-12-27")),
    ],
)
def test_days_are_moved_to_another_year(
    first: str, last: str, years: int, expected: tuple[str, str]
) -> None:
    moved = in_another_year(date.fromisoformat(first), date.fromisoformat(last), years)
    assert moved == tuple(map(date.fromisoformat, expected))


@pytest.mark.parametrize(
    ("language", "text", "impossible"),
    [
        ("nl", "op 31 februari", True),
        ("nl", "30-2-2026", True),
        ("nl", "29 februari 2025", True),
        ("nl", "op 31/4", True),
        ("tr", "31 şubat", True),
        ("pl", "31 lutego", True),
        (None, "31 lutego", True),
        ("nl", "29 februari 2024", False),
        ("nl", "op 29 februari", False),
        ("nl", "12 maart 2025", False),
        ("nl", "geen datum", False),
        ("nl", "", False),
    ],
)
def test_a_day_that_does_not_exist_is_noticed(
    language: str | None, text: str, impossible: bool
) -> None:
    assert names_impossible_day(text, language, TODAY) is impossible


@pytest.mark.parametrize(
    ("language", "text", "duration"),
    [
        ("nl", "al drie weken", "drie weken"),
        ("nl", "een half jaar", "een half jaar"),
        ("nl", "2 maanden lang", "2 maanden"),
        ("tr", "3 hafta oldu", "3 hafta"),
        ("tr", "iki aydır", "iki ay"),
        ("tr", "yarım yıl", "yarim yil"),
        ("pl", "od trzech tygodni", "trzech tygodni"),
        ("pl", "trwa dwa miesiące", "dwa miesiace"),
        ("nl", "drie kinderen", None),
        ("nl", "weken", None),
    ],
)
def test_a_stretch_of_time_is_found(language: str, text: str, duration: str | None) -> None:
    match = duration_pattern(language).search(fold(text))
    assert (match["duration"] if match else None) == duration
