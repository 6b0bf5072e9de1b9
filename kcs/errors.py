"""The errors this application raises on purpose, each with the answer an HTTP client gets.

A message says what went wrong, with which value, and what to do. It is a template with its values by name,
so that pages can say it in the reader's language (`kcs.sentences`); scripts, logs and the API get English.
"""

from __future__ import annotations

from collections.abc import Mapping

from kcs.sentences import Sentence


class KcsError(Exception):
    """Base of every deliberate error: an HTTP status, a stable code and a sentence for people."""

    status = 500
    code = "error"

    def __init__(
        self, message: str, /, *, errors: Mapping[str, object] | None = None, **values: object
    ) -> None:
        said = message if isinstance(message, Sentence) and not values else Sentence(str(message), **values)
        super().__init__(said)
        self.message = said
        self.errors = dict(errors or {})


class NotFound(KcsError):
    """The thing does not exist, or this person may not know that it does."""

    status, code = 404, "not_found"


class MergedAway(NotFound):
    """The article was merged; `into` is the key of the one that holds its text now."""

    code = "merged"

    def __init__(self, key: str, into: str) -> None:
        said = Sentence("%(key)s was merged into %(into)s.", key=key, into=into)
        super().__init__(said, errors={"merged_into": [into]})
        self.into = into


class NotAllowed(KcsError):
    """The person sees the thing but has no right to do this with it."""

    status, code = 403, "not_allowed"


class NotSignedIn(KcsError):
    """No valid session or token came with the request."""

    status, code = 401, "not_signed_in"


class WorkflowError(KcsError):
    """The state machine has no such move from the present state."""

    status, code = 409, "wrong_state"


class StaleVersion(KcsError):
    """Somebody saved a newer version after the one this edit began from."""

    status, code = 409, "stale_version"


class InvalidInput(KcsError):
    """The input is understood and wrong; `errors` names each field."""

    status, code = 422, "invalid_input"


class BadRequest(KcsError):
    """The request could not be read at all."""

    status, code = 400, "bad_request"


class TooLarge(KcsError):
    """The body is over the limit for this address."""

    status, code = 413, "too_large"


class NotReady(KcsError):
    """What is asked for is being made; nothing is wrong, and a little later it is there."""

    status, code = 503, "not_ready"


class ConfigError(KcsError):
    """A setting is missing or unsafe; the process must not start."""

    code = "bad_configuration"


class RemoteError(KcsError):
    """A help desk or help centre did not do what was asked.

    `permanent` says that trying again cannot help; `retry_after` is the number of seconds the other
    side asked us to wait, or None; `answered` is the HTTP status it gave, None when it gave none.
    """

    status, code = 502, "remote_error"

    def __init__(
        self,
        message: str,
        /,
        *,
        permanent: bool,
        retry_after: float | None = None,
        missing: bool = False,
        answered: int | None = None,
    ) -> None:
        super().__init__(message)
        self.answered = answered
        self.permanent = permanent
        self.retry_after = retry_after
        self.missing = missing


class ShownToMore(RemoteError):
    """The help centre would show a text to more people than it is meant for: it was not sent."""

    def __init__(self, message: str, /) -> None:
        super().__init__(message, permanent=True)


class TicketClosed(RemoteError):
    """The desk lets nobody change this ticket any more: there is nothing to wait for, and nothing wrong."""

    def __init__(self, message: str, /) -> None:
        super().__init__(message, permanent=True)


class NoteMadePublic(RemoteError):
    """The desk shows the customer what was written as a private note: no more may be written."""

    def __init__(self, message: str, /) -> None:
        super().__init__(message, permanent=True)
