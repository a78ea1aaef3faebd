//! The token that whoever comes from elsewhere must bear. It is kept in a file of the user's own, so that it stands neither in a
//! command line nor in the environment.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use subtle::ConstantTimeEq;

/// A shorter one could be found by trying.
const BYTES_MIN: usize = 16;
/// Far more than anybody writes by hand or by program.
const BYTES_MAX: usize = 4096;

/// A token.
pub struct Token(String);

/// Nobody shall find it in a log.
impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

/// Why a file holds no token.
#[derive(Debug)]
pub enum TokenError {
    /// It cannot be read.
    Read(PathBuf, io::Error),
    /// Others can read it, or it is somebody else's.
    Open(PathBuf, String),
    /// What it holds is no token.
    Content(PathBuf, String),
}

impl std::fmt::Display for TokenError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            TokenError::Read(path, error) => write!(f, "cannot read the token in {}: {error}", path.display()),
            TokenError::Open(path, why) => write!(f, "the token in {} is no secret: {why}", path.display()),
            TokenError::Content(path, why) => write!(f, "{} holds no token: {why}", path.display()),
        }
    }
}

impl TokenError {
    /// What to do about it.
    pub fn hint(&self) -> String {
        let path = match self {
            TokenError::Read(path, _) | TokenError::Content(path, _) => path,
            TokenError::Open(path, _) => return format!("`chmod 600 {}`", path.display()),
        };
        format!("`(umask 077 && head -c 24 /dev/urandom | base64 >{})` makes one", path.display())
    }
}

impl Token {
    /// Reads the token in a file of ours that nobody else can read.
    pub fn read(path: &Path, uid: u32) -> Result<Token, TokenError> {
        let unread = |error| TokenError::Read(path.to_owned(), error);
        let file = File::open(path).map_err(unread)?;
        let meta = file.metadata().map_err(unread)?;
        if !meta.is_file() {
            return Err(TokenError::Content(path.to_owned(), "it is no regular file".to_owned()));
        }
        if meta.uid() != uid {
            return Err(TokenError::Open(path.to_owned(), format!("the file belongs to user {}", meta.uid())));
        }
        if meta.mode() & 0o077 != 0 {
            let mode = meta.mode() & 0o777;
            return Err(TokenError::Open(path.to_owned(), format!("others may read the file (mode {mode:03o})")));
        }
        let mut text = String::new();
        file.take(BYTES_MAX as u64 + 1).read_to_string(&mut text).map_err(unread)?;
        let token = text.trim();
        let wrong = |why: String| TokenError::Content(path.to_owned(), why);
        if !(BYTES_MIN..=BYTES_MAX).contains(&token.len()) {
            return Err(wrong(format!("it has {} bytes, and {BYTES_MIN} is the least", token.len())));
        }
        if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(wrong("a token is one word of printable ASCII".to_owned()));
        }
        Ok(Token(token.to_owned()))
    }

    /// Whether this is the token; how long that takes tells nothing about it but its length.
    pub(crate) fn is(&self, other: &str) -> bool {
        is_same(&self.0, other)
    }
}

pub(crate) fn is_same(a: &str, b: &str) -> bool {
    a.as_bytes().ct_eq(b.as_bytes()).into()
}

/// A word that nobody can guess.
pub(crate) fn random_word() -> io::Result<String> {
    let mut bytes = [0; 24];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(HEXLOWER.encode(&bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_token_is_a_secret_word_of_ours() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("token");
        let uid = fs::metadata(dir.path()).unwrap().uid();
        let write = |text: &str, mode: u32| {
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            Token::read(&path, uid)
        };
        let token = write("0123456789abcdef\n", 0o600).unwrap();
        assert!(token.is("0123456789abcdef") && !token.is("0123456789abcdeF") && !token.is(""));
        assert_eq!(format!("{token:?}"), "Token(…)");
        assert!(matches!(write("0123456789abcdef", 0o640), Err(TokenError::Open(..))));
        assert!(matches!(write("short", 0o600), Err(TokenError::Content(..))));
        assert!(matches!(write("two words that are long", 0o600), Err(TokenError::Content(..))));
        assert!(matches!(Token::read(&path, uid + 1), Err(TokenError::Open(..))));
        assert!(matches!(Token::read(dir.path(), uid), Err(TokenError::Content(..) | TokenError::Read(..))));
        assert!(matches!(Token::read(&dir.path().join("none"), uid), Err(TokenError::Read(..))));
    }

    #[test]
    fn words_differ() {
        assert_ne!(random_word().unwrap(), random_word().unwrap());
    }
}
