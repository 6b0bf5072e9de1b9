"""`kcs report` and `kcs metrics rebuild`."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from kcs.database import db
from kcs.metrics import as_json, as_text
from kcs.metrics.commands import metrics, report
from kcs.metrics.facts.models import SolvedFact
from kcs.metrics.reports import REPORTS
from kcs.people.models import Team
from tests.metrics import golden

IN_MAY = ["--from", "2025-03-24", "--to", "2025-04-07", "--as-of", "2025-05-01"]
TABLE = """\
Link rate from 2025-03-24 00:00 to 2025-04-07 00:00 (Europe/Madrid), as of 2025-05-01T00:00:00+02:00

Team     Solved  Linked  Exempt  Unanswered  Inferred  Link rate  Without exempt
North         9       4       1           4         0     44.4 %          50.0 %
South         3       2       0           1         0     66.7 %          66.7 %
No team       7       3       2           2         0     42.9 %          60.0 %
Total        19       9       3           7         0     47.4 %          56.3 %

Link rate
  Also known as  participation rate
  Kind           Activity
  Formula        linked \u00f7 solved
  Symbols        L \u00f7 S
  Numerator      Linked
  Denominator    Solved
  Paired with    Link accuracy
  Source         KCS v6, technique 7 / reference to linking (participation rate in v5)
"""


@pytest.fixture(autouse=True)
def log(app: Flask) -> None:
    golden.people()
    golden.write(golden.rows())


def run(*arguments: str) -> Result:
    return CliRunner().invoke(report, ["link-rate", *arguments])


def test_the_table_is_aligned_and_says_what_it_shows() -> None:
    result = run(*IN_MAY, "--by", "team")
    assert (result.exit_code, result.output[: len(TABLE)]) == (0, TABLE)
    assert "Solved      tickets whose latest solving lies in the period" in result.output


def test_the_heading_says_what_the_report_is_narrowed_to() -> None:
    north, ana = str(golden.NORTH), str(golden.ANA)
    for form, line in (
        (["--team", north], "Narrowed to Team: North"),
        (["--team", north, "--agent", ana], "Narrowed to Agent: Ana; Team: North"),
        (["--team", "none"], "Narrowed to Team: No team"),
        ([], ""),
    ):
        assert run(*IN_MAY, "--by", "team", *form).output.splitlines()[1] == line


def test_a_period_that_is_cut_is_marked_as_on_the_page() -> None:
    rows = run("--from", "2025-03-26", "--to", "2025-04-07", "--as-of", "2025-05-01", "--by", "week").output
    assert [line.split("  ")[0] for line in rows.splitlines()[3:6]] == [
        "2025-W13 (in part)",
        "2025-W14",
        "Total",
    ]


def test_a_sum_of_counts_is_said_by_their_titles() -> None:
    said = as_text.definition(REPORTS["link-rate"])
    assert "  Denominator  Solved \u2212 Exempt\n" in said
    acts = as_text.definition(REPORTS["activity"])
    assert re.search(r"  Sum of +Links \+ ", acts)
    assert re.search(r"  Paired with +Checklist", acts)


def test_the_whole_definition_is_said() -> None:
    """As the API tells it: nothing of it is known to a page or a file alone."""
    for found in REPORTS.values():
        told, said = as_json.definition(found), as_text.definition(found)
        facts = [fact for each in (*told["metrics"], *told["counts"]) for fact in _facts(each)]
        unsaid = [fact for fact in (*facts, *told["left_out"], *told["notes"]) if fact not in said]
        assert unsaid == [], found.name


def _facts(told: dict[str, Any]) -> list[str]:
    names = ("title", "words", "formula", "symbols", "source")
    several = (each for name in ("aliases", "left_out", "notes") for each in told.get(name, ()))
    kind = [str(told["kind"]).capitalize()] if "kind" in told else []
    return [*(str(told[name]) for name in names if name in told), *several, *kind]


def test_what_is_only_counted_for_a_metric_is_said_but_has_no_column() -> None:
    output = CliRunner().invoke(report, ["handling", *IN_MAY]).output
    table, definition = output.split("\n\nReopen rate\n")
    assert "Work  " not in table.splitlines()[2]
    assert "time worked on the timed tickets" in definition


def test_json_and_csv_hold_the_same_figures() -> None:
    data = json.loads(run(*IN_MAY, "--json").output)
    lines = list(csv.DictReader(io.StringIO(run(*IN_MAY, "--csv").output, newline="")))
    told = [
        (row["label"], str(row["linked"]), row["opens"]["linked"]) for row in [*data["rows"], data["total"]]
    ]
    assert told == [(line["label"], line["linked"], line["linked_tickets"]) for line in lines]
    assert data["total"]["linked"] == 9


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--by", "colour"], "'colour' is not one of"),
        (["--from", "soon"], "from: 'soon' is no date"),
        (["--from", "2025-02-01", "--to", "2025-01-01"], "The period is empty"),
        (["--as-of", "2100-01-01"], "not over"),
        (["--from", "1900-01-01"], "from: '1900-01-01' is before 1970"),
        (["--json", "--csv"], "leave out --json or --csv"),
        (["--team", "2", "--team", "1"], "'--team': It is given more than once"),
        (["--by", "team", "--by", "agent"], "'--by': It is given more than once"),
        (["--licence", "king"], "'king' is none of the values of licence. Choose one of candidate,"),
    ],
)
def test_wrong_use_ends_with_status_two(arguments: list[str], said: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert said in result.output


def test_a_name_cannot_move_the_cursor(app: Flask) -> None:
    db.session.get_one(Team, golden.NORTH).name = "No\x1b[2Jrth\r"
    db.session.commit()
    output = run(*IN_MAY, "--by", "team", "--team", str(golden.NORTH)).output
    assert "\x1b" not in output
    assert "\r" not in output


def test_there_is_a_command_for_every_report() -> None:
    assert set(report.commands) == set(REPORTS)
    for name in ("known", "handling", "participation", "activity"):
        result = CliRunner().invoke(report, [name, *IN_MAY])
        assert result.exit_code == 0
        assert result.output.startswith(f"{REPORTS[name].title} from 2025-03-24 00:00")


def test_a_report_is_narrowed_and_put_beside_another_one() -> None:
    result = run(*IN_MAY, "--by", "week", "--agent", str(golden.ANA), "--compare", "now")
    lines = {line.split()[0]: line.split() for line in result.output.splitlines()[3:7]}
    assert lines["Total"][1:5] == ["8", "(8)", "4", "(4)"]
    assert "; in brackets from 2025-03-24 00:00 to 2025-04-07 00:00, as of " in result.output.splitlines()[0]


def test_facts_are_made_anew_with_the_same_digits() -> None:
    before = run(*IN_MAY).output
    db.session.execute(db.update(SolvedFact).values(outcome="unanswered"))
    db.session.commit()
    assert run(*IN_MAY).output != before
    # 25 were solved: ticket 5 was reopened, 9 and 25 were left out.
    result = CliRunner().invoke(metrics, ["rebuild"])
    assert (result.exit_code, result.output.splitlines()[-1]) == (
        0,
        "The facts of 22 solved tickets are made anew, in the days of Europe/Madrid.",
    )
    assert run(*IN_MAY).output == before
