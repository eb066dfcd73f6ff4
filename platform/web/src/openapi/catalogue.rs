//! Which codes there are: those that every operation may answer, and those of one slice.

use std::collections::BTreeMap;

use nexus_core::ErrorCode;
use nexus_core::error::BASE_CODES;

use super::errors;
use crate::error::WEB_CODES;
use crate::slice::Slice;

type ByStatus = BTreeMap<u16, BTreeMap<&'static str, ErrorCode>>;

/// Every code, by who answers it and with which status.
pub(super) struct Catalogue {
    everywhere: ByStatus,
    slices: BTreeMap<&'static str, ByStatus>,
}

impl Catalogue {
    /// Base codes, the HTTP layer's and the slices'.
    ///
    /// # Errors
    /// A code that is not upper snake case, is no error, or is declared with two statuses.
    pub(super) fn of<'a>(slices: impl Iterator<Item = &'a Slice>) -> Result<Self, Vec<String>> {
        let mut catalogue = Self { everywhere: ByStatus::new(), slices: BTreeMap::new() };
        for code in BASE_CODES.iter().chain(WEB_CODES) {
            insert(&mut catalogue.everywhere, code);
        }
        for slice in slices {
            let of_slice = catalogue.slices.entry(slice.name()).or_default();
            for code in slice.own_codes() {
                insert(of_slice, code);
            }
        }
        let mut faults = Vec::new();
        let mut statuses: BTreeMap<&str, u16> = BTreeMap::new();
        for code in catalogue.declared() {
            if !code.code.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_') {
                faults.push(format!("error code `{}` is not upper snake case", code.code));
            }
            if !(400..=599).contains(&code.status) {
                faults.push(format!("error code `{}` has status {}", code.code, code.status));
            }
            let known = *statuses.entry(code.code).or_insert(code.status);
            if known != code.status {
                faults.push(format!("error code `{}` is declared with status {known} and {}", code.code, code.status));
            }
        }
        if faults.is_empty() { Ok(catalogue) } else { Err(faults) }
    }

    fn declared(&self) -> impl Iterator<Item = &ErrorCode> {
        std::iter::once(&self.everywhere).chain(self.slices.values()).flat_map(BTreeMap::values).flat_map(BTreeMap::values)
    }

    /// Every code once, by status and name.
    pub(super) fn all(&self) -> Vec<ErrorCode> {
        let mut all = ByStatus::new();
        self.declared().for_each(|code| insert(&mut all, code));
        all.values().flat_map(BTreeMap::values).copied().collect()
    }

    /// What an operation of `slice` may answer with this status.
    pub(super) fn codes(&self, slice: Option<&str>, status: u16) -> Vec<ErrorCode> {
        let mut codes = self.everywhere.get(&status).cloned().unwrap_or_default();
        codes.extend(self.own(slice, status).into_iter().flatten().map(|(name, code)| (*name, *code)));
        codes.into_values().collect()
    }

    /// Name of the answer that such operations share: the slice's where it has codes of this status, else everybody's.
    pub(super) fn response_name(&self, slice: Option<&str>, status: u16) -> String {
        let name = errors::response_name(status);
        match slice.filter(|_| self.own(slice, status).is_some()) {
            Some(slice) => format!("{slice}.{name}"),
            None => name,
        }
    }

    /// The shared answers: name, status, codes.
    pub(super) fn responses(&self) -> Vec<(String, u16, Vec<ErrorCode>)> {
        let of_slices = self.slices.iter().flat_map(|(slice, statuses)| statuses.keys().map(move |status| (Some(*slice), *status)));
        self.everywhere
            .keys()
            .map(|status| (None, *status))
            .chain(of_slices)
            .map(|(slice, status)| (self.response_name(slice, status), status, self.codes(slice, status)))
            .collect()
    }

    fn own(&self, slice: Option<&str>, status: u16) -> Option<&BTreeMap<&'static str, ErrorCode>> {
        self.slices.get(slice?)?.get(&status)
    }
}

fn insert(into: &mut ByStatus, code: &ErrorCode) {
    into.entry(code.status).or_default().insert(code.code, *code);
}
