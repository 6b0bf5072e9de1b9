"""What reporting tools read tells the department of a row's team."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

BEFORE = import_module("kcs.migrations.versions.0007_reports")
_SQL = Path(__file__).with_name("0008_view_departments.sql").read_text(encoding="utf-8")
VIEWS = re.findall(r"^CREATE VIEW .*?(?=;$)", _SQL, re.M | re.S)
NUMBERS = {"postgresql": "CAST(detail ->> '{}' AS INTEGER)", "sqlite": "json_extract(detail, '$.{}')"}
# As `kcs.people.departments` reads the log.
TEAM_DEPARTMENTS = """(
  SELECT o.team_id, o.department_id
  FROM (
    SELECT {team} AS team_id, {department} AS department_id,
      row_number() OVER (PARTITION BY {team} ORDER BY id DESC) AS place
    FROM activity
    WHERE kind = 'team.department'
  ) o
  WHERE o.place = 1
)"""


def upgrade() -> None:
    """Add what is new."""
    for view in VIEWS:
        text = BEFORE._written_out(view.replace("team_departments()", _team_departments()))
        if _is_postgresql():
            # Whoever was granted a view keeps it, and views of their own on top of it stay.
            op.execute(text.replace("CREATE VIEW", "CREATE OR REPLACE VIEW", 1))
        else:
            op.execute(f"DROP VIEW {_name(view)}")
            op.execute(text)


def downgrade() -> None:
    """Take it away again; what was granted on these views goes with their columns."""
    before = {_name(view): view for view in BEFORE.VIEWS}
    for view in VIEWS:
        op.execute(f"DROP VIEW {_name(view)}")
        op.execute(BEFORE._written_out(before[_name(view)]))


def _name(view: str) -> str:
    return view.split()[2]


def _is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _team_departments() -> str:
    number = NUMBERS[op.get_bind().dialect.name]
    return TEAM_DEPARTMENTS.format(team=number.format("team_id"), department=number.format("department_id"))
