"""What an address has to look like, for the account's form and the checkout's alike."""

import re
from typing import Any

from flask_wtf import FlaskForm
from wtforms import EmailField, Field, SelectField, StringField, TelField, ValidationError
from wtforms.validators import DataRequired, Email, Length

from ..markets import MARKETS, Market, find

# Klarna's limits: names longer than one character and not only digits; 99 characters; postal code 10.
# https://docs.klarna.com/api/payments/
FIELDS = (
    "given_name",
    "family_name",
    "street_address",
    "street_address2",
    "postal_code",
    "city",
    "region",
    "country",
    "phone",
)
US_STATES = frozenset(  # with the district, the territories and the armed forces
    "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH "  # noqa: SIM905
    "OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY AS GU MP PR VI AA AE AP".split()
)
PHONE = re.compile(r"\+?[0-9][0-9 ()/.-]{5,24}")


def clean(text: str | None) -> str:
    """Typed text without control characters and surplus space."""
    printable = "".join(c if c.isprintable() else " " for c in text or "")
    return " ".join(printable.split())


def text_field(label: str, autocomplete: str, longest: int = 99, required: str = "", **more: Any) -> StringField:
    """A line of text; ``required`` is what is said when it is missing, empty for an optional one."""
    keywords: dict[str, Any] = {"autocomplete": autocomplete, "maxlength": longest} | more
    checks: list[Any] = [DataRequired(required)] if required else []
    return StringField(
        label,
        filters=[clean],
        validators=[*checks, Length(max=longest, message=f"Use at most {longest} characters.")],
        render_kw=keywords,
    )


def check_name(_form: FlaskForm, field: Field) -> None:
    if field.data and (len(field.data) < 2 or field.data.isdigit()):
        raise ValidationError("Enter the name as it stands on the door.")


def check_phone(_form: FlaskForm, field: Field) -> None:
    if field.data and not PHONE.fullmatch(field.data):
        raise ValidationError("Enter a phone number, for example +49 30 1234567.")


def phone_field() -> TelField:
    return TelField("Phone", filters=[clean], render_kw={"autocomplete": "tel", "maxlength": 25})


class AddressForm(FlaskForm):
    """An address in one of the markets. Call :meth:`for_market` before showing or checking it."""

    given_name = text_field("First name", "given-name", required="Enter your first name.")
    family_name = text_field("Last name", "family-name", required="Enter your last name.")
    street_address = text_field("Street address", "address-line1", required="Enter street and house number.")
    street_address2 = text_field("Apartment, floor", "address-line2")
    postal_code = text_field("Postal code", "postal-code", 10, required="Enter your postal code.")
    city = text_field("City", "address-level2", required="Enter your city.")
    region = text_field("State", "address-level1", 2)
    country = SelectField(
        "Country", validators=[DataRequired("Choose a country.")], render_kw={"autocomplete": "country"}
    )
    phone = phone_field()

    validate_given_name = validate_family_name = staticmethod(check_name)
    validate_phone = staticmethod(check_phone)

    def for_market(self, market: Market, countries: tuple[Market, ...] = MARKETS) -> "AddressForm":
        """Offer these countries, with the hints of ``market``; the state only where it is needed."""
        self.country.choices = [(m.code, m.country) for m in countries]
        if not self.country.data or self.country.data == "None":
            self.country.data = market.code
        chosen = find(self.country.data or "", countries) or market
        self.postal_code.description = f"For example {chosen.postal_code_example}"
        if not any(m.needs_state for m in countries):
            del self.region
        return self

    def validate_postal_code(self, field: Field) -> None:
        market = find(self.country.data or "")
        if market and not market.takes_postal_code(field.data or ""):
            raise ValidationError(f"Enter a postal code of {market.country}, for example {market.postal_code_example}.")

    def validate_region(self, field: Field) -> None:
        market = find(self.country.data or "")
        field.data = (field.data or "").upper()
        if market and market.needs_state and field.data not in US_STATES:
            raise ValidationError("Enter the two letters of your state, for example NY.")

    def address(self) -> dict[str, str]:
        """The address typed, as :class:`.models.Address` and Klarna name its parts."""
        return {name: str(self[name].data or "") for name in FIELDS if name in self}


def email_field() -> EmailField:
    """An e-mail address, checked as far as one can without writing to it."""
    return EmailField(
        "Email",
        filters=[lambda typed: (typed or "").strip()],
        validators=[
            DataRequired("Enter your email address."),
            Length(max=99, message="Use at most 99 characters."),
            Email("Enter an email address like name@example.com."),
        ],
        render_kw={"autocomplete": "email", "inputmode": "email", "maxlength": 99},
    )
