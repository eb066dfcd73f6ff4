//! What tests from outside know of the product: its document, the first steps on a platform, uploads, and what each organization owns.

#![expect(missing_docs, reason = "fields are named as in the API")]

pub mod contract;
pub mod document;
pub mod estate;
pub mod outbox;
pub mod platform;
pub mod stock;
pub mod uploads;
