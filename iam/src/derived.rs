//! Bearer tokens that are derived and never stored: an id, a generation, and an HMAC over both.
//!
//! Refresh tokens, links in mails and the capability of a running sign-up all have this form. Because a token is a function of its row's id, a retried request can
//! be given the same token again, a mail can be sent twice, and a stolen database holds nothing to present.
//!
//! A token of one purpose is worthless for another: the purpose is part of what is signed. Not here: expiry, rotation and use-once, which are columns of the row.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

/// What a token is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Refreshing a person's session.
    Refresh,
    /// Refreshing an operator's session.
    OperatorRefresh,
    /// Proving an e-mail address.
    VerifyEmail,
    /// Setting a new password.
    ResetPassword,
    /// Watching one operation, such as a sign-up.
    OperationCapability,
    /// Following an invitation to an organization.
    Invitation,
}

impl Purpose {
    /// Starts every token of this purpose, so that scanners and people recognise it.
    fn prefix(self) -> &'static str {
        match self {
            Self::Refresh => "nxr_",
            Self::OperatorRefresh => "nxo_",
            Self::VerifyEmail => "nxv_",
            Self::ResetPassword => "nxp_",
            Self::OperationCapability => "nxc_",
            Self::Invitation => "nxi_",
        }
    }
}

/// Bytes before the MAC: the id and the generation.
const BODY: usize = 20;
const MAC: usize = 32;

/// Mints and opens derived tokens under one secret key.
#[derive(Clone)]
pub struct DerivedTokens {
    key: hmac::Key,
    /// Opens tokens from before a change of the master key.
    previous: Option<hmac::Key>,
}

impl std::fmt::Debug for DerivedTokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DerivedTokens(…)")
    }
}

impl DerivedTokens {
    /// A minter under `key` (32 bytes of a sub key that nothing else uses).
    pub fn new(key: &[u8]) -> Self {
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, key), previous: None }
    }

    /// Opens what `key` made, too.
    #[must_use]
    pub fn and_previous(self, key: Option<&[u8]>) -> Self {
        Self { previous: key.map(|key| hmac::Key::new(hmac::HMAC_SHA256, key)), ..self }
    }

    /// The token of `id` in its `generation`. Always the same for the same input.
    pub fn mint(&self, purpose: Purpose, id: Uuid, generation: u32) -> String {
        let mut bytes = Vec::with_capacity(BODY + MAC);
        bytes.extend_from_slice(id.as_bytes());
        bytes.extend_from_slice(&generation.to_be_bytes());
        let mac = self.sign(purpose, &bytes);
        bytes.extend_from_slice(mac.as_ref());
        format!("{}{}", purpose.prefix(), URL_SAFE_NO_PAD.encode(bytes))
    }

    /// Id and generation of a token, when it is one of ours for this purpose. Compares in constant time.
    pub fn open(&self, purpose: Purpose, token: &str) -> Option<(Uuid, u32)> {
        let bytes = URL_SAFE_NO_PAD.decode(token.strip_prefix(purpose.prefix())?).ok()?;
        let (body, mac) = bytes.split_at_checked(BODY)?;
        let message = Self::message(purpose, body);
        std::iter::once(&self.key).chain(&self.previous).find(|key| hmac::verify(key, &message, mac).is_ok())?;
        let (id, generation) = body.split_at(16);
        Some((Uuid::from_slice(id).ok()?, u32::from_be_bytes(generation.try_into().ok()?)))
    }

    /// A keyed digest of something personal (an address), for counters and logs that must not carry it. 32 hex digits.
    pub fn blind(&self, text: &str) -> String {
        let tag = hmac::sign(&self.key, format!("blind|{text}").as_bytes());
        hex::encode(&tag.as_ref()[..16])
    }

    fn sign(&self, purpose: Purpose, body: &[u8]) -> hmac::Tag {
        hmac::sign(&self.key, &Self::message(purpose, body))
    }

    fn message(purpose: Purpose, body: &[u8]) -> Vec<u8> {
        [purpose.prefix().as_bytes(), body].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_opens_for_its_own_purpose_only() {
        let tokens = DerivedTokens::new(&[7; 32]);
        let id = Uuid::from_u128(42);
        let token = tokens.mint(Purpose::Refresh, id, 3);
        assert_eq!(token, tokens.mint(Purpose::Refresh, id, 3), "derived, so always the same");
        assert_eq!(tokens.open(Purpose::Refresh, &token), Some((id, 3)));
        let elsewhere = token.replace("nxr_", "nxo_");
        assert_eq!(tokens.open(Purpose::OperatorRefresh, &elsewhere), None);
        assert_eq!(DerivedTokens::new(&[8; 32]).open(Purpose::Refresh, &token), None, "another key");
        let changed = DerivedTokens::new(&[8; 32]).and_previous(Some(&[7; 32]));
        assert_eq!(changed.open(Purpose::Refresh, &token), Some((id, 3)), "the key before");
        assert_ne!(changed.mint(Purpose::Refresh, id, 3), token);
    }

    #[test]
    fn an_altered_or_cut_token_does_not_open() {
        let tokens = DerivedTokens::new(&[7; 32]);
        let token = tokens.mint(Purpose::Refresh, Uuid::from_u128(42), 3);
        for end in 0..token.len() {
            assert_eq!(tokens.open(Purpose::Refresh, &token[..end]), None);
        }
        for position in 4..token.len() {
            let mut letters: Vec<char> = token.chars().collect();
            letters[position] = if letters[position] == 'A' { 'B' } else { 'A' };
            let altered: String = letters.into_iter().collect();
            assert_eq!(tokens.open(Purpose::Refresh, &altered), None, "letter {position}");
        }
    }
}
