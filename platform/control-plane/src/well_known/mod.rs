//! `/.well-known`: the public keys of access tokens, and who issues them.

mod routes;

pub(crate) use routes::routes;
