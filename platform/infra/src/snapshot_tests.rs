//! Whatever happens to the file: it is read as it was written, or not at all.

use nexus_config::Settings;

use super::*;

const CONTENT: &[u8] = b"what was known";

fn keyring(master_key: Option<&str>) -> TenantKeyring {
    let mut secrets = Settings::development().secrets;
    if let Some(key) = master_key {
        secrets.master_key = key.into();
    }
    TenantKeyring::from_settings(&secrets).unwrap()
}

struct Place {
    folder: tempfile::TempDir,
    file: SnapshotFile,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = SnapshotFile::new(&folder.path().join("s"), &keyring(None), "test", "platform|control").unwrap();
        Self { folder, file }
    }

    fn written() -> (Self, Vec<u8>) {
        let place = Self::new();
        place.file.write(CONTENT).unwrap();
        let bytes = place.bytes();
        (place, bytes)
    }

    fn bytes(&self) -> Vec<u8> {
        std::fs::read(self.file.path()).unwrap()
    }

    fn holds(&self, bytes: &[u8]) {
        std::fs::write(self.file.path(), bytes).unwrap();
    }

    fn names(&self) -> Vec<String> {
        std::fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
    }
}

#[test]
fn what_was_written_is_read_and_lies_there_for_its_owner_alone() {
    let place = Place::new();
    assert!(place.file.read().unwrap().is_none(), "nothing was written");
    place.file.write(b"first").unwrap();
    place.file.write(CONTENT).unwrap();
    assert_eq!(place.file.read().unwrap().unwrap(), CONTENT);
    assert_eq!(std::fs::metadata(place.file.path()).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(place.names(), ["s"], "nothing is left beside it");
    assert!(!place.bytes().windows(CONTENT.len()).any(|part| part == CONTENT), "sealed");
}

#[test]
fn a_file_that_was_cut_anywhere_is_refused() {
    let (place, whole) = Place::written();
    for length in 0..whole.len() {
        place.holds(&whole[..length]);
        assert!(place.file.read().is_err(), "cut after {length} bytes");
    }
    place.holds(&[whole.as_slice(), b"x"].concat());
    assert!(place.file.read().is_err(), "one byte more");
}

#[test]
fn a_file_with_any_bit_changed_is_refused() {
    let (place, whole) = Place::written();
    for bit in 0..whole.len() * 8 {
        let mut changed = whole.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        place.holds(&changed);
        assert!(place.file.read().is_err(), "bit {bit}");
    }
}

#[test]
fn another_key_another_label_and_another_scope_do_not_open_it() {
    let (place, _) = Place::written();
    let refused = |keyring: &TenantKeyring, label: &str, scope: &str| {
        let file = SnapshotFile::new(place.file.path(), keyring, label, scope).unwrap();
        matches!(file.read(), Err(SnapshotError::Sealed(_)))
    };
    assert!(refused(&keyring(Some("MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=")), "test", "platform|control"));
    assert!(refused(&keyring(None), "other", "platform|control"));
    assert!(refused(&keyring(None), "test", "staging|control"));
    assert_eq!(place.file.read().unwrap().unwrap(), CONTENT);
}

#[test]
fn another_format_is_named() {
    let (place, whole) = Place::written();
    for version in [0, VERSION + 1] {
        let mut other = whole.clone();
        other[MAGIC.len()] = version;
        place.holds(&other);
        assert!(matches!(place.file.read(), Err(SnapshotError::Version(found)) if found == version));
    }
    place.holds(b"something else entirely");
    assert!(matches!(place.file.read(), Err(SnapshotError::Malformed)));
}

#[test]
fn a_write_that_fails_leaves_what_was_there() {
    let (place, whole) = Place::written();
    // What the temporary file would be called is taken by something that can't be replaced.
    std::fs::create_dir(place.file.unfinished()).unwrap();
    assert!(matches!(place.file.write(b"newer"), Err(SnapshotError::Io { .. })));
    assert_eq!(place.bytes(), whole);
    let nowhere = SnapshotFile::new(&place.folder.path().join("no/such/folder/s"), &keyring(None), "test", "").unwrap();
    assert!(matches!(nowhere.write(CONTENT), Err(SnapshotError::Io { .. })));
    assert!(nowhere.read().unwrap().is_none());
}

#[test]
fn what_killed_writers_left_is_removed_once_it_is_old() {
    let (place, _) = Place::written();
    for name in ["s.1.unfinished", "s.2.unfinished", "other.1.unfinished"] {
        std::fs::write(place.folder.path().join(name), b"half").unwrap();
    }
    let old = std::time::SystemTime::now() - LEFT_AFTER * 2;
    for name in ["s.1.unfinished", "other.1.unfinished", "s"] {
        OpenOptions::new().write(true).open(place.folder.path().join(name)).unwrap().set_modified(old).unwrap();
    }
    place.file.tidy();
    let mut left = place.names();
    left.sort_unstable();
    assert_eq!(left, ["other.1.unfinished", "s", "s.2.unfinished"]);
}
