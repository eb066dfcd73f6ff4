//! How many files and sockets the process may have open, and how many of them clients may take.
//!
//! A server that accepts until nothing is left can open no connection to its database either: then idle clients stop everybody.

use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// Each takes some memory, too: where the system allows a million files, clients don't get them unless the settings say so.
const USUAL: usize = 16_384;
/// Where the system does not say.
const UNKNOWN: u64 = 1024;

/// Raises the limit to what the system allows this process, and answers how many client connections fit below it: three quarters, and no more than usual.
pub fn client_connections() -> usize {
    let limit = match getrlimit(Resource::RLIMIT_NOFILE) {
        Ok((soft, hard)) if soft < hard && setrlimit(Resource::RLIMIT_NOFILE, hard, hard).is_ok() => hard,
        Ok((soft, _)) => soft,
        Err(_) => UNKNOWN,
    };
    usize::try_from(limit / 4 * 3).unwrap_or(usize::MAX).min(USUAL)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_raised_as_far_as_it_goes_and_clients_leave_some() {
        let fit = client_connections();
        let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
        assert_eq!(soft, hard);
        assert!(fit > 0 && u64::try_from(fit).unwrap() < soft, "{fit} of {soft}");
    }
}
