//! Log-in of operators: `/admin/auth/*`. Another realm: other tables, another token audience, other refresh tokens. The rules are `nexus-iam`'s.

mod routes;
mod wire;

pub(crate) use routes::routes;
