"""The nouns of the product as frozen data classes; imports nothing else of the package."""
