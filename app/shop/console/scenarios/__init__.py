"""Every situation the demo can show: who, where, what Klarna's side is like, what to do and to expect. Pure data.

``before`` is prepared at Klarna's console before the shopper arrives, ``after`` once the shop's side stands; both are
steps for the console, which reads them. With real Klarna somebody brings the situation about as ``by_hand`` says.
"""

from . import after, checkout, link, sign_in
from .levers import LEVERS
from .situation import MOCK, Actor, Chapter, Scenario, Step

SCENARIOS = (*link.SCENARIOS, *sign_in.SCENARIOS, *checkout.SCENARIOS, *after.SCENARIOS)
BY_ID = {scenario.id: scenario for scenario in SCENARIOS}
PEOPLE = tuple(scenario for scenario in SCENARIOS if scenario.strip)

__all__ = ["BY_ID", "LEVERS", "MOCK", "PEOPLE", "SCENARIOS", "Actor", "Chapter", "Scenario", "Step"]
