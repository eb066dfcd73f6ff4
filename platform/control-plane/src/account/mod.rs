//! A person's own account: `/account`. The rules are `nexus_iam::accounts`.

mod routes;
mod wire;

pub(crate) use routes::routes;
pub(crate) use wire::AccountOut;
