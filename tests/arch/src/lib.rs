//! The architecture's rules as tests: see `tests/rules.rs`. Deliberately empty of code.
