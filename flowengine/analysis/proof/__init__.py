"""The proof of ``require``: predicate abstraction on a small BDD, made lazy for each condition."""
