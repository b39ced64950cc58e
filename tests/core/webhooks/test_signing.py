"""Signatures are those of Standard Webhooks."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime

import pytest

from pitboss.core.errors import InvalidInput
from pitboss.core.webhooks.signing import headers, new_secret, sign

# The example that the specification's own libraries are tested with.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MESSAGE, TIMESTAMP, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, '{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_published_example_is_signed_as_published():
    assert sign(SECRET, MESSAGE, TIMESTAMP, BODY) == SIGNATURE


def test_the_published_example_is_what_the_specification_says():
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    digest = hmac.digest(key, f"{MESSAGE}.{TIMESTAMP}.{BODY}".encode(), hashlib.sha256)

    assert f"v1,{base64.b64encode(digest).decode()}" == SIGNATURE


def test_a_message_carries_its_id_time_and_a_signature_for_each_secret():
    at = datetime.fromtimestamp(TIMESTAMP, UTC)

    found = headers([SECRET, new_secret()], MESSAGE, at, BODY)

    assert (found["webhook-id"], found["webhook-timestamp"]) == (MESSAGE, str(TIMESTAMP))
    assert found["webhook-signature"].split()[0] == SIGNATURE
    assert len(found["webhook-signature"].split()) == 2


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_!!", "whsec_c2hvcnQ=", "whsec_" + "A" * 88])
def test_a_weak_secret_signs_nothing(secret):
    with pytest.raises(InvalidInput, match="24 to 64 bytes"):
        sign(secret, MESSAGE, TIMESTAMP, BODY)
