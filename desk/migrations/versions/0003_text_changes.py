"""Other wordings for texts, and who approved them"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "text_changes",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("domain", sa.String(length=20), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("base", sa.String(length=8), nullable=False),
        sa.Column("source", sa.String(length=8), nullable=True),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("proposal", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("author", sa.String(length=32), nullable=False),
        sa.Column("created", sa.DateTime(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("closed_by", sa.String(length=32), nullable=True),
        sa.Column("closed", sa.DateTime(), nullable=True),
        sa.Column("closed_reason", sa.Text(), nullable=True),
        sa.Column("exported_by", sa.String(length=32), nullable=True),
        sa.Column("exported", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["author"], ["staff.id"], name=op.f("fk_text_changes_author_staff")
        ),
        sa.ForeignKeyConstraint(
            ["closed_by"], ["staff.id"], name=op.f("fk_text_changes_closed_by_staff")
        ),
        sa.ForeignKeyConstraint(
            ["exported_by"], ["staff.id"], name=op.f("fk_text_changes_exported_by_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_text_changes")),
    )
    op.create_index("ix_text_changes_key_language", "text_changes", ["key", "language"])
    for column in ("author", "closed_by", "created", "exported_by", "state"):
        op.create_index(op.f(f"ix_text_changes_{column}"), "text_changes", [column])
    op.create_table(
        "text_approvals",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("change_id", sa.String(length=32), nullable=False),
        sa.Column("staff_id", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(
            ["change_id"],
            ["text_changes.id"],
            name=op.f("fk_text_approvals_change_id_text_changes"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_text_approvals_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_text_approvals")),
        sa.UniqueConstraint("change_id", "kind", name=op.f("uq_text_approvals_change_id_kind")),
        sa.UniqueConstraint(
            "change_id", "staff_id", name=op.f("uq_text_approvals_change_id_staff_id")
        ),
    )
    op.create_index(op.f("ix_text_approvals_change_id"), "text_approvals", ["change_id"])
    op.create_index(op.f("ix_text_approvals_staff_id"), "text_approvals", ["staff_id"])


def downgrade() -> None:
    op.drop_table("text_approvals")
    op.drop_table("text_changes")
