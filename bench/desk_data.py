"""Fifty thousand made-up cases of three years, as a busy service would have them."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from desk import matching, references
from desk.codes import codebook
from desk.crypto import BlindIndex, Vault
from desk.database import Database
from desk.models import Base, Staff, new_id
from desk.reading import ZONE, month_of

CASES = 50_000
CONFLICTS = 200
END = datetime(2026, 11, 20, 12, tzinfo=UTC)
_DAYS = 3 * 365
_BATCH = 1000
_GIVEN_NAMES = """
Ayşe Elif Zeynep Fatma Emine Merve Mehmet Mustafa Ahmet Emre Yusuf Can Zofia Hanna Julia Maja
Katarzyna Agnieszka Jakub Jan Piotr Szymon Marek Tomasz Emma Sofie Lotte Fleur Anouk Sem Daan
Bram Thijs Ruben Pieter Willem Sanne Iris Noor Lars
"""
_SYLLABLES = "ba ka ma ra sa ta ler ski dem yil vis ber hof man kow nia cza oz ay gul ten"
_CODES = {
    "toestemming_vakantie": 38, "kinderontvoering": 14, "preventie": 11, "toestemming_vertrek": 10,
    "geen_toestemming_vakantie": 9, "omgang": 6, "overig": 5, "omgang_binnenland": 2,
    "kinderbescherming": 2, "geen_advies": 1, "familie": 1, "vermissing": 1,
}  # fmt: skip
_ROLES = {"left_behind": 40, "taking": 33, "relative": 10, "professional": 10, "unknown": 7}
_LANGUAGES = {"nl": 50, "tr": 28, "pl": 22}
_COUNTRIES = {
    "TR": 22, "PL": 18, "DE": 9, "BE": 8, "MA": 7, "ES": 5, "GB": 5, "FR": 4, "US": 4, "IT": 3,
    "SR": 3, "RO": 3, "BG": 2, "GR": 2, "PT": 2, "BR": 1, "TH": 1, "EG": 1,
}  # fmt: skip


class Maker:
    """Makes the rows of cases, the same ones for the same seed but for ids and sealing."""

    def __init__(self, vault: Vault, index: BlindIndex, staff: dict[str, list[str]]) -> None:
        self._vault = vault
        self._index = index
        self._staff = staff
        self._random = random.Random(20261122)
        self._tokens: dict[tuple[str, str], str] = {}
        self._given = _GIVEN_NAMES.split()
        self._surnames = [
            "".join(self._random.choices(_SYLLABLES.split(), k=self._random.randint(2, 4))).title()
            for _ in range(6000)
        ]

    def batches(self, number: int) -> Iterator[dict[str, list[dict[str, Any]]]]:
        """Rows by table, for a thousand cases at a time."""
        starts = sorted(END - timedelta(days=_DAYS * self._random.random()) for _ in range(number))
        for start in range(0, number, _BATCH):
            rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
            for position, created in enumerate(starts[start : start + _BATCH], start):
                self._case(rows, position, created)
            yield rows

    def _pick(self, weights: dict[str, int]) -> str:
        return self._random.choices(list(weights), weights=list(weights.values()))[0]

    def _seal(self, table: str, column: str, row_id: str, value: Any) -> bytes:
        return self._vault.seal(value, f"{table}.{column}:{row_id}")

    def _case(
        self, rows: dict[str, list[dict[str, Any]]], position: int, created: datetime
    ) -> None:
        dice = self._random
        case_id, code = new_id(), self._pick(_CODES)
        line = codebook().codes[code].line
        age_days = (END - created).days
        status = "closed" if dice.random() < min(0.97, age_days / 30) else "open"
        if age_days < 3 and dice.random() < 0.6:
            status = "new"
        handler = dice.choice(self._staff["worker" if line == 1 else "jurist"])
        role = self._pick(_ROLES)
        opened = None if status == "new" else created + timedelta(hours=dice.randint(1, 60))
        kinds = list(codebook().third_parties)
        rows["cases"].append(
            {
                "id": case_id,
                "reference": references.reference(created.astimezone(ZONE).year, position + 1),
                "line": line,
                "code": code,
                "proposed_code": code,
                "role": role,
                "third_party": dice.choice(kinds) if role == "professional" else None,
                "country_from": "NL" if dice.random() < 0.7 else self._pick(_COUNTRIES),
                "country_to": self._pick(_COUNTRIES) if dice.random() < 0.9 else None,
                "urgent": dice.random() < 0.04,
                "language": self._pick(_LANGUAGES),
                "embed": None,
                "status": status,
                "created": created,
                "month": month_of(created),
                "changed": opened or created,
                "first_opened": opened,
                "assigned_to": handler if status == "open" else None,
                "closed": opened if status == "closed" else None,
                "closed_reason": "advised" if status == "closed" else None,
                "conflict": False,
                "conversation": f"{position:064x}",
                "idempotency_key": f"{position:064x}-1",
                "contact_ref": None,
            }
        )
        for number in range(dice.randint(4, 20)):
            answer = {"id": new_id(), "case_id": case_id, "position": number}
            answer |= {"question_id": "q_home_country", "verdict": "ok"}
            answer["answer"] = self._seal("summary_rows", "answer", answer["id"], "NL")
            rows["summary_rows"].append(answer)
        transcript_id = new_id()
        entries = [
            {"from": "visitor", "text": "Mijn kind is niet teruggebracht. " * dice.randint(1, 4)},
            {"from": "assistant", "id": "utter_child_retained", "text": "…", "lang": "nl"},
        ] * dice.randint(3, 15)
        sealed = self._seal("transcripts", "content", transcript_id, entries)
        rows["transcripts"].append({"id": transcript_id, "case_id": case_id, "content": sealed})
        for at in [created, *([opened] * dice.randint(0, 3) if opened else [])]:
            moment = {"id": new_id(), "case_id": case_id, "at": at, "month": month_of(at)}
            channel = "chat" if at is created else dice.choice(("phone", "email", "form"))
            moment |= {"line": line, "channel": channel, "incoming": True, "minutes": 10}
            moment |= {"staff_id": None if at is created else handler, "note": None}
            rows["moments"].append(moment)
        if opened:
            rows["handlers"].append(
                {"id": new_id(), "case_id": case_id, "staff_id": handler, "since": opened}
            )
            note_id = new_id()
            content = self._seal("notes", "content", note_id, "Gebeld, cliënt belt terug.")
            rows["notes"].append(
                {"id": note_id, "case_id": case_id, "at": opened, "staff_id": handler}
                | {"content": content}
            )
        self._people(rows, case_id, created)

    def _people(self, rows: dict[str, Any], case_id: str, created: datetime) -> None:
        dice = self._random
        family = dice.choice(self._surnames)
        known: set[tuple[str, str]] = set()
        if dice.random() < 0.7:
            contact_id = new_id()
            details = {
                "name": f"{dice.choice(self._given)} {family}",
                "phone": f"06{dice.randrange(10**8):08d}",
                "email": f"{family.lower()}{dice.randrange(10**6)}@example.org",
                "channel": "phone",
                "language": "nl",
                "consent": True,
                "safe_times": [{"days": ["Mon", "Tue"], "from": "09:00", "to": "12:00"}],
            }
            sealed = self._seal("contacts", "details", contact_id, details)
            rows["contacts"].append(
                {"id": contact_id, "case_id": case_id, "contact_ref": contact_id}
                | {"conversation": None, "created": created, "details": sealed}
            )
            known |= self._clues(details["name"])
            known |= {("phone", str(matching.phone_key(details["phone"])))}
            known |= {("email", str(matching.email_key(details["email"])))}
        for position in range(dice.choice((1, 1, 2))):
            child_id, named = new_id(), dice.random() < 0.5
            sealed_child = None
            if named:
                born = (END - timedelta(days=dice.randint(200, 6000))).date()
                child = {"given": dice.choice(self._given), "family": family}
                child["birth_date"] = born.isoformat()
                sealed_child = self._seal("children", "details", child_id, child)
                known |= self._clues(f"{child['given']} {family}")
                known |= {("birth_date", matching.date_key(born))}
            rows["children"].append(
                {"id": child_id, "case_id": case_id, "position": position, "age": None}
                | {"birth_year": 2010 + dice.randrange(16), "details": sealed_child}
            )
        rows["clues"].extend(
            {"case_id": case_id, "kind": kind, "token": self._token(kind, key)}
            for kind, key in known
        )

    def _clues(self, name: str) -> set[tuple[str, str]]:
        return {
            ("name", each)
            for part in matching.name_parts(name)
            for each in matching.shortened(part)
        }

    def _token(self, kind: str, key: str) -> str:
        found = self._tokens.get((kind, key))
        if found is None:
            found = self._tokens[(kind, key)] = self._index.token(kind, key)
        return found


def store(databases: Iterable[Database], rows: dict[str, list[dict[str, Any]]]) -> None:
    """Write rows into each database, in the order in which tables depend on each other."""
    for database in databases:
        with database.writing() as session:
            for table in Base.metadata.sorted_tables:
                if rows.get(table.name):
                    session.execute(sa.insert(table), rows[table.name])


def raise_walls(database: Database, number: int = CONFLICTS) -> None:
    """Conflicts between cases, each with a wall on either side, spread over all colleagues."""
    dice = random.Random(1)
    with database.writing() as session:
        cases = Base.metadata.tables["cases"]
        ids = list(session.scalars(sa.select(cases.c.id).order_by(cases.c.reference)))
        staff = list(session.scalars(sa.select(Staff.id).order_by(Staff.name)))
        rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
        chosen = dice.sample(ids, 2 * number)
        for first, second in zip(chosen[:number], chosen[number:]):
            conflict = {
                "id": new_id(),
                "first_id": first,
                "second_id": second,
                "clues": "child_name",
            }
            conflict |= {"state": "confirmed", "found": END, "resolved_by": None, "resolved": None}
            rows["conflicts"].append(conflict)
            for case_id, staff_id in zip((first, second), dice.sample(staff, 2)):
                wall = {"id": new_id(), "case_id": case_id, "staff_id": staff_id}
                rows["walls"].append(wall | {"conflict_id": conflict["id"]})
        for name in ("conflicts", "walls"):
            session.execute(sa.insert(Base.metadata.tables[name]), rows[name])
        session.execute(sa.update(cases).where(cases.c.id.in_(chosen)).values(conflict=True))
