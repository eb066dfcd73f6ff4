//! Long operations on tenants: reading one, and watching it step by step; for operators all of them, with everything that is known. What they do is
//! `nexus-provisioning`'s.

mod admin;
mod progress;
mod routes;
#[cfg(test)]
mod samples;
mod seats;
mod service;
mod watching;
mod wire;

pub(crate) use routes::{location, routes};
pub(crate) use seats::Seats;
pub(crate) use watching::Watches;
pub(crate) use wire::OperationOut;
