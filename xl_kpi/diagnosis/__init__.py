"""Is a policy any good: do its indicators tell people apart, are its targets and groups fair?"""

from xl_kpi.diagnosis.diagnose import Diagnosed, Diagnosis, Logs, diagnose
from xl_kpi.diagnosis.finding import QUESTIONS, Answer, Finding
from xl_kpi.diagnosis.thresholds import Thresholds, thresholds

__all__ = [
    "QUESTIONS",
    "Answer",
    "Diagnosed",
    "Diagnosis",
    "Finding",
    "Logs",
    "Thresholds",
    "diagnose",
    "thresholds",
]
