"""A simulated Asterisk that speaks AMI over TCP: for the demo, for load, for tests."""
