"""A mail server made of the `aiosmtpd` package, with a login, behind STARTTLS or TLS, or open.

Arguments: a directory, in which `ca.pem` is left, and how it is protected: starttls, tls, none.
Prints the port, then each mail as one line of JSON. Ends when its standard input does.
"""
import asyncio
import json
import logging
import sys
import warnings
from email import message_from_bytes, policy
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult

from certificates import context

# The server that is tested needs no advice.
warnings.simplefilter("ignore")
logging.disable()
DIRECTORY, PROTECTION = Path(sys.argv[1]), sys.argv[2]


class Box:
    async def handle_DATA(self, server, session, envelope):
        mail = message_from_bytes(envelope.content, policy=policy.default)
        told = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "subject": mail["subject"],
            "id": mail["message-id"],
            "reply": mail["in-reply-to"],
            "text": mail.get_content(),
            "tls": session.ssl is not None or PROTECTION == "tls",
            "login": session.auth_data.decode() if session.auth_data else None,
        }
        print(json.dumps(told), flush=True)
        return "250 kept as 4711"


def authenticate(server, session, envelope, mechanism, data):
    good = (data.login, data.password) == (b"warroom", b"open sesame")
    return AuthResult(success=good, handled=good, auth_data=data.login)


def conversation(box, tls):
    if PROTECTION == "none":
        return SMTP(box)
    rules = {"authenticator": authenticate, "auth_required": True}
    if PROTECTION == "tls":
        return SMTP(box, auth_require_tls=False, **rules)
    return SMTP(box, tls_context=tls, require_starttls=True, **rules)


async def main():
    tls, box, loop = context(DIRECTORY), Box(), asyncio.get_running_loop()
    first = tls if PROTECTION == "tls" else None
    server = await loop.create_server(lambda: conversation(box, tls), "127.0.0.1", 0, ssl=first)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(main())
