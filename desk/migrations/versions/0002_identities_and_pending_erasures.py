"""Identities of the provider, erasures still to be done, third parties in the figures"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_QUEUE = ["status", "urgent", "created"]
_FIGURES = ["month", "line", "code", "role", "language", "country_from", "country_to"]


def upgrade() -> None:
    op.create_table(
        "pending_erasures",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("since", sa.DateTime(), nullable=False),
        sa.Column("failed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pending_erasures")),
    )
    # not in batch mode: it would copy the table of accounts, to which all others point
    op.add_column("staff", sa.Column("oidc", sa.String(length=64), nullable=True))
    op.create_index(op.f("ix_staff_oidc"), "staff", ["oidc"], unique=True)
    op.create_index(op.f("ix_audit_action"), "audit", ["action"], unique=False)
    op.drop_index("ix_cases_figures", "cases")
    op.create_index("ix_cases_figures", "cases", [*_FIGURES[:4], "third_party", *_FIGURES[4:]])
    op.drop_index("ix_clues_kind_token", "clues")
    op.create_index("ix_clues_kind_token", "clues", ["kind", "token", "case_id"])
    op.drop_index("ix_cases_queue", "cases")
    op.create_index("ix_cases_queue", "cases", [*_QUEUE, "id", "line", "code", "language"])


def downgrade() -> None:
    op.drop_index("ix_cases_queue", "cases")
    op.create_index("ix_cases_queue", "cases", _QUEUE)
    op.drop_index("ix_clues_kind_token", "clues")
    op.create_index("ix_clues_kind_token", "clues", ["kind", "token"])
    op.drop_index("ix_cases_figures", "cases")
    op.create_index("ix_cases_figures", "cases", _FIGURES)
    op.drop_index(op.f("ix_audit_action"), "audit")
    op.drop_index(op.f("ix_staff_oidc"), "staff")
    op.drop_column("staff", "oidc")
    op.drop_table("pending_erasures")
