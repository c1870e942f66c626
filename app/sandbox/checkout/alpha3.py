"""Countries in three small letters, which only the frame's events and the snippet's settings use. Pure."""

_TABLE = """
AT aut BE bel CH che CZ cze DE deu DK dnk ES esp FI fin FR fra GB gbr GR grc HU hun IE irl
IT ita NL nld NO nor PL pol PT prt RO rou SE swe SK svk CA can MX mex US usa AU aus NZ nzl
"""
_CODES = _TABLE.split()
_BY_ALPHA2 = dict(zip(_CODES[::2], _CODES[1::2], strict=True))


def of(alpha2: str) -> str:
    """`swe` for SE, in either case. For the countries of `markets` only; raises KeyError."""
    return _BY_ALPHA2[alpha2.upper()]
