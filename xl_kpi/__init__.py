"""Customer-service KPIs, bonuses and pay: exact to the cent, every number explained."""
