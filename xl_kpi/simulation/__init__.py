"""Any scheme on any months, side by side with what was paid: cost, people, grades, sensitivity."""

from xl_kpi.simulation.edges import NEAR, Edge
from xl_kpi.simulation.months import Policy
from xl_kpi.simulation.outcome import Moved, Simulation
from xl_kpi.simulation.paid import closed_months, paid
from xl_kpi.simulation.sensitivity import STEPS, Effect
from xl_kpi.simulation.simulate import simulate

__all__ = [
    "NEAR",
    "STEPS",
    "Edge",
    "Effect",
    "Moved",
    "Policy",
    "Simulation",
    "closed_months",
    "paid",
    "simulate",
]
