"""Work by the clock, on APScheduler."""
