"""Forms of the pages that ask before two accounts become one."""

from flask_wtf import FlaskForm
from wtforms import PasswordField
from wtforms.validators import DataRequired, Length

from ..accounts.addresses import email_field


class ConnectForm(FlaskForm):
    password = PasswordField(
        "Password",
        validators=[DataRequired("Enter your password."), Length(max=200, message="That is too long.")],
        render_kw={"autocomplete": "current-password"},
    )


class EmailForm(FlaskForm):
    email = email_field()
