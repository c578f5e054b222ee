"""The checker: it finds what is wrong, and leaves what is right."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import ProjectFileError
from bot.languages import SOURCE, languages
from words import checks
from words.checks import Text, check

LANGUAGES = ["nl", "tr", "pl", "en"]


def text(language: str, wording: str, dutch: str | None = None, key: str = "utter_a_text") -> Text:
    return Text(language, "answers", key, wording, wording if dutch is None else dutch)


def rules_broken(of: Text) -> set[str]:
    return {found.rule for found in check(of)}


@pytest.mark.parametrize("language", languages())
def test_no_finding_is_open(language: str):
    assert [str(found) for found in checks.findings([language])] == []


def test_no_exception_is_needless():
    assert checks.needless_exceptions() == []


def test_each_exception_has_a_reason():
    for rule, keys in checks.exceptions().items():
        for key, why in keys.items():
            assert len(why) > 10, (rule, key)


@pytest.mark.parametrize("language", [*languages(), "en"])
def test_each_language_has_rules(language: str):
    assert checks.rules(language).patterns["forbidden"]


def test_a_language_without_rules_is_named():
    with pytest.raises(ProjectFileError, match=r"words/rules/xx\.yml: is missing"):
        checks.rules("xx")


# --- predictions, accusations, guarantees -----------------------------------------------------

FORBIDDEN = [
    ("nl", "U gaat winnen."),
    ("nl", "De rechter zal het kind terugsturen."),
    ("nl", "De kans van slagen is groot."),
    ("nl", "Dit is gegarandeerd."),
    ("nl", "De ontvoerder krijgt een brief."),
    ("nl", "Dat is uw schuld."),
    ("tr", "Davayı kazanırsınız."),
    ("tr", "Kazanma şansınız yüksek."),
    ("tr", "Bu kesinlikle olur."),
    ("tr", "Çocuğu kaçıran ebeveyn cevap verir."),
    ("pl", "Sąd na pewno nakaże powrót."),
    ("pl", "Są duże szanse na powodzenie."),
    ("pl", "Gwarantujemy powrót dziecka."),
    ("pl", "Porywacz musi odpowiedzieć."),
    ("en", "You will win the case."),
    ("en", "The court will order the return."),
    ("en", "You have a good chance."),
    ("en", "The abductor gets a letter."),
]
ALLOWED = [
    ("nl", "Een signalering is geen garantie."),
    ("nl", "De rechter kan terugkeer bevelen."),
    ("nl", "Internationale kinderontvoering kan strafbaar zijn."),
    ("tr", "Uyarı kaydı garanti vermez."),
    ("tr", "Uluslararası çocuk kaçırma suç olabilir."),
    ("pl", "To nie jest gwarancja."),
    ("pl", "Inne państwo może wymagać zgody."),
    ("en", "The court can order the return."),
    ("en", "International child abduction can be an offence."),
    ("en", "An alert is no guarantee. This is not your fault."),
]


@pytest.mark.parametrize(("language", "wording"), FORBIDDEN)
def test_a_prediction_or_an_accusation_is_a_fault(language: str, wording: str):
    assert "forbidden" in rules_broken(text(language, wording))


@pytest.mark.parametrize(("language", "wording"), ALLOWED)
def test_what_is_neither_is_left(language: str, wording: str):
    assert rules_broken(text(language, wording)) & {"forbidden", "address"} == set()


# --- address ----------------------------------------------------------------------------------

FAMILIAR = [
    ("nl", "Bel je advocaat."),
    ("nl", "Heb jij gezag?"),
    ("tr", "Senin çocuğun nerede?"),
    ("tr", "Bunu yapabilirsin."),
    ("pl", "Proszę powiedzieć, gdzie Pan/Pani jest."),
    ("pl", "Zadzwoń do adwokata."),
    ("pl", "To twoje dziecko."),
    ("en", "You don't need a lawyer."),
    ("en", "It's free."),
]


@pytest.mark.parametrize(("language", "wording"), FAMILIAR)
def test_an_address_that_is_not_ours_is_a_fault(language: str, wording: str):
    assert "address" in rules_broken(text(language, wording))


def test_a_child_is_spoken_to_as_a_child():
    assert rules_broken(text("nl", "Ben je in gevaar?", key="emergency_child")) == set()


def test_a_possessive_in_english_is_no_contraction():
    assert "address" not in rules_broken(text("en", "Ask the child's school."))


# --- markup, repetition, length, numbers ------------------------------------------------------

DUTCH = "Bel **nu**.\n\n- Een\n- Twee\n\nKlaar."
MARKUP = [
    ("Hemen **arayın.\n\n- Bir\n- İki\n\nBitti.", "does not close"),
    ("Hemen arayın.\n\n- Bir\n- İki\n\nBitti.", "emphasises 0 parts"),
    ("Hemen **arayın**.\n\n- Bir\n- İki", "has 2 paragraphs"),
    ("Hemen **arayın**.\n\n- Bir\n\nBitti.", "paragraph 2 has 1 points"),
    ("Hemen **arayın**.\n\n1. Bir\n2. İki\n\nBitti.", "2 numbered lines"),
    ("Hemen **arayın** (şimdi.\n\n- Bir\n- İki\n\nBitti.", "a bracket opens"),
]


@pytest.mark.parametrize(("wording", "says"), MARKUP)
def test_markup_that_differs_from_the_dutch_is_a_fault(wording: str, says: str):
    found = [each for each in check(text("tr", wording, DUTCH)) if each.rule == "markup"]
    assert any(says in each.says for each in found), found


def test_the_same_markup_is_no_fault():
    wording = "Hemen **arayın**.\n\n- Bir\n- İki\n\nBitti."
    assert rules_broken(text("tr", wording, DUTCH)) == set()


def test_a_word_that_stands_twice_is_a_fault():
    assert "repetition" in rules_broken(text("nl", "Bel de de politie."))


def test_turkish_pairs_are_no_repetition():
    assert "repetition" not in rules_broken(text("tr", "Belgelere tek tek bakın."))


def test_a_title_that_does_not_fit_is_a_fault():
    long = text("nl", "Ik wil graag weten wat er nu gaat gebeuren", key="button_travel_documents")
    assert "length" in rules_broken(long)


@pytest.mark.parametrize(
    ("wording", "rule"),
    [
        ("Sąd ma osiem tygodni (8).", "numbers"),
        ("Zobacz https://example.org/inne", "urls"),
        ("Sąd ma  sześć tygodni (6).", "doublespacing"),
        ("Sąd ma sześć tygodni (6)", "endpunc"),
    ],
)
def test_the_filters_of_the_toolkit_see_a_slip(wording: str, rule: str):
    dutch = "Kijk op https://example.org" if rule == "urls" else "De rechter heeft 6 weken (6)."
    assert rule in rules_broken(text("pl", wording, dutch))


def test_a_text_left_in_dutch_is_a_fault():
    dutch = "Vraag het na bij het consulaat."
    assert "unchanged" in rules_broken(text("pl", dutch, dutch))


# --- sentences and reading ease ---------------------------------------------------------------


def test_a_long_sentence_is_advice_and_a_very_long_one_a_fault():
    long = f"Dit is {' '.join(['een'] + ['lange zin'] * 11)}."
    longer = f"Dit is {' '.join(['een'] + ['lange zin'] * 20)}."
    severity = {
        wording: [f.severity for f in check(text("nl", wording)) if f.rule == "sentence"]
        for wording in (long, longer)
    }
    assert severity == {long: [checks.ADVICE], longer: [checks.FAULT]}


def test_the_sentence_is_named_by_its_first_words():
    wording = f"Kort. Hier begint de lange zin {' '.join(['met woorden'] * 12)}."
    (found,) = [each for each in check(text("nl", wording)) if each.rule == "sentence"]
    assert "Hier begint de lange zin …" in found.says


@pytest.mark.parametrize(
    ("language", "hard", "easy"),
    [
        (
            "nl",
            "De verantwoordelijkheidsverdeling betreffende gezagsaangelegenheden vereist "
            "overeenstemming. " * 5,
            "Bel ons. Wij helpen u. Dat kost niets. " * 5,
        ),
        (
            "tr",
            "Uluslararasılaştırılabilecek uyuşmazlıkların değerlendirilmesindeki "
            "yetkilendirmelerden bahsedilmektedir. " * 6,
            "Bizi arayın. Size yardım ederiz. " * 8,
        ),
        (
            "pl",
            "Odpowiedzialność za uregulowanie międzynarodowych nieprawidłowości wymaga "
            "szczegółowego uzgodnienia. " * 5,
            "Proszę zadzwonić. To nic nie kosztuje. " * 8,
        ),
        (
            "en",
            "Jurisdictional responsibilities necessitate comprehensive intergovernmental "
            "coordination. " * 6,
            "Call us. We can help you. It is free. " * 5,
        ),
    ],
)
def test_hard_words_read_hard_and_easy_ones_do_not(language: str, hard: str, easy: str):
    assert "readability" in {found.rule for found in checks.readability(text(language, hard))}
    assert list(checks.readability(text(language, easy))) == []


# --- terms ------------------------------------------------------------------------------------

INFLECTED = [
    ("tr", "Hebt u het gezag?", "Velayetiniz var mı?"),
    ("tr", "Hebt u het gezag?", "Velayeti olan ebeveyn misiniz?"),
    ("tr", "Neem uw reisdocument mee.", "Seyahat belgelerinizi yanınıza alın."),
    ("tr", "De Centrale autoriteit schrijft u.", "Merkezî Makamdan bir mektup gelir."),
    ("tr", "Zonder uw toestemming.", "İzniniz olmadan."),
    ("pl", "U hebt toestemming nodig.", "Potrzebna jest zgoda. Bez zgody nie można."),
    ("pl", "Vraag om toestemming.", "Proszę poprosić o zgodę."),
    ("pl", "Hebt u het gezag?", "Czy przysługuje władza rodzicielska?"),
    ("pl", "Een ouder met gezag.", "Rodzic z władzą rodzicielską."),
    ("pl", "De Centrale autoriteit schrijft u.", "Pismo z organu centralnego."),
    ("en", "Een ouder met gezag.", "A parent with parental authority."),
]
OTHERWISE = [
    ("tr", "Hebt u het gezag?", "Vesayetiniz var mı?"),
    ("tr", "De Centrale autoriteit schrijft u.", "Ana Kurum size yazar."),
    ("pl", "Vraag om toestemming.", "Proszę poprosić o pozwolenie."),
    ("pl", "Een ouder met gezag.", "Rodzic z opieką."),
]


@pytest.mark.parametrize(("language", "dutch", "wording"), INFLECTED)
def test_an_agreed_word_counts_in_each_of_its_forms(language: str, dutch: str, wording: str):
    if language not in languages():
        pytest.skip(f"{language} is not a language yet")
    assert list(checks.glossary(text(language, wording, dutch))) == []


@pytest.mark.parametrize(("language", "dutch", "wording"), OTHERWISE)
def test_another_word_for_a_term_is_advice(language: str, dutch: str, wording: str):
    found = list(checks.glossary(text(language, wording, dutch)))
    assert [each.severity for each in found] == [checks.ADVICE], found


def test_a_longer_term_takes_its_words_with_it():
    dutch = "De Centrale autoriteit helpt."
    assert list(checks.glossary(text("tr", "Merkezî Makam yardım eder.", dutch))) == []


# --- what a finding says ----------------------------------------------------------------------


def test_a_finding_names_file_key_fault_remedy_and_rule():
    (found,) = [f for f in check(text("nl", "U gaat winnen.", key="utter_x")) if f.rule]
    assert str(found) == (
        'locales/nl/LC_MESSAGES/answers.po: utter_x: "u gaat winnen": it is a prediction. '
        "Write what the judge can decide. [forbidden]"
    )


def test_no_file_of_rules_names_a_key_that_is_gone(tmp_path: Path):
    keys = {each.key for each in checks.texts(SOURCE)}
    listed = {key.rpartition("/")[2] for rule in checks.exceptions().values() for key in rule}
    assert listed <= keys
