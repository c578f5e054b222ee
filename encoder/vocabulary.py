"""The tokenizer: that of XLM-R, cut down to the pieces of the languages people write here."""

from __future__ import annotations

from collections.abc import Iterable

from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers, processors
from wordfreq import top_n_list

from bot.languages import fold
from encoder.weights import Weights

PREFIX = "query: "
"""What the e5 family expects before a text; the tokenizer puts it there."""

MAX_TOKENS = 256
SPECIAL = ["<s>", "<pad>", "</s>", "<unk>"]

# Words read of each language's frequency list: the three of the assistant, and English, which
# people mix in.
WORDS = {"nl": 60_000, "tr": 60_000, "pl": 60_000, "en": 30_000}

# Scripts whose single characters stay, so that no message turns into nothing.
_LAST_KEPT_SCRIPT = 0x0700  # Latin, Greek, Cyrillic, Armenian, Hebrew, Arabic
_KEPT_BLOCKS = ((0x1E00, 0x2BFF), (0xFB00, 0xFEFF), (0x1F000, 0x1FAFF))


def build_tokenizer(weights: Weights, keep: list[int] | None = None) -> Tokenizer:
    """The tokenizer over the pieces `keep` (all, when None); it adds the prefix by itself."""
    chosen = range(len(weights.pieces)) if keep is None else keep
    pieces = [(weights.pieces[i], float(weights.scores[i])) for i in chosen]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=SPECIAL.index("<unk>")))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Prepend(PREFIX),
            normalizers.NFKC(),
            # what SentencePiece's table does beyond NFKC
            normalizers.Replace(Regex("[\x00-\x08\x0b\x0e-\x1f\x7f\x8f\x9f]"), ""),
            normalizers.Replace(
                Regex("[\t\n\x0c\r\u1680\u200b-\u200f\u2028\u2029\u2581\ufeff\ufffd]"), " "
            ),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    tokenizer.add_special_tokens([AddedToken(t, special=True) for t in SPECIAL])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    tokenizer.enable_truncation(MAX_TOKENS)
    tokenizer.enable_padding(pad_id=1, pad_token=SPECIAL[1])
    return tokenizer


def choose_pieces(weights: Weights, messages: Iterable[str], size: int = 40_000) -> list[int]:
    """Ids of the pieces to keep: special ones, characters, then those of words and messages.

    The pieces of the messages all stay; those of the frequency lists in the order in which the
    languages' words first use them, until there are `size`.
    """
    kept = {i for i, piece in enumerate(weights.pieces) if i < 4 or _is_kept_character(piece)}
    tokenizer = build_tokenizer(weights)
    tokenizer.no_padding()
    tokenizer.no_truncation()
    for text in messages:
        for form in (text, fold(text), text.upper(), text.lower()):
            kept.update(tokenizer.encode(form).ids)
    rank: dict[int, float] = {}
    for language, count in WORDS.items():
        words = top_n_list(language, count, wordlist="best")
        for begin in range(0, len(words), 1000):
            batch = [form for word in words[begin : begin + 1000] for form in _forms(word)]
            place = begin / count
            for encoding in tokenizer.encode_batch(batch):
                for piece in encoding.ids:
                    rank[piece] = min(rank.get(piece, 1.0), place)
    for piece, _place in sorted(rank.items(), key=lambda item: (item[1], item[0])):
        if len(kept) >= size:
            break
        kept.add(piece)
    kept.discard(weights.pieces.index("<mask>"))
    return sorted(kept)


def _forms(word: str) -> set[str]:
    return {word, word.capitalize(), word.upper(), fold(word), fold(word).capitalize()}


def _is_kept_character(piece: str) -> bool:
    bare = piece.removeprefix("▁")
    if len(bare) > 1:
        return False
    code = ord(bare or "▁")
    return code < _LAST_KEPT_SCRIPT or any(a <= code <= b for a, b in _KEPT_BLOCKS)
