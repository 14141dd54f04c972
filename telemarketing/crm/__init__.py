"""The rules of sales: what a fact about a call means for leads and operators."""
