"""Emergencies in what people write: departure now, violence now, a child that calls, suicide.

The rules are data: `bot/emergency/*.yml` names groups of words per language, and
`bot/emergency/patterns.yml` says which groups together are an emergency and which hold it back.
All languages are looked for in every message, because people in fear mix them. Everything works
on folded text; nothing of a message is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from bot import yaml_text
from bot.errors import ProjectFileError
from bot.languages import drafts, fold, languages

KINDS = ("child", "suicide", "violence", "departure")
"""What an emergency is; where a message is several, the first of these wins."""

FOLDER = Path(__file__).with_name("emergency")

_PATTERNS = "patterns.yml"
_WINDOW = 16
"""Words within which the groups of a pattern must stand, unless the pattern says otherwise."""
_GAP = 6
"""Words that ".." in a phrase may stand for."""
_TYPO_LENGTH = 7
"""Shorter words are too near to too many others to forgive a slip."""
_SURE_LENGTH = 6
"""Shorter words count only beside other words of their language: Polish "on", Turkish "on"."""
_SHARE = 4
"""A language counts when it has this part of the words of the foremost one."""
_SPLIT_LENGTH = 8
_LONGEST = 4000
"""Characters looked at; an emergency does not begin on the second page."""
_LONGEST_WORD = 40

_TOKEN = re.compile(r"\d{1,2}[:.h]\d{2}(?!\d)|\d+|[^\W\d_]+|[.!?;\n]+")
_REPEATED = re.compile(r"(.)\1{2,}")
_NAME = re.compile(r"[a-z_]+")
_ENTRY = re.compile(r"(?:0:00|\w+[*=]?|\.\.)(?: (?:0:00|\w+[*=]?|\.\.))*")
_NUMBER, _TIME = "0", "0:00"
"""How the files write any number and any time of day."""


class EmergencyError(ProjectFileError):
    """Faults in the files of `bot/emergency/`."""


@dataclass(frozen=True)
class Emergency:
    """An emergency of `kind` (one of `KINDS`); `pattern` is the line that saw it, for logs."""

    kind: str
    pattern: str


@dataclass(frozen=True)
class _Pattern:
    kind: str
    text: str
    needs: tuple[int, ...]
    unless: int
    window: int
    whole: bool
    firm: bool


@dataclass(frozen=True)
class _Phrase:
    words: tuple[str, ...]
    group: int
    language: int
    fixed: frozenset[str]
    """The words without the gaps."""


@dataclass
class _Lexicon:
    """All words, ready for look-up. Languages and groups are bits of a number."""

    words: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    stems: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    phrases: dict[str, list[_Phrase]] = field(default_factory=dict)
    """By first word; those that begin with an open word (stem) stand under its stem."""
    typos: dict[str, list[str]] = field(default_factory=dict)
    """Word without one letter → words it may be a slip of."""
    stem_typos: dict[str, list[str]] = field(default_factory=dict)
    keys: dict[str, int] = field(default_factory=dict)
    """Every form or stem that matters → languages."""
    stem_keys: dict[str, int] = field(default_factory=dict)
    marks: dict[str, int] = field(default_factory=dict)
    ordinary: set[str] = field(default_factory=set)
    numbers: set[str] = field(default_factory=set)
    pieces: set[str] = field(default_factory=set)
    languages: dict[str, int] = field(default_factory=dict)
    groups: dict[str, int] = field(default_factory=dict)
    patterns: list[_Pattern] = field(default_factory=list)
    holds: dict[str, int] = field(default_factory=dict)
    holds_text: int = 0


def detect(text: str, language: str | None = None) -> Emergency | None:
    """The emergency that `text` tells of, or None.

    `language` is the language of the conversation, if known; the others count all the same.
    Never raises for a text.
    """
    lexicon = _lexicon()
    sentences = _sentences(lexicon, text[:_LONGEST])
    if not sentences:
        return None
    masks = _masks(lexicon, sentences, language)
    found: dict[str, Emergency] = {}
    whole = [mask for sentence in masks for mask in sentence]
    seen = _union(whole)
    if seen & lexicon.holds_text:
        return None
    per_sentence = [(_union(sentence), sentence) for sentence in masks]
    for pattern in lexicon.patterns:
        if pattern.kind in found or not all(seen & need for need in pattern.needs):
            continue
        places = [(seen, whole)] if pattern.whole else per_sentence
        held = pattern.unless | (0 if pattern.firm else lexicon.holds.get(pattern.kind, 0))
        for mask, words in places:
            if not mask & held and _stands(pattern, mask, words):
                found[pattern.kind] = Emergency(pattern.kind, pattern.text)
                break
    return next((found[kind] for kind in KINDS if kind in found), None)


def faults() -> list[str]:
    """Faults in the files of `bot/emergency/`: place, fault, remedy."""
    found: list[str] = []
    _load(FOLDER, found)
    return found


# --- reading a message ---------------------------------------------------------------------------


def _union(masks: Iterable[int]) -> int:
    result = 0
    for mask in masks:
        result |= mask
    return result


def _stands(pattern: _Pattern, mask: int, words: list[int]) -> bool:
    if not all(mask & need for need in pattern.needs):
        return False
    if len(words) <= pattern.window:
        return True
    for start in range(len(words)):
        part = _union(words[start : start + pattern.window])
        if all(part & need for need in pattern.needs):
            return True
    return False


def _sentences(lexicon: _Lexicon, text: str) -> list[list[tuple[str, ...]]]:
    """Words per sentence; each word is the keys it stands for, the best first."""
    sentences: list[list[tuple[str, ...]]] = [[]]
    for match in _TOKEN.finditer(fold(text)):
        token = match.group()
        first = token[0]
        if first in ".!?;\n":
            if sentences[-1]:
                sentences.append([])
        elif first.isdigit():
            sentences[-1].append((token, _NUMBER) if token.isdigit() else (token, _TIME))
        else:
            sentences[-1].extend(_keys(lexicon, token[:_LONGEST_WORD]))
    if not sentences[-1]:
        sentences.pop()
    return sentences


def _keys(lexicon: _Lexicon, token: str) -> list[tuple[str, ...]]:
    """The listed forms a word stands for: itself, its stem, what it is a slip of, its parts."""
    variants = [token]
    if _REPEATED.search(token):
        variants = [_REPEATED.sub(by, token) for by in (r"\1\1", r"\1")]
    for variant in variants:
        if variant in lexicon.keys or variant in lexicon.marks:
            return [_exact(lexicon, variant)]
    for variant in variants:
        keys = _exact(lexicon, variant)
        if any(len(key) > _SURE_LENGTH or key in (_NUMBER, variant) for key in keys):
            return [keys]
        if keys:
            return [(*keys, *_slips(lexicon, variant))]
    token = variants[-1]
    if token in lexicon.ordinary or len(token) < _TYPO_LENGTH:
        return [(token,)]
    if len(token) >= _SPLIT_LENGTH:
        parts = _split(lexicon, token)
        if parts and len(parts) > 2:
            return [_exact(lexicon, part) or (part,) for part in parts]
    return [tuple(_slips(lexicon, token)) or (token,)]


def _exact(lexicon: _Lexicon, token: str) -> tuple[str, ...]:
    found = [token] if token in lexicon.keys else []
    stems = lexicon.stem_keys
    found += [stem + "*" for end in range(2, len(token) + 1) if (stem := token[:end]) in stems]
    if token in lexicon.numbers:
        found.append(_NUMBER)
    if not found and (token in lexicon.marks or token in lexicon.ordinary):
        found.append(token)
    return tuple(found)


def _slips(lexicon: _Lexicon, token: str) -> Iterator[str]:
    if len(token) < _TYPO_LENGTH or token in lexicon.ordinary:
        return
    for variant in _without_one(token):
        for word in lexicon.typos.get(variant, ()):
            # another last letter is more often an ending than a slip
            if token[-1] == word[-1] and _is_near(token, word):
                yield word
    for end in range(_TYPO_LENGTH - 1, min(len(token), 11) + 1):
        start = token[:end]
        for variant in _without_one(start):
            for stem in lexicon.stem_typos.get(variant, ()):
                if _is_near(start, stem):
                    yield stem + "*"


def _without_one(word: str) -> set[str]:
    return {word, *(word[:i] + word[i + 1 :] for i in range(len(word)))}


def _is_near(one: str, other: str) -> bool:
    """Whether one slip of the finger lies between the words; their first letters agree."""
    if one[0] != other[0] or abs(len(one) - len(other)) > 1:
        return False
    short, long = sorted((one, other), key=len)
    i = 0
    while i < len(short) and short[i] == long[i]:
        i += 1
    if len(short) < len(long):
        return short[i:] == long[i + 1 :]
    if short[i + 1 :] == long[i + 1 :]:
        return True
    return short[i : i + 2] == long[i : i + 2][::-1] and short[i + 2 :] == long[i + 2 :]


def _split(lexicon: _Lexicon, token: str) -> list[str] | None:
    """Listed words that were written without spaces, or None.

    The caller wants three at least: two make too many ordinary words, Polish "przy" + "jechac".
    """
    best: list[list[str] | None] = [[]] + [None] * len(token)
    for end in range(2, len(token) + 1):
        for start in range(max(0, end - 14), end - 1):
            parts = best[start]
            if parts is not None and token[start:end] in lexicon.pieces:
                candidate = [*parts, token[start:end]]
                known = best[end]
                if known is None or len(candidate) < len(known):
                    best[end] = candidate
    return best[-1]


def _masks(
    lexicon: _Lexicon, sentences: list[list[tuple[str, ...]]], language: str | None
) -> list[list[int]]:
    hits: list[list[list[tuple[int, int]]]] = []
    weights = dict.fromkeys(lexicon.languages.values(), 0)
    for sentence in sentences:
        line: list[list[tuple[int, int]]] = [[] for _ in sentence]
        said = {key for keys in sentence for key in keys}
        for index, keys in enumerate(sentence):
            spoken = 0
            for key in keys:
                spoken |= lexicon.marks.get(key, 0)
                stem = key[-1] == "*"
                for hit in (lexicon.stems if stem else lexicon.words).get(key, ()):
                    line[index].append(hit)
                    if len(key) >= _SURE_LENGTH + stem:
                        spoken |= hit[0]
                for phrase in lexicon.phrases.get(key, ()):
                    if phrase.fixed <= said and _follows(phrase.words, 1, sentence, index + 1):
                        line[index].append((phrase.language, phrase.group))
                        spoken |= phrase.language
            for bit in weights:
                weights[bit] += bool(spoken & bit)
        hits.append(line)
    enough = max(weights.values(), default=0) / _SHARE
    present = _union(bit for bit, weight in weights.items() if weight and weight >= enough)
    present |= lexicon.languages.get(language or "", 0)
    return [
        [
            _union(group for spoken, group in word if not present or spoken & present)
            for word in line
        ]
        for line in hits
    ]


def _follows(
    words: tuple[str, ...], position: int, sentence: list[tuple[str, ...]], at: int
) -> bool:
    if position == len(words):
        return True
    if words[position] == "..":
        return any(
            _follows(words, position + 1, sentence, at + gap)
            for gap in range(_GAP + 1)
            if at + gap < len(sentence)
        )
    return (
        at < len(sentence)
        and words[position] in sentence[at]
        and _follows(words, position + 1, sentence, at + 1)
    )


# --- reading the files ---------------------------------------------------------------------------


@cache
def _lexicon() -> _Lexicon:
    found: list[str] = []
    lexicon = _load(FOLDER, found)
    if found:
        raise EmergencyError(found)
    return lexicon


def _load(folder: Path, found: list[str]) -> _Lexicon:
    lexicon = _Lexicon()
    paths = sorted(path for path in folder.glob("*.yml") if path.name != _PATTERNS)
    paths = [path for path in paths if path.stem not in drafts() or _is_in_order(path)]
    if not paths:
        found.append(f"{folder.name}: has no words of any language. Restore the files.")
    found += [
        f"bot/emergency/{language}.yml: is missing. Write it like those of the other languages."
        for language in languages()
        if folder == FOLDER and not (folder / f"{language}.yml").is_file()
    ]
    for number, path in enumerate(paths):
        lexicon.languages[path.stem] = 1 << number
        _add_words(lexicon, path, _read(path, found), found)
    _add_patterns(lexicon, folder / _PATTERNS, found)
    _index_slips(lexicon)
    return lexicon


def _is_in_order(path: Path) -> bool:
    """Whether the words of a language that is being made can be used: people in fear write it."""
    found: list[str] = []
    scratch = _Lexicon(languages={path.stem: 1})
    _add_words(scratch, path, _read(path, found), found)
    return not found


def _place(path: Path) -> str:
    return f"bot/emergency/{path.name}"


def _read(path: Path, found: list[str]) -> dict[str, Any]:
    place = _place(path)
    try:
        data = yaml_text.load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        found.append(f"{place}: is missing. Restore the file.")
        return {}
    except (OSError, ValueError, yaml.YAMLError) as error:
        line = yaml_text.after_name(error)
        found.append(
            f"{place}:{line} cannot be read ({type(error).__name__}). "
            "Mend the indentation or the quotes there."
        )
        return {}
    if not isinstance(data, dict):
        found.append(f"{place}: is no mapping of sections. Write it like its neighbours.")
        return {}
    return data


def _add_words(lexicon: _Lexicon, path: Path, data: dict[str, Any], found: list[str]) -> None:
    place, language = _place(path), lexicon.languages[path.stem]
    unknown = set(data) - {"words", "endings", "marks", "numbers", "ordinary"}
    for section in sorted(map(str, unknown)):
        found.append(f"{place}: {section}: is no section of this file. Correct the name.")
    endings = data.get("endings") or {}
    if not isinstance(endings, dict):
        found.append(f"{place}: endings: is no mapping of names to endings. Write it like tr.yml.")
        endings = {}
    for section, target in (("marks", lexicon.marks), ("numbers", None), ("ordinary", None)):
        text = data.get(section) or ""
        if not isinstance(text, str):
            found.append(f"{place}: {section}: must be words with spaces between. Mend the line.")
            continue
        words = fold(text).replace(",", " ").split()
        if target is not None:
            for word in words:
                target[word] = target.get(word, 0) | language
            lexicon.pieces.update(words)
        else:
            (lexicon.numbers if section == "numbers" else lexicon.ordinary).update(words)
    groups = data.get("words")
    if not isinstance(groups, dict):
        found.append(f"{place}: has no section `words`. Add it, with groups of words.")
        return
    for name, lines in groups.items():
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            found.append(f"{place}: {name}: a group is named in small letters. Rename it.")
            continue
        group = lexicon.groups.setdefault(name, 1 << len(lexicon.groups))
        if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
            found.append(
                f"{place}: {name}: must be a list of lines of words. "
                'Begin each line with "- " and put quotes around "no", "on" and "yes".'
            )
            continue
        for line in lines:
            for entry in filter(None, (part.strip() for part in line.split(","))):
                for form in _expanded(fold(entry), endings, f"{place}: {name}: {entry}", found):
                    _add_entry(lexicon, form, group, language, f"{place}: {name}: {entry}", found)


_ENDING = re.compile(r"<(\w+)>")
_CHOICE = re.compile(r"\(([^()]*)\)")


def _expanded(entry: str, endings: dict[str, Any], place: str, found: list[str]) -> Iterator[str]:
    """The entry with each of its endings: "gid<iyor>", "boj(e|i) sie"."""
    match = _ENDING.search(entry)
    if match:
        text = endings.get(match.group(1))
        if not isinstance(text, str):
            found.append(f"{place}: there are no endings <{match.group(1)}>. Add or correct them.")
            return
        entry = entry[: match.start()] + f"({'|'.join(fold(text).split())})" + entry[match.end() :]
    match = _CHOICE.search(entry)
    if not match:
        yield entry
        return
    for choice in match.group(1).split("|"):
        form = entry[: match.start()] + choice + entry[match.end() :]
        yield from _expanded(" ".join(form.split()), endings, place, found)


def _add_entry(
    lexicon: _Lexicon, entry: str, group: int, language: int, place: str, found: list[str]
) -> None:
    if not _ENTRY.fullmatch(entry) or entry[:2] == ".." or entry[-2:] == "..":
        found.append(
            f"{place}: is no word or phrase. Use letters, 0 for any number, 0:00 for a time, "
            ".. between words, * for any ending, = for no slips."
        )
        return
    words = entry.split()
    for word in words:
        if word[-1] == "*":
            if len(word) < (4 if word is words[0] else 3):
                found.append(f"{place}: {word}: is too short for a stem. Write its forms out.")
                return
            lexicon.stem_keys[word[:-1]] = lexicon.stem_keys.get(word[:-1], 0) | language
        elif word not in ("..", _NUMBER, _TIME):
            plain = word.rstrip("=")
            lexicon.keys[plain] = lexicon.keys.get(plain, 0) | language
            lexicon.pieces.add(plain)
            if word[-1] == "=":
                lexicon.ordinary.add("=" + plain)
    if len(words) == 1:
        key = words[0].rstrip("=")
        table = lexicon.stems if key[-1] == "*" else lexicon.words
        table.setdefault(key, []).append((language, group))
        return
    parts = tuple(word.rstrip("=") for word in words)
    lexicon.phrases.setdefault(parts[0], []).append(
        _Phrase(parts, group, language, frozenset(parts) - {".."})
    )


def _index_slips(lexicon: _Lexicon) -> None:
    for word in lexicon.keys:
        if len(word) >= _TYPO_LENGTH and "=" + word not in lexicon.ordinary:
            for variant in _without_one(word):
                lexicon.typos.setdefault(variant, []).append(word)
    for stem in lexicon.stem_keys:
        if len(stem) >= _TYPO_LENGTH:
            for variant in _without_one(stem):
                lexicon.stem_typos.setdefault(variant, []).append(stem)


def _add_patterns(lexicon: _Lexicon, path: Path, found: list[str]) -> None:
    place, data = _place(path), _read(path, found)
    for section in sorted(map(str, set(data) - {"patterns", "holds", "holds_text"})):
        found.append(f"{place}: {section}: is no section of this file. Correct the name.")

    def mask(names: str, where: str) -> int:
        for name in names.split("/"):
            if name not in lexicon.groups:
                found.append(
                    f"{place}: {where}: {name}: no language has a group of this name. "
                    "Add words to it or correct the name."
                )
        return _union(lexicon.groups.get(name, 0) for name in names.split("/"))

    patterns, holds = data.get("patterns") or {}, data.get("holds") or {}
    lexicon.holds_text = _union(
        mask(name, "holds_text") for name in str(data.get("holds_text") or "").split()
    )
    for section, content in (("patterns", patterns), ("holds", holds)):
        if not isinstance(content, dict) or set(content) != set(KINDS):
            found.append(f"{place}: {section}: needs exactly {', '.join(KINDS)}. Complete it.")
            return
    for kind in KINDS:
        lexicon.holds[kind] = _union(
            mask(name, f"holds: {kind}") for name in str(holds[kind] or "").split()
        )
        lines = patterns[kind]
        if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
            found.append(f"{place}: patterns: {kind}: must be a list of lines. Mend it.")
            continue
        for line in lines:
            where = f"patterns: {kind}: {line}"
            needs, unless, window, whole, firm = [], 0, _WINDOW, False, False
            for word in line.split():
                if word == "[text]":
                    whole = True
                    window = 10 * _WINDOW
                elif re.fullmatch(r"\[\d+\]", word):
                    window = int(word[1:-1])
                elif word == "!":
                    firm = True
                elif word[0] == "-":
                    unless |= mask(word[1:], where)
                else:
                    needs.append(mask(word, where))
            if not needs:
                found.append(f"{place}: {where}: names no group. Add one or remove the line.")
                continue
            lexicon.patterns.append(_Pattern(kind, line, tuple(needs), unless, window, whole, firm))
