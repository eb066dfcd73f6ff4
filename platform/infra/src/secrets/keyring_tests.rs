//! What is sealed opens where it belongs, and nowhere else.

use nexus_config::{Secrets, Settings};
use nexus_core::TenantId;
use secrecy::ExposeSecret;
use uuid::Uuid;

use super::super::{TenantKeyring, TenantSecrets};
use super::*;
use crate::object_store::BucketKey;

const OTHER_KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

fn settings() -> Secrets {
    Settings::development().secrets
}

fn keyring() -> Keyring {
    Keyring::from_settings(&settings()).unwrap()
}

fn tenants() -> TenantKeyring {
    TenantKeyring::from_settings(&settings()).unwrap()
}

fn tenant(number: u128) -> TenantId {
    TenantId(Uuid::from_u128(number))
}

fn secrets() -> TenantSecrets {
    TenantSecrets { db_password: "pässword \"1\"".into(), bucket_key: Some(BucketKey { access_key: "nxt-1".into(), secret_key: "s3".into() }) }
}

#[test]
fn a_record_opens_with_its_own_associated_data_only() {
    let keyring = keyring();
    let sealed = keyring.seal(b"signing-key|1", b"secret").unwrap();
    assert_eq!(keyring.open(b"signing-key|1", &sealed).unwrap(), b"secret");
    assert_eq!(keyring.open(b"signing-key|2", &sealed), Err(SecretsError::Refused));
    assert_ne!(keyring.seal(b"signing-key|1", b"secret").unwrap(), sealed, "a nonce of its own");
}

#[test]
fn no_changed_byte_and_no_cut_goes_unnoticed() {
    let keyring = keyring();
    let sealed = keyring.seal(b"aad", b"secret").unwrap();
    for index in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[index] ^= 1;
        assert!(keyring.open(b"aad", &changed).is_err(), "byte {index}");
        assert!(keyring.open(b"aad", &sealed[..index]).is_err(), "cut at {index}");
    }
}

#[test]
fn after_a_change_of_the_master_key_old_records_open_and_ask_to_be_sealed_anew() {
    let (record, bundle) = (keyring().seal(b"a", b"secret").unwrap(), tenants().seal_tenant(tenant(1), &secrets()).unwrap());

    let mut settings = settings();
    settings.previous_master_key = std::mem::replace(&mut settings.master_key, OTHER_KEY.into());
    settings.previous_kek_id = Some(std::mem::replace(&mut settings.kek_id, "k2".into()));
    let after = Keyring::from_settings(&settings).unwrap();
    assert_eq!(after.open(b"a", &record).unwrap(), b"secret");
    let resealed = after.reseal(b"a", &record).unwrap().unwrap();
    assert_eq!(after.reseal(b"a", &resealed).unwrap(), None);
    let both = TenantKeyring::from_settings(&settings).unwrap();
    let rewrapped = both.rewrap_tenant(tenant(1), &bundle).unwrap().unwrap();
    assert_eq!(both.rewrap_tenant(tenant(1), &rewrapped).unwrap(), None);

    settings.previous_kek_id = None;
    let (later, tenants) = (Keyring::from_settings(&settings).unwrap(), TenantKeyring::from_settings(&settings).unwrap());
    assert_eq!(later.open(b"a", &record), Err(SecretsError::UnknownKey("k1".into())));
    assert_eq!(later.open(b"a", &resealed).unwrap(), b"secret");
    assert_eq!(tenants.open_tenant(tenant(1), &bundle).unwrap_err(), SecretsError::UnknownKey("k1/runtime".into()));
    assert_eq!(tenants.open_tenant(tenant(1), &rewrapped).unwrap().bucket_key.unwrap().access_key, "nxt-1");
}

#[test]
fn the_runtimes_key_opens_the_tenants_secrets_and_nothing_of_the_control_plane() {
    let mut settings = settings();
    let bundle = tenants().seal_tenant(tenant(1), &secrets()).unwrap();
    let record = keyring().seal(b"a", b"secret").unwrap();
    settings.runtime_key = MasterKey::from_base64(&settings.master_key).unwrap().runtime_key().unwrap();
    settings.master_key = "".into();
    let runtime = TenantKeyring::from_settings(&settings).unwrap();
    assert_eq!(runtime.open_tenant(tenant(1), &bundle).unwrap().db_password.expose_secret(), "pässword \"1\"");
    // Whatever is made of the runtime's key, it is not the control plane's.
    settings.master_key = settings.runtime_key.clone();
    let taken_over = Keyring::from_settings(&settings).unwrap();
    assert_eq!(taken_over.open(b"a", &record), Err(SecretsError::Refused));
    for label in ["iam/derived-tokens", "web/cursors"] {
        assert_ne!(taken_over.derive(label).unwrap(), keyring().derive(label).unwrap());
        assert_ne!(runtime.derive(label).unwrap(), keyring().derive(label).unwrap());
    }
}

#[test]
fn a_bundle_from_before_the_runtime_had_a_key_opens_with_the_master_key_and_is_moved() {
    let bundle = TenantKeyring::of(keyring()).seal_tenant(tenant(1), &secrets()).unwrap();
    let moved = tenants().rewrap_tenant(tenant(1), &bundle).unwrap().unwrap();
    assert_eq!(tenants().open_tenant(tenant(1), &bundle).unwrap().db_password.expose_secret(), "pässword \"1\"");
    let mut settings = settings();
    settings.runtime_key = MasterKey::from_base64(&settings.master_key).unwrap().runtime_key().unwrap();
    let runtime = TenantKeyring::from_settings(&settings).unwrap();
    assert!(runtime.open_tenant(tenant(1), &bundle).is_err());
    assert!(runtime.open_tenant(tenant(1), &moved).is_ok());
}

#[test]
fn a_shared_key_of_the_object_store_is_not_in_the_bundle() {
    let secrets = TenantSecrets { bucket_key: None, ..secrets() };
    let sealed = tenants().seal_tenant(tenant(1), &secrets).unwrap();
    assert!(tenants().open_tenant(tenant(1), &sealed).unwrap().bucket_key.is_none());
}

#[test]
fn a_bundle_opens_for_its_tenant_only() {
    let keyring = tenants();
    let sealed = keyring.seal_tenant(tenant(1), &secrets()).unwrap();
    let opened = keyring.open_tenant(tenant(1), &sealed).unwrap();
    assert_eq!(opened.db_password.expose_secret(), "pässword \"1\"");
    assert_eq!(opened.bucket_key.unwrap().secret_key.expose_secret(), "s3");
    assert_eq!(keyring.open_tenant(tenant(2), &sealed).unwrap_err(), SecretsError::Refused);
    assert_eq!(keyring.open_tenant(tenant(1), &[]).unwrap_err(), SecretsError::Malformed);
    assert_eq!(keyring.open_tenant(tenant(1), &[255, 255, 1]).unwrap_err(), SecretsError::Malformed);

    // One tenant's key with the other's content.
    let other = keyring.seal_tenant(tenant(2), &secrets()).unwrap();
    let (wrapped, content) = (usize::from(u16::from_be_bytes([sealed[0], sealed[1]])) + 2, &other[..]);
    let mixed = [&sealed[..wrapped], &content[wrapped..]].concat();
    assert!(keyring.open_tenant(tenant(1), &mixed).is_err());
}

#[test]
fn labels_give_keys_of_their_own() {
    let keyring = keyring();
    assert_ne!(keyring.derive("a").unwrap(), keyring.derive("b").unwrap());
    let mac = keyring.hmac("cursor", b"data").unwrap();
    assert!(keyring.verify_hmac("cursor", b"data", &mac));
    assert!(!keyring.verify_hmac("cursor", b"date", &mac));
    assert!(!keyring.verify_hmac("other", b"data", &mac));
    let sealed = keyring.sealer("directory").unwrap().seal(b"x", b"y").unwrap();
    assert_eq!(keyring.sealer("else").unwrap().open(b"x", &sealed), Err(SecretsError::Refused));
}

#[test]
fn nothing_is_printed_and_short_keys_are_refused() {
    let keyring = keyring();
    let printed = format!("{keyring:?} {:?} {:?}", secrets(), DataKey::generate());
    assert!(!printed.contains("pässword"), "{printed}");
    let mut settings = settings();
    settings.master_key = "c2hvcnQ=".into();
    assert_eq!(Keyring::from_settings(&settings).unwrap_err(), SecretsError::MasterKey);
}
