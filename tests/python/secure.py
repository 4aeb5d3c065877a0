"""A service behind TLS: /health by HTTPS, events by `wss:`, made of `cryptography` and the `websockets` package.

Arguments: a directory, in which `ca.pem` is left, and what is wrong with the certificate: nothing, expired, name.
Prints the port. Ends when its standard input does.
"""
import asyncio
import http
import json
import ssl
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import websockets
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DIRECTORY, WRONG = Path(sys.argv[1]), sys.argv[2]
NOW = datetime.now(timezone.utc)


def certificate(name, key, issuer, issuer_key, end, extensions):
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer or subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=30))
        .not_valid_after(end)
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return builder.sign(issuer_key, hashes.SHA256())


def context():
    ca_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    later = NOW + timedelta(days=1)
    ca = certificate("Test CA", ca_key, None, ca_key, later, [(x509.BasicConstraints(True, 0), True)])
    host = "elsewhere.test" if WRONG == "name" else "localhost"
    leaf = certificate(
        host, key, ca.subject, ca_key, NOW - timedelta(days=1) if WRONG == "expired" else later,
        [
            (x509.SubjectAlternativeName([x509.DNSName(host)]), False),
            (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
        ],
    )
    pem = serialization.Encoding.PEM
    (DIRECTORY / "ca.pem").write_bytes(ca.public_bytes(pem))
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (DIRECTORY / "leaf.pem").write_bytes(secret + leaf.public_bytes(pem))
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(DIRECTORY / "leaf.pem")
    return made


def health(connection, request):
    if request.path == "/health":
        return connection.respond(http.HTTPStatus.OK, "fine\n")


async def events(socket):
    number = 0
    while True:
        number += 1
        await socket.send(json.dumps({"type": "agent_started", "run_id": f"r{number}", "seq": 1}))
        await asyncio.sleep(0.05)


async def main():
    async with websockets.serve(events, "localhost", 0, ssl=context(), process_request=health) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


asyncio.run(main())
