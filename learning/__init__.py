"""Pure statistics: intervals, tests, ratings, bandits, alarms and forecasts."""
