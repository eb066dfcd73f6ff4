//! End-to-end tests: the real program from outside, over HTTP. See `tests/`. Deliberately empty of code.
