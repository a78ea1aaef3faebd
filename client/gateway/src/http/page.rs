//! `GET /`: the page for people, in one file. Its script and its style stand in it, under a word of this one answer, and nothing else
//! that anybody wrote is run or loaded.

use axum::extract::{self, RawQuery};
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::State;
use super::refusal::Refusal;
use super::token::random_word;

const HTML: &str = include_str!("page/index.html");
const STYLE: &str = include_str!("page/style.css");
const SCRIPT: &str = include_str!("page/page.js");

/// Answers it. With the token in its address it gives the browser a cookie, and the script takes the token out of the address.
pub(crate) async fn page(extract::State(state): extract::State<State>, RawQuery(query): RawQuery) -> Response {
    let Ok(nonce) = random_word() else {
        return Refusal::busy("the system has no random numbers").into_response();
    };
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; connect-src 'self'; img-src data:; \
        base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    let html = [("{nonce}", nonce.as_str()), ("{style}", STYLE), ("{script}", SCRIPT)]
        .iter()
        .fold(HTML.to_owned(), |html, (place, text)| html.replace(place, text));
    let headers =
        [(header::CONTENT_TYPE, "text/html; charset=utf-8".to_owned()), (header::CONTENT_SECURITY_POLICY, policy)];
    let mut response = (headers, html).into_response();
    if state.guard.opens(query.as_deref())
        && let Ok(cookie) = state.guard.cookie().parse()
    {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_needs_nothing_from_elsewhere_and_writes_no_markup() {
        for text in [HTML, STYLE, SCRIPT] {
            for outside in ["http://", "https://", "src=\"/", "@import", "url("] {
                let found = text.matches(outside).count();
                // The name of SVG's namespace is no address.
                let named = if outside == "http://" { text.matches("http://www.w3.org/2000/svg").count() } else { 0 };
                assert_eq!(found, named, "{outside}");
            }
        }
        for markup in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("] {
            assert!(!SCRIPT.contains(markup), "{markup}");
        }
        assert!(!STYLE.contains("</") && !SCRIPT.contains("</script"));
    }
}
