"""The emulated account's OAuth pages, below the site's root.

A name in brackets is the part of developer.zendesk.com that a behaviour follows.
"""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, Response, g, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from integrations.emulation.serving import answer
from integrations.zendesk.emulator.oauth import OAuth, OAuthError, TokenPair

api = Blueprint("oauth", __name__)


@api.get("/oauth/authorizations/new")
def authorize() -> AnyResponse:
    """Approve at once in `approver`'s name and go back with a code, or why not [Authorization code grant].

    A client or a redirect address that is not registered is told so on a page: nobody is sent there.
    """
    oauth: OAuth = g.emulator.oauth
    asked = request.args
    client, back = oauth.clients.get(asked.get("client_id", "")), asked.get("redirect_uri", "")
    if client is None or not back or (client.redirect_uris and back not in client.redirect_uris):
        return Response("<h1>Invalid Authorization Request</h1>", 400, mimetype="text/html")
    state = {"state": asked["state"]} if "state" in asked else {}
    if asked.get("response_type") != "code":
        return _back(back, {"error": "unsupported_response_type", **state})
    if oauth.refuse:
        description = "The end-user or authorization server denied the request."
        return _back(back, {"error": "access_denied", "error_description": description, **state})
    code = oauth.approve(client, back, asked.get("scope", ""), asked.get("code_challenge", ""))
    return _back(back, {"code": code, **state})


@api.post("/oauth/tokens")
def grant() -> Response:
    """Exchange a code or refresh a pair; JSON and forms are taken [OAuth tokens for grant types]."""
    oauth: OAuth = g.emulator.oauth
    given = request.get_json(silent=True)
    sent = {k: str(v) for k, v in (given if isinstance(given, dict) else request.form.to_dict()).items()}
    client = oauth.client(sent.get("client_id", ""), sent.get("client_secret", ""))
    acts = {"authorization_code": oauth.exchange, "refresh_token": oauth.refresh}
    act = acts.get(sent.get("grant_type", ""))
    if act is None:
        raise OAuthError(400, "unsupported_grant_type", "The grant type is not supported.")
    return answer(_shown(act(client, sent), oauth))


@api.get("/api/v2/oauth/tokens/current")
def show_current() -> Response:
    """Say what the token that asks may do [OAuth tokens: Show Token]."""
    pair = g.pair
    scopes = sorted(pair.scopes) if pair else ["read", "write"]
    return answer(
        {"token": {"scopes": scopes, "user_id": g.user.id, "expires_at": pair and str(pair.expires_at)}}
    )


@api.app_errorhandler(OAuthError)
def refuse(error: OAuthError) -> Response:
    return answer({"error": error.error, "error_description": str(error)}, error.status)


def _shown(pair: TokenPair, oauth: OAuth) -> dict[str, object]:
    return {
        "access_token": pair.access_token,
        "refresh_token": pair.refresh_token,
        "token_type": "bearer",
        "scope": pair.scope,
        "expires_in": oauth.lifetime,
        "refresh_token_expires_in": oauth.refresh_lifetime,
    }


def _back(address: str, values: dict[str, str]) -> AnyResponse:
    return redirect(f"{address}{'&' if '?' in address else '?'}{urlencode(values)}")
