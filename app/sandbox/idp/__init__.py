"""Sign in with Klarna: the OpenID provider, with an issuer for Europe and one for North America.

The login host it stands in for is evidently an Ory Hydra: where Klarna is silent, Hydra's behaviour is reproduced,
and marked as inferred where it is done. Authlib checks what the token endpoint is sent (grants, PKCE)
and names the errors; clients' credentials, tokens and pages have Klarna's shapes and are made here.
https://docs.klarna.com/conversion-boosters/sign-in-with-klarna/before-you-start/
"""

from flask import Flask


def install(app: Flask) -> None:
    """Add the provider under each of its addresses."""
    from . import endpoints, logout, pages
    from .issuers import families

    for region, prefix, name in families():
        for part in (endpoints, pages, logout):
            blueprint = part.blueprint
            app.register_blueprint(
                blueprint, url_prefix=prefix or None, name=f"{blueprint.name}_{name}", url_defaults={"region": region}
            )
