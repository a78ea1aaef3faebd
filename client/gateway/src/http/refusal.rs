//! Why a request is not answered, as a sentence with what to do: `{"error": {"message": …, "hint": …}}`, and the status for programs.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use vigie::json::Object;
use vigie::{ClientError, Exit};
use vigie_proto::ErrorCode;

/// What a client that comes too often is told to wait, in seconds.
const RETRY_AFTER_S: u64 = 2;

const JSON: (HeaderName, HeaderValue) = (header::CONTENT_TYPE, HeaderValue::from_static("application/json"));

/// A request that is not answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    status: StatusCode,
    /// For programs.
    code: String,
    message: String,
    hint: String,
}

impl Refusal {
    pub(crate) fn new(status: StatusCode, code: &str, message: impl Into<String>, hint: impl Into<String>) -> Refusal {
        Refusal { status, code: code.to_owned(), message: message.into(), hint: hint.into() }
    }

    pub(crate) fn bad(message: impl Into<String>, hint: impl Into<String>) -> Refusal {
        Refusal::new(StatusCode::BAD_REQUEST, "bad-request", message, hint)
    }

    pub(crate) fn forbidden(message: impl Into<String>, hint: impl Into<String>) -> Refusal {
        Refusal::new(StatusCode::FORBIDDEN, "forbidden", message, hint)
    }

    pub(crate) fn busy(message: impl Into<String>) -> Refusal {
        Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "busy", message, "try again in a moment")
    }

    pub(crate) fn path() -> Refusal {
        let hint = "there are /, /health, /metrics, /mcp and, below it, index/stream, events, jobs, projects, activity, search, tools/list";
        Refusal::new(StatusCode::NOT_FOUND, "no-such-path", "there is nothing at this path", hint)
    }

    pub(crate) fn method() -> Refusal {
        let hint = "what starts or cancels something is asked for with POST, everything else with GET";
        Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "method", "this path does not answer to that method", hint)
    }

    /// What is said of it.
    pub(crate) fn body(&self) -> String {
        let error =
            Object::part().string("code", &self.code).string("message", &self.message).string("hint", &self.hint);
        Object::part().object("error", Some(error)).finish() + "\n"
    }

    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    pub(crate) fn code(&self) -> &str {
        &self.code
    }

    pub(crate) fn hint(&self) -> &str {
        &self.hint
    }
}

impl From<ClientError> for Refusal {
    fn from(error: ClientError) -> Refusal {
        let hint = error.hint();
        let message = error.to_string();
        match error.code() {
            Some(code) => Refusal::new(status(code), code.name(), message, hint),
            None => {
                let exit = Exit::of(&error);
                let status = match exit {
                    Exit::Unreachable | Exit::Busy => StatusCode::SERVICE_UNAVAILABLE,
                    _ => StatusCode::BAD_GATEWAY,
                };
                Refusal::new(status, exit.name(), message, hint)
            }
        }
    }
}

/// The status for a failure of the daemon; a code that is not known here is an error of its own.
fn status(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::NO_SUCH_PATH | ErrorCode::NO_SUCH_JOB | ErrorCode::NOT_INDEXED => StatusCode::NOT_FOUND,
        ErrorCode::ROOT_REFUSED | ErrorCode::PERMISSION => StatusCode::FORBIDDEN,
        ErrorCode::BAD_ARGUMENT | ErrorCode::BAD_PATTERN | ErrorCode::NOT_A_DIRECTORY => StatusCode::BAD_REQUEST,
        ErrorCode::UNIMPLEMENTED => StatusCode::NOT_IMPLEMENTED,
        ErrorCode::BUSY | ErrorCode::STORAGE_SWITCHING | ErrorCode::UNAVAILABLE => StatusCode::SERVICE_UNAVAILABLE,
        ErrorCode::DEADLINE => StatusCode::GATEWAY_TIMEOUT,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = (self.status, [JSON], self.body()).into_response();
        let headers = response.headers_mut();
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, RETRY_AFTER_S.into());
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"vigie\""));
        }
        response
    }
}

/// An answer of one object.
pub(crate) fn json(object: Object) -> Response {
    ([JSON], object.finish() + "\n").into_response()
}
