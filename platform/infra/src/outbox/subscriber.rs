//! Who wants which events.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use futures::future::LocalBoxFuture;
use nexus_core::EventEnvelope;

use super::Listener;
use crate::postgres::Db;

/// Handles events of some kinds. Idempotent by event id: an event comes at least once.
pub trait Subscriber: Send + Sync + 'static {
    /// Unique and stable: deliveries are remembered under it.
    fn name(&self) -> &'static str;

    /// Kinds it wants: exact (`catalog.product.created.v1`), a prefix (`catalog.*`), or all (`*`).
    fn kinds(&self) -> &'static [&'static str];

    /// Handles one event of the database `db`. It has 30 seconds by default; panics count as failures.
    ///
    /// # Errors
    /// The event is tried again later with back-off, and holds up later ones of the same aggregate for this
    /// subscriber, until it succeeds or is given up. See [`SubscriberError::permanent`].
    fn handle<'a>(&'a self, db: &'a Db, event: &'a EventEnvelope) -> LocalBoxFuture<'a, Result<(), SubscriberError>>;
}

/// Why a subscriber failed. Any error converts into it and is tried again. Its text is stored and shown to
/// operators: no secret and no personal data.
pub struct SubscriberError {
    cause: Box<dyn StdError + Send + Sync>,
    pub(super) permanent: bool,
}

impl SubscriberError {
    /// Another try may help.
    pub fn retry(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self { cause: cause.into(), permanent: false }
    }

    /// No further try can help: the event becomes a dead letter at once.
    pub fn permanent(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self { cause: cause.into(), permanent: true }
    }
}

impl<E: StdError + Send + Sync + 'static> From<E> for SubscriberError {
    fn from(error: E) -> Self {
        Self::retry(error)
    }
}

impl fmt::Debug for SubscriberError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SubscriberError").field("cause", &self.cause).field("permanent", &self.permanent).finish()
    }
}

impl fmt::Display for SubscriberError {
    /// The cause and what is beneath it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.cause)?;
        let mut beneath = self.cause.source();
        while let Some(cause) = beneath {
            write!(f, ": {cause}")?;
            beneath = cause.source();
        }
        Ok(())
    }
}

/// All subscribers of a plane, the same in each of its processes; and who listens to the same events elsewhere.
#[derive(Clone, Default)]
pub struct Subscribers {
    here: Arc<[Arc<dyn Subscriber>]>,
    elsewhere: &'static [Listener],
}

/// Names and SQL patterns of wishes, as two columns of the same length.
pub(super) type Wishes = (Vec<String>, Vec<String>);

impl Subscribers {
    /// These subscribers.
    #[must_use]
    pub fn new(subscribers: Vec<Arc<dyn Subscriber>>) -> Self {
        Self { here: subscribers.into(), elsewhere: &[] }
    }

    /// An event is done only when these have finished it, too.
    #[must_use]
    pub fn heard_elsewhere_by(self, listeners: &'static [Listener]) -> Self {
        Self { elsewhere: listeners, ..self }
    }

    /// Each of them that runs in this plane's processes.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<dyn Subscriber>> {
        self.here.iter()
    }

    fn wanting(&self) -> impl Iterator<Item = (&'static str, &'static [&'static str])> {
        self.here.iter().map(|one| (one.name(), one.kinds())).chain(self.elsewhere.iter().map(|one| (one.name, one.kinds)))
    }

    /// Names of those that want `kind`, here and elsewhere, but for `except`.
    pub(super) fn others(&self, kind: &str, except: &str) -> Vec<String> {
        self.wanting().filter(|(name, kinds)| *name != except && wants(kinds, kind)).map(|(name, _)| name.to_owned()).collect()
    }

    /// Everybody's wishes.
    pub(super) fn wishes(&self) -> Wishes {
        wishes(self.wanting())
    }

    /// Wishes of this plane's own processes.
    pub(super) fn wishes_here(&self) -> Wishes {
        wishes(self.here.iter().map(|one| (one.name(), one.kinds())))
    }

    /// Wishes of those elsewhere.
    pub(super) fn wishes_elsewhere(&self) -> Wishes {
        wishes(self.elsewhere.iter().map(|one| (one.name, one.kinds)))
    }

    /// Whether somebody in this plane's processes wants `kind`.
    pub(super) fn is_wanted_here(&self, kind: &str) -> bool {
        self.here.iter().any(|one| wants(one.kinds(), kind))
    }

    /// Whether somebody elsewhere wants `kind`.
    pub(super) fn is_wanted_elsewhere(&self, kind: &str) -> bool {
        self.elsewhere.iter().any(|one| wants(one.kinds, kind))
    }
}

impl fmt::Debug for Subscribers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.wanting().map(|(name, _)| name)).finish()
    }
}

/// Whether these wishes are for `kind`.
pub(super) fn wants(wishes: &[&str], kind: &str) -> bool {
    wishes.iter().any(|wish| match wish.strip_suffix('*') {
        Some(prefix) => kind.starts_with(prefix),
        None => kind == *wish,
    })
}

fn wishes(wanting: impl Iterator<Item = (&'static str, &'static [&'static str])>) -> Wishes {
    wanting.flat_map(|(name, kinds)| kinds.iter().map(move |wish| (name.to_owned(), like(wish)))).unzip()
}

/// Wishes as patterns for LIKE.
pub(super) fn patterns(wishes: &[&str]) -> Vec<String> {
    wishes.iter().map(|wish| like(wish)).collect()
}

fn like(wish: &str) -> String {
    let (literal, rest) = wish.strip_suffix('*').map_or((wish, ""), |prefix| (prefix, "%"));
    let escaped = literal.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    escaped + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Named(&'static str, &'static [&'static str]);

    impl Subscriber for Named {
        fn name(&self) -> &'static str {
            self.0
        }
        fn kinds(&self) -> &'static [&'static str] {
            self.1
        }
        fn handle<'a>(&'a self, _: &'a Db, _: &'a EventEnvelope) -> LocalBoxFuture<'a, Result<(), SubscriberError>> {
            Box::pin(async { Ok(()) })
        }
    }

    #[test]
    fn wishes_are_exact_a_prefix_or_all() {
        let search = ["catalog.*", "iam.user.invited.v1"];
        assert!(wants(&search, "catalog.product.created.v1"));
        assert!(wants(&search, "iam.user.invited.v1"));
        assert!(!wants(&search, "iam.user.invited.v2"));
        assert!(wants(&["*"], "anything.at.all.v1"));
    }

    #[test]
    fn underscores_in_kinds_are_no_wildcards() {
        assert_eq!(like("inventory.stock_movement.posted.v1"), "inventory.stock\\_movement.posted.v1");
        assert_eq!(like("inventory.*"), "inventory.%");
        assert_eq!(like("*"), "%");
    }

    #[test]
    fn others_leave_out_oneself_and_the_indifferent() {
        let all: Vec<Arc<dyn Subscriber>> = vec![Arc::new(Named("a", &["x.*"])), Arc::new(Named("b", &["*"])), Arc::new(Named("c", &["y.*"]))];
        let all = Subscribers::new(all);
        assert_eq!(all.others("x.made.v1", "a"), ["b"]);
        assert_eq!(all.wishes().0, ["a", "b", "c"]);
    }

    #[test]
    fn who_listens_elsewhere_counts_but_does_not_run_here() {
        const ELSEWHERE: &[Listener] = &[Listener { name: "far", kinds: &["x.made.v1", "y.*"] }];
        let all: Vec<Arc<dyn Subscriber>> = vec![Arc::new(Named("near", &["x.*"]))];
        let all = Subscribers::new(all).heard_elsewhere_by(ELSEWHERE);
        assert_eq!((all.iter().count(), all.others("x.made.v1", "near"), all.others("x.lost.v1", "near").len()), (1, vec!["far".to_owned()], 0));
        assert_eq!((all.is_wanted_here("x.made.v1"), all.is_wanted_here("y.made.v1")), (true, false));
        assert_eq!((all.is_wanted_elsewhere("x.lost.v1"), all.is_wanted_elsewhere("y.made.v1")), (false, true));
        assert_eq!(
            (all.wishes().0.len(), all.wishes_here().1, all.wishes_elsewhere().1),
            (3, vec!["x.%".to_owned()], vec!["x.made.v1".to_owned(), "y.%".to_owned()])
        );
    }

    #[test]
    fn the_text_names_every_cause() {
        let beneath = std::io::Error::other("refused");
        let error = SubscriberError::from(crate::postgres::DbError::other(beneath));
        assert!(error.to_string().contains("refused"));
        assert!(!error.permanent && SubscriberError::permanent("no").permanent);
    }
}
