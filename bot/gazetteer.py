"""Countries in what people write: names, inhabitants, places and codes in any of our languages.

Words come from Babel (CLDR) and from `bot/gazetteer/*.yml`; everything is compared in folded form
(`bot.languages.fold`). Polish cases are made when the words are loaded, Turkish suffixes are
taken off when a word is looked up. Mistakes to avoid are data, too: `guards` say when a form that
is also an ordinary word counts, `ordinary` lists words that only look like a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from babel import Locale

from bot import yaml_text
from bot.errors import ProjectFileError
from bot.inflection import (
    dutch_adjective,
    dutch_person,
    dutch_place,
    polish_adjective,
    polish_noun,
    turkish_stems,
)
from bot.languages import SOURCE, fold, languages

FOLDER = Path(__file__).with_name("gazetteer")
SHARED = "places"
"""The file of what is called alike in several languages."""
BABEL = "en"
"""Names in this language are known even where it is not offered."""

# Words around a name that count whatever language it stands in.
_COMMON = ("place", "articles", "determiners")
# Their demonyms have rules of their own below; those of other languages go by the Dutch ones.
_OWN_RULES = ("nl", "tr", "pl")

# Babel's codes that are no countries, and parts of a country that have a code of their own.
NO_COUNTRIES = frozenset(["EU", "EZ", "UN", "QO", "XA", "XB", "ZZ", "AC", "TA", "DG", "CP", "CQ"])
PARTS = {"IC": "ES", "EA": "ES"}

KINDS = ("name", "people", "place", "airport", "code")
"""What a mention is; where a form could be two things the first of these wins."""

_TOKEN = re.compile(r"[^\W\d_](?:[^\W\d_]|[\u0300-\u036f])*")
_MARKS = re.compile(r"[\u0300-\u036f]")
_LANGUAGE_SUFFIX = re.compile(r"c[ae](?:y[ae]|d[ae]n?|s[iu]|m|n[iu]n|y[iu])?$")
_REPEATED = re.compile(r"(.)\1{2,}")
# Shorter forms are too near to too many words. A slip in a name that also carries a Turkish
# suffix could be nearly anything, so there only the usual countries may be short.
_TYPO_LENGTH = {"name": 6, "people": 7, "place": 8, "airport": 8}
_TYPO_LENGTH_OF_STEM = 7
_USUAL = frozenset(["NL", "BE", "TR", "PL", "DE", "MA"])


class GazetteerError(ProjectFileError):
    """Faults in the files of `bot/gazetteer/`."""


@dataclass(frozen=True)
class CountryMention:
    """A country named in `text[start:end]`.

    `code` is ISO 3166 alpha-2 (XK for Kosovo), `kind` one of `KINDS`.
    """

    code: str
    start: int
    end: int
    kind: str


@dataclass(frozen=True)
class Entry:
    """What a form stands for. `speech`: without more context it is the name of a language."""

    code: str
    kind: str
    language: str
    speech: bool = False
    size: int = 0
    """Letters of the name as listed; slips are only looked for in names that are long enough."""


@dataclass(frozen=True)
class Token:
    """A run of letters: `key` is folded; `glued` when only an apostrophe parts it from the last."""

    raw: str
    key: str
    start: int
    end: int
    glued: bool
    gap: str


@dataclass
class Lexicon:
    """All forms, ready for look-up."""

    forms: dict[str, Entry] = field(default_factory=dict)
    stems: dict[str, Entry] = field(default_factory=dict)
    """Forms that take Turkish suffixes without an apostrophe."""
    phrases: dict[str, list[tuple[tuple[frozenset[str], ...], Entry, str]]] = field(
        default_factory=dict
    )
    """First word → the other words of the name, the entry, and the name as a key for guards."""
    codes: dict[str, Entry] = field(default_factory=dict)
    """Airport codes, upper case."""
    compounds: frozenset[str] = frozenset()
    guards: dict[str, str] = field(default_factory=dict)
    ordinary: frozenset[str] = frozenset()
    context: dict[str, dict[str, frozenset[str]]] = field(default_factory=dict)
    typos: dict[tuple[int, int, str], list[str]] = field(default_factory=dict)

    endings: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    """Language and section → what its words may end in."""

    listed: set[str] = field(default_factory=set)
    """Forms that stand in a file as they are; those made by rule never replace them."""

    def add(self, form: str, entry: Entry, listed: bool = False) -> None:
        """Let `form` stand for `entry`, unless it already stands for something closer."""
        known = self.forms.get(form)
        if listed == (form in self.listed):
            if known is None or KINDS.index(entry.kind) < KINDS.index(known.kind):
                self.forms[form] = entry
        elif listed:
            self.forms[form] = entry
        if listed:
            self.listed.add(form)


def find_countries(text: str, language: str | None = None) -> list[CountryMention]:
    """Countries in `text` in order of appearance, not overlapping.

    The words of all languages count in any text, because people mix them; `language` is there
    for callers that know it, and decides nothing so far. Positions are those of `text` as given.
    Never raises for a text.
    """
    lexicon = _lexicon()
    tokens = _tokens(text)
    shouting = _is_shouting(text)
    found: list[CountryMention] = []
    position = 0
    while position < len(tokens):
        size, entry, guard = _match(lexicon, tokens, position, shouting)
        if entry is None:
            position += 1
            continue
        sentence = _Sentence(text, tokens, position, position + size, shouting)
        if _counts(lexicon, sentence, entry, guard):
            last = position + size - 1
            if last + 1 < len(tokens) and tokens[last + 1].glued:
                last += 1
            found.append(
                CountryMention(entry.code, tokens[position].start, tokens[last].end, entry.kind)
            )
            position = last + 1
        else:
            position += size
    return found


def country_codes(text: str, language: str | None = None) -> list[str]:
    """Codes of the countries in `text`, in order, each run of one country once."""
    codes: list[str] = []
    for mention in find_countries(text, language):
        if not codes or codes[-1] != mention.code:
            codes.append(mention.code)
    return codes


# --- looking up -----------------------------------------------------------------------------


@dataclass(frozen=True)
class _Sentence:
    """A candidate `tokens[first:stop]` and what surrounds it, for guards to look at."""

    text: str
    tokens: list[Token]
    first: int
    stop: int
    shouting: bool

    def before(self, distance: int = 1) -> str:
        index = self.first - distance
        return self.tokens[index].key if index >= 0 else ""

    def after(self) -> str:
        """The next word; nothing where a comma, full stop or the like comes first."""
        following = [token for token in self.tokens[self.stop :] if not token.glued]
        if not following or following[0].gap.strip(" -\u00a0"):
            return ""
        return following[0].key

    @property
    def key(self) -> str:
        return self.tokens[self.first].key

    @property
    def raw(self) -> str:
        return self.tokens[self.first].raw

    @property
    def has_apostrophe(self) -> bool:
        return self.stop < len(self.tokens) and self.tokens[self.stop].glued

    @property
    def is_capital(self) -> bool:
        return self.raw[:1].isupper() and not self.shouting

    @property
    def starts_sentence(self) -> bool:
        gap = self.tokens[self.first].gap
        return self.first == 0 or any(mark in gap for mark in ".!?:\n")


def _tokens(text: str) -> list[Token]:
    folded = fold(text)
    tokens: list[Token] = []
    last_end = 0
    for match in _TOKEN.finditer(folded):
        gap = folded[last_end : match.start()]
        tokens.append(
            Token(
                raw=text[match.start() : match.end()],
                key=_MARKS.sub("", match.group()),
                start=match.start(),
                end=match.end(),
                glued=bool(tokens) and gap == "'",
                gap=gap,
            )
        )
        last_end = match.end()
    return tokens


def _is_shouting(text: str) -> bool:
    letters = [character for character in text if character.isalpha()]
    return len(letters) > 5 and not any(character.islower() for character in letters)


def _match(
    lexicon: Lexicon, tokens: list[Token], position: int, shouting: bool
) -> tuple[int, Entry | None, str]:
    """Number of tokens, entry and guard key of the longest name that starts at `position`."""
    token = tokens[position]
    for rest, entry, name in lexicon.phrases.get(token.key, ()):
        stop = position + 1 + len(rest)
        if stop <= len(tokens) and _words_match(rest, tokens[position + 1 : stop]):
            return 1 + len(rest), entry, name
    if token.glued:
        return 1, None, ""
    if not shouting and token.raw in lexicon.codes:
        return 1, lexicon.codes[token.raw], token.key
    key, found = _look_up(lexicon, token.key)
    return 1, found, key


def _words_match(words: tuple[frozenset[str], ...], tokens: list[Token]) -> bool:
    """Whether `tokens` are `words`; the last may carry Turkish suffixes."""
    for index, (word, token) in enumerate(zip(words, tokens)):
        # "St. Kitts" and "U.S. Virgin Islands" have a full stop inside
        if (
            any(mark in token.gap for mark in ",;:!?")
            or "." in token.gap
            and token.gap not in (".", ". ")
        ):
            return False
        if token.key in word:
            continue
        if index + 1 < len(words):
            return False
        if not any(stem in word for stem in turkish_stems(token.key)):
            return False
    return True


def _look_up(lexicon: Lexicon, key: str) -> tuple[str, Entry | None]:
    """The form that `key` is, or comes from, and its entry; guards are kept under the form."""
    if key in lexicon.ordinary or len(key) < 2:
        return key, None
    if key in lexicon.forms:
        return key, lexicon.forms[key]
    if len(key) < 4:
        return key, None
    shorter = _REPEATED.sub(r"\1", key)
    if shorter != key and shorter in lexicon.forms:
        return shorter, lexicon.forms[shorter]
    genitive = lexicon.forms.get(key[:-1]) if key[-1] == "s" and len(key) > 6 else None
    if genitive is not None and genitive.kind == "name":
        return key, genitive
    stems = turkish_stems(key)
    if _is_turkish_language(lexicon, key):
        return key, None
    if any(stem in lexicon.ordinary for stem in stems):
        return key, None
    for stem in stems:
        if stem in lexicon.stems:
            return (key if key in lexicon.guards else stem), lexicon.stems[stem]
    compound = _compound(lexicon, key)
    if compound is not None:
        return key, compound
    for candidate in (key, *stems):
        entry = _mistyped(lexicon, candidate)
        if entry is None:
            continue
        if (
            candidate == key
            or entry.kind == "name"
            and (len(candidate) >= _TYPO_LENGTH_OF_STEM or entry.code in _USUAL)
        ):
            return candidate, entry
    return key, None


def _is_turkish_language(lexicon: Lexicon, key: str) -> bool:
    """ "Somalice", "Türkçeye": a name and the suffix for its language."""
    match = _LANGUAGE_SUFFIX.search(key)
    return match is not None and key[: match.start()] in lexicon.stems


def _compound(lexicon: Lexicon, key: str) -> Entry | None:
    """Dutch "turkijereis": a name and a word that may follow it."""
    for cut in range(max(4, len(key) - 9), len(key) - 3):
        entry = lexicon.forms.get(key[:cut])
        if entry is not None and entry.kind == "name" and key[cut:] in lexicon.compounds:
            return entry
    return None


def _mistyped(lexicon: Lexicon, key: str) -> Entry | None:
    """The entry of the one country that is a single slip away from `key`."""
    if len(key) < 6:
        return None
    entries = {lexicon.forms[form].code: lexicon.forms[form] for form in _near(lexicon, key)}
    return next(iter(entries.values())) if len(entries) == 1 else None


def _near(lexicon: Lexicon, key: str) -> Iterator[str]:
    # One slip leaves the first or the second half of the form untouched; only two letters that
    # changed places across the middle need a look of their own.
    middle = len(key) // 2
    swapped = key[: middle - 1] + key[middle] + key[middle - 1] + key[middle + 1 :]
    if swapped in lexicon.forms and _is_typo_target(lexicon.forms[swapped], swapped):
        yield swapped
    for length in (len(key) - 1, len(key), len(key) + 1):
        half = length // 2
        for form in lexicon.typos.get((length, 0, key[:half]), ()):
            if _is_one_slip(key[half:], form[half:]):
                yield form
        for form in lexicon.typos.get((length, 1, key[half - length :]), ()):
            # a wrong first letter makes another word more often than it is a slip
            if key[0] == form[0] and _is_one_slip(key[: len(key) - length + half], form[:half]):
                yield form


def _is_one_slip(left: str, right: str) -> bool:
    """One letter put in, left out or wrong, or two neighbours swapped."""
    if left == right:
        return False
    start = 0
    while start < min(len(left), len(right)) and left[start] == right[start]:
        start += 1
    left, right = left[start:], right[start:]
    if len(left) == len(right):
        swapped = left[1::-1] + left[2:]
        return left[1:] == right[1:] or (len(left) > 1 and swapped == right)
    return left[1:] == right or left == right[1:]


def _is_typo_target(entry: Entry, form: str) -> bool:
    least = _TYPO_LENGTH.get(entry.kind, 99)
    return len(form) >= least and entry.size >= least


# --- guards ---------------------------------------------------------------------------------


def _counts(lexicon: Lexicon, sentence: _Sentence, entry: Entry, key: str) -> bool:
    """Whether the candidate is meant as a country here."""
    guard = lexicon.guards.get(key)
    if guard is not None and not _passes(lexicon, sentence, entry, guard):
        return False
    if entry.kind in ("place", "airport", "people") and _is_treaty(lexicon, sentence):
        return False
    # "polski" is the language, the adjective and "of Poland"
    if entry.kind == "people" or entry.language == "pl" and key.endswith(("ki", "kiego")):
        return not _is_language(lexicon, sentence, entry)
    return True


def _passes(lexicon: Lexicon, sentence: _Sentence, entry: Entry, guard: str) -> bool:
    """Guards: alternatives parted by `|`, each of conditions joined by `+`.

    never · alone: it is the whole message · cap: capital letter · midcap: capital, not at the
    start of a sentence · upper: all capitals · accent: typed with its diacritics · without:óę:
    typed without these letters · place: after "naar", "do" … · article: after "een", "half" … ·
    suffix: a Turkish one after an apostrophe · case: any Turkish suffix · locative: Turkish in,
    from, of · treaty: not next to a word for convention · after:a/b: one of these words before ·
    before:a/b: the next word begins so · notbefore:a/b.
    A name that is the whole message is an answer to "which country" and passes, unless never.
    """
    alone = len([token for token in sentence.tokens if not token.glued]) == 1
    if alone and entry.kind == "name" and guard != "never":
        return True
    return any(
        all(_holds(lexicon, sentence, condition, alone) for condition in alternative.split("+"))
        for alternative in guard.split("|")
    )


def _holds(lexicon: Lexicon, sentence: _Sentence, condition: str, alone: bool) -> bool:
    name, _, argument = condition.partition(":")
    words = argument.split("/")
    raw = sentence.raw
    if name == "alone":
        return alone
    if name == "cap":
        return sentence.is_capital
    if name == "midcap":
        return sentence.is_capital and not sentence.starts_sentence
    if name == "upper":
        return raw.isupper() and not sentence.shouting
    if name == "accent":
        return not raw.isascii()
    if name == "place":
        return _follows(
            sentence, lexicon.context[SOURCE]["place"], lexicon.context[SOURCE]["articles"]
        )
    if name == "article":
        return sentence.before() in lexicon.context[SOURCE]["determiners"]
    if name == "suffix":
        return sentence.has_apostrophe
    if name == "case":
        token = sentence.tokens[sentence.first]
        return sentence.has_apostrophe or token.key not in lexicon.forms
    if name == "locative":
        return re.search(r"(?:[dt][ae]n?|[dt][ae]ki\w*|l[iu]\w*)$", _written(sentence)) is not None
    if name == "treaty":
        return not _is_treaty(lexicon, sentence)
    if name == "without":
        return not set(argument) & set(raw.lower())
    if name == "after":
        return sentence.before() in words
    if name == "before":
        return sentence.after().startswith(tuple(words))
    if name == "notbefore":
        return not sentence.after().startswith(tuple(words))
    return False


def _written(sentence: _Sentence) -> str:
    """The word with what follows its apostrophe."""
    tokens = sentence.tokens[sentence.first : sentence.stop + sentence.has_apostrophe]
    return "".join(token.key for token in tokens)


def _follows(sentence: _Sentence, words: frozenset[str], skipped: frozenset[str]) -> bool:
    distance = 2 if sentence.before() in skipped else 1
    return sentence.before(distance) in words


def _is_treaty(lexicon: Lexicon, sentence: _Sentence) -> bool:
    """ "Verdrag van Den Haag", "Istanbul Sözleşmesi", "Brussel II": a text, not a place."""
    treaty = tuple(lexicon.context[SHARED]["treaty"])
    if sentence.after().startswith(treaty):
        return True
    for distance in (1, 2, 3):
        word = sentence.before(distance)
        if word.startswith(treaty):
            return True
        if word not in lexicon.context[SHARED]["treaty_links"]:
            break
    return False


def _is_language(lexicon: Lexicon, sentence: _Sentence, entry: Entry) -> bool:
    """Whether a demonym stands for the language here: "in het Turks", "język turecki"."""
    context = lexicon.context.get(entry.language, {})
    following = sentence.after()
    if following.startswith(tuple(context.get("language_after", ())) or ("\0",)):
        return True
    before = sentence.before()
    if entry.language == "pl":
        if before in context["adverb"] or before.startswith(tuple(context["language_before"])):
            return True
        earlier = (sentence.before(2), sentence.before(3))
        if before in ("na", "z") and any(
            word.startswith(tuple(context["translate"])) for word in earlier if word
        ):
            return True
        # "tylko polski", "polski proszę", but "polski sąd" and "prawnik polski"
        if not sentence.key.endswith(("ki", "kiego")):
            return False
        if following and following not in context["function"]:
            return False
        if before in ("i", "lub", "albo") and earlier[0].endswith(("ki", "kiego")):
            before = earlier[1]
        served = sentence.key in context["served"] and following in ("", "prosze", "poprosze")
        return before in context["speak"] or served and sentence.starts_sentence
    if not entry.speech:
        return False
    own = context if entry.language not in _OWN_RULES and "speak" in context else None
    return _is_dutch_language(sentence, own or lexicon.context[SOURCE], lexicon)


def _is_dutch_language(
    sentence: _Sentence, context: dict[str, frozenset[str]], lexicon: Lexicon
) -> bool:
    # Without its ending the adjective goes with a neuter noun ("Turks paspoort"), with "is" or
    # with "een" and a noun understood; else it names the language. Of "Nederlands en Turks
    # paspoort" the last word decides.
    before = sentence.before()
    if before in context["speak"] or sentence.before(2) in context["translate"]:
        return True
    tokens = sentence.tokens
    stop = sentence.stop
    if stop < len(tokens) and tokens[stop].gap == "-":
        return False
    if before in context["indefinite"] or any(
        sentence.before(n) in context["papers"] for n in (1, 2, 3, 4)
    ):
        return False
    while stop + 1 < len(tokens) and tokens[stop].key in context["joints"]:
        after_article = stop + 2 if tokens[stop + 1].key in context["indefinite"] else stop + 1
        if after_article >= len(tokens) or not _is_speech(lexicon, tokens[after_article].key):
            break
        stop = after_article + 1
    word = tokens[stop].key if stop < len(tokens) and not tokens[stop].gap.strip() else ""
    if word in context["copulas"] and before in context["pronouns"]:
        return False
    if word and word not in context["function"]:
        return False
    if before in context["be"]:
        return sentence.before(2) in context["speak"]
    if before not in context["adverbs"] and before not in context["joints"]:
        return True
    # "… is Turks en Nederlands": what stood before "en" was said of a person
    in_list = _is_speech(lexicon, sentence.before(2)) and sentence.before(3) in context["be"]
    return not (sentence.before(2) in context["be"] or in_list)


def _is_speech(lexicon: Lexicon, key: str) -> bool:
    return key in lexicon.forms and lexicon.forms[key].speech


# --- loading --------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _lexicon() -> Lexicon:
    return load()


def load(folder: Path = FOLDER) -> Lexicon:
    """All words of `folder` and of Babel. Raises `GazetteerError` with every fault found."""
    faults: list[str] = []
    names = [*languages(), SHARED]
    files = {name: _read(folder / f"{name}.yml", faults) for name in names}
    if faults:
        raise GazetteerError(faults)
    lexicon = Lexicon()
    for name, data in files.items():
        for key, value in data.get("guards", {}).items():
            if lexicon.guards.setdefault(key, value) != value:
                faults.append(
                    f"bot/gazetteer/{name}.yml: guards: {key} has another guard in another file. "
                    "Keep one."
                )
        lexicon.context[name] = {
            key: frozenset(fold(word) for word in _words(value))
            for key, value in data.get("context", {}).items()
        }
    if faults:
        raise GazetteerError(faults)
    _share_context(lexicon)
    lexicon.endings = {
        (name, section): line.split()
        for name, data in files.items()
        for section, line in data.get("endings", {}).items()
    }
    lexicon.ordinary = frozenset(
        fold(word) for data in files.values() for word in _words(data.get("ordinary", ""))
    )
    lexicon.ordinary |= _read_words(folder / "ordinary.txt")
    lexicon.compounds = frozenset(_words(files[SOURCE].get("compounds", "")))
    for name in names:
        _add_file(lexicon, name, files[name])
    for language in dict.fromkeys([*languages(), BABEL]):
        _add_babel(lexicon, language)
    for code, words in files[SHARED]["iata"].items():
        for word in words.split():
            lexicon.codes[word] = Entry(code, "airport", "places")
    # "po polsku": the adverb names the language, and is one slip from the adjective
    lexicon.ordinary |= {
        fold(word)[:-1] + "u"
        for line in files["pl"]["adjectives"].values()
        for word in _words(line)
    } - set(lexicon.forms)
    for options in lexicon.phrases.values():
        options.sort(key=lambda option: -len(option[0]))
    _index_typos(lexicon)
    return lexicon


def _share_context(lexicon: Lexicon) -> None:
    """Let words around a name count in the other languages, too, where that is meant."""
    dutch = lexicon.context[SOURCE]
    for name, context in lexicon.context.items():
        for key in _COMMON:
            if name != SOURCE and key in context:
                dutch[key] |= context[key]
    for name, context in lexicon.context.items():
        if name not in (*_OWN_RULES, SHARED):
            context.update({key: words | context.get(key, words) for key, words in dutch.items()})


def _read(path: Path, faults: list[str]) -> dict[str, Any]:
    place = f"bot/gazetteer/{path.name}"
    try:
        data = yaml_text.load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        line = yaml_text.after_name(error)
        faults.append(f"{place}:{line} cannot be read ({type(error).__name__}). Mend the file.")
        return {}
    if not isinstance(data, dict):
        faults.append(f"{place}: is not a mapping of sections. Mend the file.")
        return {}
    for section, lines in data.items():
        if not isinstance(lines, dict):
            continue
        for key, value in lines.items():
            if not isinstance(key, str) or not isinstance(value, str):
                faults.append(
                    f"{place}: {section}: {key}: key and value must be texts. "
                    'Put quotes around words such as "NO".'
                )
    return data


def _read_words(path: Path) -> frozenset[str]:
    if not path.exists():
        return frozenset()
    lines = path.read_text(encoding="utf-8").splitlines()
    return frozenset(fold(word) for line in lines if line[:1] != "#" for word in line.split())


def _words(text: str) -> list[str]:
    return [word for word in re.split(r"[,\s]+", text) if word]


_NAME = re.compile(r"([^,()]+)(?:\(([^)]*)\))?")


def _names(text: str) -> Iterator[tuple[str, list[str]]]:
    """Names of a line with the irregular forms in brackets behind each."""
    for match in _NAME.finditer(text):
        name = " ".join(match.group(1).split())
        if name:
            yield name, (match.group(2) or "").split()


def _add_file(lexicon: Lexicon, language: str, data: dict[str, Any]) -> None:
    sections = {
        "names": "name",
        "adjectives": "people",
        "people": "people",
        "places": "place",
        "airports": "airport",
        "codes": "code",
    }
    for section, kind in sections.items():
        for code, line in data.get(section, {}).items():
            if section == "codes":
                for word in line.split():
                    entry = Entry(code, kind, language)
                    lexicon.add(fold(word), entry, listed=True)
                    if len(word) > 2:
                        lexicon.stems.setdefault(fold(word), entry)
                continue
            for name, extra in _names(line):
                _add_name(lexicon, name, extra, Entry(code, kind, language), section)


def _add_babel(lexicon: Lexicon, language: str) -> None:
    for code, name in Locale(language).territories.items():
        if len(code) != 2 or not code.isalpha() or code in NO_COUNTRIES:
            continue
        entry = Entry(PARTS.get(code, code), "name", language)
        # "Myanmar (Birma)" is two names; "Cocos (Keeling) Adaları" and "SRA Makau (Chiny)" are not
        aliases = re.fullmatch(r"(\w+) \((\w+)\)", name)
        for variant in (name, *(aliases.groups() if aliases else ())):
            if variant:
                _add_name(lexicon, variant.replace("&", "and"), [], entry, "names")
                if "&" in variant:
                    _add_name(lexicon, variant.replace("&", ""), [], entry, "names")


def _add_name(lexicon: Lexicon, name: str, extra: list[str], entry: Entry, section: str) -> None:
    words = [_MARKS.sub("", match.group()) for match in _TOKEN.finditer(fold(name))]
    if len(words) == 1:
        base = words[0]
        entry = replace(entry, size=len(base))
        # English "Dutch" and "Turkish" are ambiguous in the same way
        if (
            section == "adjectives"
            and entry.language not in ("tr", "pl")
            or ((section, entry.language) == ("people", SHARED))
        ):
            lexicon.add(base, replace(entry, speech=True), listed=True)
        for form in (base, *map(fold, extra)):
            if not (_is_speech(lexicon, form) and lexicon.forms[form].code == entry.code):
                lexicon.add(form, entry, listed=True)
        for form in _forms(base, entry, section):
            lexicon.add(form, entry)
        for ending in lexicon.endings.get((entry.language, section), ()):
            lexicon.add(base + ending, entry)
        if section in ("names", "places", "airports", "people") and entry.language != "pl":
            # what is short without being Turkish would turn up in "osłona" and "cebula"
            least = {"tr": 3, "places": 6}.get(entry.language, 7)
            if len(base) >= least and (entry.language != "nl" or section != "people"):
                for stem in (base, *_softened(base)):
                    lexicon.stems.setdefault(stem, entry)
        return
    choices = tuple(frozenset({word, *_forms(word, entry, section, part=True)}) for word in words)
    for first in choices[0]:
        lexicon.phrases.setdefault(first, []).append((choices[1:], entry, " ".join(words)))
    if len(words) == 2 and entry.kind == "name" and len("".join(words)) > 7:
        # people write "zuidafrika", "saoediarabie"
        joined = "".join(words)
        for form in _forms(joined, entry, section):
            lexicon.add(form, replace(entry, size=len(joined)))


def _forms(base: str, entry: Entry, section: str, part: bool = False) -> Iterable[str]:
    """Forms of a word by the rules of its language; `part`: it is a word of a longer name."""
    if entry.language in ("pl", "places") and section != "adjectives":
        # Places abroad decline in Polish, too: "w Antalyi"; English names do not.
        if section in ("names", "people") and entry.language == "places":
            return {base}
        if len(base) < (6 if entry.language == "places" else 4) and not part:
            return {base}
        forms = {base, *polish_noun(base)}
        if section == "places" and len(base) > 5:
            forms |= dutch_place(base)
        if part and base[-1] in "aeiy":
            forms |= polish_adjective(base)
        return forms
    if entry.language == "nl" and section == "places" and len(base) > 4 and not part:
        return dutch_place(base) | (polish_noun(base) if len(base) > 4 else set())
    if entry.language == "tr" and section == "places" and len(base) > 5 and not part:
        return polish_noun(base)
    if section == "adjectives" and entry.language == "pl":
        return polish_adjective(base)
    if section == "adjectives" and entry.language == "nl":
        return dutch_adjective(base)
    if section == "people" and entry.language == "nl":
        return dutch_person(base)
    return {base}


def _softened(base: str) -> list[str]:
    """Turkish "Birleşik Krallık" → "Krallığı", "Arnavut" → "Arnavudu"."""
    soft = {"k": "g", "t": "d", "p": "b"}
    return [base[:-1] + soft[base[-1]]] if len(base) > 4 and base[-1] in soft else []


def _index_typos(lexicon: Lexicon) -> None:
    for form, entry in lexicon.forms.items():
        if not _is_typo_target(entry, form) or lexicon.guards.get(form) is not None:
            continue
        half = len(form) // 2
        lexicon.typos.setdefault((len(form), 0, form[:half]), []).append(form)
        lexicon.typos.setdefault((len(form), 1, form[half:]), []).append(form)
