"""Bad input: answered in words where it happened, nothing changed, never a 500."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.programs import Programs
from tests.support.visitor import PASSWORD, Visitor, buy, new_email

HOSTILE = [
    "<script>alert(1)</script>",
    "'; DROP TABLE user; --",
    '"><img src=x onerror=alert(1)>',
    "{{7*7}}",
    "%00%0d%0aSet-Cookie: a=b",
    "\u202e\u200b",
    "é" * 500,
    "../../etc/passwd",
]


@pytest.fixture
def visitor(programs: Programs) -> Visitor:
    return Visitor(programs)


def test_a_wrong_password_is_told_and_the_email_kept(visitor: Visitor) -> None:
    email = visitor.register()
    visitor.sign_out()
    visitor.get("/login")
    page = visitor.post("/login", {"email": email, "password": "wrong password"}, status=422)
    assert "do not fit together" in page.text
    assert page.values["email"] == email
    assert visitor.post("/login", {"email": "nobody@example.com", "password": "x"}, status=422).text


def test_guessing_passwords_is_slowed_down(visitor: Visitor) -> None:
    email = visitor.register()
    visitor.sign_out()
    visitor.get("/login")
    statuses = [visitor.send("/login", {"email": email, "password": f"no {i}"}).status_code for i in range(10)]
    assert statuses[:8] == [422] * 8
    assert statuses[8:] == [429] * 2


def test_a_taken_email_is_told_whatever_its_case(visitor: Visitor, programs: Programs) -> None:
    email = visitor.register()
    other = Visitor(programs)
    other.get("/register")
    page = other.post("/register", {"email": email.upper(), "password": PASSWORD}, status=422)
    assert "Sign in instead" in page.text


@pytest.mark.parametrize(
    ("email", "password", "said"),
    [
        ("", PASSWORD, "Enter your email"),
        ("nobody", PASSWORD, "like name@example.com"),
        ("a@b", PASSWORD, "like name@example.com"),
        ("x" * 200 + "@example.com", PASSWORD, "at most 99"),
        ("a@example.com", "", "Choose a password"),
        ("a@example.com", "short", "8 to 200"),
        ("a@example.com", "x" * 300, "8 to 200"),
    ],
)
def test_registering_says_what_is_missing(visitor: Visitor, email: str, password: str, said: str) -> None:
    visitor.get("/register")
    assert said in visitor.post("/register", {"email": email, "password": password}, status=422).text


@pytest.mark.parametrize("quantity", ["0", "-1", "1000000000", "1.5", "", "one", "1e3", "٣", "99999999999999999999"])
def test_odd_quantities_change_nothing(visitor: Visitor, quantity: str) -> None:
    page = visitor.add(quantity=quantity)
    assert "Choose between 1 and 10" in page.text
    assert "cart is empty" in visitor.get("/checkout").text


def test_more_than_there_is_becomes_what_there_is(visitor: Visitor, programs: Programs) -> None:
    programs.set_stock("house-blend", 3)
    assert "Only 3 more could be added" in visitor.add(quantity=5).text
    visitor.get("/cart")
    assert "only 3 left" in visitor.post("/cart/update", {"product": "house-blend", "quantity": "9"}).text


@pytest.mark.parametrize("slug", ["", "nothing-like-this", *HOSTILE])
def test_unknown_products(visitor: Visitor, slug: str) -> None:
    visitor.get("/products/house-blend")
    assert "not available" in visitor.post("/cart/add", {"product": slug, "quantity": 1}).text
    visitor.post("/cart/update", {"product": slug, "quantity": 1})
    visitor.post("/cart/remove", {"product": slug})


def test_what_sells_out_in_the_cart_is_taken_out_and_told(visitor: Visitor, programs: Programs) -> None:
    visitor.add()
    programs.set_stock("house-blend", 0)
    assert "is sold out and was taken out" in visitor.get("/cart").text
    assert "sold out and was taken out" not in visitor.get("/cart").text


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_in_addresses_and_searches(visitor: Visitor, text: str) -> None:
    from urllib.parse import quote

    page = visitor.get(f"/search?q={quote(text)}")
    assert "<script>alert" not in page.markup
    assert "<img src=x" not in page.markup
    visitor.get(f"/products?sort={quote(text)}&page={quote(text)}&in_stock={quote(text)}")
    for path in ("products", "category", "orders", "checkout/confirmation"):
        response = visitor.http.get(f"{visitor.programs.shop_url}/{path}/{quote(text, safe='')}", timeout=60)
        assert response.status_code == 404


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_in_every_field(visitor: Visitor, text: str) -> None:
    visitor.register()
    fields = (
        "given_name",
        "family_name",
        "street_address",
        "street_address2",
        "postal_code",
        "city",
        "region",
        "phone",
    )
    for path in ("/account", "/account/addresses/new"):
        visitor.get(path)
        response = visitor.send(path, dict.fromkeys(fields, text) | {"country": "DE"})
        assert response.status_code in (200, 422)
        assert "<script>alert" not in response.text
        assert "<img src=x" not in response.text


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/account\n/x",
    ],
)
def test_nobody_is_sent_to_another_site(visitor: Visitor, address: str) -> None:
    email = visitor.register()
    visitor.sign_out()
    visitor.get("/login")
    sent = {"email": email, "password": PASSWORD, "next": address}
    response = visitor.send("/login", sent, allow_redirects=False)
    assert response.headers["Location"] == "/account"
    visitor.get("/")
    response = visitor.send("/market", {"market": "SE", "next": address}, allow_redirects=False)
    assert response.headers["Location"] == "/"


@pytest.mark.parametrize("market", ["", "XX", "de", "<script>"])
def test_an_unknown_market_changes_nothing(visitor: Visitor, market: str) -> None:
    visitor.get("/")
    assert "do not deliver there" in visitor.post("/market", {"market": market}).text


@pytest.mark.parametrize(
    "path",
    ["/cart/add", "/cart/update", "/market", "/login", "/register", "/logout", "/checkout/orders", "/checkout/details"],
)
def test_a_post_from_elsewhere_is_refused(visitor: Visitor, path: str) -> None:
    response = visitor.http.post(visitor.programs.shop_url + path, data={"product": "house-blend"}, timeout=60)
    assert response.status_code == 400
    assert "Nothing was changed" in response.text


def test_the_account_is_for_who_signed_in(visitor: Visitor) -> None:
    for path in ("/account", "/account/klarna", "/account/orders", "/account/password", "/account/addresses/new"):
        response = visitor.http.get(visitor.programs.shop_url + path, allow_redirects=False, timeout=60)
        assert response.headers["Location"].startswith("/login?next=")


def test_somebody_elses_address_is_not_to_be_touched(visitor: Visitor, programs: Programs) -> None:
    visitor.register()
    buy(visitor)
    other = Visitor(programs)
    other.register()
    other.get("/account")
    other.get("/account/addresses/1", status=404)
    other.post("/account/addresses/1/delete", {}, status=404)


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/klarna/callbacks/authorization/unknown/secret", {"authorization_token": "x" * 36}, 404),
        ("/klarna/callbacks/authorization/{attempt}/wrong", {"authorization_token": "x" * 36}, 404),
    ],
)
def test_a_forged_callback_changes_nothing(visitor: Visitor, path: str, body: dict, status: int) -> None:
    visitor.add()
    checkout = visitor.checkout()
    url = visitor.programs.shop_url + path.replace("{attempt}", checkout.attempt)
    assert visitor.http.post(url, json=body, timeout=60).status_code == status


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"{}", b'{"authorization_token": 5}', b"\xff\xfe", b"{" * 3000])
def test_an_odd_callback_is_no_failure_of_ours(visitor: Visitor, body: bytes) -> None:
    visitor.add()
    checkout = visitor.checkout()
    url = callback_url(visitor, checkout.attempt)
    answer = visitor.http.post(url, data=body, headers={"Content-Type": "application/json"}, timeout=60)
    assert answer.status_code == 400


def test_a_callback_for_another_session_changes_nothing(visitor: Visitor) -> None:
    visitor.add()
    checkout = visitor.checkout()
    sent = {"authorization_token": "x" * 36, "session_id": "another"}
    assert visitor.http.post(callback_url(visitor, checkout.attempt), json=sent, timeout=60).status_code == 400


def callback_url(visitor: Visitor, attempt: str) -> str:
    sessions = visitor.programs.journal("/payments/v1/sessions")
    urls = [e["request"]["body"]["merchant_urls"]["authorization"] for e in sessions]
    return next(url for url in urls if attempt in url)


def test_changing_the_password_ends_other_sessions(visitor: Visitor, programs: Programs) -> None:
    email = visitor.register()
    other = Visitor(programs)
    other.sign_in(email)
    visitor.get("/account/password")
    visitor.post("/account/password", {"current": PASSWORD, "password": "another good one"})
    visitor.get("/account")
    response = other.http.get(programs.shop_url + "/account", allow_redirects=False, timeout=60)
    assert response.status_code == 302


def test_the_cart_survives_sign_in_and_is_merged(visitor: Visitor, programs: Programs) -> None:
    email = visitor.register()
    visitor.add("house-blend", 1)
    guest = Visitor(programs)
    guest.add("house-blend", 3)
    guest.add("paper-filters", 1)
    guest.sign_in(email)
    page = guest.get("/cart")
    assert "Unbleached paper filters" in page.text
    checkout = guest.checkout()
    assert checkout.pay()
    assert programs.klarna_orders()[0]["order_amount"] == 3 * 1290 + 400 + 490


def test_the_cart_is_priced_anew_in_another_market(visitor: Visitor) -> None:
    visitor.add()
    assert "12,90" in visitor.get("/cart").text
    visitor.shop_in("GB")
    assert "£" in visitor.get("/cart").text


def test_pages_are_hardened(visitor: Visitor) -> None:
    response = visitor.http.get(visitor.programs.shop_url + "/login", timeout=60)
    policy = response.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin-allow-popups"
    cookie = response.headers["Set-Cookie"]
    assert cookie.startswith("shop_session=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_a_new_address_fills_the_next_checkout(visitor: Visitor) -> None:
    visitor.register(new_email())
    visitor.get("/account/addresses/new")
    fields = {
        "given_name": "Mock",
        "family_name": "Mock",
        "street_address": "Alte Gasse 1",
        "postal_code": "10115",
        "city": "Berlin",
        "country": "DE",
        "phone": "",
    }
    visitor.post("/account/addresses/new", fields)
    visitor.add()
    page = visitor.get("/checkout")
    assert page.values["street_address"] == "Alte Gasse 1"


@pytest.mark.parametrize("path", ["/search?q=%00", "/products/%00", "/orders/%00", "/checkout/confirmation/%00"])
def test_no_text_holds_a_nul(visitor: Visitor, path: str) -> None:
    assert visitor.http.get(visitor.programs.shop_url + path, timeout=60).status_code == 400
    visitor.get("/")
    assert visitor.send("/cart/add", {"product": "house-blend", "quantity": "1\x00"}).status_code == 400


@pytest.mark.parametrize("number", ["0", "2147483648", "99999999999999999999", "-1", "x"])
def test_address_numbers_that_cannot_be(visitor: Visitor, number: str) -> None:
    visitor.register()
    visitor.get(f"/account/addresses/{number}", status=404)


def test_a_cookie_of_a_deleted_user_fits_nobody_else(visitor: Visitor, programs: Programs) -> None:
    email = visitor.register()
    elsewhere = Visitor(programs)
    elsewhere.sign_in(email)
    visitor.get("/account/delete")
    visitor.post("/account/delete", {"password": PASSWORD})
    Visitor(programs).register()
    response = elsewhere.http.get(programs.shop_url + "/account", allow_redirects=False, timeout=60)
    assert response.status_code == 302


def test_a_double_click_fills_the_cart_and_breaks_nothing(visitor: Visitor) -> None:
    visitor.register()
    visitor.get("/products/house-blend")
    with ThreadPoolExecutor(8) as threads:
        sent = {"product": "house-blend", "quantity": 1}
        statuses = list(threads.map(lambda _: visitor.send("/cart/add", sent).status_code, range(16)))
    assert set(statuses) == {200}


def test_a_session_cookie_ends_with_the_browser_unless_asked_otherwise(visitor: Visitor) -> None:
    visitor.register()
    assert all(cookie.expires is None for cookie in visitor.http.cookies)
