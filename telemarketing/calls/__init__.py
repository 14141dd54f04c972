"""Events to calls: pure call tracking, without clock, input or output, or database."""
