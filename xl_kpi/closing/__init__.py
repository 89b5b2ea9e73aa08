"""Closed months: frozen as they were paid, chained to each other, compared with what is known now."""
