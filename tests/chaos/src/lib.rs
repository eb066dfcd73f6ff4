//! Nothing: the faults are in `tests/`.
