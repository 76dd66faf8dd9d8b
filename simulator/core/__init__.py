"""The pure core: worlds, rows, lists, clock, money, ids, errors, declarations."""
