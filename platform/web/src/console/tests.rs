//! What of a browser's requests counts, and what the cookies are like.

use actix_web::http::Method;
use actix_web::http::header::SET_COOKIE;
use actix_web::test::TestRequest;
use actix_web::{HttpRequest, HttpResponse};
use nexus_core::{ErrorCode, Problem};

use super::{CROSS_SITE, Jar, Kept, REFRESH_REQUIRED, explained, forget, has_session, keep, refresh_token, shown};

const HOST: &str = "acme.localhost:8080";
const OWN: (&str, &str) = ("origin", "http://acme.localhost:8080");
const CONSOLE: (&str, &str) = ("x-console", "1");
const ACCESS: (&str, &str) = ("cookie", "theme=dark; __Host-nexus-access=eyJ.a-b_c.d; __Host-nexus-operator-access=op");
const REFRESH: (&str, &str) = ("cookie", "__Host-nexus-refresh=nxr_1");

fn request(method: Method, headers: &[(&str, &str)]) -> HttpRequest {
    let request = TestRequest::default().method(method).uri("/api/v1/products").insert_header(("host", HOST));
    headers.iter().fold(request, |request, (name, value)| request.append_header((*name, *value))).to_http_request()
}

fn asked(method: Method, headers: &[(&str, &str)]) -> Result<Option<(String, bool)>, &'static str> {
    let request = request(method, headers);
    let found = shown(&request, &[Jar::People]).map_err(|problem| problem.code.code)?;
    Ok(found.map(|shown| (shown.token.to_owned(), shown.by_cookie)))
}

fn by_cookie() -> Result<Option<(String, bool)>, &'static str> {
    Ok(Some(("eyJ.a-b_c.d".to_owned(), true)))
}

#[test]
fn a_page_of_the_host_reads_and_writes_with_its_cookie() {
    assert_eq!(asked(Method::GET, &[ACCESS]), by_cookie());
    assert_eq!(asked(Method::GET, &[ACCESS, OWN, ("sec-fetch-site", "same-origin")]), by_cookie());
    assert_eq!(asked(Method::GET, &[ACCESS, ("sec-fetch-site", "none")]), by_cookie());
    for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
        assert_eq!(asked(method.clone(), &[ACCESS, OWN, CONSOLE]), by_cookie(), "{method}");
        assert_eq!(asked(method.clone(), &[ACCESS, OWN, CONSOLE, ("sec-fetch-site", "same-origin")]), by_cookie(), "{method}");
    }
}

#[test]
fn other_hosts_pages_do_neither() {
    let crossed = Err(CROSS_SITE.code);
    for from in [
        ("origin", "http://evil.localhost:8080"),
        ("origin", "http://localhost:8080"),
        ("origin", "http://acme.localhost"),
        ("origin", "http://acme.localhost:8081"),
        ("origin", "https://acme.localhost:8080"),
        ("origin", "http://acme.localhost:8080/"),
        ("origin", "http://acme.localhost:8080.evil.example"),
        ("origin", "null"),
        ("origin", ""),
        ("sec-fetch-site", "same-site"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "something new"),
        ("x-tenant", "acme"),
    ] {
        assert_eq!(asked(Method::GET, &[ACCESS, from]), crossed, "{from:?}");
        let own: &[_] = if from.0 == "origin" { &[] } else { &[OWN] };
        assert_eq!(asked(Method::POST, &[&[ACCESS, CONSOLE, from], own].concat()), crossed, "{from:?}");
    }
    for lacking in [&[ACCESS, OWN][..], &[ACCESS, CONSOLE], &[ACCESS], &[ACCESS, OWN, ("x-console", "0")], &[ACCESS, OWN, CONSOLE, CONSOLE]] {
        assert_eq!(asked(Method::POST, lacking), crossed, "{lacking:?}");
    }
    // Said twice is not said.
    assert_eq!(asked(Method::GET, &[ACCESS, OWN, OWN]), crossed);
    assert_eq!(asked(Method::GET, &[ACCESS, ("sec-fetch-site", "same-origin"), ("sec-fetch-site", "same-origin")]), crossed);
}

#[test]
fn a_bearer_token_leaves_cookies_out_of_it() {
    let bearer = ("authorization", "Bearer other");
    let foreign = ("origin", "https://app.example");
    for headers in [&[ACCESS, bearer][..], &[ACCESS, bearer, foreign, ("x-tenant", "acme"), ("sec-fetch-site", "cross-site")]] {
        assert_eq!(asked(Method::POST, headers), Ok(Some(("other".to_owned(), false))));
    }
    // Not even where it is none.
    assert_eq!(asked(Method::POST, &[ACCESS, ("authorization", "Basic eDp5")]), Ok(None));
    assert_eq!(asked(Method::GET, &[]), Ok(None));
    assert_eq!(asked(Method::POST, &[foreign, REFRESH]), Ok(None), "without an access cookie there is nothing to protect");
}

#[test]
fn a_cookie_is_found_by_its_whole_name_and_only_once() {
    for (cookies, found) in [
        ("__Host-nexus-access=a", Some("a")),
        ("x=1;__Host-nexus-access=a=b;y=2", Some("a=b")),
        ("__Host-nexus-access=", None),
        ("__Host-nexus-access=a; __Host-nexus-access=b", None),
        ("__host-nexus-access=a", None),
        ("nexus-access=a", None),
        ("x__Host-nexus-access=a", None),
        ("", None),
    ] {
        let asked = asked(Method::GET, &[("cookie", cookies)]).unwrap();
        assert_eq!(asked.as_ref().map(|(token, _)| token.as_str()), found, "{cookies}");
    }
    // HTTP/2 may send one field per cookie.
    let split = request(Method::GET, &[("cookie", "a=1"), REFRESH]);
    assert_eq!(refresh_token(&split, Jar::People), Some("nxr_1"));
    assert!(has_session(&split, Jar::People) && !has_session(&split, Jar::Operators));
}

#[test]
fn each_realm_has_cookies_of_its_own() {
    let request = request(Method::GET, &[ACCESS]);
    let first = |jars: &[Jar]| shown(&request, jars).unwrap().map(|shown| shown.token.to_owned());
    assert_eq!(first(&[Jar::Operators]).as_deref(), Some("op"));
    assert_eq!(first(&[Jar::Operators, Jar::People]).as_deref(), Some("op"));
    assert_eq!(first(&[Jar::People, Jar::Operators]).as_deref(), Some("eyJ.a-b_c.d"));
}

#[test]
fn who_can_refresh_is_told_so() {
    let explained =
        |headers: &[(&str, &str)], jar: Jar, code: ErrorCode| explained(&request(Method::GET, headers), &[jar], Problem::new(code, "No.")).code.code;
    assert_eq!(explained(&[REFRESH], Jar::People, ErrorCode::UNAUTHORIZED), REFRESH_REQUIRED.code);
    assert_eq!(explained(&[ACCESS], Jar::People, ErrorCode::UNAUTHORIZED), "UNAUTHORIZED");
    assert_eq!(explained(&[REFRESH], Jar::Operators, ErrorCode::UNAUTHORIZED), "UNAUTHORIZED");
    assert_eq!(explained(&[REFRESH, ("authorization", "Bearer x")], Jar::People, ErrorCode::UNAUTHORIZED), "UNAUTHORIZED");
    assert_eq!(explained(&[REFRESH], Jar::People, ErrorCode::FORBIDDEN), "FORBIDDEN");
}

#[test]
fn no_script_reads_the_cookies_and_no_other_site_sends_them() {
    let mut response = HttpResponse::Ok().finish();
    keep(&mut response, Jar::People, &Kept { access: "eyJ", access_seconds: 900, refresh: "nxr_1", refresh_seconds: 604_800 });
    let set: Vec<_> = response.headers().get_all(SET_COOKIE).map(|value| value.to_str().unwrap()).collect();
    assert_eq!(
        set,
        [
            "__Host-nexus-access=eyJ; Path=/; Max-Age=900; Secure; HttpOnly; SameSite=Strict",
            "__Host-nexus-refresh=nxr_1; Path=/; Max-Age=604800; Secure; HttpOnly; SameSite=Strict",
        ]
    );
    assert!(response.headers().get_all(SET_COOKIE).all(|value| value.is_sensitive()));
    let mut response = HttpResponse::Ok().finish();
    forget(&mut response, Jar::Operators);
    for value in response.headers().get_all(SET_COOKIE) {
        let value = value.to_str().unwrap();
        assert!(value.starts_with("__Host-nexus-operator-") && value.contains("=; Path=/; Max-Age=0; Secure"), "{value}");
    }
}
