"""The nouns: frozen data, codes and the error tree. Nothing here knows how it is kept or shown."""
