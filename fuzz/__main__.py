"""`python -m fuzz TARGET SECONDS`: looks for an input that breaks a promise of `properties`.

Atheris starts from our own messages and changes them towards code not reached yet. A fault ends
it with the input in `build/fuzz/<target>/`; it goes into a test, and the mend with it.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris
import yaml

with atheris.instrument_imports(include=["bot"]):
    from bot.training_data import DATA, examples_of
    from fuzz import properties

ROOT = Path(__file__).parents[1]
# longer ones find no more, and slowly; tests/bot/test_fuzz_time.py sees to those
_LONGEST = 240
_SLOWEST_SECONDS = 20


def seeds(target: str) -> list[str]:
    """Inputs of the usual kind, to start from."""
    if target == "payloads":
        return [
            "q_age=8+b2020-03-04/2020-03-04",
            "q_age/2=1y6m",
            "q_age=+1",
            "q_custody=yes_joint",
            "q_date=2026-07-01/2026-07-31",
            "q_child_where=same_as_home",
            "q_home_country=TR",
            "q_documents=d_birth+d_photo",
            "q_documents/d_birth=have",
            "q_proceedings=case_here+case_there",
        ]
    typed = [e.text for path in sorted(DATA.glob("*/*.yml")) for e in examples_of(path)[:1]]
    for path in sorted((ROOT / "data" / "answers").glob("*/*.yml")):
        for said in yaml.safe_load(path.read_text(encoding="utf-8")).values():
            typed.extend(each for each in said[:2] if isinstance(each, str))
    return typed


def main() -> None:
    """Fuzz the target named on the command line for so many seconds."""
    if len(sys.argv) != 3 or sys.argv[1] not in properties.TARGETS or not sys.argv[2].isdigit():
        sys.exit(f"Give one of {', '.join(properties.TARGETS)} and a number of seconds.")
    target, seconds = sys.argv[1], sys.argv[2]
    folder = ROOT / "build" / "fuzz" / target
    corpus = folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, text in enumerate(seeds(target)):
        (corpus / f"seed-{number}").write_bytes(bytes([number % 4]) + text.encode())

    check = properties.TARGETS[target]

    def one(data: bytes) -> None:
        # the first byte says in which language the rest is read
        language = properties.SPOKEN[(data[0] if data else 0) % len(properties.SPOKEN)]
        check(data[1:].decode("utf-8", "surrogateescape"), language)

    options = [
        f"-max_total_time={seconds}",
        f"-max_len={_LONGEST}",
        f"-timeout={_SLOWEST_SECONDS}",
        f"-artifact_prefix={folder}/",
    ]
    atheris.Setup([sys.argv[0], *options, str(corpus)], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
