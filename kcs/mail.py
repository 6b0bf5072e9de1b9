"""Sending mail by SMTP."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from types import MappingProxyType
from urllib.parse import unquote, urlsplit

from kcs.errors import RemoteError

SECONDS = 20.0


@dataclass(frozen=True)
class Mailer:
    """The mail server of `KCS_SMTP_URL`, and the address mails come from."""

    url: str = field(repr=False)
    sender: str

    def send(
        self,
        to: str,
        subject: str,
        text: str,
        *,
        message_id: str,
        html: str | None = None,
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Send one mail. Raises RemoteError, permanent when the server will never take it.

        `message_id` is the mail's own name: sent twice after a lost answer, it is one mail to most programs.
        `html` says the same as `text`, for programs that show it.
        """
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = self.sender, to, subject
        mail["Message-ID"] = f"<{message_id}@{self.sender.rpartition('@')[2].strip('>')}>"
        mail["Auto-Submitted"] = "auto-generated"
        for name, value in headers.items():
            mail[name] = value
        mail.set_content(text)
        if html is not None:
            mail.add_alternative(html, subtype="html")
        try:
            with self._server() as server:
                server.send_message(mail)
        except smtplib.SMTPResponseException as error:
            raise RemoteError(_said(error), permanent=error.smtp_code >= 500) from error
        except smtplib.SMTPRecipientsRefused as error:
            code = max(answer[0] for answer in error.recipients.values())
            raise RemoteError(f"The mail server refuses {to}: {code}.", permanent=code >= 500) from error
        except (smtplib.SMTPException, OSError) as error:
            raise RemoteError(f"The mail server could not be reached: {error}.", permanent=False) from error

    def _server(self) -> smtplib.SMTP:
        parts = urlsplit(self.url)
        host, context = parts.hostname or "", ssl.create_default_context()
        if parts.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, parts.port or 465, timeout=SECONDS, context=context)
        else:
            server = smtplib.SMTP(host, parts.port or 587, timeout=SECONDS)
        try:
            self._greet(server, context)
        except BaseException:
            server.close()
            raise
        return server

    def _greet(self, server: smtplib.SMTP, context: ssl.SSLContext) -> None:
        parts = urlsplit(self.url)
        server.ehlo()
        if parts.scheme == "smtp" and server.has_extn("starttls"):
            server.starttls(context=context)
            server.ehlo()
        elif parts.scheme == "smtp" and parts.password:
            raise RemoteError(
                "The mail server offers no TLS: the password of KCS_SMTP_URL is not sent in the open.",
                permanent=True,
            )
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))


def _said(error: smtplib.SMTPResponseException) -> str:
    words = (
        error.smtp_error.decode(errors="replace") if isinstance(error.smtp_error, bytes) else error.smtp_error
    )
    return f"The mail server answered {error.smtp_code} {words}"
