//! The control plane's state: what every request and worker of this process shares.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use actix_web::web;
use nexus_config::{Settings, SignupMode};
use nexus_core::{Origin, SharedClock};
use nexus_iam::accounts::{Accounts, RegistrationMode};
use nexus_iam::derived::DerivedTokens;
use nexus_iam::operators::{NewOperator, Operator, OperatorError, Operators};
use nexus_iam::password::{PasswordError, Passwords};
use nexus_iam::sessions::Sessions;
use nexus_iam::signing_keys::{self, SigningKeyError};
use nexus_iam::sources::ControlViews;
use nexus_iam::throttle::{HourlyLimits, Throttle};
use nexus_iam::tokens::{Revocations, TokenPolicy, TokenSigner, TokenVerifier};
use nexus_infra::dirty::DirtyTenants;
use nexus_infra::mail::Mailer;
use nexus_infra::redis::Redis;
use nexus_infra::secrets::{Keyring, SecretsError};
use nexus_infra::{Db, IdempotencyKey};
use nexus_provisioning::Provisioner;
use nexus_web::Slice;
use secrecy::SecretString;
use thiserror::Error;

use crate::operations::{Seats, Watches};

/// Label of the key of [`DerivedTokens`].
const DERIVED_TOKENS: &str = "iam/derived-tokens";

/// What the control plane is built from. The binary (or a test) makes the parts.
pub struct ControlPlaneDeps {
    /// Validated settings.
    pub settings: Arc<Settings>,
    /// The control database, as role `nexus_control`.
    pub db: Db,
    /// Tells the relay of events in the control database. Give the provisioner a database with this hook too ([`Db::with_wake`]), or its events wait for the sweep.
    pub dirty: DirtyTenants,
    /// Redis: transport and cache only.
    pub redis: Redis,
    /// Seals signing keys; derives the key of derived tokens.
    pub keyring: Arc<Keyring>,
    /// Sends mails.
    pub mailer: Mailer,
    /// Builds and takes down tenants.
    pub provisioner: Provisioner,
    /// Hashes passwords. [`Passwords::new`] for production; tests may pass cheaper parameters.
    pub passwords: Arc<Passwords>,
    /// Time and ids.
    pub clock: SharedClock,
}

/// Why the control plane can't start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The signing keys can't be had.
    #[error(transparent)]
    SigningKeys(#[from] SigningKeyError),
    /// A sub key can't be derived.
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    /// Password hashing does not work.
    #[error(transparent)]
    Passwords(#[from] PasswordError),
}

/// The control plane's state; cheap to clone.
#[derive(Clone)]
pub struct ControlPlane(Arc<Inner>);

/// The shared parts of a [`ControlPlane`].
pub struct Inner {
    /// Validated settings.
    pub settings: Arc<Settings>,
    /// The control database.
    pub db: Db,
    /// Tells the relay of events in it.
    pub dirty: DirtyTenants,
    /// Redis.
    pub redis: Redis,
    /// Seals signing keys.
    pub keyring: Arc<Keyring>,
    /// Sends mails.
    pub mailer: Mailer,
    /// Builds and takes down tenants.
    pub provisioner: Provisioner,
    /// Time and ids.
    pub clock: SharedClock,
    /// People.
    pub accounts: Arc<Accounts>,
    /// Operators.
    pub operators: Operators,
    /// Sessions of both.
    pub sessions: Arc<Sessions>,
    /// Signs access tokens.
    pub signer: Arc<TokenSigner>,
    /// Verifies access tokens; a tenant runtime in the same process shares it.
    pub verifier: Arc<TokenVerifier>,
    /// Mints capabilities of operations, and links of invitations.
    pub derived: DerivedTokens,
    /// Counts tries.
    pub throttle: Arc<Throttle>,
    /// Reads the operations that are watched.
    pub(crate) watches: Watches,
    /// How many may watch.
    pub(crate) seats: Arc<Seats>,
}

impl ControlPlane {
    /// Builds the state; makes the first signing keys when there are none.
    ///
    /// # Errors
    /// [`StartError`].
    pub async fn new(deps: ControlPlaneDeps) -> Result<Self, StartError> {
        let ControlPlaneDeps { settings, db, dirty, redis, keyring, mailer, provisioner, passwords, clock } = deps;
        let db = db.with_wake(dirty.hook(None));
        let tokens = &settings.tokens;
        let policy = TokenPolicy {
            issuer: tokens.issuer.clone(),
            access_ttl: Duration::from_secs(tokens.access_ttl_s),
            refresh_ttl: Duration::from_secs(tokens.refresh_ttl_s),
            leeway: Duration::from_secs(tokens.leeway_s),
        };
        let keys = signing_keys::load_or_create(&db, &keyring, &clock).await?;
        let signer = Arc::new(TokenSigner::new(keys, policy.clone(), clock.clone()));
        let revocations = Arc::new(Revocations::new(clock.clone()));
        let verifier =
            Arc::new(TokenVerifier::new(Box::new(ControlViews::new(db.clone())), revocations.clone(), &policy.issuer, policy.leeway, clock.clone()));
        let before = keyring.derive_previous(DERIVED_TOKENS)?;
        let derived = DerivedTokens::new(&keyring.derive(DERIVED_TOKENS)?).and_previous(before.as_ref().map(<[u8; 32]>::as_slice));
        let sessions = Arc::new(Sessions::new(db.clone(), redis.clone(), signer.clone(), derived.clone(), revocations, clock.clone()));
        let hourly = settings.rate_limit.enabled.then_some(HourlyLimits {
            registrations: settings.rate_limit.registrations_per_hour.into(),
            verification_mails: settings.rate_limit.verification_mails_per_hour.into(),
            reset_mails: settings.rate_limit.password_reset_mails_per_hour.into(),
        });
        let throttle = Arc::new(Throttle::new(redis.clone(), clock.clone(), hourly));
        let mode = match settings.signup.mode {
            SignupMode::Open => RegistrationMode::Open,
            SignupMode::VerifyFirst => RegistrationMode::VerifyFirst,
            SignupMode::InviteOnly => RegistrationMode::InviteOnly,
        };
        let accounts =
            Arc::new(Accounts::new(db.clone(), clock.clone(), passwords.clone(), sessions.clone(), throttle.clone(), derived.clone(), mode));
        let operators = Operators::new(db.clone(), clock.clone(), passwords, sessions.clone(), throttle.clone(), derived.clone());
        Ok(Self(Arc::new(Inner {
            settings,
            db,
            dirty,
            redis,
            keyring,
            mailer,
            provisioner,
            clock,
            accounts,
            operators,
            sessions,
            signer,
            verifier,
            derived,
            throttle,
            watches: Watches::default(),
            seats: Arc::default(),
        })))
    }

    /// The state that the operations of [`slices`](crate::slices) and [`root_slices`](crate::root_slices) work with, to be mounted before them.
    #[must_use]
    pub fn state(&self) -> Slice {
        let data = web::Data::new(self.clone());
        Slice::new("control_plane", move |cfg| {
            cfg.app_data(data.clone());
        })
    }

    /// Makes an operator (`nexus admin create-operator`); no route does.
    ///
    /// # Errors
    /// [`OperatorError`].
    pub async fn create_operator(&self, new: NewOperator, password: &SecretString) -> Result<Operator, OperatorError> {
        self.operators.create(new, password, &Origin::system("admin create-operator")).await
    }

    /// Every operator (`nexus admin operators list`).
    ///
    /// # Errors
    /// [`OperatorError`].
    pub async fn list_operators(&self) -> Result<Vec<Operator>, OperatorError> {
        self.operators.list().await
    }

    /// Shuts an operator out, by id or address, or lets one in again (`nexus admin operators disable|enable`); no route does.
    ///
    /// # Errors
    /// [`OperatorError`].
    pub async fn set_operator_active(&self, reference: &str, active: bool) -> Result<Operator, OperatorError> {
        self.operators.set_active(reference, active, &Origin::system("admin operators")).await
    }

    /// Rotates the signing keys (`nexus admin keys rotate`). Tokens signed before stay good until they expire.
    ///
    /// # Errors
    /// [`SigningKeyError`].
    pub async fn rotate_signing_keys(&self) -> Result<(), SigningKeyError> {
        let keys = signing_keys::rotate(&self.db, &self.keyring, &self.clock, &Origin::system("admin keys rotate")).await?;
        self.signer.replace(keys);
        Ok(())
    }

    /// An idempotency key for a body that holds a password: the fingerprint is keyed. A plain digest of the body would let whoever reads the table guess the
    /// password without the cost of its hash.
    pub(crate) fn keyed(&self, key: Option<&IdempotencyKey>) -> Option<IdempotencyKey> {
        key.map(|key| IdempotencyKey { fingerprint: self.derived.blind(&key.fingerprint), ..key.clone() })
    }

    /// Tells every process that a tenant's directory record has changed; after the commit. Losing it costs the 15 s for which records are fresh.
    pub(crate) async fn announce(&self, tenant: nexus_core::TenantId) {
        if let Err(error) = self.provisioner.announce(tenant).await {
            tracing::warn!(%error, %tenant, "a changed directory record could not be announced; it bites within 15 s");
        }
    }
}

impl Deref for ControlPlane {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl fmt::Debug for ControlPlane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ControlPlane").finish_non_exhaustive()
    }
}
