"""The manager interface of Asterisk: bytes of the socket to typed events and actions."""
