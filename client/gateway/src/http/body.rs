//! The body of a request: as long as is sensible, within a time, and JSON that says so. A form of another site's page cannot say that
//! it is JSON.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, StatusCode, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use super::refusal::Refusal;

/// Longest time a body may take to arrive.
const TIME_MAX: Duration = Duration::from_secs(10);

/// Reads a body of at most so many bytes; `hint` says what to send.
pub(crate) async fn read(body: Body, bytes_max: usize, hint: &str) -> Result<Bytes, Refusal> {
    match timeout(TIME_MAX, Limited::new(body, bytes_max).collect()).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            let message = format!("the body is longer than {bytes_max} bytes");
            Err(Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", message, hint))
        }
        Ok(Err(error)) => Err(Refusal::bad(format!("the body broke off: {error}"), "")),
        Err(_late) => {
            let message = format!("the body took longer than {} s", TIME_MAX.as_secs());
            Err(Refusal::new(StatusCode::REQUEST_TIMEOUT, "timeout", message, hint))
        }
    }
}

/// Reads a body of JSON.
pub(crate) async fn json<T: DeserializeOwned>(
    headers: &HeaderMap,
    body: Body,
    bytes_max: usize,
    hint: &str,
) -> Result<T, Refusal> {
    let of = headers.get(header::CONTENT_TYPE).and_then(|of| of.to_str().ok()).unwrap_or_default();
    if !of.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json") {
        let (status, hint) = (StatusCode::UNSUPPORTED_MEDIA_TYPE, "send Content-Type: application/json");
        return Err(Refusal::new(status, "content-type", "the body is not said to be JSON", hint));
    }
    let bytes = read(body, bytes_max, hint).await?;
    serde_json::from_slice(&bytes).map_err(|error| Refusal::bad(format!("the body cannot be read: {error}"), hint))
}
