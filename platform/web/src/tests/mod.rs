//! Behaviour of the whole HTTP layer, on a small slice of handlers and the production application.

mod app;
mod bodies;
mod errors;
mod frame;
mod lists;
mod openapi;
mod rates;
mod serving;
mod slice;
