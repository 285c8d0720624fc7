"""A lab bench in software: namespaces, a card, the box under test, clients and phones."""
