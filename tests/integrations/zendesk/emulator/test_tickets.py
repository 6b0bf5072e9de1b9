"""What can happen to an emulated ticket, over the API and by scripts, and what webhooks and audits tell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from integrations.zendesk.emulator import Emulator
from integrations.zendesk.emulator.records import NewComment, Ticket, User
from tests.integrations.zendesk.conftest import T0, Call


@pytest.fixture
def kinds(emulator: Emulator) -> Callable[[], list[str]]:
    """Return a function that takes the deliveries and returns their types, of whatever there is."""
    types = (
        *("created", "status_changed", "custom_status_changed", "agent_assignment_changed", "comment_added"),
        *("group_assignment_changed", "comment_made_private", "tags_changed", "custom_field_changed"),
        *("subject_changed", "merged", "soft_deleted", "permanently_deleted", "undeleted"),
    )
    emulator.webhooks.add("http://127.0.0.1:9/", [f"zen:event-type:ticket.{name}" for name in types])

    def take() -> list[str]:
        own = emulator.webhooks.all
        return [one.kind for one in emulator.take_deliveries() if one.webhook_id in own]

    return take


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        (lambda e, t, a: e.tag(t, a, ["x"]), ["tags_changed"]),
        (lambda e, t, a: e.change(t, a, {"subject": "New"}), ["subject_changed"]),
        (lambda e, t, a: e.assign_group(t, a, e.add_group("G", [a])), ["group_assignment_changed"]),
        (lambda e, t, a: e.change(t, a, custom_fields={7: "x"}), ["custom_field_changed"]),
        (lambda e, t, a: e.make_private(t, t.comments[0], a), ["comment_made_private"]),
        (
            lambda e, t, a: e.set_custom_status(t, a, e.add_custom_status("Asked", "pending")),
            ["custom_status_changed", "status_changed"],
        ),
        (lambda e, t, a: e.delete_ticket(t, a), ["soft_deleted"]),
        (lambda e, t, a: (e.delete_ticket(t, a), e.undelete(t, a)), ["soft_deleted", "undeleted"]),
        (
            lambda e, t, a: (e.delete_ticket(t, a), e.delete_forever(t, a)),
            ["soft_deleted", "permanently_deleted"],
        ),
        (lambda e, t, a: e.redact(t, t.comments[0], "mute", a), []),
        (lambda e, t, _: e.touch(t), []),
        (lambda e, t, a: e.reopen(t, a), ["comment_added", "status_changed"]),
    ],
)
def test_each_act_sends_its_events(
    emulator: Emulator,
    ticket: Ticket,
    agent: User,
    kinds: Callable[[], list[str]],
    act: Callable[..., object],
    expected: list[str],
) -> None:
    kinds()
    act(emulator, ticket, agent)
    assert sorted(kinds()) == sorted(f"ticket.{name}" for name in expected)


def test_a_merged_ticket_is_closed_into_the_other(
    call: Call, emulator: Emulator, ticket: Ticket, agent: User, kinds: Callable[[], list[str]]
) -> None:
    winner = emulator.create_ticket(emulator.admin, "Silence", "Here too.", at=T0)
    kinds()
    body = {"ids": [ticket.id], "source_comment": "Moved."}
    reply = call("POST", f"/tickets/{winner.id}/merge", as_=agent, json=body)
    assert reply.json()["job_status"]["status"] == "queued"
    lost = call("GET", f"/tickets/{ticket.id}").json()["ticket"]
    assert (lost["status"], lost["tags"]) == ("closed", ["closed_by_merge"])
    assert [(t.comments[-1].body[:11], t.comments[-1].public) for t in (ticket, winner)] == [
        ("Moved.", False),
        ("Request #1 ", False),
    ]
    assert ticket.audits[-1].via["source"]["rel"] == "merge"  # type: ignore[index]
    assert (ticket.merged_into, ticket.solver_id) == (winner.id, None)
    expected = ["merged", "comment_added", "status_changed", "tags_changed", "comment_added"]
    assert kinds() == [f"ticket.{name}" for name in expected]
    for ids in ([], [ticket.id], [winner.id], [999]):
        again = call("POST", f"/tickets/{winner.id}/merge", json={"ids": ids})
        assert again.status_code in (404, 422)


def test_a_deleted_ticket_comes_back_or_goes_for_good(call: Call, ticket: Ticket) -> None:
    path = f"/tickets/{ticket.id}"
    assert call("PUT", f"/deleted{path.replace('/', '_', 1)}/restore").status_code == 404
    call("DELETE", path)
    assert [one["id"] for one in call("GET", "/deleted_tickets").json()["deleted_tickets"]] == [ticket.id]
    assert call("PUT", f"/deleted_tickets/{ticket.id}/restore").status_code == 200
    assert call("GET", path).json()["ticket"]["status"] == "new"
    call("DELETE", path)
    job = call("DELETE", f"/deleted_tickets/{ticket.id}").json()["job_status"]
    assert call("GET", f"/job_statuses/{job['id']}").json()["job_status"]["status"] == "completed"
    assert call("GET", "/deleted_tickets").json()["count"] == 0
    assert call("PUT", f"/deleted_tickets/{ticket.id}/restore").status_code == 404
    assert (ticket.subject, ticket.comments, len(ticket.audits)) == ("SCRUBBED", [], 1)


def test_a_comment_is_redacted_wherever_it_is_kept(call: Call, ticket: Ticket, emulator: Emulator) -> None:
    comment = ticket.comments[0]
    path = f"/tickets/{ticket.id}/comments/{comment.id}"
    assert call("PUT", f"{path}/redact", json={"text": "absent"}).status_code == 404
    assert call("PUT", f"{path}/redact", json={"text": "speaker"}).status_code == 200
    emulator.set_status(ticket, None, "closed")
    assert call("PUT", f"{path}/redact", json={"text": "mute"}).status_code == 404
    body = {"ticket_id": ticket.id, "html_body": "<p>My x is <redact>mute</redact>.</p>"}
    assert call("PUT", f"/comment_redactions/{comment.id}", json=body).status_code == 200
    shown = call("GET", f"/tickets/{ticket.id}/comments").json()["comments"][0]
    audits = call("GET", f"/tickets/{ticket.id}/audits").json()["audits"]
    black = "My ▇▇▇▇▇▇▇ is ▇▇▇▇."
    assert (shown["plain_body"], ticket.description) == (black, black)
    assert "mute" not in str(audits) + str(shown)
    assert [event["type"] for event in audits[-1]["events"]] == ["CommentRedactionEvent"]
    emulator.redact(ticket, comment)
    assert set(comment.body) == {"▇"}


def test_a_comment_is_made_private(call: Call, ticket: Ticket) -> None:
    number = ticket.comments[0].id
    assert call("PUT", f"/tickets/{ticket.id}/comments/{number}/make_private").status_code == 200
    assert call("GET", f"/tickets/{ticket.id}/comments").json()["comments"][0]["public"] is False
    assert call("PUT", f"/tickets/{ticket.id}/comments/1/make_private").status_code == 404


def test_only_a_closed_ticket_has_follow_ups(
    call: Call, emulator: Emulator, ticket: Ticket, customer: User
) -> None:
    wanted = {"subject": "Again", "comment": {"body": "Mute again."}, "via_followup_source_id": ticket.id}
    assert call("POST", "/tickets", json={"ticket": wanted}).status_code == 422
    with pytest.raises(ValueError, match="only a closed one"):
        emulator.follow_up(ticket, customer)
    emulator.run_rule(ticket, status="closed")
    made = call("POST", "/tickets", json={"ticket": {**wanted, "requester_id": customer.id}}).json()["ticket"]
    assert (made["via_followup_source_id"], made["via"]["source"]["rel"]) == (ticket.id, "follow_up")
    second = emulator.follow_up(ticket, customer)
    assert call("GET", f"/tickets/{ticket.id}").json()["ticket"]["followup_ids"] == [made["id"], second.id]


def test_an_archived_ticket_is_read_by_its_id_only(call: Call, emulator: Emulator, ticket: Ticket) -> None:
    emulator.archive(ticket)
    assert call("GET", "/tickets").json()["tickets"] == []
    assert call("GET", f"/tickets/{ticket.id}").json()["ticket"]["status"] == "closed"
    assert call("GET", f"/tickets/show_many?ids={ticket.id}").json()["count"] == 1
    assert call("PUT", f"/tickets/{ticket.id}", json={"ticket": {"subject": "x"}}).status_code == 422


def test_a_custom_status_brings_its_category(call: Call, emulator: Emulator, ticket: Ticket) -> None:
    listed = call("GET", "/custom_statuses").json()["custom_statuses"]
    assert [one["status_category"] for one in listed] == ["new", "open", "pending", "hold", "solved"]
    confirmed = emulator.add_custom_status("Confirmed", "solved")
    body = {"ticket": {"custom_status_id": confirmed.id}}
    changed = call("PUT", f"/tickets/{ticket.id}", json=body).json()
    assert (changed["ticket"]["status"], changed["ticket"]["custom_status_id"]) == ("solved", confirmed.id)
    assert {event["field_name"] for event in changed["audit"]["events"]} == {"custom_status_id", "status"}
    back = call("PUT", f"/tickets/{ticket.id}", json={"ticket": {"status": "open"}}).json()["ticket"]
    assert back["custom_status_id"] == listed[1]["id"]
    assert call("PUT", f"/tickets/{ticket.id}", json={"ticket": {"custom_status_id": 1}}).status_code == 422
    only = call("GET", "/custom_statuses?status_categories=solved").json()["custom_statuses"]
    assert [one["agent_label"] for one in only] == ["Solved", "Confirmed"]


@pytest.mark.parametrize(
    ("act", "channel", "author"),
    [
        (lambda e, t, a: e.set_status(t, a, "solved"), "web", "agent"),
        (lambda e, t, _: e.run_rule(t, status="solved"), "rule", None),
        (lambda e, t, _: e.set_status(t, e.add_bot("Bot", "bot@acme.example"), "solved"), "web", "bot"),
        (lambda e, t, a: e.change(t, a, {"status": "solved"}, via="mobile"), "mobile", "agent"),
        (lambda e, t, a: (e.assign(t, e.admin, e.admin), e.set_status(t, a, "solved")), "web", "agent"),
        (lambda e, t, a: (e.set_status(t, a, "solved"), e.run_rule(t, status="closed")), "rule", "agent"),
    ],
)
def test_credit_goes_to_who_solved_however_it_came(
    emulator: Emulator, ticket: Ticket, agent: User, act: Callable[..., object], channel: str, author: str
) -> None:
    act(emulator, ticket, agent)
    bot = emulator.desk.user_by_email("bot@acme.example")
    solvers = {"agent": agent.id, "bot": bot and bot.id, None: -1}
    assert ticket.solver_id == solvers[author]
    assert ticket.audits[-1].as_json()["via"]["channel"] == channel  # type: ignore[index]


@pytest.mark.parametrize("status", ["open", "pending"])
def test_nobody_has_solved_a_reopened_ticket(
    emulator: Emulator, ticket: Ticket, agent: User, customer: User, status: str
) -> None:
    emulator.set_status(ticket, agent, "solved")
    emulator.reopen(ticket, customer)
    emulator.set_status(ticket, agent, status)
    assert ticket.solver_id is None
    assert ticket.audits[2].as_json()["via"]["channel"] == "email"  # type: ignore[index]


def test_a_light_agent_only_notes(call: Call, emulator: Emulator, ticket: Ticket) -> None:
    light = emulator.add_light_agent("Lee Light", "lee@acme.example")
    path = f"/tickets/{ticket.id}"
    assert call("PUT", path, as_=light, json={"ticket": {"status": "solved"}}).status_code == 403
    body = {"ticket": {"comment": {"body": "I know this one.", "public": True}}}
    assert call("PUT", path, as_=light, json=body).status_code == 200
    assert (ticket.comments[-1].author_id, ticket.comments[-1].public) == (light.id, False)
    roles = {one["id"]: one["name"] for one in call("GET", "/custom_roles").json()["custom_roles"]}
    assert roles[call("GET", "/users/me", as_=light).json()["user"]["custom_role_id"]] == "Light agent"


@pytest.mark.parametrize(
    ("method", "given", "left"),
    [
        ("PUT", ["b", "c"], ["a", "b", "c"]),
        ("POST", ["c"], ["c"]),
        ("DELETE", ["a", "z"], ["b"]),
        ("PUT", ["a"], ["a", "b"]),
    ],
)
def test_tags_are_added_replaced_and_removed(
    call: Call, emulator: Emulator, ticket: Ticket, method: str, given: list[str], left: list[str]
) -> None:
    emulator.tag(ticket, emulator.admin, ["a", "b"])
    before, path = len(ticket.audits), f"/tickets/{ticket.id}/tags"
    assert call(method, path, json={"tags": given}).json()["tags"] == left
    assert call("GET", path).json()["tags"] == left
    assert len(ticket.audits) - before == (left != ["a", "b"])
    late = {"tags": ["late"], "safe_update": True, "updated_stamp": "2000-01-01T00:00:00Z"}
    assert call(method, path, json=late).status_code == 409


def test_a_bulk_update_tells_its_progress_and_its_refusals(
    call: Call, emulator: Emulator, ticket: Ticket, customer: User
) -> None:
    closed = emulator.create_ticket(customer, "Old", "Old")
    emulator.run_rule(closed, status="closed")
    emulator.jobs.polls = 1
    body = {"ticket": {"status": "solved", "additional_tags": ["kcs"]}}
    job = call("PUT", f"/tickets/update_many?ids={ticket.id},{closed.id},999", json=body).json()["job_status"]
    assert (job["status"], job["results"], ticket.status, ticket.tags) == ("queued", None, "solved", ["kcs"])
    path = f"/job_statuses/{job['id']}"
    polls = [call("GET", path).json()["job_status"] for _ in range(2)]
    assert [poll["status"] for poll in polls] == ["working", "completed"]
    assert [(one["id"], one["success"]) for one in polls[1]["results"]] == [
        (ticket.id, True),
        (closed.id, False),
        (999, False),
    ]
    each = {"tickets": [{"id": ticket.id, "remove_tags": ["kcs"]}]}
    assert call("PUT", "/tickets/update_many", json=each).status_code == 200
    assert ticket.tags == []
    call("DELETE", f"/tickets/destroy_many?ids={ticket.id}")
    assert (ticket.deleted, call("GET", "/job_statuses/none").status_code) == (True, 404)


def test_fields_metadata_and_html_are_kept(call: Call, ticket: Ticket) -> None:
    field = {"type": "text", "title": "Knowledge"}
    made = call("POST", "/ticket_fields", json={"ticket_field": field}).json()["ticket_field"]
    assert call("GET", f"/ticket_fields/{made['id']}").json()["ticket_field"]["title"] == "Knowledge"
    titles = [one["title"] for one in call("GET", "/ticket_fields").json()["ticket_fields"]]
    assert titles[-1] == "Knowledge"
    for wrong in ({"type": "text"}, {"type": "tagger", "title": "T"}):
        assert call("POST", "/ticket_fields", json={"ticket_field": wrong}).status_code == 422
    change = {
        "custom_fields": [{"id": made["id"], "value": "linked"}, {"id": 5, "value": "no such field"}],
        "metadata": {"kcs_note": "n1"},
        "comment": {
            "html_body": "<p>See <a href='https://x.ex'>this</a> &amp; that</p>",
            "public": False,
        },
    }
    saved = call("PUT", f"/tickets/{ticket.id}", json={"ticket": change}).json()
    assert saved["ticket"]["custom_fields"] == [{"id": made["id"], "value": "linked"}]
    assert saved["audit"]["metadata"]["custom"] == {"kcs_note": "n1"}
    assert saved["audit"]["via"]["channel"] == "api"
    comment = call("GET", f"/tickets/{ticket.id}/comments").json()["comments"][-1]
    assert comment["plain_body"] == "See this & that"
    assert "href='https://x.ex'" in comment["html_body"]
    assert (comment["audit_id"], comment["public"]) == (saved["audit"]["id"], False)


def test_plain_text_is_shown_escaped_and_files_by_name(
    call: Call, emulator: Emulator, ticket: Ticket, agent: User
) -> None:
    emulator.reply(ticket, agent, "1 < 2", attachments=["shot.png"])
    comment = call("GET", f"/tickets/{ticket.id}/comments").json()["comments"][-1]
    assert (comment["body"], "1 &lt; 2" in comment["html_body"]) == ("1 < 2", True)
    assert [one["file_name"] for one in comment["attachments"]] == ["shot.png"]
    emulator.change(ticket, agent, comment=NewComment(html="<b>Fat</b>"))
    assert ticket.comments[-1].body == "Fat"


def test_keys_that_are_not_known_are_dropped_and_named(call: Call, ticket: Ticket) -> None:
    reply = call("PUT", f"/tickets/{ticket.id}", json={"ticket": {"status": "open", "mood": "sad"}})
    assert (reply.status_code, ticket.status) == (200, "open")
    assert ':unpermitted_keys=>["ticket.mood"]' in reply.headers["x-zendesk-api-warn"]
    assert "x-zendesk-api-warn" not in call("GET", f"/tickets/{ticket.id}").headers


@pytest.mark.parametrize("who", ["customer", "gone", "nobody"])
def test_only_an_active_agent_can_be_assigned(
    call: Call, emulator: Emulator, ticket: Ticket, agent: User, customer: User, who: str
) -> None:
    emulator.deactivate(agent)
    ids: dict[str, Any] = {"customer": customer.id, "gone": agent.id, "nobody": 5}
    body = {"ticket": {"assignee_id": ids[who]}}
    assert call("PUT", f"/tickets/{ticket.id}", json=body).status_code == 422
