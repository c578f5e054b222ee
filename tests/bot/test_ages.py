"""Ages of children in sentences. A line: years (years+months for a baby), then the text."""

from __future__ import annotations

import pytest

from bot.ages import AgeMention, find_ages
from bot.languages import every_language

DUTCH = """
8 | mijn zoon is 8 jaar
8 | Ik heb een zoon van 8
8 | dochter van acht jaar oud
8 | een 8-jarige
8 | mijn 8 jarige dochter
8 | achtjarige zoon
8 | mijn 8jarige
1+6 | zij is anderhalf jaar
0+6 | een baby van 6 maanden
0+6 | mijn baby is zes maanden oud
3 | ze is 3
3 | mijn dochter is drie
5 | hij is vijf jaar oud
5 | hij is 5jr
12 | Mijn dochter (12) wil niet mee
12 7 | kinderen van 12 en 7
12 7 | mijn kinderen zijn 12 en 7 jaar
4 6 9 | drie kinderen: 4, 6 en 9 jaar
17 | onze zoon van zeventien
16 | hij is net 16 geworden
2+6 | ons dochtertje van 2,5
2+6 | tweeënhalf jaar oud
10 | ze wordt morgen 10 en is nu 9 | 9
3 | peuter van 3 jaar
0+3 | een baby van 3 maanden
0+10 | 10 maanden oud
1+6 | 18 maanden oud
0 | baby van 3 weken oud
4 | mijn meisje van vier
4 | jongen van 4 jr
14 | de oudste is 14
6 | jongste is zes
13 | kind 13 jaar
7 | mn zoontje is 7 jaar oud en woont bij mij
11 | over mijn dochter van elf
9 | leeftijd 9
9 | ze is 9 jaar jong
15 | puber van 15
2 | een tweejarige
12 | hij is al twaalf
5 | op de leeftijd van vijf
6 | een kind dat 6 is
7 | mijn dochter wordt volgend jaar 8 maar is nu 7
5 3 | Emma is 5 en Noah is 3
0+4 | baby (4 maanden)
9 | negenjarig meisje
- | ze wordt in mei 9
- | wij zijn 8 jaar getrouwd
- | al 8 jaar samen
- | 8 jaar geleden
- | over 2 jaar
- | sinds 5 jaar gescheiden
- | ik ben 34 jaar
- | mijn man van 40
- | hij is 35
- | binnen 6 maanden
- | 6 maanden geleden vertrokken
- | de procedure duurt 6 maanden
- | ik heb 3 kinderen
- | om 8 uur
- | in 2019
- | artikel 8
- | al 3 maanden weg
- | hij is 2 weken weg
- | voor 10 dagen naar Turkije
- | 116000
- | zij woont hier 5 jaar
- | een termijn van 1 jaar
- | twee jaar gevangenisstraf
- | 8 mei
- | hij is om 8 uur vertrokken
- | groep 5
- | 12 jaar lang
- | onder de 16 jaar
- | heeft mijn kind een paspoort nodig
- | één jaar regel
- | binnen 1 jaar
15 | ik ben 15 en wil niet mee
8 | Emma is al 8 jaar
11 | gezien sinds de kermis, onze Lotte van 11
8 | een cliëntje van 8 is net terug
- | tot 16 jaar
- | verdrag van 80
"""

TURKISH = """
8 | oğlum 8 yaşında
8 | 8 yaşındaki kızım
8 | sekiz yaşındaki oğlum
8 | Sekiz yaşında bir çocuk
8 | 8 yasinda
8 | 8 yaşındayım
8 | 8 yaşındaydı
1+6 | bir buçuk yaşında
1+6 | 1,5 yaşında
2+6 | iki buçuk yaşındaki
0+6 | 6 aylık bebek
0+6 | altı aylık
0+8 | 8 aylık kızım var
0 | 3 haftalık bebek
0 | 20 günlük bebek
8 | 8 yaşlarında
12 7 | çocuklarım 12 ve 7 yaşında
12 7 | 12 ve 7 yaşlarında iki çocuk
4 6 9 | 4, 6 ve 9 yaşında üç çocuğum
17 | on yedi yaşında
16 | oğlum 16 yaşına girdi
16 | on altı yaşını doldurdu
12 | kızımın yaşı 12
12 | kızım (12) gitmek istemiyor
12 | 12 yaşında kızımı
3 | üç yaşındaki oğlumu kaçırdı
5 | beş yaşındaki
14 | en büyüğü 14 yaşında
6 | küçüğü altı yaşında
15 | onbeş yaşında
11 | on bir yaşında
13 | 13 yaşımdaki değil, 13 yaşında kızım | 13 13
10 | 10 yaşındaki çocuk
9 | dokuz yaşında
2 | iki yaşında
1 | bir yaşında
1 | 1 yaşında bebek
4 | dört yaşındayken
7 | yedi yaşındadır
18 | 18 yaşında
5 | 5 yaş
5 | 5 yaşlı
8 | 8 yaşındaki kızımla
8 | sekiz yaşındaki çocuğumu
5 3 | biri 5 diğeri 3 yaşında
- | 8 yıl önce
- | 8 yıldır evliyiz
- | sekiz senedir
- | 34 yaşındayım
- | kocam 40 yaşında
- | 6 ay önce
- | 6 ay sürer
- | altı aydır görmüyorum
- | 3 çocuğum var
- | saat 8
- | 2019'da
- | madde 8
- | 16 yaşından küçük
- | 16 yaşına kadar
- | 16 yaş altı
- | 18 yaşından büyük
- | 2 yıl hapis
- | iki hafta sonra
- | 8 mayıs
- | 1 yıllık süre
- | 6 aylık süre
- | 3 aylık vize
- | yurt dışı
- | yaşında
- | 30 günlük izin
- | bir haftalık götürme
0 | üç haftalık bebeğin
17 | 17 yaşındayım
- | 10 gün tatil
- | beş yıl oldu
- | 12 saat
"""

POLISH = """
8 | mój syn ma 8 lat
8 | ma osiem lat
8 | córka, 8 lat
8 | 8-letni syn
8 | 8 letnia córka
8 | 8letni
8 | ośmioletnia córka
8 | ośmioletniego syna
8 | ośmiolatek
1+6 | półtora roku
1+6 | ma półtora roku
1+6 | półtoraroczne dziecko
2 | dwulatek
2 | dwulatka
2 | dwuletni synek
1 | roczne dziecko
1 | moja roczna córeczka
1 | ma roczek
1 | ma rok
0+6 | 6-miesięczne dziecko
0+6 | sześciomiesięczny
0+6 | ma 6 miesięcy
0+6 | dziecko ma pół roku
3 | trzylatek
3 | trzyletnia
3 | ma 3 latka
4 | czteroletni
4 | czterolatka
5 | pięcioletni
5 | pięciolatek
6 | sześcioletniego
7 | siedmioletnia
9 | dziewięcioletni
10 | dziesięcioletnia
12 | dwunastoletni
12 | dwunastolatka
12 7 | dzieci mają 12 i 7 lat
12 7 | dzieci w wieku 12 i 7 lat
4 6 9 | troje dzieci: 4, 6 i 9 lat
17 | siedemnastoletnia
16 | ma 16 lat
16 | skończył 16 lat
15 | piętnastolatek
12 | córka (12) nie chce jechać
2+6 | 2,5 roku
2+6 | dwa i pół roku
0 | noworodek, 3 tygodnie | -
5 | w wieku 5 lat
13 | trzynaście lat
11 | jedenastoletnią córkę
14 | czternastoletnim
8 | 8-latek
8 | 8latka
8 | 8-letniej córki
6 | synek lat 6
10 | dziesięć lat ma córka
5 3 | jedno ma 5, drugie 3 lata
- | 8 lat temu
- | jesteśmy małżeństwem od 8 lat
- | od ośmiu lat
- | za 2 lata
- | przez 5 lat
- | mam 34 lata
- | mąż ma 40 lat
- | za 6 miesięcy
- | 6 miesięcy temu
- | procedura trwa 6 miesięcy
- | mam 3 dzieci
- | ma dwoje dzieci
- | ma 2 paszporty
- | o 8 rano
- | w 2019 roku
- | artykuł 8
- | do 16 lat
- | poniżej 16 lat
- | do ukończenia 16 lat
- | 2 lata więzienia
- | rok temu
- | za rok
- | pół roku temu
- | 8 maja
- | w tym roku
- | mieszkamy tu 5 lat
- | po 5 latach
- | trzydziestoletnia
- | 10-dniowy wyjazd
- | roczny termin
- | dwutygodniowy wyjazd
- | po roku
- | chce małego na dwa lata zabrać
- | już 8 lat tu mieszkamy
8 | ma już 8 lat
16 | mam 16 lat i nie chcę jechać
"""

ENGLISH = """
6 | my 6yo
6 | my 6 y/o daughter
6 | my 6-year-old son
8 | my son is 8 years old
8 | she is 8
8 | a boy of 8
5 | I have a daughter aged 5
12 7 | kids aged 12 and 7
4 6 9 | three children: 4, 6 and 9 years old
12 | my daughter (12) does not want to go
7 | my sons 7 and lives with me
3 | he just turned 3
2+6 | two and a half
2+6 | she is two and a half years old
2+6 | our son is 2,5 years
1+6 | 18 months old
0+3 | a 3 month old baby
0+10 | baby is 10 months
0+6 | a 6-month-old
0+0 | a baby of 3 weeks old
14 11 | the oldest is 14 and the youngest is 11
5 3 | Emma is 5 and Noah is 3
4 | twins of 4
4 | my twins are 4
16 | he turned 16
9 | she's 9 now
11 | my eleven year old
1+6 | a year and a half old
13 | child 13 years
15 | my 15 yr old
10 | age 10
6 | my child have 6 years
- | I am 34 years old
- | my husband is 40
- | we were married for 8 years
- | 8 years ago
- | within one year
- | he got 2 years in prison
- | children under the age of 16
- | flight at gate 12
- | she has 2 passports
- | I have 2 children
- | more than 5 years
"""


def cases(table: str) -> list[tuple[str, list[tuple[int, int | None]]]]:
    found = []
    for line in filter(None, table.splitlines()):
        ages, text, *override = (part.strip() for part in line.split("|"))
        ages = override[0] if override else ages
        pairs = [age.partition("+")[::2] for age in ages.split()] if ages != "-" else []
        found.append((text, [(int(years), int(more) if more else None) for years, more in pairs]))
    return found


def ages(text: str, language: str | None) -> list[tuple[int, int | None]]:
    # weeks and days are not told apart from no months
    return [(found.years, found.months or None) for found in find_ages(text, language)]


@pytest.mark.parametrize(("text", "expected"), cases(DUTCH))
def test_it_finds_ages_in_dutch(text: str, expected: list[tuple[int, int | None]]) -> None:
    assert ages(text, "nl") == expected


@pytest.mark.parametrize(("text", "expected"), cases(TURKISH))
def test_it_finds_ages_in_turkish(text: str, expected: list[tuple[int, int | None]]) -> None:
    assert ages(text, "tr") == expected


@pytest.mark.parametrize(("text", "expected"), cases(POLISH))
def test_it_finds_ages_in_polish(text: str, expected: list[tuple[int, int | None]]) -> None:
    assert ages(text, "pl") == expected


@pytest.mark.parametrize(("text", "expected"), cases(ENGLISH))
def test_it_finds_ages_in_english(text: str, expected: list[tuple[int, int | None]]) -> None:
    assert [(m.years, m.months) for m in find_ages(text, "en")] == expected


def test_a_mention_says_where_it_stands() -> None:
    text = "Mam syna, ma osiem lat i mieszka ze mną"
    (found,) = find_ages(text, "pl")
    assert found == AgeMention(8, None, found.start, found.end)
    assert text[found.start : found.end] == "osiem lat"


def test_without_a_language_all_are_tried() -> None:
    for text in ("een 8-jarige jongen", "8 yaşındaki", "ośmioletni"):
        assert ages(text, None) == [(8, None)]


@pytest.mark.parametrize("text", ["", " ", "999 jaar oud", "0 jaar", "jaar", "(12", "van van van"])
@pytest.mark.parametrize("language", [*every_language(), "xx", None])
def test_odd_texts_raise_nothing(text: str, language: str | None) -> None:
    for found in find_ages(text, language):
        assert 0 <= found.years <= 18
