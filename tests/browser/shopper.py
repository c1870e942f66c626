"""What a person does in the shop and in Klarna's window, found by label and role as a person finds it."""

from dataclasses import dataclass, field

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.support.visitor import BERLIN, PASSWORD, new_email

PHONE = "+49 1761 4284340"
LABELS = {
    "given_name": "First name",
    "family_name": "Last name",
    "street_address": "Street address",
    "postal_code": "Postal code",
    "city": "City",
    "phone": "Phone",
}


@dataclass
class Shopper:
    """One browser without a past. ``complaints`` is what its console held against the pages."""

    browser: Browser
    shop_url: str
    size: tuple[int, int] = (1280, 900)
    email: str = field(default_factory=new_email)
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.context: BrowserContext = self.browser.new_context(
            viewport={"width": self.size[0], "height": self.size[1]}
        )
        self.context.on("console", lambda m: self.complaints.append(m.text) if m.type == "error" else None)
        self.context.on("weberror", lambda e: self.complaints.append(str(e.error)))
        self.page: Page = self.context.new_page()

    def leave(self) -> None:
        self.context.close()
        assert not self.complaints, self.complaints

    def open(self, path: str) -> None:
        self.page.goto(self.shop_url + path)

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def fill(self, label: str, text: str) -> None:
        self.page.get_by_label(label, exact=True).fill(text)

    def register(self) -> None:
        self.open("/register")
        self.fill("Email", self.email)
        self.fill("Password", PASSWORD)
        self.press("Register")
        expect(self.page.get_by_text("Your account is ready")).to_be_visible()

    def sign_in(self, email: str) -> None:
        self.open("/login")
        self.fill("Email", email)
        self.fill("Password", PASSWORD)
        self.press("Sign in")
        expect(self.page.get_by_role("button", name="Sign out")).to_be_attached()

    def add(self, slug: str = "house-blend") -> None:
        self.open(f"/products/{slug}")
        self.press("Add to cart")
        expect(self.page.get_by_text("Added to your cart.")).to_be_visible()

    def go_to_checkout(self) -> None:
        self.open("/cart")
        self.press("Go to checkout")
        self.sees_klarna_ready()

    def sees_klarna_ready(self) -> None:
        """The widget is drawn, and the page no longer says that Klarna is loading."""
        expect(self.page.locator("#klarna-payments-container iframe")).to_be_visible()
        expect(self.page.locator("#payment-status")).to_have_text("")

    def type_address(self, email: str = "") -> None:
        for name, label in LABELS.items():
            self.fill(label, BERLIN[name])
        if email:
            self.fill("Email", email)

    def pay(self) -> Page:
        """Press the button; Klarna's window."""
        with self.page.expect_popup() as opened:
            self.press("Pay with Klarna")
        return opened.value

    def sees(self, heading: str) -> None:
        expect(self.page.get_by_role("heading", name=heading, exact=True)).to_be_visible()


def close(window: Page) -> None:
    """What is shown is closed. One that is still on its way to its page may never tell the driver that it is gone."""
    expect(window.get_by_role("main").get_by_role("heading").first).to_be_visible()
    window.close()


def log_in(window: Page, phone: str = PHONE, code: str = "123456") -> None:
    """Klarna's login: number and code."""
    window.get_by_label("Mobile number", exact=True).fill(phone)
    window.get_by_role("button", name="Continue", exact=True).click()
    window.get_by_label("Code", exact=True).fill(code)
    window.get_by_role("button", name="Continue", exact=True).click()


def confirm(window: Page) -> None:
    window.get_by_role("button", name="Confirm and pay", exact=True).click()


def link_box(window: Page, shop: str = "Morrow") -> Locator:
    return window.get_by_role("checkbox", name=f"Link my Klarna account to {shop}", exact=True)


def new_at_checkout(shopper: Shopper) -> None:
    """Registered a moment ago, with coffee in the cart, and everything typed."""
    shopper.register()
    shopper.add()
    shopper.go_to_checkout()
    shopper.type_address()


def first_purchase(shopper: Shopper) -> None:
    """Register, buy, link."""
    new_at_checkout(shopper)
    window = shopper.pay()
    log_in(window)
    confirm(window)
    shopper.sees("Thank you")
