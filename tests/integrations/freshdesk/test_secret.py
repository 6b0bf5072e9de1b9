"""Who may send us webhooks: whoever brings the secret along, in a header or as a password."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.freshdesk.secret import verify
from kcs.errors import NotSignedIn

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
ONE, TWO = "the-secret-now", "geheimnis-ünd-früher"


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def is_let_in(headers: dict[str, str], secrets: Sequence[str] = (ONE, TWO)) -> bool:
    try:
        verify(headers, b"", secrets, NOW, 300)
    except NotSignedIn:
        return False
    return True


LET_IN: dict[str, dict[str, str]] = {
    "the header": {"X-KCS-Secret": ONE},
    "the header in any case": {"x-kcs-secret": ONE},
    "the one before, in a rotation": {"X-KCS-Secret": TWO},
    "a password": {"Authorization": basic("kcs", ONE)},
    "a password of any user": {"authorization": basic("", TWO)},
    "a scheme in any case": {"Authorization": basic("kcs", ONE).replace("Basic", "bASIC ")},
    "both, one of them right": {"X-KCS-Secret": "x", "Authorization": basic("kcs", ONE)},
}
REFUSED: dict[str, dict[str, str]] = {
    "nothing": {},
    "an empty header": {"X-KCS-Secret": ""},
    "another": {"X-KCS-Secret": ONE + "x"},
    "part of it": {"X-KCS-Secret": ONE[:-1]},
    "in other capitals": {"X-KCS-Secret": ONE.upper()},
    "as the user name": {"Authorization": basic(ONE, "X")},
    "with a colon before": {"Authorization": basic("kcs", ":" + ONE)},
    "no colon": {"Authorization": "Basic " + base64.b64encode(ONE.encode()).decode()},
    "not base64": {"Authorization": f"Basic kcs:{ONE}"},
    "no text": {"Authorization": "Basic " + base64.b64encode(b"kcs:\xff\xfe").decode()},
    "as a bearer's": {"Authorization": f"Bearer {ONE}"},
    "too long to look at": {"Authorization": basic("x" * 1000, ONE)},
    "in a header of another name": {"X-Webhook-Secret": ONE},
    "another nobody can encode": {"X-KCS-Secret": "\udcff"},
}


@pytest.mark.parametrize("kind", LET_IN)
def test_a_secret_that_is_valid_now_lets_in(kind: str) -> None:
    assert is_let_in(LET_IN[kind])


@pytest.mark.parametrize("kind", REFUSED)
def test_anything_else_does_not(kind: str) -> None:
    assert not is_let_in(REFUSED[kind])


@pytest.mark.parametrize("secrets", [(), ("",), ("", "")])
@pytest.mark.parametrize("headers", [{}, {"X-KCS-Secret": ""}, {"Authorization": basic("", "")}])
def test_without_a_secret_nobody_is_let_in(secrets: Sequence[str], headers: dict[str, str]) -> None:
    with pytest.raises(NotSignedIn, match="no webhook secret yet"):
        verify(headers, b"", secrets, NOW, 300)


@given(st.sampled_from(["X-KCS-Secret", "Authorization"]), st.text(), st.booleans())
def test_no_header_is_a_fault(name: str, value: str, prefixed: bool) -> None:
    assert not is_let_in({name: f"Basic {value}" if prefixed else value})
