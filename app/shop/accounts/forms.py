"""Forms of the account pages."""

from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, PasswordField, SubmitField, ValidationError
from wtforms.validators import DataRequired, Length

from .addresses import check_name, check_phone, email_field, phone_field, text_field
from .models import User

SHORTEST_PASSWORD = 8


def new_password_field(label: str = "Password") -> PasswordField:
    return PasswordField(
        label,
        description=f"At least {SHORTEST_PASSWORD} characters.",
        validators=[
            DataRequired("Choose a password."),
            Length(SHORTEST_PASSWORD, 200, message=f"Use {SHORTEST_PASSWORD} to 200 characters."),
        ],
        render_kw={"autocomplete": "new-password", "minlength": SHORTEST_PASSWORD},
    )


class EqualToEmail:
    """The e-mail of the account, however it is written."""

    def __init__(self, email: str) -> None:
        self._email = email

    def __call__(self, _form: FlaskForm, field: Field) -> None:
        if (field.data or "").lower() != self._email:
            raise ValidationError("This is not the email of your account.")


class RegisterForm(FlaskForm):
    email = email_field()
    password = new_password_field()
    submit = SubmitField("Register")


class LoginForm(FlaskForm):
    email = email_field()
    password = PasswordField(
        "Password",
        validators=[DataRequired("Enter your password."), Length(max=200, message="That is too long.")],
        render_kw={"autocomplete": "current-password"},
    )
    remember = BooleanField("Keep me signed in")
    submit = SubmitField("Sign in")


class ProfileForm(FlaskForm):
    given_name = text_field("First name", "given-name")
    family_name = text_field("Last name", "family-name")
    phone = phone_field()
    submit = SubmitField("Save")

    validate_given_name = validate_family_name = staticmethod(check_name)

    validate_phone = staticmethod(check_phone)


class DeleteForm(FlaskForm):
    password = PasswordField(
        "Password",
        validators=[DataRequired("Enter your password.")],
        render_kw={"autocomplete": "current-password"},
    )
    email = email_field()
    submit = SubmitField("Delete account")

    def for_user(self, user: User) -> "DeleteForm":
        """The password as proof; who has none types their e-mail, so that no slip deletes an account."""
        if user.has_password:
            del self.email
        else:
            del self.password
            self.email.validators = (*self.email.validators, EqualToEmail(user.email))
        return self


class PasswordForm(FlaskForm):
    current = PasswordField(
        "Current password",
        validators=[DataRequired("Enter your current password.")],
        render_kw={"autocomplete": "current-password"},
    )
    password = new_password_field("New password")
    submit = SubmitField("Change password")
