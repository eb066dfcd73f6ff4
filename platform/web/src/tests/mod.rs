//! Behaviour of the whole HTTP layer, on a small slice of handlers and the production application.

mod app;
mod bodies;
mod draining;
mod errors;
mod frame;
mod lists;
mod openapi;
mod overload;
mod properties;
mod rates;
mod refusals;
mod serving;
mod slice;
mod slow_bodies;
mod unread;
