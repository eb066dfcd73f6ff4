//! What was sealed opens unaltered, with its key, in its place, and not otherwise.

use proptest::prelude::*;

use super::*;

fn sealer(id: &str, byte: u8) -> Sealer {
    Sealer::new(id, &SecretBox::new(Box::new([byte; 32]))).unwrap()
}

mod properties {
    use super::*;

    proptest! {
        #[test]
        fn a_blob_opens_unaltered_with_its_key_and_in_its_place_alone(
            plain in prop::collection::vec(any::<u8>(), 0..80), place in prop::collection::vec(any::<u8>(), 0..20), bit: prop::sample::Index, cut: prop::sample::Index,
        ) {
            let sealer_ = sealer("k1", 7);
            let sealed = sealer_.seal(&place, &plain).unwrap();
            prop_assert_eq!(sealer_.open(&place, &sealed).unwrap(), plain);
            let mut flipped = sealed.clone();
            let bit = bit.index(flipped.len() * 8);
            flipped[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(sealer_.open(&place, &flipped).is_err(), "bit {bit}");
            prop_assert!(sealer_.open(&place, &sealed[..cut.index(sealed.len())]).is_err(), "cut short");
            prop_assert!(sealer_.open(&place, &[sealed.as_slice(), &[0]].concat()).is_err(), "made longer");
            prop_assert!(sealer_.open(&[place.as_slice(), &[0]].concat(), &sealed).is_err(), "elsewhere");
            prop_assert!(sealer("k1", 8).open(&place, &sealed).is_err(), "another key of the same name");
            prop_assert!(matches!(sealer("k2", 7).open(&place, &sealed), Err(SecretsError::UnknownKey(_))), "the same key under another name");
        }

        #[test]
        fn the_border_between_name_and_place_is_sealed_too(name in "[a-z]{1,8}", place in prop::collection::vec(any::<u8>(), 1..8)) {
            let sealed = sealer(&name, 7).seal(&place, b"x").unwrap();
            // Header and place are one text to the cipher: a byte that moves from one to the other must not go unnoticed.
            let mut longer = sealed.clone();
            longer[1] += 1;
            longer.insert(2 + name.len(), place[0]);
            prop_assert!(sealer(&name, 7).open(&place[1..], &longer).is_err());
        }

        #[test]
        fn any_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..120)) {
            prop_assert!(sealer("k1", 7).open(b"", &bytes).is_err());
            prop_assert!(key_id(&bytes).is_err() || bytes.len() >= 2 + NONCE_LEN + TAG_LEN);
        }
    }
}
