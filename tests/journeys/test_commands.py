"""Commands of the shop."""

import os
import subprocess
import sys
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from flask import Flask

from app.klarna.config import Region
from app.shop import create_app
from app.shop.config import Settings
from tests.support.programs import Programs, shop_environment
from tests.support.visitor import Visitor, buy


def settings(programs: Programs) -> Settings:
    found: Settings = programs.shop.config["SHOP"]
    return found


def run(shop: Flask, command: str) -> tuple[int, str]:
    done = shop.test_cli_runner().invoke(args=[command])
    return done.exit_code, done.output


def test_a_sound_shop_passes_its_check(programs: Programs) -> None:
    status, said = run(programs.shop, "check")
    assert (status, said.splitlines()[-1]) == (0, "all is well")


def test_wrong_credentials_and_a_dead_address_are_told(programs: Programs) -> None:
    right = settings(programs)
    regions = {
        Region.EU: replace(right.klarna[Region.EU], password="klarna_test_api_wrong"),
        Region.NA: replace(right.klarna[Region.NA], api_url="http://localhost:9", retries=0),
    }
    shop = create_app(replace(right, klarna=regions, sdk_url="http://localhost:9/api.js"))
    status, said = run(shop, "check")
    assert status == 1
    assert "KLARNA_PASSWORD (EU)" in said
    assert "KLARNA_API_URL (NA)" in said
    assert "KLARNA_SDK_URL" in said


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"api_url": "http://localhost:9"}, "KLARNA_IDENTITY_URL"),
        ({"introspect_path": "/identity/introspect"}, "KLARNA_IDENTITY_INTROSPECT_PATH"),
        ({"api_key": "klarna_test_api_wrong"}, "KLARNA_IDENTITY_API_KEY"),
        ({"partner_account_id": "another"}, "KLARNA_PARTNER_ACCOUNT_ID"),
    ],
)
def test_an_identity_api_that_is_none_is_told(programs: Programs, wrong: dict[str, str], told: str) -> None:
    right = settings(programs)
    assert right.identity is not None
    shop = create_app(replace(right, identity=replace(right.identity, **wrong)))
    status, said = run(shop, "check")
    assert status == 1
    assert told in said
    assert "1 faults" in said


def test_wrong_credentials_of_checkout_and_sign_in_are_told_by_the_settings_name(programs: Programs) -> None:
    right = settings(programs)
    assert right.checkout is not None
    clients = {
        Region.EU: replace(right.sign_in[Region.EU], client_secret="klarna_test_api_wrong"),
        Region.NA: replace(right.sign_in[Region.NA], client_id="klarna_test_client_of_nobody"),
    }
    shop = create_app(replace(right, checkout=replace(right.checkout, password="wrong"), sign_in=clients))
    status, said = run(shop, "check")
    assert (status, said.splitlines()[-1]) == (1, "3 faults")
    assert "KLARNA_CHECKOUT_USERNAME, KLARNA_CHECKOUT_PASSWORD: " in said
    assert "KLARNA_CLIENT_ID, KLARNA_CLIENT_SECRET, KLARNA_CLIENT_AUTH (EU)" in said
    assert "KLARNA_CLIENT_ID, KLARNA_CLIENT_SECRET, KLARNA_CLIENT_AUTH (NA)" in said


def test_a_checkout_that_cannot_be_reached_is_told(programs: Programs) -> None:
    right = settings(programs)
    assert right.checkout is not None
    dead = replace(right.checkout, api_url="http://localhost:9", retries=0)
    status, said = run(create_app(replace(right, checkout=dead)), "check")
    assert (status, said.splitlines()[-1]) == (1, "1 faults")
    assert "KLARNA_CHECKOUT_URL: http://localhost:9 does not answer" in said


def test_a_missing_schema_is_told(programs: Programs, tmp_path) -> None:
    shop = create_app(replace(settings(programs), database_url=f"sqlite:///{tmp_path / 'empty.sqlite3'}"))
    status, said = run(shop, "check")
    assert status == 1
    assert "db upgrade" in said


def test_keys_are_rotated_and_the_old_one_can_go(programs: Programs) -> None:
    visitor = Visitor(programs)
    visitor.register()
    buy(visitor)
    (token,) = programs.stored_tokens()
    old, new = settings(programs).token_keys[0], Fernet.generate_key().decode()
    both = create_app(replace(settings(programs), token_keys=(new, old)))
    only_new = create_app(replace(settings(programs), token_keys=(new,)))
    assert "TOKEN_KEYS" in run(only_new, "check")[1]
    status, said = run(both, "rotate-keys")
    assert status == 0
    assert "secrets re-encrypted" in said
    assert run(only_new, "check")[0] == 0
    assert replace(programs, shop=only_new).stored_tokens() == [token]
    assert programs.stored_tokens() == [""]


def test_seeding_twice_leaves_stock_alone(programs: Programs) -> None:
    programs.set_stock("house-blend", 7)
    assert run(programs.shop, "seed") == (0, "36 products\n")
    assert programs.stock("house-blend") == 7


def test_reconcile_that_cannot_do_its_work_says_so(programs: Programs, tmp_path: Path) -> None:
    shop = create_app(replace(settings(programs), database_url=f"sqlite:///{tmp_path / 'empty.sqlite3'}"))
    assert run(shop, "reconcile")[0] == 1


def test_reconcile_goes_on_after_a_round_that_failed(programs: Programs, tmp_path: Path) -> None:
    empty = {"DATABASE_URL": f"sqlite:///{tmp_path / 'empty.sqlite3'}"}
    environment = shop_environment(tmp_path, programs.klarna, programs.shop_url) | empty
    command = [sys.executable, "-m", "flask", "--app", "app", "reconcile", "--every", "1"]
    with subprocess.Popen(command, env=os.environ | environment, stderr=subprocess.PIPE, text=True) as going_on:
        assert going_on.stderr is not None
        failed = (line for line in going_on.stderr if "app.shop.admin.settling could not finish its round" in line)
        assert len(list(islice(failed, 2))) == 2
        going_on.kill()
