"""Encryption that is not what it should be: one clear sentence each, no prompt and no key for a stranger."""

from __future__ import annotations

import contextlib
import datetime
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme

from dsbs_gui.core.errors import DsbsError
from dsbs_gui.steps.teacher.specs import GenerateSpec
from dsbs_gui.steps.teacher.work.asking import Reply, Request
from dsbs_gui.steps.teacher.work.server_client import Patience
from dsbs_gui.steps.teacher.work.server_engine import ServerEngine
from dsbs_gui.steps.teacher.work.server_refusal import BROKEN_OFF

from .fault_server import FaultServer, Mode, answer, serving

KEY = "sk-canary-0123456789"
PATIENT = Patience(attempt_s=20, request_s=60, tries=2, first_wait_s=0.002)
LONG_AGO = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)


@dataclass
class Authority:
    """Who signs certificates, and the file by which others know it."""

    ca: trustme.CA
    file: Path


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    made = Authority(trustme.CA(), tmp_path_factory.mktemp("tls") / "ca.pem")
    made.ca.cert_pem.write_to_path(made.file)
    return made


@contextlib.contextmanager
def encrypted(certificate: trustme.LeafCert) -> Iterator[FaultServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    with serving(answer()) as server:
        # The hand-shake takes place in the thread of the connection, so that one that fails stops no other.
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        yield server


def _signed_by_itself() -> trustme.LeafCert:
    """As ``openssl req -x509`` makes one: the authority's own certificate is the server's."""
    ca = trustme.CA()
    return trustme.LeafCert(ca.private_key_pem.bytes(), ca.cert_pem.bytes(), [])


def ask(server: FaultServer, host: str = "127.0.0.1", scheme: str = "https") -> list[Reply]:
    address = f"{scheme}://{host}:{server.server_port}/v1"
    engine = ServerEngine(GenerateSpec(teacher_kind="server", model=address, model_name="only"), ["\nQ:"], PATIENT)
    try:
        return list(engine.answer((Request(i, 0, "Q:") for i in range(9)), lambda: False))
    finally:
        engine.close()


def refused(server: FaultServer, host: str = "127.0.0.1", scheme: str = "https") -> DsbsError:
    """The error that ends the job; the server must not have been told anything."""
    with pytest.raises(DsbsError) as caught:
        ask(server, host, scheme)
    assert server.asked == []
    assert server.headers == []
    assert KEY not in repr(caught.value) + str(caught.value)
    assert caught.value.hint
    return caught.value


@pytest.fixture(autouse=True)
def _key_and_trust(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DSBS_API_KEY", KEY)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))


def test_a_certificate_of_ones_own_authority_is_good_if_the_system_is_told(authority: Authority) -> None:
    with encrypted(authority.ca.issue_cert("127.0.0.1")) as server:
        replies = ask(server)
    assert {reply.failure for reply in replies} == {""}
    assert len(server.asked) == 9
    assert server.headers[0]["Authorization"] == f"Bearer {KEY}"


def test_an_expired_certificate_is_called_so(authority: Authority) -> None:
    old = authority.ca.issue_cert("127.0.0.1", not_before=LONG_AGO, not_after=LONG_AGO + datetime.timedelta(days=90))
    with encrypted(old) as server:
        error = refused(server)
    assert "shows a certificate that has expired." in error.message
    assert "clock" in error.hint


def test_a_certificate_that_is_not_valid_yet_is_called_so(authority: Authority) -> None:
    soon = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=9)
    with encrypted(authority.ca.issue_cert("127.0.0.1", not_before=soon)) as server:
        assert "shows a certificate that is not valid yet." in refused(server).message


def test_a_self_signed_certificate_is_called_so_and_the_file_for_ones_own_is_named() -> None:
    with encrypted(_signed_by_itself()) as server:
        error = refused(server)
    assert "shows a certificate that it has signed itself." in error.message
    assert "SSL_CERT_FILE" in error.hint


def test_a_certificate_of_an_unknown_authority_is_called_so() -> None:
    with encrypted(trustme.CA().issue_cert("127.0.0.1")) as server:
        error = refused(server)
    assert "shows a certificate that" in error.message
    assert "SSL_CERT_FILE" in error.hint


@pytest.mark.parametrize(("made_for", "asked"), [("example.org", "localhost"), ("10.0.0.1", "127.0.0.1")])
def test_a_certificate_for_another_host_is_called_so(authority: Authority, made_for: str, asked: str) -> None:
    with encrypted(authority.ca.issue_cert(made_for)) as server:
        error = refused(server, host=asked)
    assert "shows a certificate for another" in error.message
    assert "name that the certificate was made for" in error.hint


def test_a_server_without_encryption_at_an_https_address_is_called_so() -> None:
    with serving(answer()) as server:
        error = refused(server)
    assert error.message == f"127.0.0.1:{server.server_port} does not speak HTTPS."
    assert error.hint == "Give its address with http://."


@pytest.mark.parametrize(
    "mode",
    [
        lambda handler, _: handler.send(400, b"Client sent an HTTP request to an HTTPS server.\n"),
        lambda handler, _: handler.send(400, b"<center>The plain HTTP request was sent to HTTPS port</center>"),
    ],
    ids=["Go", "nginx"],
)
def test_a_server_with_encryption_that_says_so_at_an_http_address_is_called_so(mode: Mode) -> None:
    with serving(mode) as server, pytest.raises(DsbsError) as caught:
        ask(server, scheme="http")
    assert caught.value.message == f"127.0.0.1:{server.server_port} wants to be asked with encryption."
    assert caught.value.hint == "Give its address with https://."
    assert len(server.asked) == 1


def test_a_server_with_encryption_that_hangs_up_on_an_http_request_is_a_broken_connection(authority: Authority) -> None:
    with encrypted(authority.ca.issue_cert("127.0.0.1")) as server:
        replies = ask(server, scheme="http")
    assert {reply.failure for reply in replies} == {BROKEN_OFF}
    assert server.asked == []


def test_a_file_of_certificates_that_is_not_there_is_named(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "gone.pem"))
    with encrypted(authority.ca.issue_cert("127.0.0.1")) as server:
        assert "SSL_CERT_FILE" in refused(server).message
