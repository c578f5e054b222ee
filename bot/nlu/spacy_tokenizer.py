"""spaCy's rules for words, per language of the message."""

from __future__ import annotations

from functools import cache
from typing import Any

import spacy
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message

from bot.languages import SOURCE, is_language, languages
from bot.nlu.language_detector import LANGUAGE


@cache
def _tokenizer(language: str) -> spacy.tokenizer.Tokenizer:
    # a blank pipeline: rules only, no model to download
    return spacy.blank(languages()[language].spacy).tokenizer


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class SpacyLanguageTokenizer(Tokenizer):
    """Splits a message into words by the rules of its own language."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Options of Rasa's `Tokenizer`; intents here are one word."""
        return {
            "intent_tokenization_flag": False,
            "intent_split_symbol": "_",
            "token_pattern": None,
        }

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        """Tokens of `attribute` with their positions in its text."""
        detected = message.get(LANGUAGE) or {}
        # any other language goes by the rules of the source language
        name = detected.get("name")
        language = name if is_language(name) else SOURCE
        text = message.get(attribute)
        tokens = [
            Token(token.text, token.idx)
            for token in _tokenizer(language)(text)
            if not token.is_space
        ]
        result: list[Token] = self._apply_token_pattern(tokens)
        return result
