"""Send mail: over SMTP where a server is named, into a folder where none is."""

from __future__ import annotations

import smtplib
import ssl
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import SplitResult, unquote, urlsplit

from pitboss.core.errors import ConfigError, PitbossError, Unavailable
from pitboss.core.texts import marked

if TYPE_CHECKING:
    from datetime import datetime

    from pitboss.core.placeholders import Text
    from pitboss.core.settings import Settings

SMTP_SECONDS_MAX = 15
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Undeliverable(PitbossError):
    """Say that trying again will not help."""


class MailFailed(Unavailable):
    """Say that it may go through later."""


class Mailer(Protocol):
    """A way to send mail. Raise Undeliverable when trying again will not help, MailFailed when it may."""

    def send(self, message: EmailMessage) -> None:
        """Hand one message over."""


class SmtpMailer:
    """Send through an SMTP server: smtp:// (encrypted where the server offers it) or smtps://."""

    def __init__(self, url: str) -> None:
        self._url = _parsed(url)

    def send(self, message: EmailMessage) -> None:
        try:
            with self._connected() as server:
                server.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            code, said = next(iter(error.recipients.values()))
            raise _failure(code, said) from error
        except smtplib.SMTPResponseException as error:
            raise _failure(error.smtp_code, error.smtp_error) from error
        except (OSError, smtplib.SMTPException) as error:
            raise MailFailed(f"the mail server does not answer: {error}") from error

    def _connected(self) -> smtplib.SMTP:
        host, context = self._url.hostname or "", ssl.create_default_context()
        if self._url.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                host, self._url.port or 465, timeout=SMTP_SECONDS_MAX, context=context
            )
        else:
            server = smtplib.SMTP(host, self._url.port or 587, timeout=SMTP_SECONDS_MAX)
        try:
            self._secure(server, host, context)
        except BaseException:
            server.close()
            raise
        return server

    def _secure(self, server: smtplib.SMTP, host: str, context: ssl.SSLContext) -> None:
        server.ehlo()
        is_secure = self._url.scheme == "smtps"
        if not is_secure and server.has_extn("starttls"):
            server.starttls(context=context)
            server.ehlo()
            is_secure = True
        if not self._url.username:
            return
        if not is_secure and host not in _LOOPBACK:
            raise MailFailed(f"{host} offers no encryption: the password is not sent; use smtps://")
        server.login(unquote(self._url.username), unquote(self._url.password or ""))


class FileMailer:
    """Keep each mail as a file, for development and for looking at what would be sent."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def send(self, message: EmailMessage) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        name = message["Message-ID"].strip("<>").partition("@")[0]
        (self.folder / f"{name}.eml").write_bytes(message.as_bytes())


def mailer_of(settings: Settings) -> Mailer:
    """Return the deployment's way to send mail."""
    if settings.email_url:
        return SmtpMailer(settings.email_url)
    return FileMailer(settings.data.expanduser() / "outbox")


def compose(*, sender: str, to: str, text: Text, message_id: str, at: datetime, brand: str) -> EmailMessage:
    """Write a mail. Its id is the notification's own, so that a mail sent twice can be told."""
    name, address = parseaddr(sender)
    message = EmailMessage()
    message["From"] = Address(brand or name, addr_spec=address)
    message["To"] = to
    message["Subject"] = text.subject
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{message_id}@{address.partition('@')[2] or 'localhost'}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text.body)
    return message


def _parsed(url: str) -> SplitResult:
    parts = urlsplit(url)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise ConfigError("email_url must be smtp://user:password@host:port, or smtps://...")
    return parts


def _failure(code: int, said: bytes | str) -> PitbossError:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    kind = Undeliverable if 500 <= code < 600 else MailFailed
    return kind(marked(f"the mail server answered {code} {text}")[:500])
