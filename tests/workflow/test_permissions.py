"""Who may do what with an article, written out a second time, for every kind of person and article."""

from __future__ import annotations

from itertools import chain, combinations, product

import pytest

from workflow.permissions import Governance, Licence, Right, Role, Standing, authority

# yes, no (-), or own: only one's own article. `compliance`: what the right needs beside the row itself when
# the article is a compliance article: nothing (free), the expert role, or that once the text is validated.
RULES = """
                candidate contributor publisher coach expert manager admin  compliance
create          yes       yes         yes       yes   yes    -       -      free
link            yes       yes         yes       yes   yes    -       -      free
flag            yes       yes         yes       yes   yes    -       -      free
edit_internal   own       yes         yes       yes   yes    -       -      validated
propose         yes       yes         yes       yes   yes    -       -      free
edit_published  -         -           yes       -     -      -       -      expert
confirm         -         yes         yes       yes   yes    -       -      expert
waive           -         -           yes       -     -      -       -      expert
merge           -         -           yes       -     yes    -       -      expert
complete        own       yes         yes       yes   yes    -       -      free
validate        -         yes         yes       yes   yes    -       -      expert
publish         -         -           yes       -     -      -       -      expert
doubt           -         yes         yes       yes   yes    -       -      expert
withdraw        -         -           yes       -     -      -       -      expert
archive         -         -           yes       -     yes    -       -      expert
restore         -         yes         yes       yes   yes    -       -      expert
delete          own       yes         yes       yes   yes    -       -      free
"""

HEAD, *LINES = RULES.strip().splitlines()
HOLDERS = HEAD.split()[:-1]
TABLE = {
    right: (dict(zip(HOLDERS, cells, strict=True)), compliance)
    for right, *cells, compliance in (line.split() for line in LINES)
}
ROLE_SETS = [frozenset(roles) for size in range(5) for roles in combinations(Role, size)]


def allowed(standing: Standing, right: Right, governance: Governance, validated: bool) -> bool:
    """Return what the written table says."""
    cells, compliance = TABLE[right.value]
    needs_expert = compliance == "expert" or (compliance == "validated" and validated)
    if governance is Governance.COMPLIANCE and needs_expert and Role.EXPERT not in standing.roles:
        return False
    held = [cells[holder] for holder in chain([standing.licence] if standing.licence else [], standing.roles)]
    return "yes" in held or ("own" in held and standing.owns)


def test_every_right_has_a_row() -> None:
    assert set(TABLE) == {right.value for right in Right}


@pytest.mark.parametrize("right", Right)
@pytest.mark.parametrize("licence", [None, *Licence])
def test_every_person_has_exactly_the_rights_of_the_table(licence: Licence | None, right: Right) -> None:
    for roles, owns, governance, validated in product(ROLE_SETS, (False, True), Governance, (False, True)):
        standing = Standing(licence, roles, owns)
        grant = authority(standing, right, governance, validated=validated)
        assert (grant is not None) == allowed(standing, right, governance, validated), standing


@pytest.mark.parametrize(
    ("licence", "roles", "grant"),
    [
        (Licence.PUBLISHER, {Role.COACH}, "licence:publisher"),
        (Licence.CANDIDATE, {Role.COACH}, "role:coach"),
        (None, {Role.EXPERT, Role.ADMIN}, "role:expert"),
    ],
)
def test_the_grant_names_what_gives_the_right(licence: Licence | None, roles: set[Role], grant: str) -> None:
    assert authority(Standing(licence, frozenset(roles)), Right.VALIDATE) == grant


def test_a_candidate_never_validates_not_even_their_own() -> None:
    assert authority(Standing(Licence.CANDIDATE, owns=True), Right.VALIDATE) is None
