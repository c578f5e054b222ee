"""`python -m encoder rebuild|train|export|measure`: see README.md beside this file."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict, fields
from pathlib import Path

from encoder.plan import Plan

CHECKPOINTS = Path("var/encoder")
_NEAR = 0.98
"""Mean cosine that 8 bits take no more than; the training makes it good."""


def _rebuild(options: argparse.Namespace) -> None:
    """The published encoder with the pruned vocabulary, and the committed one over the same."""
    import torch

    from encoder.data import lessons, training_rows
    from encoder.export import ARTEFACT
    from encoder.model import rebuild
    from encoder.reopen import nearness, reopen
    from encoder.vocabulary import build_tokenizer, choose_pieces
    from encoder.weights import read_weights

    weights = read_weights()
    texts = [row.text for row in training_rows()] + [lesson.text for lesson in lessons()]
    keep = choose_pieces(weights, texts, options.pieces)
    folder: Path = options.folder
    folder.mkdir(parents=True, exist_ok=True)
    model = rebuild(weights, keep)
    torch.save(model.state_dict(), folder / "frozen.pt")
    torch.save(reopen(model, ARTEFACT / "model.onnx").state_dict(), folder / "committed.pt")
    tokenizer = build_tokenizer(weights, keep)
    tokenizer.save(str(folder / "tokenizer.json"))
    print(f"{folder}/frozen.pt: {len(keep)} of {len(weights.pieces)} pieces kept")
    near = nearness(model, tokenizer, ARTEFACT, texts[:: len(texts) // 100])
    print(f"{folder}/committed.pt: as the committed one to a cosine of {near:.4f}")
    if near < _NEAR:
        sys.exit("Of the committed one too much is lost; begin with the published weights: frozen.")


def _train(options: argparse.Namespace) -> None:
    """Adapt the rebuilt encoder to the training data; progress on the screen."""
    from encoder.train import Trainer

    names = [field.name for field in fields(Plan)]
    plan = Plan(**{name: getattr(options, name) for name in names})
    path = Trainer(plan, options.folder).run()
    print(f"{path}: written")


def _export(options: argparse.Namespace) -> None:
    """A checkpoint as ONNX graph, tokenizer and manifest."""
    from tokenizers import Tokenizer

    from encoder.export import ARTEFACT, write_artefact
    from encoder.model import load

    model = load(options.folder / f"{options.checkpoint}.pt")
    state = {name: value.numpy() for name, value in model.state_dict().items()}
    if options.share < 1:
        frozen = load(options.folder / "frozen.pt").state_dict()
        state = {
            name: options.share * value + (1 - options.share) * frozen[name].numpy()
            for name, value in state.items()
        }
    tokenizer = Tokenizer.from_file(str(options.folder / "tokenizer.json"))
    about_file = options.folder / f"{options.checkpoint}.json"
    about = {"adapted": options.checkpoint != "frozen", "adapted_share": options.share}
    if about_file.is_file():
        about["training"] = json.loads(about_file.read_text(encoding="utf-8"))
    target = options.to or ARTEFACT
    write_artefact(state, tokenizer, about, target)
    print(f"{target}: written from {options.checkpoint}.pt")


def _measure(options: argparse.Namespace) -> None:
    """Time, memory and nearness to the package's vectors."""
    from encoder.measure import ARTEFACT, measure

    folder = options.artefact or ARTEFACT
    figures = measure(folder)
    print(json.dumps(figures, indent=2))
    if options.write:
        from encoder.export import add_to_manifest

        add_to_manifest(folder, {"figures": figures})


def main(arguments: list[str]) -> None:
    """Run one of the four commands."""
    parser = argparse.ArgumentParser(prog="python -m encoder", description=__doc__)
    parser.add_argument("--folder", type=Path, default=CHECKPOINTS, help="of the checkpoints")
    commands = parser.add_subparsers(required=True)

    command = commands.add_parser("rebuild", help=_rebuild.__doc__)
    command.add_argument("--pieces", type=int, default=40_000)
    command.set_defaults(run=_rebuild)

    command = commands.add_parser("train", help=_train.__doc__)
    for name, default in asdict(Plan()).items():
        flag = f"--{name.replace('_', '-')}"
        if isinstance(default, bool):
            command.add_argument(flag, action=argparse.BooleanOptionalAction, default=default)
        else:
            command.add_argument(flag, type=type(default), default=default)
    command.set_defaults(run=_train)

    command = commands.add_parser("export", help=_export.__doc__)
    command.add_argument("checkpoint", help="frozen, or the name given to train")
    command.add_argument(
        "--share", type=float, default=1.0, help="of the adapted weights, the rest as published"
    )
    command.add_argument("--to", type=Path, help="folder; bot/nlu/encoder when not given")
    command.set_defaults(run=_export)

    command = commands.add_parser("measure", help=_measure.__doc__)
    command.add_argument("--artefact", type=Path)
    command.add_argument("--write", action="store_true", help="put the figures in the manifest")
    command.set_defaults(run=_measure)

    options = parser.parse_args(arguments)
    options.run(options)


if __name__ == "__main__":
    main(sys.argv[1:])
