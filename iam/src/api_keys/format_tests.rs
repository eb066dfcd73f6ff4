//! Only what this platform made is a key, in its one spelling.

use nexus_config::{Secrets, Settings};
use proptest::prelude::*;
use secrecy::ExposeSecret;

use super::*;

const OTHER_KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

fn settings() -> Secrets {
    Settings::development().secrets
}

fn keyring(settings: &Secrets) -> TenantKeyring {
    TenantKeyring::from_settings(settings).unwrap()
}

/// Settings with another master key; the old one is known as the previous one, or not.
fn changed(keeps_previous: bool) -> Secrets {
    let mut settings = settings();
    let old = std::mem::replace(&mut settings.master_key, OTHER_KEY.into());
    let old_id = std::mem::replace(&mut settings.kek_id, "k2".into());
    if keeps_previous {
        settings.previous_master_key = old;
        settings.previous_kek_id = Some(old_id);
    }
    settings
}

fn ids(tenant: u128, key: u128) -> (TenantId, Uuid) {
    (TenantId(Uuid::from_u128(tenant)), Uuid::from_u128(key))
}

mod properties {
    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn a_key_says_whose_it_is_and_which_one(tenant: u128, key: u128) {
            let (tenant, id) = ids(tenant, key);
            let keyring = keyring(&settings());
            let minted = mint(&keyring, tenant, id).unwrap();
            let read = read(&keyring, minted.key.expose_secret()).expect("an authentic key");
            prop_assert_eq!((read.tenant, read.id), (tenant, id));
            prop_assert!(read.has_digest(&minted.digest) && !read.has_digest(&mint(&keyring, tenant, id).unwrap().digest));
            prop_assert!(minted.key.expose_secret().ends_with(minted.redacted.split_once('…').expect("an ellipsis").1));
            prop_assert!(minted.redacted.chars().count() == 9 && minted.key.expose_secret().len() == 132);
        }

        #[test]
        fn no_text_of_the_right_form_is_a_key(letters in "[A-Za-z0-9_-]{128}") {
            prop_assert_eq!(read(&keyring(&settings()), &format!("{PREFIX}{letters}")), None);
        }

        #[test]
        fn no_text_at_all_breaks_the_reader(text: String) {
            prop_assert_eq!(read(&keyring(&settings()), &text), None);
            prop_assert_eq!(read(&keyring(&settings()), &format!("{PREFIX}{text}")), None);
        }
    }
}

#[test]
fn every_flipped_bit_is_noticed() {
    let keyring = keyring(&settings());
    let (tenant, id) = ids(1, 2);
    let minted = mint(&keyring, tenant, id).unwrap();
    let bytes = URL_SAFE_NO_PAD.decode(&minted.key.expose_secret()[PREFIX.len()..]).unwrap();
    for bit in 0..bytes.len() * 8 {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(read(&keyring, &format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(&flipped))), None, "bit {bit}");
    }
}

#[test]
fn other_spellings_cuts_and_additions_are_no_keys() {
    let keyring = keyring(&settings());
    let (tenant, id) = ids(1, 2);
    let key = mint(&keyring, tenant, id).unwrap().key;
    let key = key.expose_secret();
    for cut in 0..key.len() {
        assert_eq!(read(&keyring, &key[..cut]), None, "cut at {cut}");
    }
    let letters = &key[PREFIX.len()..];
    let standard = letters.replace('-', "+").replace('_', "/");
    let mut others = vec![format!("{key}A"), format!("{key}="), format!("A{key}"), format!(" {key}"), format!("{key}\n"), letters.to_owned()];
    others.extend([format!("NXK_{letters}"), format!("nxk-{letters}"), format!("{PREFIX}{PREFIX}{}", &letters[4..])]);
    if standard != letters {
        others.push(format!("{PREFIX}{standard}"));
    }
    // Every letter replaced by one that is of no alphabet, or by another that is.
    for place in 0..letters.len() {
        for letter in ['é', '!', '=', if &letters[place..=place] == "A" { 'B' } else { 'A' }] {
            others.push(format!("{PREFIX}{}{letter}{}", &letters[..place], &letters[place + 1..]));
        }
    }
    for other in others {
        assert_eq!(read(&keyring, &other), None, "{other}");
    }
}

#[test]
fn a_key_of_another_platform_is_none_and_one_of_the_previous_master_key_is() {
    let (tenant, id) = ids(1, 2);
    let minted = mint(&keyring(&settings()), tenant, id).unwrap();
    let key = minted.key.expose_secret();
    assert_eq!(read(&keyring(&changed(false)), key), None);
    assert_eq!(read(&keyring(&changed(true)), key).map(|read| read.id), Some(id));
    let newer = mint(&keyring(&changed(true)), tenant, id).unwrap();
    assert_eq!(read(&keyring(&settings()), newer.key.expose_secret()), None, "new keys are of the new master key");
}

#[test]
fn nothing_is_printed() {
    let keyring = keyring(&settings());
    let (tenant, id) = ids(1, 2);
    let minted = mint(&keyring, tenant, id).unwrap();
    let read = read(&keyring, minted.key.expose_secret()).unwrap();
    let printed = format!("{minted:?} {read:?}");
    assert!(!printed.contains(&minted.key.expose_secret()[PREFIX.len()..]), "{printed}");
}
