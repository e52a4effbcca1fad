"""What is called a secret and can not be one stays as it is; a secret beside it, under the same name, does not."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.recording.test_redaction import redactor

from acs_chat_testkit.http import Headers, Request, Response
from acs_chat_testkit.recording.cassette import Cassette, Interaction
from acs_chat_testkit.recording.leakage import leaks
from acs_chat_testkit.recording.profile import Profile
from acs_chat_testkit.recording.redaction import SECRET
from acs_chat_testkit.recording.redaction.placeholders import is_sample, placeholder

OPAQUE = base64.b64encode(random.Random(1).randbytes(120)).decode()
SIGNED = f"\n\n{base64.encodebytes(random.Random(2).randbytes(200)).decode()}=abcd\n-----END"
WORDS = [" the", "The", "\n\n", ".", "'s", " antidisestablish", "<|endoftext|>", " п", "\U0001f600", "v2"]

ANSWERS: Mapping[str, object] = {
    "a choice": {"content": [{"token": word, "logprob": -0.1, "top_logprobs": [{"token": word}]} for word in WORDS]},
    "words in a list": {"logprobs": {"tokens": WORDS, "token_logprobs": [-0.1]}},
    "a word with its number": {"token": {"id": 2, "text": " the", "logprob": -0.1}, "details": {"tokens": [7, 8]}},
    "a gap": [{"score": 0.4, "token": 3000, "token_str": " paris"}],
    "a candidate": {"candidates": [{"token": "Hi", "tokenId": 1, "logProbability": -0.1}]},
    "an analysis": {"tokens": [{"token": "hello", "start_offset": 0, "end_offset": 5}]},
    "a thought": {"content": [{"type": "thinking", "thinking": "Let me see", "signature": OPAQUE}]},
    "a part": {"parts": [{"text": "x", "thoughtSignature": OPAQUE, "thought_signature": OPAQUE}]},
    "a step": {"steps": [{"type": "thought", "signature": OPAQUE}], "raw_prompt_token": 41},
    "a delta": {"delta": {"type": "thought_signature", "signature": OPAQUE}},
    "words of a name": {"names": ["International OD/OIA US"], "tokens": ["international", "od/oia", "us"]},
    "an article": {
        "assertion": [
            {"value": "2019-09-05", "name": "received", "label": "Received"},
            {"value": "This article is maintained by: Example", "name": "publisher"},
        ]
    },
    "a refusal": {"grant_type": "authorization_code", "code": "invalid_grant"},
    "a session": {"session_id": "8f14e45f-ceea-467f-a0e6-7d1d1b3a4c21", "sessionId": "room-42", "code": OPAQUE},
    "sessions": [
        {"sessionId": "anonymous-user-session-0"},
        {"sessionId": "urn:uuid:8f14e45f-ceea-467f-a0e6-7d1d1b3a4c21"},
        {"session_id": "{8F14E45F-CEEA-467F-A0E6-7D1D1B3A4C21}"},
    ],
    "a form": {"text": "password: required, at least 8", "help": "Enter a password: it has 8 letters"},
    "scrubbed": {"token": "X-API-KEY-XXX", "password": "AUTHORIZATION-XXX"},
    "a commit": {"verification": {"signature": f"-----BEGIN PGP SIGNATURE-----{SIGNED} PGP SIGNATURE-----"}},
    "a key for all": {"token": f"-----BEGIN PUBLIC KEY-----{SIGNED} PUBLIC KEY-----\n"},
    "a tokenizer": {"bos_token": "<s>", "mask_token": "[MASK]", "unk_token": "<unk>", "eos_token": "<|im_end|>"},
    "errors": {"password": ["This field is required.", "This password must be longer."], "token": "invalid"},
    "empty": {"password": "", "token": "missing"},
}


def streamed(answer: object) -> str:
    """As an event of a stream, between others."""
    return f"event: a\ndata: {json.dumps(answer)}\n\ndata: {json.dumps(answer, ensure_ascii=False)}\n\ndata: [DONE]\n"


@pytest.mark.parametrize("name", ANSWERS)
def test_what_can_be_no_secret_stays(name: str) -> None:
    """In a body, in a body inside a text, and in the events of a stream; nothing of it is a finding."""
    clean = redactor()
    for text in (json.dumps(ANSWERS[name]), json.dumps({"a": json.dumps(ANSWERS[name])}), streamed(ANSWERS[name])):
        assert clean.text(text) == text
    assert not clean.hits


@given(
    secret=st.from_regex(r"[a-z]{1,8}[0-9][A-Za-z0-9]{8,40}", fullmatch=True),
    answer=st.sampled_from(sorted(ANSWERS)),
    name=st.sampled_from(["token", "tokens", "bos_token", "password", "signature"]),
)
def test_a_secret_beside_it_goes(secret: str, answer: str, name: str) -> None:
    """Where words of a language model are called tokens, a token is still one."""
    value = {"a": ANSWERS[answer], name: secret[:39], "b": [{name: secret[:39]}]}
    for text in (json.dumps(value), streamed(value)):
        assert secret[:39] not in redactor().text(text)


def test_what_pages_may_ask_a_browser_is_no_secret() -> None:
    """Credentials are a feature that a policy switches off."""
    policy = "gamepad=(), publickey-credentials-get=(self), otp-credentials=(), usb=()"
    clean = redactor()
    assert clean.header("Permissions-Policy", policy) == policy
    assert not clean.hits


@pytest.mark.parametrize("value", [OPAQUE[:60] + "==", "<saml:Assertion>abc</saml:Assertion>"])
def test_an_assertion_that_lets_somebody_in_goes(value: str) -> None:
    """OAuth's, in base64 or as it is."""
    assert json.loads(redactor().text(json.dumps({"assertion": value})))["assertion"] == SECRET


SAMPLES = [
    *("test_token", "Bearer test-key", "YOUR_API_KEY", "your-access-token-here", "mock_jwt_token", "sk-xxxxxxxx"),
    *("Bearer test_openai_api_key", "test_google_genai_api_key", "test_set_cookie"),
    *("<token>", "Bearer <api_key>", "${TOKEN}", "$API_KEY", "{{ token }}", "sk-proj-XXXX"),
]


@pytest.mark.parametrize("value", ["Bearer DUMMY_TOKEN_FOR_TESTS", *SAMPLES])
def test_a_sample_is_replaced_and_no_leak(value: str) -> None:
    """A recording holds no authorization, whatever it is; a scan does not tell of one that lets nobody in."""
    clean = redactor()
    assert value not in clean.header("Authorization", value)
    assert value not in clean.text(json.dumps({"token": value}))
    request = Request(
        "POST", "https://a.example/", Headers([("Authorization", value)]), json.dumps({"token": value}).encode()
    )
    response = Response(200, Headers(), f"curl -H 'Authorization: {value}'".encode(), "OK")
    assert not list(leaks(Cassette((Interaction(request, response),)), Profile()))


@pytest.mark.parametrize("value", ["Bearer token", "Bearer None", "Bearer ", "Bearer undefined", "invalid"])
def test_what_says_that_there_is_none_stays(value: str) -> None:
    """Also in a text, behind its scheme."""
    assert placeholder(value) == value
    clean = redactor()
    assert clean.header("Authorization", value) == value
    assert clean.text(f"curl -H 'Authorization: {value}'") == f"curl -H 'Authorization: {value}'"
    assert not clean.hits


@pytest.mark.parametrize(
    "value",
    [
        *(
            "test",
            "my-token",
            "test_abc123def456ghi789",
            "Bearer test_token1",
            "testtokens",
            "sk-test",
            "$ecret",
            "key",
        ),
        *("your-password", "token token", "Bearer xyz", "correct horse battery staple", "Secret is required: hunter"),
        "-----BEGIN PGP SIGNATURE-----\nabc\n-----BEGIN PGP PRIVATE KEY BLOCK-----\nabc",
    ],
)
def test_what_may_be_a_secret_goes(value: str) -> None:
    """A weak one is one."""
    for name in ("password", "token", "signature"):
        assert json.loads(redactor().text(json.dumps({name: value})))[name] == placeholder(value) != value
    assert not is_sample(value)
    assert placeholder(value).endswith(SECRET)


def test_an_assertion_in_lines_goes() -> None:
    """Base64 as mail has it is no sentence of a publisher."""
    lines = base64.encodebytes(random.Random(3).randbytes(150)).decode()
    assert json.loads(redactor().text(json.dumps({"assertion": lines}))) == {"assertion": SECRET}
