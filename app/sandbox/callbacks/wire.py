"""One POST to a merchant's server, and what came back. Everything that is sent stands in the journal."""

from dataclasses import dataclass

import requests

from .. import journal


@dataclass(frozen=True)
class Answer:
    """What a merchant's server said. `location` is absolute or empty."""

    status: int
    body: str
    location: str


def post(url: str, body: str | None, timeouts: tuple[float, float]) -> Answer | None:
    """Send JSON text, or nothing; None without an answer in time. A redirect is not followed.

    `timeouts` are seconds to connect and seconds to wait for the answer.
    """
    headers = {"User-Agent": "klarna-sandbox"} | ({"Content-Type": "application/json"} if body else {})
    sent, answer = journal.Side(headers, body), None
    try:
        with requests.Session() as http:
            http.trust_env = False  # no proxy: what is called is on this machine or the merchant's own
            text = body.encode() if body else None
            response = http.post(url, data=text, headers=headers, timeout=timeouts, allow_redirects=False)
        answer = Answer(response.status_code, response.text, response.headers.get("Location", ""))
        said = journal.Side(dict(response.headers), response.text)
    except requests.RequestException as error:
        said = journal.Side({}, f"no answer: {type(error).__name__}")
    journal.write(journal.Actor.CALLBACK, "POST", url, answer.status if answer else None, sent, said)
    return answer
