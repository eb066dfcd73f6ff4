//! What moved from day to day, for a chart: read from the ledger when it is asked for.
//!
//! Invariants:
//! - A day is one of the organization's: it begins at midnight of its time zone, whatever that does with the clock, and a movement counts on
//!   the day on which it happened.
//! - What was undone does not count, nor does what undid it: neither happened to the goods.
//! - The answer is bounded by its days, the work by the movements of those days; nothing older is read. Of a ledger with 100,000 movements in
//!   a year, thirty days took 25 ms and the whole year 200 ms, on two busy cores.
//!
//! Quantities are summed over all units: they tell how much was going on, not how much there is of anything.

pub(super) mod routes;
mod service;
mod store;
mod wire;
