//! Bodies: bincode with little-endian, fixed-width integers and a limit. This is the one file that names bincode, because
//! the crate is unmaintained and pinned: what replaces it one day replaces this file.

use serde::{Serialize, de::DeserializeOwned};

use crate::SERVER_BODY_BYTES_MAX;
use crate::frame::{FLAG_FIN, HEADER_BYTES, Header};
use crate::kind::Message;

/// Without a limit a message of twelve bytes could claim a string of terabytes and abort the process.
fn config() -> impl bincode::config::Config {
    bincode::config::legacy().with_limit::<{ SERVER_BODY_BYTES_MAX as usize }>()
}

/// What is wrong with a body, in words; never any of its content, because errors are logged.
fn reason(error: &bincode::error::DecodeError) -> String {
    use bincode::error::DecodeError;
    match error {
        DecodeError::UnexpectedEnd { .. } => "it ends too early, or a length in it is wrong".to_owned(),
        DecodeError::LimitExceeded | DecodeError::OutsideUsizeRange(_) => {
            "a length in it is larger than any body".to_owned()
        }
        DecodeError::Utf8 { .. } => "a string in it is not UTF-8".to_owned(),
        DecodeError::InvalidBooleanValue(_) => "a bool in it is neither 0 nor 1".to_owned(),
        DecodeError::UnexpectedVariant { .. } => "an option tag in it is neither 0 nor 1".to_owned(),
        other => other.to_string(),
    }
}

/// Why a body could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum CodecError {
    /// The message is larger than any frame may be, or holds something that has no encoding.
    #[error("message cannot be encoded: {0}")]
    Encode(String),
    /// The body is not what its kind says.
    #[error("body is not a valid {kind}: {reason}")]
    Decode {
        /// Name of the message expected.
        kind: &'static str,
        /// What is wrong with the bytes.
        reason: String,
    },
}

/// Encodes a body.
pub fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, CodecError> {
    bincode::serde::encode_to_vec(value, config()).map_err(|e| CodecError::Encode(e.to_string()))
}

/// Decodes a body. Bytes after the struct are ignored: they are a newer version's fields.
pub fn decode<T: DeserializeOwned + Message>(body: &[u8]) -> Result<T, CodecError> {
    match bincode::serde::decode_from_slice::<T, _>(body, config()) {
        Ok((value, _)) => Ok(value),
        Err(e) => Err(CodecError::Decode { kind: T::NAME, reason: reason(&e) }),
    }
}

/// One whole frame, header and body, ready for the socket. An error if the body is longer than its sender may send.
pub fn frame_bytes<T: Message>(id: u64, fin: bool, message: &T) -> Result<Vec<u8>, CodecError> {
    let body = encode(message)?;
    let body_bytes = u32::try_from(body.len())
        .ok()
        .filter(|n| *n <= T::SENDER.body_bytes_max())
        .ok_or_else(|| CodecError::Encode(format!("{} bytes are more than a frame holds", body.len())))?;
    let flags = T::FLAGS | if fin { FLAG_FIN } else { 0 };
    let header = Header { body_bytes, kind: T::KIND, flags, rev: T::REV, id };
    let mut out = Vec::with_capacity(HEADER_BYTES + body.len());
    out.extend_from_slice(&header.encode());
    out.extend_from_slice(&body);
    Ok(out)
}
