"""How often and how much: section 2.5.

https://docs.klarna.com/acquirer/klarna/get-started/integration-resilience/rate-limit/ and
https://docs.klarna.com/api/request-limits/
"""

from __future__ import annotations

import re
import time

from requests import Response

from .bodies import line, purchase
from .client import Klarna
from .expectations import assert_error_shape, assert_ok, assert_refused, seen
from .shopper import at_once

PER_SECOND = 5


def burst(klarna: Klarna) -> list[Response]:
    """So many sessions at once that even a slow machine asks for too many in a second."""
    return at_once(6 * PER_SECOND, lambda: klarna.create_session(purchase()))


def until_refused(klarna: Klarna) -> list[Response]:
    """Open sessions until one is refused; a machine that is slower still needs another burst."""
    answers: list[Response] = []
    for _ in range(10):
        answers += burst(klarna)
        if any(answer.status_code == 429 for answer in answers):
            break
    return answers


def use_up(klarna: Klarna) -> Response:
    """Open sessions until one is refused, and give back that refusal."""
    return next(answer for answer in until_refused(klarna) if answer.status_code == 429)


def test_five_sessions_a_second_are_opened_and_no_more(limited: Klarna) -> None:
    began = time.monotonic()
    answers = until_refused(limited)
    seconds = int(time.monotonic() - began) + 1
    opened = [answer for answer in answers if answer.status_code == 200]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert len(opened) + len(refused) == len(answers)
    assert PER_SECOND <= len(opened) <= PER_SECOND * (seconds + 1)
    assert refused
    assert assert_error_shape(refused[0])["error_code"] == "TOO_MANY_REQUESTS"


def test_an_answer_says_how_much_is_left_and_when_it_begins_anew(limited: Klarna) -> None:
    first, refused = limited.create_session(purchase()), use_up(limited)
    for answer in (first, refused):
        assert re.match(rf"{PER_SECOND}\b", answer.headers["X-Ratelimit-Limit"]), seen(answer)
        assert answer.headers["X-Ratelimit-Reset"].isdigit()
    assert first.headers["X-Ratelimit-Remaining"] == str(PER_SECOND - 1)
    assert refused.headers["X-Ratelimit-Remaining"] == "0"


def test_after_the_second_it_goes_on(limited: Klarna) -> None:
    use_up(limited)
    time.sleep(1.1)
    assert_ok(limited.create_session(purchase()))


def test_reading_is_counted_apart_from_opening(limited: Klarna) -> None:
    session_id = limited.open_session(purchase())
    use_up(limited)
    for _ in range(2 * PER_SECOND):
        assert_ok(limited.read_session(session_id))


def test_the_limit_counts_for_each_merchant(limited: Klarna, limited_north_america: Klarna) -> None:
    use_up(limited)
    answer = limited_north_america.create_session({})
    assert_refused(answer, 400, "BAD_VALUE")


def test_a_body_just_below_one_megabyte_is_read(klarna: Klarna) -> None:
    body = purchase(*[line(merchant_data="x" * 780)] * 1000)
    assert_ok(klarna.create_session(body))


def test_a_body_above_one_megabyte_is_too_large(klarna: Klarna) -> None:
    answer = klarna.create_session(None, data=b'{"merchant_data": "' + b"x" * (1024 * 1024) + b'"}')
    assert_refused(answer, 413, "REQUEST_TOO_LARGE")


def test_a_body_too_large_is_refused_wherever_it_is_sent(klarna: Klarna) -> None:
    session_id = klarna.open_session(purchase())
    answer = klarna.call("POST", f"/payments/v1/sessions/{session_id}", data=b" " * (1024 * 1024 + 1))
    assert_refused(answer, 413, "REQUEST_TOO_LARGE")
