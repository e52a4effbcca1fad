"""The judge: reads a contract and names every place where an exchange breaks it."""
