"""Two Rasa servers and PostgreSQL: whichever of them goes, conversations are answered and go on."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from handover_steps import eventually
from moments import Persistent, timed
from postgres import MISSING, Cluster, binaries, patient
from stack import LANGUAGES, Stack, Visitor, fetch

from bot.workers import has
from web.tokens import Tokens

_AT_ONCE = 6
_LIMIT = 6.0


class Two:
    """The stack, its database server, and who has which conversation."""

    def __init__(self, stack: Stack, cluster: Cluster) -> None:
        self.stack, self.cluster = stack, cluster
        self._tokens = Tokens(stack.environment["KOMPAS_TOKEN_SECRET"])

    def conversation(self, visitor: Visitor) -> str:
        """The id of a conversation."""
        return str(self._tokens.sender(visitor.token))

    def begun(self, worker: int, lang: str = "tr") -> Persistent:
        """A visitor whose conversation is a worker's own, who read of the costs."""
        while True:
            visitor = Persistent(self.stack, tries=1)
            visitor.start(lang)
            if has(worker, self.conversation(visitor), 2):
                assert visitor.press("/hague_costs").ids == ["utter_hague_costs"]
                return visitor

    def asked(self, statement: str) -> list[str]:
        """What the database says."""
        done = subprocess.run(
            ["psql", "-At", self.cluster.url("talks"), "-c", statement],
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.split("\n")[:-1]

    def pressed(self, visitor: Visitor) -> list[str]:
        """What was kept of the buttons that a visitor pressed, in order."""
        sender = self.conversation(visitor)
        rows = self.asked(
            f"SELECT data FROM events WHERE sender_id = '{sender}' AND type_name = 'user' "  # noqa: S608
            "ORDER BY id"
        )
        return [json.loads(row)["text"] for row in rows]


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Two]:
    if binaries() is None:
        pytest.fail(MISSING)
    cluster = Cluster()
    stack = Stack(
        tmp_path_factory.mktemp("two"),
        workers=2,
        KOMPAS_TRACKER_URL=patient(cluster.create("talks")),
    )
    try:
        stack.start()
        eventually(lambda: workers_ready(stack) == {"rasa_0", "rasa_1"})
        yield Two(stack, cluster)
    finally:
        stack.stop()
        cluster.close()


def workers_ready(stack: Stack) -> set[str]:
    """The workers that /readyz says are ready."""
    behind = fetch(stack, "GET", "/readyz").body["behind"]
    return {name for name, up in behind.items() if up and name.startswith("rasa_")}


def test_conversations_of_a_worker_that_is_killed_go_on_at_once_with_the_other(two: Two) -> None:
    visitors = [two.begun(0, LANGUAGES[n % len(LANGUAGES)]) for n in range(_AT_ONCE)]
    staying = two.begun(1)
    two.stack.kill("rasa")
    try:
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            replies = list(threads.map(lambda one: one.press("/mediation"), visitors))
        assert [reply.ids for reply in replies] == [["utter_mediation"]] * _AT_ONCE
        assert workers_ready(two.stack) == {"rasa_1"}
        assert fetch(two.stack, "GET", "/readyz").status == 200
        assert staying.press("/mediation").ids == ["utter_mediation"]
        ended = visitors.pop()
        assert ended.end().status == 204
        assert two.pressed(ended) == []
    finally:
        two.stack.start_only("rasa")
        eventually(lambda: workers_ready(two.stack) == {"rasa_0", "rasa_1"})
    for visitor in visitors:
        other = "pl" if two.stack and visitor.press("/menu").lang != "pl" else "nl"
        assert visitor.choose(other).ids[0] == "utter_language_changed"
        kept = two.pressed(visitor)
        assert kept[1:4] == ["/hague_costs", "/mediation", "/menu"], "each once, in order"
        assert len(kept) == 5


def test_while_the_database_is_away_visitors_read_whom_to_call_and_then_go_on(two: Two) -> None:
    visitors = [two.begun(0), two.begun(1)]
    two.stack.environment["KOMPAS_REPLY_TIMEOUT"] = "5"
    two.stack.kill("web")
    two.stack.start("web")
    two.cluster.crash()
    try:
        for visitor in visitors:
            told = timed(lambda visitor=visitor: visitor.press("/mediation"))
            assert told.answer is not None
            assert told.answer.failed
            assert "112" in told.answer.text
            assert told.seconds < _LIMIT
        assert not two.stack.readiness()["tracker_store"]
        assert visitors[0].end().status == 503, "it cannot claim to have erased"
    finally:
        two.cluster.start()
    eventually(lambda: workers_ready(two.stack) == {"rasa_0", "rasa_1"})
    for visitor in visitors:
        assert visitor.choose("pl").ids == ["utter_language_changed", "utter_hague_costs"]
        kept = two.pressed(visitor)
        assert "/mediation" not in kept, "what failed left nothing"


def test_a_damaged_row_is_dropped_and_told_once(two: Two) -> None:
    visitor = two.begun(1)
    sender = two.conversation(visitor)
    two.asked(
        "UPDATE events SET data = '{' WHERE id = (SELECT max(id) FROM events "  # noqa: S608
        f"WHERE sender_id = '{sender}' AND type_name = 'user')"
    )
    assert visitor.press("/mediation").ids == ["utter_conversation_mended", "utter_mediation"]
    assert visitor.press("/menu").ids == ["utter_menu"]
