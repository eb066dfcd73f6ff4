//! The tables `accounts`, `account_avatars`, `credentials`, `email_verifications`, `password_resets` and `memberships`.

mod avatars;
mod passwords;

pub(super) use avatars::{avatar, put_avatar, remove_avatar};
pub(super) use passwords::{holds_password, put_reset, remove_reset, reset, set_password};

use chrono::{DateTime, Utc};
use nexus_core::{AccountId, Email, TenantId};
use nexus_infra::postgres::{DbError, Tx};
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement, Value};
use uuid::Uuid;

use super::memberships::Told;

/// A person's account. `Debug` shows no personal data.
#[derive(Clone, PartialEq, Eq, FromQueryResult)]
pub struct Account {
    /// Account id: the `sub` of tokens and the tenants' `users.id`.
    pub id: Uuid,
    /// The address as typed.
    pub email: String,
    /// Name shown to people.
    pub display_name: String,
    /// BCP 47 language of mails and documents; none: the platform's.
    pub locale: Option<String>,
    /// IANA time zone; none: the organization's.
    pub time_zone: Option<String>,
    /// `active` or `disabled`.
    pub status: String,
    /// When the address was proved.
    pub email_verified_at: Option<DateTime<Utc>>,
    /// The last log-in with a password.
    pub last_login_at: Option<DateTime<Utc>>,
    /// Whether there is a picture.
    pub has_avatar: bool,
    /// Row version.
    pub version: i64,
    /// When the person registered.
    pub created_at: DateTime<Utc>,
    /// When the row last changed.
    pub updated_at: DateTime<Utc>,
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Account").field("id", &self.id).field("version", &self.version).finish_non_exhaustive()
    }
}

impl Account {
    /// The typed id.
    pub fn account_id(&self) -> AccountId {
        AccountId(self.id)
    }

    /// Whether the account may be used.
    pub fn is_active(&self) -> bool {
        self.status == "active"
    }

    /// Whether the address is proved.
    pub fn is_verified(&self) -> bool {
        self.email_verified_at.is_some()
    }
}

/// An organization a person belongs to, as the chooser shows it.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct Membership {
    /// The organization, which is the tenant.
    pub organization_id: Uuid,
    /// Its slug.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// Its state, such as `active`.
    pub state: String,
    /// Whether the person owns it.
    pub is_owner: bool,
}

impl Membership {
    /// The typed tenant id.
    pub fn tenant_id(&self) -> TenantId {
        TenantId(self.organization_id)
    }
}

/// An account and its hash, for log-in.
pub(super) struct Credentials {
    pub account: Account,
    pub email_normalised: String,
    pub password_hash: Option<String>,
}

/// A link sent by mail.
#[derive(FromQueryResult)]
pub(super) struct Verification {
    pub account_id: Uuid,
    pub email_normalised: String,
    pub expires_at: DateTime<Utc>,
    pub used_at: Option<DateTime<Utc>>,
    pub current_email: String,
}

const COLUMNS: &str =
    "a.id, a.email, a.display_name, a.locale, a.time_zone, a.status, a.email_verified_at, a.last_login_at, a.has_avatar, a.version, a.created_at,
     a.updated_at";

fn sql(text: &str, values: impl IntoIterator<Item = Value>) -> Statement {
    Statement::from_sql_and_values(DbBackend::Postgres, text, values)
}

pub(super) async fn by_id<C: ConnectionTrait>(conn: &C, id: AccountId) -> Result<Option<Account>, DbError> {
    Ok(Account::find_by_statement(sql(&format!("SELECT {COLUMNS} FROM accounts a WHERE a.id = $1"), [id.0.into()])).one(conn).await?)
}

/// Reads and locks the account for the rest of the transaction. Rows that refer to it may be added meanwhile, such as a session that somebody switches to.
pub(super) async fn lock(tx: &Tx, id: AccountId) -> Result<Option<Account>, DbError> {
    let statement = sql(&format!("SELECT {COLUMNS} FROM accounts a WHERE a.id = $1 FOR NO KEY UPDATE"), [id.0.into()]);
    Ok(Account::find_by_statement(statement).one(tx.conn()).await?)
}

pub(super) async fn credentials<C: ConnectionTrait>(conn: &C, email: &Email) -> Result<Option<Credentials>, DbError> {
    credentials_where(conn, "a.email_normalised = $1", email.normalised().into()).await
}

pub(super) async fn credentials_of<C: ConnectionTrait>(conn: &C, id: AccountId) -> Result<Option<Credentials>, DbError> {
    credentials_where(conn, "a.id = $1", id.0.into()).await
}

async fn credentials_where<C: ConnectionTrait>(conn: &C, condition: &str, value: Value) -> Result<Option<Credentials>, DbError> {
    let text = format!(
        "SELECT {COLUMNS}, a.email_normalised, c.password_hash FROM accounts a LEFT JOIN credentials c ON c.account_id = a.id WHERE {condition}"
    );
    let Some(row) = conn.query_one_raw(sql(&text, [value])).await? else { return Ok(None) };
    Ok(Some(Credentials {
        account: Account::from_query_result(&row, "")?,
        email_normalised: row.try_get("", "email_normalised")?,
        password_hash: row.try_get("", "password_hash")?,
    }))
}

pub(super) async fn insert(tx: &Tx, id: AccountId, email: &Email, display_name: &str, locale: Option<&str>, hash: &str) -> Result<(), DbError> {
    let (now, id) = (tx.now(), id.0);
    tx.conn()
        .execute_raw(sql(
            "WITH account AS (
                INSERT INTO accounts (id, email, email_normalised, display_name, locale, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $6) RETURNING id
             ) INSERT INTO credentials (account_id, password_hash, updated_at) SELECT id, $7, $6 FROM account",
            [id.into(), email.as_str().into(), email.normalised().into(), display_name.into(), locale.into(), now.into(), hash.into()],
        ))
        .await?;
    Ok(())
}

pub(super) async fn insert_verification(tx: &Tx, id: Uuid, account: AccountId, email: &str, expires_at: DateTime<Utc>) -> Result<(), DbError> {
    tx.conn()
        .execute_raw(sql(
            "INSERT INTO email_verifications (id, account_id, email_normalised, expires_at, created_at) VALUES ($1, $2, $3, $4, $5)",
            [id.into(), account.0.into(), email.into(), expires_at.into(), tx.now().into()],
        ))
        .await?;
    Ok(())
}

/// Reads a link together with its account, and locks both.
pub(super) async fn lock_verification(tx: &Tx, id: Uuid) -> Result<Option<Verification>, DbError> {
    let statement = sql(
        "SELECT v.account_id, v.email_normalised, v.expires_at, v.used_at, a.email_normalised AS current_email
           FROM email_verifications v JOIN accounts a ON a.id = v.account_id WHERE v.id = $1 FOR UPDATE",
        [id.into()],
    );
    Ok(Verification::find_by_statement(statement).one(tx.conn()).await?)
}

pub(super) async fn use_verification(tx: &Tx, id: Uuid) -> Result<(), DbError> {
    tx.conn().execute_raw(sql("UPDATE email_verifications SET used_at = $2 WHERE id = $1", [id.into(), tx.now().into()])).await?;
    Ok(())
}

/// Marks the address as proved; answers whether it was not before.
pub(super) async fn prove(tx: &Tx, account: AccountId) -> Result<bool, DbError> {
    let statement =
        sql("UPDATE accounts SET email_verified_at = $2 WHERE id = $1 AND email_verified_at IS NULL", [account.0.into(), tx.now().into()]);
    Ok(tx.conn().execute_raw(statement).await?.rows_affected() > 0)
}

/// Notes a log-in with the password of this hash; `false` when the account has another one by now. Lock the account first, so that it keeps this one.
pub(super) async fn touch_login(tx: &Tx, id: AccountId, hash: &str) -> Result<bool, DbError> {
    let done = tx
        .conn()
        .execute_raw(sql(
            "UPDATE accounts a SET last_login_at = $2 FROM credentials c WHERE a.id = $1 AND c.account_id = a.id AND c.password_hash = $3",
            [id.0.into(), tx.now().into(), hash.into()],
        ))
        .await?;
    Ok(done.rows_affected() > 0)
}

pub(super) async fn update_profile(tx: &Tx, account: &Account) -> Result<(), DbError> {
    tx.conn()
        .execute_raw(sql(
            "UPDATE accounts SET display_name = $2, locale = $3, time_zone = $4 WHERE id = $1",
            [account.id.into(), account.display_name.as_str().into(), account.locale.clone().into(), account.time_zone.clone().into()],
        ))
        .await?;
    Ok(())
}

const MEMBERSHIP: &str = "SELECT m.organization_id, t.slug, t.name, t.state, m.is_owner
                            FROM memberships m JOIN tenants t ON t.id = m.organization_id
                           WHERE m.account_id = $1 AND m.deactivated_at IS NULL AND t.state NOT IN ('deleting', 'deleted') AND t.slug !~ '~'";

pub(super) async fn membership_by_slug<C: ConnectionTrait>(conn: &C, account: AccountId, slug: &str) -> Result<Option<Membership>, DbError> {
    Ok(Membership::find_by_statement(sql(&format!("{MEMBERSHIP} AND t.slug = $2"), [account.0.into(), slug.into()])).one(conn).await?)
}

pub(super) async fn membership_by_id<C: ConnectionTrait>(conn: &C, account: AccountId, tenant: TenantId) -> Result<Option<Membership>, DbError> {
    Ok(Membership::find_by_statement(sql(&format!("{MEMBERSHIP} AND t.id = $2"), [account.0.into(), tenant.0.into()])).one(conn).await?)
}

/// Most organizations of a person that are answered at once.
const MOST_MEMBERSHIPS: i64 = 200;

pub(super) async fn memberships<C: ConnectionTrait>(conn: &C, account: AccountId) -> Result<Vec<Membership>, DbError> {
    let text = format!("{MEMBERSHIP} ORDER BY t.name, t.id LIMIT $2");
    Ok(Membership::find_by_statement(sql(&text, [account.0.into(), MOST_MEMBERSHIPS.into()])).all(conn).await?)
}

/// Whether the person's entry follows a later event than this one; the entry is locked.
pub(super) async fn member_is_ahead(tx: &Tx, account: AccountId, organization: TenantId, told: Told) -> Result<bool, DbError> {
    let text = "SELECT told_seq > $3 AND told_at > $4 AS is_ahead FROM memberships WHERE account_id = $1 AND organization_id = $2 FOR UPDATE";
    let row = tx.conn().query_one_raw(sql(text, [account.0.into(), organization.0.into(), told.seq.into(), told.at.into()])).await?;
    row.map_or(Ok(false), |row| Ok(row.try_get("", "is_ahead")?))
}

pub(super) async fn note_told(tx: &Tx, account: AccountId, organization: TenantId, told: Told) -> Result<(), DbError> {
    let text = "UPDATE memberships SET told_seq = $3, told_at = $4 WHERE account_id = $1 AND organization_id = $2";
    tx.conn().execute_raw(sql(text, [account.0.into(), organization.0.into(), told.seq.into(), told.at.into()])).await?;
    Ok(())
}

pub(super) async fn admit(tx: &Tx, account: AccountId, organization: TenantId) -> Result<(), DbError> {
    tx.conn()
        .execute_raw(sql(
            "INSERT INTO memberships (account_id, organization_id, is_owner, created_at) VALUES ($1, $2, false, $3)
             ON CONFLICT (account_id, organization_id) DO UPDATE SET deactivated_at = NULL",
            [account.0.into(), organization.0.into(), tx.now().into()],
        ))
        .await?;
    Ok(())
}

pub(super) async fn set_member_active(tx: &Tx, account: AccountId, organization: TenantId, active: bool) -> Result<(), DbError> {
    tx.conn()
        .execute_raw(sql(
            "UPDATE memberships SET deactivated_at = CASE WHEN $3 THEN NULL ELSE coalesce(deactivated_at, $4) END WHERE account_id = $1 AND organization_id = $2",
            [account.0.into(), organization.0.into(), active.into(), tx.now().into()],
        ))
        .await?;
    Ok(())
}

pub(super) async fn set_member_owns(tx: &Tx, account: AccountId, organization: TenantId, owns: bool) -> Result<(), DbError> {
    let text = "UPDATE memberships SET is_owner = $3 WHERE account_id = $1 AND organization_id = $2 AND is_owner <> $3";
    tx.conn().execute_raw(sql(text, [account.0.into(), organization.0.into(), owns.into()])).await?;
    Ok(())
}

pub(super) async fn remove_member(tx: &Tx, account: AccountId, organization: TenantId) -> Result<(), DbError> {
    let statement = sql("DELETE FROM memberships WHERE account_id = $1 AND organization_id = $2", [account.0.into(), organization.0.into()]);
    tx.conn().execute_raw(statement).await?;
    Ok(())
}
