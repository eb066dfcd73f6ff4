//! A first pass over a JSON text, before it becomes a type: syntax to the very end, no key twice in one object, no deep
//! nesting, no NUL characters (Postgres can't store them).

use std::cell::RefCell;
use std::collections::HashSet;
use std::fmt;

use nexus_core::FieldFault;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// Greatest depth of objects and arrays.
const MAX_DEPTH: usize = 32;

/// NUL characters found, by path.
///
/// # Errors
/// The fault that makes the text malformed.
pub(super) fn scan(bytes: &[u8]) -> Result<Vec<FieldFault>, FieldFault> {
    let found = Found::default();
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let done = Node { path: &Path::Root, depth: 0, found: &found }.deserialize(&mut json).and_then(|()| json.end());
    match done {
        Ok(()) => Ok(found.nul.into_inner()),
        Err(error) => Err(found.fatal.into_inner().unwrap_or_else(|| syntax(&error))),
    }
}

fn syntax(error: &serde_json::Error) -> FieldFault {
    FieldFault::new("", "syntax", format!("the body is not valid JSON: {error}"))
}

#[derive(Default)]
struct Found {
    nul: RefCell<Vec<FieldFault>>,
    fatal: RefCell<Option<FieldFault>>,
}

enum Path<'p> {
    Root,
    Key(&'p Path<'p>, &'p str),
    Index(&'p Path<'p>, usize),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Key(Path::Root, key) => write!(f, "{}", short(key)),
            Self::Key(parent, key) => write!(f, "{parent}.{}", short(key)),
            Self::Index(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

fn short(key: &str) -> String {
    key.chars().filter(|letter| !letter.is_control()).take(60).collect()
}

#[derive(Clone, Copy)]
struct Node<'n> {
    path: &'n Path<'n>,
    depth: usize,
    found: &'n Found,
}

impl Node<'_> {
    fn text<E>(self, text: &str) -> Result<(), E> {
        if text.contains('\0') {
            self.found.nul.borrow_mut().push(FieldFault::new(self.path.to_string(), "characters", "must not contain NUL characters"));
        }
        Ok(())
    }

    fn fail<E: Error>(self, path: &Path<'_>, code: &str, message: String) -> E {
        let error = E::custom(&message);
        *self.found.fatal.borrow_mut() = Some(FieldFault::new(path.to_string(), code, message));
        error
    }

    fn deeper<E: Error>(self) -> Result<usize, E> {
        if self.depth >= MAX_DEPTH {
            return Err(self.fail(self.path, "too_deep", format!("is nested deeper than {MAX_DEPTH} levels")));
        }
        Ok(self.depth + 1)
    }
}

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.text(text)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let depth = self.deeper()?;
        let mut index = 0;
        while seq.next_element_seed(Node { path: &Path::Index(self.path, index), depth, found: self.found })?.is_some() {
            index += 1;
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let depth = self.deeper()?;
        let mut seen: HashSet<String> = HashSet::new();
        while let Some(key) = map.next_key::<String>()? {
            let path = Path::Key(self.path, &key);
            let node = Node { path: &path, depth, found: self.found };
            if seen.contains(&key) {
                return Err(node.fail(&path, "repeated", "is given twice in one object".to_owned()));
            }
            node.text(&key)?;
            map.next_value_seed(node)?;
            seen.insert(key);
        }
        Ok(())
    }
}
