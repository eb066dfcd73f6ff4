//! What a slice hands to the runtime: its routes, its error codes, its jobs, its subscribers and its upkeep.
//!
//! `modules()` in `modules/mod.rs` lists the slices. What else a new one touches: docs/adding-a-module.md.

use nexus_core::ErrorCode;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::work::{TenantJob, TenantSubscriber, TenantUpkeep};

/// One vertical slice of the tenant runtime.
#[derive(Clone, Copy)]
pub struct Module {
    /// The folder's name.
    pub name: &'static str,
    /// Mounts the slice's operations under `/api/v1`.
    pub routes: fn(&mut ServiceConfig<'_>),
    /// Error codes the slice owns; the documentation lists them.
    pub errors: &'static [ErrorCode],
    /// Makes the handlers of the slice's jobs; called once per worker thread.
    pub jobs: fn() -> Vec<Box<dyn TenantJob>>,
    /// Makes the slice's subscribers; called once per worker thread.
    pub subscribers: fn() -> Vec<Box<dyn TenantSubscriber>>,
    /// Makes what tidies up each tenant now and then.
    pub upkeep: fn() -> Vec<Box<dyn TenantUpkeep>>,
}

impl Module {
    /// A slice with routes and nothing else.
    #[must_use]
    pub const fn new(name: &'static str, routes: fn(&mut ServiceConfig<'_>)) -> Self {
        Self { name, routes, errors: &[], jobs: Vec::new, subscribers: Vec::new, upkeep: Vec::new }
    }

    /// Adds the error codes it owns.
    #[must_use]
    pub const fn errors(mut self, errors: &'static [ErrorCode]) -> Self {
        self.errors = errors;
        self
    }

    /// Adds its jobs.
    #[must_use]
    pub const fn jobs(mut self, jobs: fn() -> Vec<Box<dyn TenantJob>>) -> Self {
        self.jobs = jobs;
        self
    }

    /// Adds its subscribers.
    #[must_use]
    pub const fn subscribers(mut self, subscribers: fn() -> Vec<Box<dyn TenantSubscriber>>) -> Self {
        self.subscribers = subscribers;
        self
    }

    /// Adds its upkeep.
    #[must_use]
    pub const fn upkeep(mut self, upkeep: fn() -> Vec<Box<dyn TenantUpkeep>>) -> Self {
        self.upkeep = upkeep;
        self
    }
}
