//! HTTP tests of the stock slice on a real tenant database.
