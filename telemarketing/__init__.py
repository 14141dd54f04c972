"""A daemon beside an Asterisk PBX that records every call and makes a lead of every new number."""
