"""The nouns of the product as frozen data classes; imports nothing of the package but errors."""
