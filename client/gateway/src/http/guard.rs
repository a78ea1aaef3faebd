//! Who is let through. A page of any site can have a browser send requests here, and by a name of its own that it has point here
//! (DNS rebinding) even read the answers; any process on this machine can connect. So a request must name this server as its host,
//! come from no other site's page, and either be of this user's own or bear the token.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;
use std::sync::Arc;

use axum::extract::{Extension, Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::peer::Peer;
use super::refusal::Refusal;
use super::token::{Token, is_same};

/// Where a page begins; the only place to which other pages may link.
const PAGE: &str = "/";

const SEC_FETCH_SITE: &str = "sec-fetch-site";
const SEC_FETCH_MODE: &str = "sec-fetch-mode";

/// What requests are held against.
#[derive(Debug)]
pub(crate) struct Guard {
    local: SocketAddr,
    token: Option<Token>,
    /// What the page's cookie holds; of this life of the gateway only.
    session: String,
}

impl Guard {
    pub(crate) fn new(local: SocketAddr, token: Option<Token>, session: String) -> Guard {
        Guard { local, token, session }
    }

    /// The cookie for a page that was opened with the token. Cookies do not tell ports apart, so its name does.
    pub(crate) fn cookie(&self) -> String {
        format!("{}={}; Path=/; HttpOnly; SameSite=Strict", self.cookie_name(), self.session)
    }

    fn cookie_name(&self) -> String {
        format!("vigie-{}", self.local.port())
    }

    /// Whether a page is opened with the token in its address.
    pub(crate) fn opens(&self, query: Option<&str>) -> bool {
        let given = query.into_iter().flat_map(|query| query.split('&')).find_map(|pair| pair.strip_prefix("token="));
        match (&self.token, given) {
            (Some(token), Some(given)) => token.is(&decoded(given)),
            _ => false,
        }
    }

    fn check(&self, peer: Peer, request: &Request) -> Result<(), Refusal> {
        let headers = request.headers();
        let has_token = match &self.token {
            Some(token) if peer != Peer::Unix => {
                self.check_token(token, request)?;
                true
            }
            _ => {
                check_peer(peer)?;
                false
            }
        };
        let host = self.check_host(peer, has_token, request)?;
        check_origin(&host, has_token, headers)?;
        check_site(request)
    }

    fn check_token(&self, token: &Token, request: &Request) -> Result<(), Refusal> {
        let bearer = text(request.headers(), header::AUTHORIZATION.as_str()).and_then(|value| {
            let (scheme, word) = value.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then(|| word.trim())
        });
        let cookies = request.headers().get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let name = self.cookie_name();
        let cookie = cookies
            .flat_map(|cookies| cookies.split(';'))
            .find_map(|cookie| cookie.trim().strip_prefix(&name)?.strip_prefix('='));
        let is_page = request.method() == Method::GET && request.uri().path() == PAGE;
        let passes = match (bearer, cookie) {
            (Some(word), _) => token.is(word),
            (None, Some(word)) if is_same(word, &self.session) => true,
            (None, _) => is_page && self.opens(request.uri().query()),
        };
        if passes {
            return Ok(());
        }
        let hint = "send `Authorization: Bearer TOKEN`, or open the page as /?token=TOKEN";
        Err(Refusal::new(StatusCode::UNAUTHORIZED, "unauthorized", "this gateway wants its token", hint))
    }

    /// The host that the request names, if it is this server.
    fn check_host(&self, peer: Peer, has_token: bool, request: &Request) -> Result<Authority, Refusal> {
        let mut named = request.headers().get_all(header::HOST).iter();
        let host = match (named.next(), named.next()) {
            (Some(host), None) => host.to_str().ok().and_then(|host| Authority::from_str(host).ok()),
            _ => None,
        };
        let Some(host) = host else {
            return Err(Refusal::bad("the request names no host", "send one Host header"));
        };
        // A name that an attacker owns can point here, and his page cannot know the token; no browser reaches a Unix socket.
        let any = has_token || peer == Peer::Unix;
        let target = request.uri().authority();
        if any || [Some(&host), target].into_iter().flatten().all(|host| self.is_here(host)) {
            return Ok(host);
        }
        let hint = format!("open http://localhost:{}", self.local.port());
        Err(Refusal::forbidden("this gateway is not the host that the request names", hint))
    }

    fn is_here(&self, host: &Authority) -> bool {
        let name = host.host();
        let is_ours = match IpAddr::from_str(name.trim_start_matches('[').trim_end_matches(']')) {
            Ok(ip) => ip.to_canonical().is_loopback() || ip == self.local.ip(),
            Err(_) => name.eq_ignore_ascii_case("localhost"),
        };
        is_ours && host.port_u16().unwrap_or(80) == self.local.port()
    }
}

fn check_peer(peer: Peer) -> Result<(), Refusal> {
    let hint = "have the gateway's owner start it with --token-file, and send the token";
    match peer {
        Peer::Unix | Peer::Ours => Ok(()),
        Peer::Theirs(uid) => {
            Err(Refusal::forbidden(format!("this gateway answers its own user only, and not user {uid}"), hint))
        }
        Peer::Unknown => Err(Refusal::forbidden("the system does not say which user this connection is of", hint)),
        Peer::Remote => Err(Refusal::forbidden("this gateway answers programs on its own machine only", hint)),
    }
}

/// A browser says from which page a request is; what is none sends no `Origin`.
fn check_origin(host: &Authority, has_token: bool, headers: &HeaderMap) -> Result<(), Refusal> {
    let mut origins = headers.get_all(header::ORIGIN).iter();
    let is_same = |origin: &HeaderValue| {
        let Some((scheme, authority)) = origin.to_str().ok().and_then(|origin| origin.split_once("://")) else {
            return false;
        };
        // With a token there may be a proxy in between that speaks TLS.
        let is_http = scheme == "http" || (scheme == "https" && has_token);
        is_http && authority.eq_ignore_ascii_case(host.as_str())
    };
    if origins.all(is_same) {
        return Ok(());
    }
    Err(Refusal::forbidden(
        "pages of other sites are not answered",
        "there is no CORS: only the gateway's own page may ask",
    ))
}

/// Requests without an `Origin`, as of an image, are told by `Sec-Fetch-Site`. A link to the page itself may stand anywhere.
fn check_site(request: &Request) -> Result<(), Refusal> {
    let headers = request.headers();
    let is_link = || text(headers, SEC_FETCH_MODE) == Some("navigate") && request.method() == Method::GET;
    match text(headers, SEC_FETCH_SITE) {
        None | Some("same-origin" | "none") => Ok(()),
        Some(_) if is_link() && request.uri().path() == PAGE => Ok(()),
        Some(_) => Err(Refusal::forbidden("pages of other sites are not answered", "open the gateway's own page")),
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// A value of a query, of which `%2B` and the like are decoded.
fn decoded(value: &str) -> String {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let [first, tail @ ..] = rest {
        let escaped = || {
            let [high, low, rest @ ..] = tail else { return None };
            let digit = |byte: u8| char::from(byte).to_digit(16);
            Some((u8::try_from(digit(*high)? * 16 + digit(*low)?).ok()?, rest))
        };
        match (first, escaped()) {
            (b'%', Some((byte, after))) => {
                bytes.push(byte);
                rest = after;
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What each answer says to browsers: nobody else may show it, guess what it is, or keep it.
const ANSWERS: [(HeaderName, HeaderValue); 4] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
];

/// Lets a request through, or says why not.
pub(crate) async fn check(
    State(guard): State<Arc<Guard>>,
    Extension(peer): Extension<Peer>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = match guard.check(peer, &request) {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    };
    let headers = response.headers_mut();
    for (name, value) in ANSWERS {
        headers.insert(name, value);
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    const SECRET: &str = "0123456789abcdef";

    fn guard(token: bool) -> Guard {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("token");
        std::fs::write(&path, SECRET).unwrap();
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        let token = token.then(|| Token::read(&path, vigie::Environment::current().uid).unwrap());
        Guard::new(SocketAddr::from(([127, 0, 0, 1], 3000)), token, "the-session".to_owned())
    }

    #[track_caller]
    fn status(guard: &Guard, peer: Peer, method: &str, target: &str, headers: &[(&str, &str)]) -> u16 {
        let mut request = Request::builder().method(method).uri(target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        match guard.check(peer, &request.body(Body::empty()).unwrap()) {
            Ok(()) => 200,
            Err(refusal) => refusal.into_response().status().as_u16(),
        }
    }

    #[test]
    fn a_request_names_this_host() {
        let guard = guard(false);
        let host = |host: &str| status(&guard, Peer::Ours, "GET", "/mcp/jobs", &[("host", host)]);
        for good in ["localhost:3000", "LOCALHOST:3000", "127.0.0.1:3000", "127.1.2.3:3000", "[::1]:3000"] {
            assert_eq!(host(good), 200, "{good}");
        }
        for bad in ["evil.example:3000", "localhost", "localhost:3001", "127.0.0.1.evil.example:3000", "10.0.0.1:3000"]
        {
            assert_eq!(host(bad), 403, "{bad}");
        }
        assert_eq!(status(&guard, Peer::Ours, "GET", "/", &[]), 400);
        let two = [("host", "localhost:3000"), ("host", "evil.example")];
        assert_eq!(status(&guard, Peer::Ours, "GET", "/", &two), 400);
        let through = [("host", "localhost:3000")];
        assert_eq!(status(&guard, Peer::Ours, "GET", "http://evil.example/", &through), 403);
        assert_eq!(status(&guard, Peer::Unix, "GET", "/", &[("host", "anything")]), 200);
    }

    #[test]
    fn pages_of_other_sites_are_refused() {
        let guard = guard(false);
        let with = |name, value| {
            status(&guard, Peer::Ours, "POST", "/mcp/index/stream", &[("host", "localhost:3000"), (name, value)])
        };
        assert_eq!(with("origin", "http://localhost:3000"), 200);
        for origin in
            ["null", "http://evil.example", "http://localhost:3001", "https://localhost:3000", "localhost:3000"]
        {
            assert_eq!(with("origin", origin), 403, "{origin}");
        }
        assert_eq!(with("sec-fetch-site", "same-origin"), 200);
        assert_eq!(with("sec-fetch-site", "cross-site"), 403);
        assert_eq!(with("sec-fetch-site", "same-site"), 403, "another port of this machine is another site here");
        let linked = |target| {
            let headers =
                [("host", "localhost:3000"), ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")];
            status(&guard, Peer::Ours, "GET", target, &headers)
        };
        assert_eq!((linked("/"), linked("/mcp/jobs")), (200, 403));
    }

    #[test]
    fn p10_only_processes_of_this_user_are_answered_without_a_token() {
        let guard = guard(false);
        let peer = |peer| status(&guard, peer, "GET", "/health", &[("host", "localhost:3000")]);
        assert_eq!((peer(Peer::Ours), peer(Peer::Unix)), (200, 200));
        assert_eq!((peer(Peer::Theirs(0)), peer(Peer::Unknown), peer(Peer::Remote)), (403, 403, 403));
    }

    #[test]
    fn with_a_token_everybody_over_tcp_bears_it() {
        let guard = guard(true);
        let host = ("host", "build.example:3000");
        let with = |target: &str, headers: &[(&str, &str)]| {
            status(&guard, Peer::Remote, "GET", target, &[&[host], headers].concat())
        };
        assert_eq!(with("/health", &[]), 401);
        assert_eq!(status(&guard, Peer::Ours, "GET", "/health", &[host]), 401, "also what seems to be of this machine");
        assert_eq!(status(&guard, Peer::Unix, "GET", "/health", &[host]), 200);
        let right = format!("Bearer {SECRET}");
        assert_eq!(with("/health", &[("authorization", &right)]), 200);
        assert_eq!(with("/health", &[("authorization", "Bearer 0123456789abcdeF")]), 401);
        assert_eq!(with("/health", &[("authorization", SECRET)]), 401);
        assert_eq!(with("/health", &[("cookie", "a=b; vigie-3000=the-session")]), 200);
        assert_eq!(with("/health", &[("cookie", "vigie-3001=the-session")]), 401);
        assert_eq!(with("/health", &[("cookie", "vigie-3000=")]), 401);
        assert_eq!(with("/?token=0123456789abcde%66", &[]), 200);
        assert_eq!(with("/?token=no", &[]), 401);
        assert_eq!(
            with("/health?token=0123456789abcdef", &[]),
            401,
            "an address may be written down, so only the page's"
        );
        assert_eq!(with("/health", &[("authorization", &right), ("origin", "https://build.example:3000")]), 200);
        assert_eq!(with("/health", &[("authorization", &right), ("origin", "http://evil.example")]), 403);
    }
}
