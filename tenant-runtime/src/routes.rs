//! The operations of every slice, to be mounted under `/api/v1`.

use actix_web::web;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::modules::modules;
use crate::state::Runtime;

/// Mounts the operations of every slice. The state must be in the application's data as `web::Data<Runtime>`.
pub fn routes(cfg: &mut ServiceConfig<'_>) {
    for module in modules() {
        cfg.configure(module.routes);
    }
}

/// Mounts the state and the operations of every slice.
pub fn configure(runtime: &Runtime) -> impl Fn(&mut ServiceConfig<'_>) + Clone + Send + Sync + 'static + use<> {
    let state = web::Data::new(runtime.clone());
    move |cfg| {
        cfg.app_data(state.clone());
        routes(cfg);
    }
}
