//! What is sealed opens where it belongs, and nowhere else.

use nexus_config::{Secrets, Settings};
use nexus_core::TenantId;
use secrecy::ExposeSecret;
use uuid::Uuid;

use super::super::TenantSecrets;
use super::*;

const OTHER_KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

fn settings() -> Secrets {
    Settings::development().secrets
}

fn keyring() -> Keyring {
    Keyring::from_settings(&settings()).unwrap()
}

fn tenant(number: u128) -> TenantId {
    TenantId(Uuid::from_u128(number))
}

fn secrets() -> TenantSecrets {
    TenantSecrets { db_password: "pässword \"1\"".into(), s3_access_key: "nxt-1".into(), s3_secret_key: "s3".into() }
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
    let before = keyring();
    let (record, bundle) = (before.seal(b"a", b"secret").unwrap(), before.seal_tenant(tenant(1), &secrets()).unwrap());

    let mut settings = settings();
    settings.previous_master_key = std::mem::replace(&mut settings.master_key, OTHER_KEY.into());
    settings.previous_kek_id = Some(std::mem::replace(&mut settings.kek_id, "k2".into()));
    let after = Keyring::from_settings(&settings).unwrap();
    assert_eq!(after.open(b"a", &record).unwrap(), b"secret");
    assert!(after.is_outdated(&record));
    assert!(!after.is_outdated(&after.seal(b"a", b"secret").unwrap()));
    let rewrapped = after.rewrap_tenant(tenant(1), &bundle).unwrap();

    settings.previous_kek_id = None;
    let later = Keyring::from_settings(&settings).unwrap();
    assert_eq!(later.open(b"a", &record), Err(SecretsError::UnknownKey("k1".into())));
    assert_eq!(later.open_tenant(tenant(1), &rewrapped).unwrap().s3_access_key, "nxt-1");
}

#[test]
fn a_bundle_opens_for_its_tenant_only() {
    let keyring = keyring();
    let sealed = keyring.seal_tenant(tenant(1), &secrets()).unwrap();
    let opened = keyring.open_tenant(tenant(1), &sealed).unwrap();
    assert_eq!(opened.db_password.expose_secret(), "pässword \"1\"");
    assert_eq!(opened.s3_secret_key.expose_secret(), "s3");
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
