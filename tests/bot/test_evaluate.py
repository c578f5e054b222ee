"""The evaluation: reading its file, counting, and the form of the result."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.evaluate import (
    EvaluationFileError,
    confusions,
    draw,
    emergency_intents,
    predict,
    read_rows,
    report,
    result,
    scores,
)
from bot.languages import languages

HEADER = "id,lang,intent,style,text\n"


@pytest.fixture
def file(tmp_path: Path):
    def write(text: str, name: str = "set.csv") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_rows_are_read_with_alternatives_and_without_an_intent(file):
    rows = read_rows(
        file(HEADER + '1,nl,lawyer|hague_costs,plain,"Wat kost dat, eigenlijk?"\n2,tr,,noisy,slm\n')
    )
    assert rows[0].intents == {"lawyer", "hague_costs"}
    assert rows[0].text == "Wat kost dat, eigenlijk?"
    assert rows[1].intents == frozenset()


def test_a_file_with_a_byte_order_mark_is_read(file):
    assert len(read_rows(file("\ufeff" + HEADER + "1,nl,lawyer,plain,hallo\n"))) == 1


def test_every_file_of_a_folder_is_read(file, tmp_path: Path):
    file(HEADER + "1,nl,lawyer,plain,a\n", "a.csv")
    file(HEADER + "2,pl,lawyer,plain,b\n", "b.csv")
    assert [row.id for row in read_rows(tmp_path)] == ["1", "2"]


def test_the_development_set_can_be_read():
    rows = read_rows(Path(__file__).parents[1] / "nlu")
    assert {row.lang for row in rows} >= set(languages())


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("id,lang,text\n1,nl,hallo\n", "line 2: lacks intent, style"),
        (HEADER + "1,nl,lawyer,plain\n", "line 2: lacks text"),
    ],
)
def test_a_broken_file_is_told_with_its_line(file, content: str, fault: str):
    with pytest.raises(EvaluationFileError, match=fault):
        read_rows(file(content))


def test_a_missing_file_an_empty_folder_and_another_encoding_are_told(tmp_path: Path):
    with pytest.raises(EvaluationFileError, match="nowhere.csv"):
        read_rows(tmp_path / "nowhere.csv")
    with pytest.raises(EvaluationFileError, match="holds no .csv file"):
        read_rows(tmp_path)
    latin = tmp_path / "latin.csv"
    latin.write_bytes((HEADER + "1,nl,lawyer,plain,één\n").encode("iso-8859-1"))
    with pytest.raises(EvaluationFileError, match="UTF-8"):
        read_rows(latin)


def parsed(*ranking, options=(), language="nl", countries=()) -> dict:
    """Parse data as the pipeline gives it."""
    full = [{"name": name, "confidence": confidence} for name, confidence in ranking]
    first = {"name": "nlu_fallback", "confidence": full[0]["confidence"]} if options else full[0]
    return {
        "intent": first,
        "intent_ranking": full,
        "options": list(options),
        "language": {"name": language},
        "entities": [{"entity": "country", "value": code} for code in countries],
    }


ANSWERS = {
    "right": parsed(("lawyer", 0.9), ("menu", 0.05), ("greet", 0.03), ("thank", 0.01)),
    "wrong": parsed(("menu", 0.9), ("lawyer", 0.05), language="tr"),
    "offered": parsed(("menu", 0.4), ("lawyer", 0.35), options=["menu", "lawyer"]),
    "missed": parsed(("menu", 0.4), ("greet", 0.35), options=["menu", "greet"]),
    "other": {
        "intent": {"name": "other_language", "confidence": 0.9},
        "intent_ranking": [{"name": "lawyer", "confidence": 0.9}],
        "language": {"name": "other"},
    },
    "urgent": parsed(("missing_child", 0.8), ("menu", 0.1), countries=["NL", "TR", "TR", "NL"]),
}


@pytest.fixture
def predictions(file):
    rows = "".join(
        f"{name},nl,lawyer,plain,{name}\n" for name in ANSWERS if name not in ("other", "urgent")
    )
    rows += "other,xx,,plain,other\nurgent,nl,missing_child|lawyer,noisy,urgent\n"
    return predict(read_rows(file(HEADER + rows)), ANSWERS.__getitem__)


def test_right_and_handled_are_counted_as_the_contract_says(predictions):
    by_id = {p.row.id: (p.right, p.handled) for p in predictions}
    assert by_id["right"] == (True, True)
    assert by_id["wrong"] == (False, False)
    assert by_id["offered"] == (False, True)
    assert by_id["missed"] == (False, False)
    assert by_id["urgent"] == (True, True)


def test_the_result_has_the_form_of_the_contract(predictions):
    figures = json.loads(json.dumps(result(predictions)))
    assert figures["rows"] == 6
    assert (figures["overall"]["top1"], figures["overall"]["handled"]) == (0.4, 0.6)
    # lawyer: one hit of one prediction and four rows; missing_child: one of one
    assert figures["overall"]["macro_f1"] == pytest.approx((2 / 5 + 1) / 2)
    assert set(figures["by_lang"]) == {"nl"}
    assert set(figures["by_style"]) == {"plain", "noisy"}
    assert set(figures["by_intent"]) == {"lawyer", "missing_child"}
    assert figures["by_intent"]["missing_child"]["top1"] == 1
    assert figures["language_detection"]["accuracy"] == pytest.approx(5 / 6, abs=1e-3)
    assert set(figures["language_detection"]["by_lang"]) == {"nl", "xx"}
    first = figures["predictions"][0]
    assert set(first) == {"id", "lang", "top", "offered", "emergency", "countries"}
    assert first["top"] == [["lawyer", 0.9], ["menu", 0.05], ["greet", 0.03]]
    assert first["emergency"] is False


def test_an_urgent_row_names_its_countries_in_order(predictions):
    urgent = result(predictions)["predictions"][-1]
    assert urgent["emergency"] is True
    assert urgent["countries"] == ["NL", "TR", "NL"]


def test_a_message_of_another_language_counts_as_recognised_as_other(predictions):
    assert result(predictions)["language_detection"]["by_lang"]["xx"] == 1


def test_nothing_to_score_gives_nought():
    assert scores([]) == {"top1": 0.0, "handled": 0.0, "macro_f1": 0.0}


def test_what_is_taken_for_what_is_counted(predictions):
    assert confusions(predictions, "nl") == [(3, "lawyer", "menu")]


def test_the_report_and_the_picture_show_it(predictions, tmp_path: Path):
    text = report(predictions, result(predictions))
    assert "lawyer > menu" in text
    assert "asked back: 0.333" in text
    draw(predictions, tmp_path / "picture.png")
    assert (tmp_path / "picture.png").read_bytes().startswith(b"\x89PNG")


def test_intents_with_an_emergency_answer_are_known():
    assert {"threat_imminent", "missing_child"} <= emergency_intents()
