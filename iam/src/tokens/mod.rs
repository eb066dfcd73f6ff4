//! Access tokens: ES256 JWTs that every process verifies offline.
//!
//! - [`TokenSigner`] (control plane only) holds the private keys; two keys are live so that a rotation never invalidates a token.
//! - [`TokenVerifier`] needs nothing but the JWKS and the revocations, both read from views of the control database and kept in memory, so that tokens go on
//!   working while the control plane is away.
//! - `exp iss aud sub` are required, and `typ`, `tid`, the algorithm and the audience are checked here, because the JWT library passes tokens that lack them.
//! - No e-mail address and no name is ever in an access token.
//!
//! Not here: refresh tokens and their families (`sessions`), and what the bearer may do (`policy`).

mod claims;
mod keys;
mod revocations;
mod signer;
mod verifier;

pub use claims::{Audience, Claims, InvitationClaim, TOKEN_TYPE, TokenError};
pub use keys::{Jwk, KeyState, SigningKey, SigningKeys};
pub use revocations::{REVOCATION_CHANNEL, Revocation, RevocationSource, Revocations};
pub use signer::{Issued, NewToken, TokenPolicy, TokenSigner};
pub use verifier::{JwksSource, TokenVerifier};
