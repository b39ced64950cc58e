"""Sign in, sign out, and look after one's own password and sessions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from urllib.parse import urlsplit
from uuid import UUID

from flask import flash, redirect, request, session, url_for
from werkzeug.wrappers import Response

from pitboss.core.context import Context
from pitboss.core.errors import InvalidInput, NotAuthenticated, NotFound, PitbossError, TooMany
from pitboss.core.http import answers_secret, current, public, requires
from pitboss.core.identity import Visitor, operators, passwords, resets, sessions
from pitboss.core.identity.credentials import parse
from pitboss.core.identity.proof import WRONG
from pitboss.core.kernel import Kernel
from pitboss.core.retelling import retold
from pitboss.core.texts import gettext as _
from pitboss.webapp import cookies
from pitboss.webapp.admin.errors import kernel
from pitboss.webapp.admin.shell import done, failed, page, pages, text_of

CONFIRMED = "confirmed"
"""Where the signed cookie says when the password was typed last, and in which session."""


@pages.get("/sign-in")
@public
def sign_in() -> Response:
    """Ask who is there."""
    return page("sign_in", sent=request.args)


@pages.post("/sign-in")
@public
@answers_secret
def signing_in() -> Response:
    """Open a session; a wrong tenant, address or password all sound the same."""
    try:
        signed_in = _sign_in(kernel(), text_of("tenant"))
    except TooMany as error:
        return page("sign_in", 429, sent=request.form, error=retold(str(error)))
    except NotAuthenticated as error:
        return page("sign_in", 401, sent=request.form, error=sentence(retold(str(error))))
    remember_password(signed_in.session_id)
    answer = redirect(safe_target(request.form.get("next")), 303)
    is_secure = kernel().settings.secure_cookies
    cookies.clear_cookie(answer, cookies.TENANT, is_secure=is_secure)
    cookies.set_cookie(answer, cookies.SESSION, signed_in.secret, is_secure=is_secure)
    return answer


@pages.post("/sign-out")
@requires()
def sign_out() -> Response:
    """End this session."""
    actor = current().actor
    with at_home() as own:
        if actor.id is not None and actor.session_id is not None:
            sessions.revoke_sessions(own, actor.id, only=actor.session_id)
    flash(_("You are signed out."), "good")
    answer = redirect(url_for("admin.sign_in"), 303)
    is_secure = kernel().settings.secure_cookies
    for name in (cookies.SESSION, cookies.TENANT):
        cookies.clear_cookie(answer, name, is_secure=is_secure)
    return answer


@pages.get("/account")
@requires()
def account() -> Response:
    """Show one's own password form and sessions."""
    return _account_page()


@pages.post("/account/password")
@requires()
@answers_secret
def change_password() -> Response:
    """Choose another password; every other session of this operator ends."""
    actor = current().actor
    old, new = request.form.get("old", ""), request.form.get("new", "")
    try:
        with at_home() as own:
            resets.change_password(
                own, "operator", own_id(), old=old, new=new, keep=actor.session_id, visitor=visitor()
            )
    except (InvalidInput, TooMany) as error:
        return _account_page(error=error, status=error.status)
    return done(_("Your password is changed. Your other sessions have ended."), "admin.account")


@pages.post("/account/sessions/<uuid:session_id>/end")
@requires()
def end_session(session_id: UUID) -> Response:
    """End one of one's own sessions."""
    try:
        with at_home() as own:
            sessions.sign_out_operator(own, own_id(), session_id)
    except NotFound as error:
        return failed(str(error), "admin.account")
    return done(_("That session has ended."), "admin.account")


@pages.post("/account/language")
@requires()
def choose_language() -> Response:
    """Speak another language to this operator from the next page on, here and wherever they sign in."""
    try:
        with at_home() as own:
            operators.choose_language(own, own_id(), text_of("language"))
    except InvalidInput as error:
        return failed(str(error), "admin.account")
    return redirect(safe_target(text_of("next")), 303)


@pages.get("/invitation")
@public
def invitation() -> Response:
    """Ask a new operator, or one who forgot, for a password."""
    return page("invitation", token=request.args.get("token", ""))


@pages.post("/invitation")
@public
@answers_secret
def accept_invitation() -> Response:
    """Choose a password with the token of an invitation."""
    token = text_of("token")
    try:
        tenant = kernel().tenants.by_code(parse(token).tenant)
        with kernel().context(tenant.id, actor_name="admin") as own:
            resets.reset_password(own, token, request.form.get("new", ""), visitor())
    except (NotAuthenticated, NotFound):
        return page("invitation", 422, token=token, error=sentence(resets.USED))
    except PitbossError as error:
        return page("invitation", error.status, token=token, error=sentence(retold(str(error))))
    flash(_("Your password is set: sign in with it."), "good")
    return redirect(url_for("admin.sign_in", tenant=tenant.code), 303)


def remember_password(session_id: UUID | None) -> None:
    """Write down, in a signed cookie, that this session's password was just typed."""
    session[CONFIRMED] = [str(session_id), int(kernel().clock.now().timestamp())]


def visitor() -> Visitor:
    """Return where this request comes from."""
    return Visitor(request.remote_addr or "", request.user_agent.string)


def own_id() -> UUID:
    """Return the id of the operator who is signed in, or raise NotFound for anyone else."""
    actor = current().actor
    if actor.kind != "operator" or actor.id is None:
        raise NotFound(_("only operators have a password and sessions here"))
    return actor.id


@contextmanager
def at_home() -> Iterator[Context]:
    """Open a unit of work where the operator's own account is, whichever tenant they look at."""
    ctx = current()
    actor = ctx.actor
    home_id = actor.tenant_id if actor.home_id is None else actor.home_id
    ctx.rollback()
    with ctx.kernel.context(
        home_id, replace(actor, tenant_id=home_id, home_id=None), request_id=ctx.request_id
    ) as own:
        yield own


def safe_target(text: str | None) -> str:
    """Return where to go after signing in: a page of ours, never another site."""
    parts = urlsplit(text or "")
    is_ours = not parts.scheme and not parts.netloc and (parts.path + "/").startswith("/admin/")
    return text if text and is_ours and "\\" not in text else url_for("admin.dashboard")


def _sign_in(kernel: Kernel, code: str) -> sessions.SignedIn:
    email, password = text_of("email"), request.form.get("password", "")
    try:
        tenant = kernel.tenants.by_code(code.lower())
    except NotFound:
        # As slow as a wrong password, so that nobody learns which tenants there are.
        passwords.verify(None, password)
        raise NotAuthenticated(WRONG) from None
    with kernel.context(tenant.id, actor_name="admin") as own:
        return sessions.sign_in_operator(own, email, password, visitor())


def _account_page(error: PitbossError | None = None, status: int = 200) -> Response:
    with at_home() as own:
        found = sessions.list_operator_sessions(own, own_id())
    return page(
        "account",
        status,
        sessions=found,
        this=current().actor.session_id,
        error=error and sentence(retold(str(error))),
    )


def sentence(text: str) -> str:
    """Make a message of an error a sentence of a page."""
    return f"{text[:1].upper()}{text[1:]}."
