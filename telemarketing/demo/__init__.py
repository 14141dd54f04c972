"""A first look at the product: made-up people and calls, nothing else made up."""
