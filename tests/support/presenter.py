"""Whoever shows the demo: starts scenarios and looks at the timeline, as far as HTTP goes."""

import json
from dataclasses import dataclass
from typing import Any

import requests

from .visitor import Page, Visitor


@dataclass
class Presenter(Visitor):
    """A browser at the demo console."""

    def start(self, scenario_id: str) -> requests.Response:
        """Press a scenario's button; the page it lands on."""
        self.get(f"/demo/start/{scenario_id}")
        return self._prepared(self.send(f"/demo/start/{scenario_id}", {}))

    def entries(self) -> list[dict[str, Any]]:
        """The rows of the drawer, in their order."""
        return sorted(self._answered("/demo/timeline.json")["entries"], key=lambda entry: int(entry["id"]))

    def entry(self, number: int) -> dict[str, Any]:
        """Everything about one row."""
        return self._answered(f"/demo/timeline/{number}.json")

    def all_of(self, title: str) -> list[dict[str, Any]]:
        """Everything about the rows of this title."""
        return [self.entry(entry["id"]) for entry in self.entries() if entry["title"] == title]

    def everything(self) -> str:
        """All that the console shows this browser and lets it take away."""
        rows = self._answered("/demo/timeline.json")
        told = [self.entry(entry["id"]) for entry in rows["entries"]]
        return json.dumps([rows, told], ensure_ascii=False) + self.get("/demo/timeline.svg").markup

    def reset(self) -> None:
        self.get("/demo")
        self.post("/demo/reset", {})

    def tell(self, told: Any) -> int:
        """What the page's script says about a call of Klarna's; the status."""
        sent = told if isinstance(told, str) else json.dumps(told)
        headers = {"X-CSRFToken": self.csrf, "Content-Type": "application/json"}
        address = f"{self.programs.shop_url}/demo/timeline"
        return self.http.post(address, data=sent.encode(), headers=headers, timeout=60).status_code

    def _prepared(self, page: requests.Response) -> requests.Response:
        """Send the forms for Klarna's console on, as the page's script does, until there is none."""
        for _ in range(6):
            values = Page(page.text).values
            if "steps" not in values:
                return page
            assert page.status_code == 200
            form = {"return": values["return"], "steps": values["steps"]}
            origin = {"Origin": self.programs.shop_url}
            page = self.http.post(f"{self.programs.klarna.url}/prepare", data=form, headers=origin, timeout=60)
        raise AssertionError("Klarna's side is prepared without end")

    def _answered(self, path: str) -> dict[str, Any]:
        answer = self.http.get(self.programs.shop_url + path, timeout=60)
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        told: dict[str, Any] = answer.json()
        return told
