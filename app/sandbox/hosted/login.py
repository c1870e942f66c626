"""The two rules of a login, wherever it takes place: which code is right, and what a number may look like. Pure."""

import re

WRONG_CODE = "999999"


def code_fault(typed: str) -> str:
    """What is wrong with a one-time code; empty for one that is right. Any six digits are, except 999999."""
    digits = re.sub(r"\s", "", typed)
    if not re.fullmatch(r"[0-9]{6}", digits):
        return "The code has six digits."
    return "Wrong code. Check it and enter it again." if digits == WRONG_CODE else ""


def number_fault(typed: str) -> str:
    """What is wrong with how a mobile number is written; empty where it could be one."""
    if not typed:
        return "Enter your mobile number."
    if not re.fullmatch(r"\+?[0-9 ()./-]{5,}", typed):
        return "This is no mobile number. Use digits, with the country code or without."
    return ""
