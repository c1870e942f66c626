"""The shop in a process of its own, as another machine would run it: ``python -m tests.support.patient_shop PORT``.

It waits longer than a shopper would have it for a refresh, its own and another's: fifty of them on a busy machine
are about who refreshes, not about how fast.
"""

import sys
from dataclasses import replace

from waitress import serve

from app import create_app
from app.shop import providers
from app.shop.signin import vault


def main(port: int) -> None:
    vault.WAITING = 60.0
    shop = create_app()
    settings = shop.config["SHOP"]
    patient = {region: replace(config, read_timeout=30.0) for region, config in settings.sign_in.items()}
    shop.config["SHOP"] = replace(settings, sign_in=patient)
    shop.extensions["sign_in"] = providers(shop.config["SHOP"])
    serve(shop, port=port, threads=25)


if __name__ == "__main__":
    main(int(sys.argv[1]))
