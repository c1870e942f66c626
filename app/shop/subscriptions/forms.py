"""The forms of subscriptions: what to choose, and where it goes."""

from flask_wtf import FlaskForm
from wtforms import IntegerField, RadioField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, NumberRange

from ..checkout.forms import CheckoutForm
from .dates import Rhythm
from .rules import MOST

BAGS = f"Choose 1 to {MOST} bags."


class RhythmForm(FlaskForm):
    """How often, and how much."""

    rhythm = RadioField(
        "Delivery",
        choices=[SelectChoice(rhythm.value, f"Every {rhythm.value}") for rhythm in Rhythm],
        validators=[InputRequired("Choose how often it is to come.")],
    )
    quantity = IntegerField("Bags", validators=[InputRequired(BAGS), NumberRange(1, MOST, BAGS)])


class DestinationForm(CheckoutForm):
    """Contact and address, in the subscription's country."""
