"""Encryption that does not come about: what is wrong, in a sentence, and who can cure it. Worker only."""

from __future__ import annotations

import re
import ssl
from urllib.parse import urlsplit

import httpx

from dsbs_gui.core.errors import DsbsError, ResourceError, UserError
from dsbs_gui.steps.teacher.catalogue import is_loopback

_OWN = "Check the address. A certificate of your own goes into the file that SSL_CERT_FILE names."
_CLOCK = "Have it renewed by whoever runs the server, and check the clock of this machine."
# By OpenSSL's number of the reason (X509_V_ERR_…).
_CERTIFICATES = {
    9: ("that is not valid yet", _CLOCK),
    10: ("that has expired", _CLOCK),
    18: ("that it has signed itself", _OWN),
    19: ("that somebody unknown to this machine has signed", _OWN),
    62: ("for another name", "Use the name that the certificate was made for."),
    64: ("for another address", "Use the name that the certificate was made for."),
}
_NOT_TRUSTED = ("that this machine does not trust", _OWN)
_NO_TLS = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG", "HTTP_REQUEST")
_WANTS_TLS = re.compile(r"HTTP request (?:was sent )?to (?:an )?HTTPS (?:server|port)", re.IGNORECASE)


def trusted() -> ssl.SSLContext:
    """Whom to trust: the usual authorities, or those of ``SSL_CERT_FILE``, whatever the host.

    Raises UserError for such a file that cannot be read.
    """
    try:
        return httpx.create_ssl_context()
    except (OSError, ssl.SSLError) as error:
        raise UserError(
            "The certificates that SSL_CERT_FILE or SSL_CERT_DIR names cannot be read.",
            "Correct the variable, or unset it.",
        ) from error


def refusal(error: httpx.HTTPError, host: str) -> DsbsError | None:
    """The error that ends the job; None if encryption is not what failed, or may work the next time."""
    cause = _tls_error(error)
    if isinstance(cause, ssl.SSLCertVerificationError):
        what, hint = _CERTIFICATES.get(cause.verify_code, _NOT_TRUSTED)
        return ResourceError(f"{host} shows a certificate {what}.", hint)
    if cause is None or isinstance(cause, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return None
    if any(name in str(cause).upper().replace(" ", "_") for name in _NO_TLS):
        cure = "Give its address with http://." if _is_here(host) else "Check the port: it has to be one for https://."
        return UserError(f"{host} does not speak HTTPS.", cure)
    return ResourceError(
        f"{host} and this machine find no encryption that both accept.",
        "The server may be too old or set up in an unusual way: ask who runs it.",
    )


def refusal_in_words(text: str, host: str) -> DsbsError | None:
    """As :func:`refusal`, for a server with encryption that answers a request without it (Go's, nginx)."""
    if not _WANTS_TLS.search(text):
        return None
    return UserError(f"{host} wants to be asked with encryption.", "Give its address with https://.")


def _is_here(host: str) -> bool:
    return is_loopback(urlsplit(f"//{host}").hostname or "")


def _tls_error(error: BaseException | None) -> ssl.SSLError | None:
    """The error of the TLS library that another one was made of."""
    while error is not None and not isinstance(error, ssl.SSLError):
        error = error.__cause__ or error.__context__
    return error
