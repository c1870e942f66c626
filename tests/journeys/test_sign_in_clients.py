"""Each kind of client at Klarna: public, and confidential by header or by form. Both issuers find them."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from app.klarna import Region
from app.shop.extensions import db
from app.shop.signin import vault
from app.shop.signin.models import KlarnaIdentity
from tests.contract import stand_in as stand_ins
from tests.support import forger as forging
from tests.support.klarna_login import KlarnaLogin
from tests.support.programs import Programs
from tests.support.visitor import Visitor

SECRET = "klarna_test_api_of_a_client"
SCOPE = "openid offline_access customer:login profile:email"


@pytest.fixture(params=["none", "client_secret_basic", "client_secret_post"])
def klarna(programs: Programs, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[stand_ins.StandIn]:
    """One more Klarna with a client of that kind; the shop signs in there."""
    secret = "" if request.param == "none" else SECRET
    registered = {
        "SANDBOX_CLIENT_ID": forging.CLIENT_ID,
        "SANDBOX_CLIENT_SECRET": secret,
        "SANDBOX_REDIRECT_URIS": f"{programs.shop_url}/login/klarna/callback",
    }
    with stand_ins.running(tmp_path, rate_limits="off", **registered) as other:
        sign_in = forging.config(other.url, SCOPE, client_secret=secret, auth_method=request.param)
        with forging.signing_in_at(programs, sign_in):
            yield other


def test_signs_in_and_refreshes(programs: Programs, klarna: stand_ins.StandIn) -> None:
    visitor = Visitor(programs)
    KlarnaLogin(visitor).go()
    (email,) = programs.accounts()
    before = programs.identity(email)
    programs.let_time_pass(timedelta(minutes=6))
    with programs.shop.app_context():
        user_id = db.session.query(KlarnaIdentity).one().user_id
        db.session.commit()
        assert vault.access_token_for(user_id, Region.EU).startswith("ory_at_")
    assert programs.identity(email).refresh_token != before.refresh_token


def test_a_wrong_secret_is_our_trouble_and_signs_nobody_in(programs: Programs, klarna: stand_ins.StandIn) -> None:
    wrong = forging.config(klarna.url, SCOPE, client_secret="klarna_test_api_wrong", auth_method="client_secret_basic")
    with forging.signing_in_at(programs, wrong):
        page = KlarnaLogin(Visitor(programs)).go()
    assert page.status_code == 400
    assert "did not work" in page.text
    assert programs.accounts() == []
