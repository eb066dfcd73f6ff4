//! What is measured: one file a scenario, in the order in which they run. A scenario answers its figures.

mod auth;
mod cold;
mod density;
mod import;
mod list;
mod list_spread;
mod movement;
mod ready;
mod sign_up;

use futures::future::LocalBoxFuture;

use crate::bench::Bench;
use crate::figure::Figure;

/// Measures something.
type Run = for<'b> fn(&'b Bench) -> LocalBoxFuture<'b, Vec<Figure>>;

/// A scenario and the name it is chosen by.
#[derive(Clone, Copy)]
pub struct Scenario {
    pub name: &'static str,
    pub run: Run,
}

/// Those that need organizations follow each other, the fewest first: they are made once.
const ALL: &[Scenario] = &[
    Scenario { name: "list", run: |bench| Box::pin(list::run(bench)) },
    Scenario { name: "auth", run: |bench| Box::pin(auth::run(bench)) },
    Scenario { name: "movement", run: |bench| Box::pin(movement::run(bench)) },
    Scenario { name: "import", run: |bench| Box::pin(import::run(bench)) },
    Scenario { name: "cold", run: |bench| Box::pin(cold::run(bench)) },
    Scenario { name: "list_spread", run: |bench| Box::pin(list_spread::run(bench)) },
    Scenario { name: "density", run: |bench| Box::pin(density::run(bench)) },
    Scenario { name: "ready", run: |bench| Box::pin(ready::run(bench)) },
    Scenario { name: "sign_up", run: |bench| Box::pin(sign_up::run(bench)) },
];

/// The scenarios of these names, or all of them.
///
/// # Errors
/// The names that there are, when one is unknown.
pub fn chosen(names: &[String]) -> Result<Vec<Scenario>, String> {
    let known = || ALL.iter().map(|scenario| scenario.name);
    match names.iter().find(|name| !known().any(|known| known == name.as_str())) {
        Some(unknown) => Err(format!("There is no scenario `{unknown}`. There are: {}.", known().collect::<Vec<_>>().join(", "))),
        None => Ok(ALL.iter().filter(|scenario| names.is_empty() || names.iter().any(|name| name == scenario.name)).copied().collect()),
    }
}
