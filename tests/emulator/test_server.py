"""Starting, stopping and being reached."""

from __future__ import annotations

import stat
import threading
import time

import pytest
import requests
from cryptography import x509

from acs_chat_testkit.emulator import Emulator
from acs_chat_testkit.errors import EmulatorError


def test_https_is_trusted_through_the_bundle_and_by_nothing_else(emulator: Emulator) -> None:
    """The bundle makes a client trust the emulator; the public authorities alone do not."""
    assert requests.get(emulator.https_endpoint, verify=str(emulator.ca_file), timeout=10).status_code == 400
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(emulator.https_endpoint, timeout=10)


def test_the_authority_is_of_no_use_for_any_other_host(emulator: Emulator) -> None:
    """It carries a critical constraint to this machine's names, may not make others, and its key is not on disk."""
    text = emulator.ca_file.read_bytes()
    authority = x509.load_pem_x509_certificate(text[text.rindex(b"-----BEGIN CERTIFICATE-----") :])
    constraints = authority.extensions.get_extension_for_class(x509.NameConstraints)
    assert constraints.critical
    assert {str(name.value) for name in constraints.value.permitted_subtrees or ()} == {
        "localhost",
        "127.0.0.1/32",
        "::1/128",
    }
    assert authority.extensions.get_extension_for_class(x509.BasicConstraints).value.path_length == 0
    assert b"PRIVATE KEY" not in text
    assert stat.S_IMODE(emulator.ca_file.stat().st_mode) == 0o600


def test_leaving_ends_the_thread_frees_the_ports_and_removes_the_bundle() -> None:
    """After the context nothing of the emulator is left, even while a client keeps a TLS connection open."""
    before = threading.active_count()
    with requests.Session() as client:
        with Emulator() as emulator:
            client.get(emulator.https_endpoint, verify=str(emulator.ca_file), timeout=10)
            port = int(emulator.endpoint.rsplit(":", 1)[1])
            bundle = emulator.ca_file
        assert threading.active_count() == before
        assert not bundle.exists()
        with Emulator(port=port) as again:
            assert again.endpoint.endswith(f":{port}")


@pytest.mark.parametrize("over_tls", [False, True])
def test_a_taken_port_is_one_sentence(emulator: Emulator, over_tls: bool) -> None:
    """A port in use says which, and what to do."""
    port = int(emulator.endpoint.rsplit(":", 1)[1])
    second = Emulator(tls_port=port) if over_tls else Emulator(port=port)
    with pytest.raises(EmulatorError, match=f"127.0.0.1:{port}.*choose another port"), second:
        pass


def test_a_port_that_cannot_be_is_one_sentence() -> None:
    """As one in use."""
    with pytest.raises(EmulatorError, match=r"127\.0\.0\.1:70000.*choose another port"), Emulator(port=70000):
        pass


def test_a_clock_that_is_no_time_is_one_sentence() -> None:
    """The text names what was given and what is wanted."""
    with pytest.raises(EmulatorError, match=r"'noon'.*RFC 3339"), Emulator(clock="noon"):
        pass


def test_a_clock_that_a_test_has_stopped_keeps_nobody_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not then, nor when the emulator is left."""
    emulator = Emulator()
    emulator.__enter__()
    with monkeypatch.context() as patch:
        for name in ("time", "monotonic", "perf_counter"):
            patch.setattr(time, name, lambda: 0.0)
        time.sleep(0.3)
    leaving = threading.Thread(target=emulator.__exit__, args=(None, None, None), daemon=True)
    leaving.start()
    leaving.join(10)
    assert not leaving.is_alive()


def test_an_emulator_can_be_entered_again() -> None:
    """A new run: other ports, another user, another token, and nothing of the run before."""
    emulator = Emulator()
    with emulator:
        first = (emulator.endpoint, emulator.user_id, emulator.token)
    with emulator:
        assert not {emulator.endpoint, emulator.user_id, emulator.token} & set(first)
        assert requests.get(emulator.endpoint, timeout=10).status_code == 400


def test_a_token_needs_a_user(emulator: Emulator) -> None:
    """One for somebody who does not exist would only be refused later, far from its cause."""
    with pytest.raises(EmulatorError, match=r"no user '8:acs:nobody'.*create_user"):
        emulator.issue_token("8:acs:nobody")
