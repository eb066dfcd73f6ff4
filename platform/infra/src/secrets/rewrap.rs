//! What sealing records anew came to.

use serde::Serialize;

/// Records looked at, by what became of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Rewrapped {
    /// Now under the current key.
    pub rewrapped: u64,
    /// Were under the current key already.
    pub current: u64,
    /// Do not open with the keys of the settings; left as they are.
    pub failed: u64,
}

impl std::ops::AddAssign for Rewrapped {
    fn add_assign(&mut self, other: Self) {
        self.rewrapped += other.rewrapped;
        self.current += other.current;
        self.failed += other.failed;
    }
}
