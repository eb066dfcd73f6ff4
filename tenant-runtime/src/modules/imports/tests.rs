//! HTTP tests of imports on a real tenant database.
