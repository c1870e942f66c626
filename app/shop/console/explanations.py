"""Why each call is made: the rule it follows, and Klarna's page about it. Pure data."""

from dataclasses import dataclass

from .entries import Fact, Kind

DOCS = "https://docs.klarna.com"
PAYMENTS = f"{DOCS}/payments/web-payments/integrate-with-klarna-payments"
TOKENS = f"{DOCS}/acquirer/klarna/web-payments/integrate-with-klarna-payments/tokenized-payments"
AFTER = f"{DOCS}/payments/after-payments/order-management/manage-orders-with-the-api"
SIGN_IN = f"{DOCS}/conversion-boosters/sign-in-with-klarna/integrate-sign-in-with-klarna"
LINKING = f"{DOCS}/payments/web-payments/additional-resources/use-cases/account-linking"
IDENTITY = f"{DOCS}/api/kn/klarna-product-api-identity/klarna-product-api-identity-v2-r7"
CHECKOUT = f"{DOCS}/klarna-checkout/in-depth-knowledge/best-practices/"
EVENTS = f"{DOCS}/klarna-checkout/in-depth-knowledge/client-side-events/"
SUSPEND = f"{DOCS}/klarna-checkout/in-depth-knowledge/suspend-resume/"
FRAME = "frame: "  # of the title of an event that Klarna Checkout's frame tells


@dataclass(frozen=True)
class Explanation:
    """A rule in one or two sentences, and the address of Klarna's page."""

    rule: str
    page: str


CALLS = {
    "create session": Explanation(
        "One session an attempt, opened by the server. Signed in, the intent is buy_and_link, and a stored customer "
        "token (or an access token of Sign in with Klarna) lets Klarna skip its login.",
        LINKING,
    ),
    "update session": Explanation(
        "The cart changed: the same session is told before the shopper pays, never after.",
        f"{PAYMENTS}/other-actions/update-the-cart/",
    ),
    "read session": Explanation(
        "Klarna's word on where a session stands: the way back when the browser or a callback was lost.",
        f"{PAYMENTS}/other-actions/authorization-callback/",
    ),
    "place order": Explanation(
        "The order was written before this call, with these very bytes and this key, so that a lost answer is asked "
        "for again without paying twice. A customer token in the answer is stored for whoever opened the attempt.",
        f"{PAYMENTS}/integrate-via-sdk/step-3-create-an-order/",
    ),
    "cancel authorization": Explanation(
        "No order will follow, so the shopper's credit is freed.", f"{PAYMENTS}/other-actions/cancel-an-authorization/"
    ),
    "introspect customer token": Explanation("Klarna is asked what became of a link.", IDENTITY),
    "revoke customer token": Explanation(
        "The shopper unlinked: forgotten here at once, ended at Klarna afterwards. 404 and 410: it is done.",
        IDENTITY,
    ),
    "generate payment token": Explanation(
        "An authorization becomes a token that may be charged later. It is no account link, and the two never mix.",
        f"{TOKENS}/customer-token/",
    ),
    "charge payment token": Explanation(
        "A charge without the shopper, once a period: the stored key makes a second one impossible.",
        f"{TOKENS}/customer-token/",
    ),
    "read payment token": Explanation("Whether the token may still be charged.", f"{TOKENS}/customer-token/"),
    "cancel payment token": Explanation("Ended for good; cannot be undone.", f"{TOKENS}/customer-token/"),
    "create checkout": Explanation(
        "Klarna Checkout's order, filled in from the sign-in; its access token lets Klarna recognise the shopper.",
        f"{DOCS}/sign-in-with-klarna/integrate-sign-in-with-klarna/klarna-checkout/",
    ),
    "read checkout": Explanation("Pages and pushes are hints: what was bought is read at Klarna.", CHECKOUT),
    "update checkout": Explanation("The cart changed while the form is open.", CHECKOUT),
    "abort checkout": Explanation("Nobody shall pay this order any more.", CHECKOUT),
    "read order": Explanation("Klarna's ledger is the truth about an order.", f"{AFTER}/view-and-change-orders/"),
    "acknowledge order": Explanation("The shop has the order: told once.", f"{AFTER}/view-and-change-orders/"),
    "set merchant references": Explanation(
        "The shop's order number, for both books.", f"{AFTER}/view-and-change-orders/"
    ),
    "update shipping address": Explanation("The parcel goes elsewhere.", f"{AFTER}/view-and-change-orders/"),
    "update authorization": Explanation("The order's lines and amount change.", f"{AFTER}/view-and-change-orders/"),
    "extend authorization": Explanation("More time before goods leave.", f"{AFTER}/view-and-change-orders/"),
    "capture order": Explanation(
        "Money moves when goods leave, from the stored lines, never calculated anew.",
        f"{AFTER}/capture-and-track-orders/",
    ),
    "add shipping info": Explanation("Where the parcel is.", f"{AFTER}/capture-and-track-orders/"),
    "refund order": Explanation("Never more than was captured.", f"{AFTER}/refund-orders-and-manage-authorizations/"),
    "cancel order": Explanation(
        "Before anything is captured, the whole order.", f"{AFTER}/refund-orders-and-manage-authorizations/"
    ),
    "release remaining": Explanation(
        "What will not be captured goes back to the shopper.", f"{AFTER}/refund-orders-and-manage-authorizations/"
    ),
    "discover issuer": Explanation(
        "Every address of the provider is read from its document.", f"{SIGN_IN}/openidconnect/"
    ),
    "read issuer's keys": Explanation("The keys an id_token is checked with.", f"{SIGN_IN}/other-operations/"),
    "exchange code": Explanation(
        "The redirect's code, with the PKCE verifier only this server knows, for tokens.",
        f"{SIGN_IN}/openidconnect/",
    ),
    "refresh sign-in": Explanation(
        "A refresh token works once: one refresh at a time, and the new one is stored before it is used.",
        f"{SIGN_IN}/siwk-tokens/",
    ),
    "revoke refresh token": Explanation("The sign-in was disconnected.", f"{SIGN_IN}/siwk-tokens/"),
}

STEPS = {
    "POST /checkout/orders": Explanation(
        "From the page the server takes the authorization token and nothing else: lines, amounts and shopper come from "
        "the stored attempt.",
        f"{PAYMENTS}/integrate-via-sdk/step-3-create-an-order/",
    ),
    "GET /login/klarna": Explanation(
        "The sign-in starts: state, nonce and PKCE verifier are kept on the server, their digests go along.",
        f"{SIGN_IN}/openidconnect/",
    ),
    "GET /login/klarna/callback": Explanation(
        "State, nonce, PKCE and every check of the id_token before anybody is signed in.", f"{SIGN_IN}/openidconnect/"
    ),
    "Klarna.Payments.init": Explanation(
        "The client token names the session to Klarna's script.", f"{PAYMENTS}/step-2-checkout/"
    ),
    "Klarna.Payments.load": Explanation("The widget is drawn; no shopper data yet.", f"{PAYMENTS}/step-2-checkout/"),
    "Klarna.Payments.authorize": Explanation(
        "Inside the click, or the browser blocks Klarna's window. The address goes along now.",
        f"{PAYMENTS}/step-2-checkout/",
    ),
    "Klarna.Payments.finalize": Explanation(
        "The last word, where Klarna asked for one.", f"{PAYMENTS}/other-actions/finalize-an-authorization/"
    ),
    "_klarnaCheckout.suspend": Explanation(
        "The frame takes no clicks while the shop's server changes the order. It would free itself after ten seconds; "
        "this page says when.",
        SUSPEND,
    ),
    "_klarnaCheckout.resume": Explanation("The order is changed: the frame reads it anew and goes on.", SUSPEND),
}

# What Klarna Checkout's frame tells.
TOLD = {
    "load": "The frame is there. Of who is shopping it says no more than country and postal code.",
    "user_interacted": "The first key or press in the frame, told once.",
    "customer": "Whether a person or a company is buying.",
    "change": "Something in the form changed. For display only: what was bought is read at Klarna.",
    "billing_address_change": "In Germany and Austria postal code and country alone are told.",
    "shipping_address_change": "Enough to say what delivery costs; the address itself is read at Klarna.",
    "shipping_option_change": "Another delivery was chosen in the frame.",
    "shipping_address_update_error": "What the shop answered about this address could not be used.",
    "order_total_change": "What the customer would pay now, in minor units. For display only.",
    "checkbox_change": "A box that the shop put into the form.",
    "can_not_complete_order": "Klarna does not sell this purchase to this customer.",
    "network_error": "The frame lost its line. Nothing was charged by this.",
    "redirect_initiated": "It is bought: the browser goes to the shop's confirmation.",
    "load_confirmation": "Klarna's word of thanks is there.",
}

CALLBACK = Explanation(
    "A hint, never a proof: answered at once, then read back at Klarna. The secret in its address is compared in "
    "constant time.",
    f"{PAYMENTS}/other-actions/authorization-callback/",
)


def explanation_of(fact: Fact) -> Explanation | None:
    """The rule a fact follows; None where there is nothing to say."""
    if fact.kind is Kind.CALLBACK:
        return CALLBACK
    if fact.kind is Kind.EVENT:
        rule = TOLD.get(fact.title.removeprefix(FRAME), "")
        return Explanation(rule, EVENTS) if rule else None
    return CALLS.get(fact.title) or STEPS.get(fact.title)
