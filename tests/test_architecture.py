"""The plan of the house holds: who imports whom, what may be said where, and what stands on its own."""

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
APP = ROOT / "app"

# A unit may import those on lower floors, and itself.
FLOORS: list[set[str]] = [
    {"money", "markets", "setting_kinds", "encryption"},
    {"config"},
    {"extensions", "paging"},
    {"web", "key_rotation"},
    {"catalogue", "accounts", "mail"},
    {"cart", "linking"},
    {"orders"},
    {"signin"},
    {"checkout", "self_check"},
    {"klarna_checkout", "payment_tokens"},
    {"subscriptions", "wallet"},
    {"admin", "console"},
    {"errors", "cli"},
]
# What a service owns and a view has no business with.
KEPT_FROM_VIEWS = {"requests", "sqlalchemy"}
PURE = (
    "linking/rules.py",
    "signin/rules.py",
    "signin/claims.py",
    "orders/states.py",
    "orders/sold.py",
    "orders/parts.py",
    "admin/rules.py",
    "admin/plans.py",
    "klarna_checkout/bodies.py",
    "cart/basket.py",
    "checkout/order_lines.py",
    "checkout/reviews.py",
    "payment_tokens/states.py",
    "payment_tokens/rules.py",
    "payment_tokens/bodies.py",
    "subscriptions/rules.py",
    "mail/letters.py",
    "console/entries.py",
    "console/masking.py",
    "wallet/tariffs.py",
    "money.py",
)
IMPURE = {"flask", "flask_login", "sqlalchemy", "requests", "datetime", "extensions", "web"}


def modules(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*.py")) if "migrations" not in path.parts)


def imports(path: Path) -> Iterator[str]:
    """Every module a file imports, by its full dotted name."""
    package = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            parent = package.rsplit(".", node.level)[0] + "." if node.level else ""
            base = parent + (node.module or "")
            yield base.rstrip(".")
            yield from (f"{base.rstrip('.')}.{name.name}" for name in node.names)


def unit(dotted: str) -> str:
    parts = dotted.split(".")
    return parts[2] if len(parts) > 2 else ""


def floor(name: str) -> int:
    return next((i for i, names in enumerate(FLOORS) if name in names), len(FLOORS))


def test_the_client_knows_neither_flask_nor_shop_nor_its_counterpart() -> None:
    for path in modules(APP / "klarna"):
        for name in imports(path):
            assert not name.startswith(("flask", "app.shop", "app.sandbox", "sqlalchemy")), f"{path}: {name}"


def test_the_offline_klarna_imports_itself_and_libraries_only() -> None:
    for path in modules(APP / "sandbox"):
        for name in imports(path):
            assert not name.startswith(("app.shop", "app.klarna")), f"{path}: {name}"


def test_the_shop_does_not_know_what_stands_in_for_klarna() -> None:
    for folder in (APP / "klarna", APP / "shop", ROOT / "templates" / "shop", ROOT / "static" / "shop"):
        for path in folder.rglob("*"):
            if path.is_file() and path.suffix in {".py", ".html", ".js", ".css", ".json"}:
                text = path.read_text().lower()
                assert "sandbox" not in text.replace('sandbox="', ""), path
                assert "_sandbox" not in text, path


@pytest.mark.parametrize("path", list(modules(APP / "shop")), ids=lambda p: str(p.relative_to(APP / "shop")))
def test_features_import_downwards_only(path: Path) -> None:
    here = path.relative_to(APP / "shop").parts[0].removesuffix(".py")
    if here == "__init__":
        return
    for name in imports(path):
        if name.startswith("app.shop.") and unit(name) != here and floor(unit(name)) < len(FLOORS):
            assert floor(unit(name)) < floor(here), f"{here} imports {name}"


def test_inside_a_feature_views_use_services_and_not_the_other_way_round() -> None:
    for path in modules(APP / "shop"):
        names = {name.split(".")[-1] for name in imports(path) if name.startswith("app.shop.")}
        if path.name != "__init__.py":
            assert "views" not in names, f"{path} imports a view"
        if path.name == "models.py":
            assert "service" not in names, path


def test_views_translate_and_leave_database_and_network_alone() -> None:
    for path in modules(APP / "shop"):
        if path.name == "views.py":
            named = set(imports(path))
            assert not {n.split(".")[0] for n in named} & KEPT_FROM_VIEWS, path
            if path.parent.name != "accounts":
                assert "app.shop.extensions.db" not in named, path


@pytest.mark.parametrize("name", PURE)
def test_rules_are_pure(name: str) -> None:
    said = {part for dotted in imports(APP / "shop" / name) for part in dotted.split(".")}
    assert not said & IMPURE


def test_settings_are_read_in_the_config_modules_only() -> None:
    for path in modules(APP):
        if path.name not in ("config.py", "__main__.py"):
            text = path.read_text()
            assert "os.environ" not in text, path
            assert "getenv" not in text, path


def test_no_floats_touch_money() -> None:
    for name in ("money.py", "cart/basket.py", "checkout/order_lines.py", "orders/service.py"):
        for node in ast.walk(ast.parse((APP / "shop" / name).read_text())):
            assert not (isinstance(node, ast.Constant) and isinstance(node.value, float)), name


@pytest.mark.parametrize(
    ("without", "factory"),
    [("sandbox", "app.shop"), ("shop", "app.sandbox"), ("klarna", "app.sandbox")],
)
def test_each_program_boots_with_the_other_deleted(tmp_path: Path, without: str, factory: str) -> None:
    for name in ("app", "templates", "static"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "products"))
    shutil.copy(ROOT / ".env.example", tmp_path)
    for name in ("app", "templates", "static"):
        shutil.rmtree(tmp_path / name / without, ignore_errors=True)
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    boot = f"from {factory} import create_app; print(create_app().url_map)"
    done = subprocess.run(
        [sys.executable, "-c", boot], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_modules_stay_small() -> None:
    long = {str(path): count for path in modules(APP) if (count := len(path.read_text().splitlines())) > 300}
    assert not long


def test_the_top_level_is_the_fixed_one() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if tracked.returncode:
        pytest.skip("not a git checkout")
    top = {line.split("/")[0] for line in tracked.stdout.splitlines()}
    fixed = {"pyproject.toml", "README.md", "app", "templates", "static", "tests", "instance"}
    assert {name for name in top if not name.startswith(".")} == fixed
