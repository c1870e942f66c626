"""Account linking from the shop's door to Klarna's ledger, over the wire."""

import subprocess
import sys
from pathlib import Path

import pytest
import requests

from tests.support.programs import Programs
from tests.support.visitor import Visitor, buy


def sessions_sent(programs: Programs) -> list[dict]:
    return [e["request"]["body"] for e in programs.journal("/payments/v1/sessions") if e["method"] == "POST"]


def test_a_first_purchase_links_and_the_second_is_recognised_in_another_browser(programs: Programs) -> None:
    first = Visitor(programs)
    email = first.register()
    assert "Thank you" in buy(first).text
    (token,) = programs.stored_tokens()
    second = Visitor(programs)
    second.sign_in(email)
    second.add()
    checkout = second.checkout()
    assert programs.recognised(checkout.session_id) == "de-approved"
    checkout.pay()
    opened = sessions_sent(programs)
    assert opened[0]["intent"] == opened[-1]["intent"] == "buy_and_link"
    assert "customer" not in opened[0]
    assert opened[-1]["customer"] == {"customer_token": token}
    assert programs.stored_tokens() == [token]
    assert len(programs.klarna_orders()) == 2


def test_who_opts_out_gets_the_order_and_no_link(programs: Programs) -> None:
    visitor = Visitor(programs)
    visitor.register()
    assert "Thank you" in buy(visitor, link=False).text
    assert programs.stored_tokens() == []
    assert len(programs.klarna_orders()) == 1
    assert "chose not to link" in visitor.get("/account/klarna").text


def test_who_opted_out_is_asked_again_next_time(programs: Programs) -> None:
    visitor = Visitor(programs)
    visitor.register()
    buy(visitor, link=False)
    buy(visitor, link=True)
    assert len(programs.stored_tokens()) == 1


def test_a_guest_buys_without_linking(programs: Programs) -> None:
    guest = Visitor(programs)
    assert "Thank you" in buy(guest).text
    assert sessions_sent(programs)[0]["intent"] == "buy"
    assert programs.stored_tokens() == []


def test_a_rotated_token_is_replaced_by_the_one_in_the_answer(programs: Programs) -> None:
    visitor = Visitor(programs)
    visitor.register()
    buy(visitor)
    (old,) = programs.stored_tokens()
    programs.control("POST", "customer-tokens/rotate", {"customer_token": old})
    buy(visitor)
    (new,) = programs.stored_tokens()
    assert new != old
    programs.wait_for_background()
    assert "rotated the key of your link" in visitor.get("/account/klarna").text


def test_no_token_in_an_answer_takes_nothing_away(programs: Programs) -> None:
    visitor = Visitor(programs)
    visitor.register()
    buy(visitor)
    tokens = programs.stored_tokens()
    buy(visitor, link=False)
    assert programs.stored_tokens() == tokens


def test_a_link_of_one_region_is_not_sent_to_another(programs: Programs) -> None:
    visitor = Visitor(programs)
    visitor.register()
    buy(visitor)
    visitor.shop_in("US")
    buy(visitor, person="us-approved")
    american = [e for e in programs.journal("/na/payments/v1/sessions") if e["method"] == "POST"]
    assert "customer" not in american[0]["request"]["body"]
    tokens = programs.stored_tokens()
    assert sorted(token.split(":")[2] for token in tokens) == ["eu1", "us1"]


def test_unlinking_forgets_the_token_and_the_next_session_carries_none(programs: Programs) -> None:
    visitor = Visitor(programs)
    visitor.register()
    buy(visitor)
    visitor.get("/account/klarna")
    visitor.post("/account/klarna/unlink", {"region": "EU"})
    assert programs.stored_tokens() == []
    visitor.add()
    visitor.checkout()
    assert "customer" not in sessions_sent(programs)[-1]


def test_unlinking_in_one_tab_renews_the_session_of_another(programs: Programs) -> None:
    visitor = Visitor(programs)
    visitor.register()
    buy(visitor)
    visitor.add()
    before = visitor.checkout()
    visitor.get("/account/klarna")
    visitor.post("/account/klarna/unlink", {"region": "EU"})
    after = visitor.checkout()
    assert after.attempt != before.attempt
    assert programs.recognised(after.session_id) is None


def test_the_token_stays_on_the_server(programs: Programs) -> None:
    visitor = Visitor(programs)
    visitor.register()
    buy(visitor)
    (token,) = programs.stored_tokens()
    visitor.add()
    pages = ["/checkout", "/account", "/account/klarna", "/account/orders", "/cart"]
    seen = "".join(visitor.get(path).markup for path in pages)
    assert token not in seen
    assert token not in str(visitor.http.cookies.get_dict())


def test_the_database_holds_no_token_that_can_be_read(programs: Programs) -> None:
    if not programs.shop.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite:"):
        pytest.skip("looks into the files of SQLite")
    visitor = Visitor(programs)
    email = visitor.register()
    buy(visitor)
    (token,) = programs.stored_tokens()
    stored = database_bytes(programs)
    assert email.encode() in stored
    assert token.encode() not in stored


def database_bytes(programs: Programs) -> bytes:
    """The shop's files as they lie on the disk.

    Another process reads them: closing a file gives up every lock that its process holds there, SQLite's own too, and
    the next process to open the database would take it for its own and throw away what was not yet written back.
    """
    path = Path(str(programs.shop.config["SQLALCHEMY_DATABASE_URI"]).removeprefix("sqlite:///"))
    files = list(path.parent.glob(path.name + "*"))
    read = "import pathlib, sys; [sys.stdout.buffer.write(pathlib.Path(name).read_bytes()) for name in sys.argv[1:]]"
    return subprocess.run([sys.executable, "-c", read, *files], stdout=subprocess.PIPE, check=True).stdout


def test_the_token_is_never_logged(programs: Programs, caplog) -> None:
    caplog.set_level("DEBUG")
    visitor = Visitor(programs)
    visitor.register()
    buy(visitor)
    (token,) = programs.stored_tokens()
    buy(visitor)
    assert token not in caplog.text


def test_the_address_in_the_answer_is_klarnas_and_leads_back(programs: Programs) -> None:
    visitor = Visitor(programs)
    visitor.register()
    visitor.add()
    checkout = visitor.checkout()
    _, body = checkout.order(checkout.approve())
    assert body["redirect"].startswith(programs.klarna.url)
    response = requests.get(body["redirect"], allow_redirects=False, timeout=60)
    assert response.headers["Location"].startswith(f"{programs.shop_url}/checkout/confirmation/")
