"""The Rasa server does without TensorFlow until something uses it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def _python(code: str) -> str:
    """What `code` prints in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", f"import sys\nfrom bot import put_off\n{code}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    return done.stdout.strip()


def test_a_server_with_our_pipeline_loads_no_tensorflow():
    # the classes of config.yml, and the model, which names what trained it
    code = (
        "put_off.tensorflow()\n"
        "import asyncio, rasa.__main__, rasa.core.run\n"
        "from rasa.core.agent import Agent\n"
        "from bot.model import model_file\n"
        "agent = Agent.load(model_file())\n"
        "asyncio.run(agent.parse_message('Wat kost het?'))\n"
        "print('tensorflow' in sys.modules)"
    )
    assert _python(code).splitlines()[-1] == "False"


def test_what_needs_it_gets_it():
    code = (
        "put_off.tensorflow()\n"
        "import rasa.utils.train_utils as utils\n"
        "early = utils.RasaBatchDataGenerator, utils.RasaTrainingLogger\n"
        "from rasa.nlu.classifiers.diet_classifier import DIETClassifier\n"
        "import tensorflow as tf\n"
        "class Own(early[0]): pass\n"
        "print('tensorflow' in sys.modules, issubclass(Own, tf.keras.utils.Sequence),\n"
        "      isinstance(early[1](1, silent=True), tf.keras.callbacks.Callback),\n"
        "      isinstance(1, early[0]))"
    )
    assert _python(code) == "True True True False"


def test_rasa_has_the_classes_that_are_put_off():
    import rasa.utils.tensorflow.callback as callback
    import rasa.utils.tensorflow.data_generator as generator

    from bot.put_off import _MODULES

    for module, names in zip((callback, generator), _MODULES.values()):
        assert all(isinstance(getattr(module, name), type) for name in names)
