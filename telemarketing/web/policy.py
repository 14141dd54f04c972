"""What a browser may do on the panel's pages; docs/decisions/0041 tells why."""

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self'; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types panel"
)
"""The header Content-Security-Policy of every response."""
