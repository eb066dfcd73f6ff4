//! The console's sessions in a browser: cookies that nobody else can use, from the log-in at the apex host to the organization's and out again.

use std::time::Duration;

use nexus_test_support::{Answer, Browser, Client, Nexus, Page, eventually};
use reqwest::Method;
use serde_json::{Value, json};

use crate::platform::{Organization, PASSWORD, Platform, key, owner_of, session, text, unique_slug};

const SESSION: &str = "/api/v1/auth/session";
const REFRESH: &str = "/api/v1/auth/session/refresh";
const HAND_OVER: &str = "/api/v1/auth/session/hand-over";
const ENTER: &str = "/api/v1/auth/session/enter";
const OPERATOR: &str = "/api/v1/admin/auth/session";
const PRODUCTS: &str = "/api/v1/products";
const ACCESS_COOKIE: &str = "__Host-nexus-access";
const REFRESH_COOKIE: &str = "__Host-nexus-refresh";

struct Ground {
    platform: Platform,
    acme: Organization,
}

impl Ground {
    async fn new() -> Self {
        let platform = Platform::start().await;
        let acme = platform.sign_up().await;
        Self { platform, acme }
    }

    fn browser(&self) -> Browser {
        Browser::new(&self.platform.client(), &self.platform.process.base_url)
    }

    /// A browser in which the owner of an organization is logged in at the apex host.
    async fn logged_in(&self, slug: &str) -> Browser {
        let browser = self.browser();
        let _ = browser.apex().post(SESSION, &credentials(slug)).await.expect(200);
        browser
    }

    /// A browser in which the owner of an organization is logged in there, too.
    async fn entered(&self, slug: &str) -> (Browser, Page) {
        let browser = self.logged_in(slug).await;
        let page = go_on(&browser, slug).await;
        (browser, page)
    }

    async fn count(&self, text: &'static str) -> i64 {
        sqlx::query_scalar(text).fetch_one(self.platform.control.db().pool()).await.unwrap()
    }
}

fn credentials(slug: &str) -> Value {
    json!({ "email": owner_of(slug), "password": PASSWORD })
}

async fn code_for(browser: &Browser, slug: &str) -> Value {
    let handed = browser.apex().post(HAND_OVER, &json!({ "organization": slug })).await.expect(200).ok();
    assert!(text(&handed["url"]).starts_with(&format!("http://{slug}.localhost")), "{handed}");
    json!({ "code": handed["code"] })
}

async fn go_on(browser: &Browser, slug: &str) -> Page {
    let page = browser.at(slug);
    let entered = page.post(ENTER, &code_for(browser, slug).await).await.expect(200).ok();
    assert_eq!(entered["organization"]["slug"], slug, "{entered}");
    page
}

fn product(name: &str) -> Value {
    json!({ "name": name, "variants": [{ "sku": name }] })
}

async fn number_of_products(client: &Client) -> Value {
    client.get(PRODUCTS).send().await.expect(200).metadata()["total"].clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_logs_in_goes_on_to_an_organization_and_out_again() {
    let ground = Ground::new().await;
    let slug = ground.acme.slug.as_str();
    let browser = ground.browser();
    let (apex, page) = (browser.apex(), browser.at(slug));

    // Nobody is there, on any host, whether or not there is such an organization.
    for page in [&apex, &page, &browser.at(&unique_slug())] {
        let nobody = page.get(SESSION).await.expect(200).ok();
        assert!(nobody["account"].is_null() && nobody["organization"].is_null() && nobody["memberships"] == json!([]), "{nobody}");
        assert_eq!(nobody["at_apex"], *page.host() == *apex.host());
        assert!(page.cookies().is_empty());
    }

    apex.post(SESSION, &json!({ "email": owner_of(slug), "password": "not the password" })).await.error(401, "INVALID_CREDENTIALS");
    assert!(apex.cookies().is_empty());
    let logged_in = apex.post(SESSION, &credentials(slug)).await.expect(200).ok();
    assert_eq!(apex.cookies(), [ACCESS_COOKIE, REFRESH_COOKIE]);
    assert_eq!(logged_in["account"]["email"], owner_of(slug));
    assert_eq!(logged_in["memberships"][0]["slug"], slug);
    let mine = apex.get(SESSION).await.expect(200).ok();
    assert_eq!((&mine["account"], &mine["memberships"]), (&logged_in["account"], &logged_in["memberships"]));
    let _ = apex.get("/api/v1/organizations").await.expect(200);
    // The account's session opens no organization, not even by its host.
    apex.get(PRODUCTS).await.error(403, "FORBIDDEN");
    apex.post(SESSION, &json!({ "email": owner_of(slug), "password": PASSWORD, "organization": slug })).await.error(422, "VALIDATION_FAILED");

    let _ = go_on(&browser, slug).await;
    assert_eq!(page.cookies(), [ACCESS_COOKIE, REFRESH_COOKIE]);
    assert_ne!(page.cookie(ACCESS_COOKIE), apex.cookie(ACCESS_COOKIE));
    let here = page.get(SESSION).await.expect(200).ok();
    assert_eq!((&here["organization"]["slug"], &here["memberships"], &here["at_apex"]), (&json!(slug), &json!([]), &json!(false)));
    assert_eq!(page.get("/api/v1/me").await.expect(200).ok()["organization"]["slug"], slug);
    let _ = page.post(PRODUCTS, &product("TEA")).await.created();
    assert_eq!(number_of_products(&ground.acme.client).await, 1);
    // By ADR 0005 an organization's session reads the account and changes nothing of it.
    let version = page.get("/api/v1/account").await.expect(200).etag();
    let rename = page.request(Method::PATCH, "/api/v1/account").if_match(version).json(&json!({ "display_name": "Mallory" }));
    page.send(rename).await.error(403, "ACCOUNT_TOKEN_REQUIRED");
    page.post(HAND_OVER, &json!({ "organization": slug })).await.error(403, "ACCOUNT_TOKEN_REQUIRED");

    // Out of one is out of all that came of the log-in.
    let stolen = page.cookie(ACCESS_COOKIE).expect("a cookie");
    page.delete(SESSION).await.no_content();
    assert!(page.cookies().is_empty());
    apex.get("/api/v1/account").await.error(401, "REFRESH_REQUIRED");
    apex.post_nothing(REFRESH).await.error(401, "INVALID_REFRESH_TOKEN");
    assert!(apex.cookies().is_empty(), "a dead session takes its cookies with it");
    ground.platform.client().bearer(stolen).get("/api/v1/me").send().await.error(401, "UNAUTHORIZED");
    page.delete(SESSION).await.no_content();
    assert_eq!(ground.count("SELECT count(*) FROM session_codes").await, 0);
    // Other log-ins of the person go on.
    let _ = ground.acme.client.get("/api/v1/me").send().await.expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_other_page_acts_or_reads_with_the_cookies() {
    let ground = Ground::new().await;
    let mallory = ground.platform.sign_up().await;
    let (browser, page) = ground.entered(&ground.acme.slug).await;
    // A hostile organization's host is the same site: the browser sends the cookies along.
    let hostile = browser.at(&mallory.slug);
    let crossed = async |request: nexus_test_support::Request| {
        let answer = request.send().await;
        answer.error(403, "CROSS_SITE");
        assert_eq!(answer.header("access-control-allow-origin"), None);
        assert_eq!(answer.header("access-control-allow-credentials"), None);
        assert_eq!(answer.header("set-cookie"), None);
    };
    for target in [&page, &browser.apex()] {
        for (method, path) in [
            (Method::POST, PRODUCTS),
            (Method::DELETE, SESSION),
            (Method::POST, REFRESH),
            (Method::POST, HAND_OVER),
            (Method::POST, SESSION),
            (Method::POST, ENTER),
            (Method::POST, "/api/v1/organizations"),
        ] {
            let aimed = || hostile.asks(target, method.clone(), path).json(&product("EVIL"));
            crossed(aimed()).await;
            crossed(aimed().header("X-Console", "1")).await;
            // As a form sends it, which asks nobody before.
            crossed(hostile.asks(target, method.clone(), path).body("text/plain", "{}")).await;
        }
        for path in [PRODUCTS, "/api/v1/account", "/api/v1/organizations", SESSION] {
            crossed(hostile.asks(target, Method::GET, path)).await;
            crossed(target.bare(Method::GET, path).header("Sec-Fetch-Site", "same-site")).await;
            crossed(target.bare(Method::GET, path).header("Sec-Fetch-Site", "cross-site")).await;
            crossed(target.bare(Method::GET, path).header("Origin", "null")).await;
        }
    }
    // Whatever the console's own request lacks, it is not the console's.
    let own = format!("http://{}", page.host());
    let write = || page.bare(Method::POST, PRODUCTS).json(&product("EVIL"));
    crossed(write()).await;
    crossed(write().header("Origin", &own)).await;
    crossed(write().header("X-Console", "1")).await;
    crossed(write().header("X-Console", "1").header("Origin", "null")).await;
    crossed(write().header("X-Console", "1").header("Origin", &own.replace("http:", "https:"))).await;
    crossed(write().header("X-Console", "1").header("Origin", "http://localhost")).await;
    crossed(write().header("X-Console", "1").header("Origin", &own).header("Sec-Fetch-Site", "same-site")).await;
    crossed(page.request(Method::GET, PRODUCTS).header("X-Tenant", &ground.acme.slug)).await;
    crossed(page.request(Method::POST, PRODUCTS).header("X-Tenant", &ground.acme.slug).json(&product("EVIL"))).await;
    // A browser asks before it sends what a page of another origin may not send unasked, and hears no.
    let preflight = ground.platform.process.client().host(page.host()).request(Method::OPTIONS, PRODUCTS);
    let preflight = preflight.header("Origin", &format!("http://{}", hostile.host())).header("Access-Control-Request-Method", "POST");
    let asked = preflight.header("Access-Control-Request-Headers", "content-type,x-console").send().await;
    assert_eq!(asked.header("access-control-allow-origin"), None);

    // Nothing came of it, and the console itself goes on: so do links of its own, and pages that were opened by hand.
    assert_eq!(number_of_products(&ground.acme.client).await, 0);
    let _ = page.post(PRODUCTS, &product("TEA")).await.created();
    for site in ["same-origin", "none"] {
        let _ = page.bare(Method::GET, PRODUCTS).header("Sec-Fetch-Site", site).send().await.expect(200);
    }
    // With a token of its own a request has nothing to do with cookies.
    let token = format!("Bearer {}", mallory.token);
    let by_token = page.bare(Method::GET, PRODUCTS).header("Authorization", &token).header("Sec-Fetch-Site", "cross-site").send().await;
    by_token.error(403, "TENANT_MISMATCH");
    let answer = page.get(PRODUCTS).await;
    assert!(answer.header("vary").is_some_and(|names| names.contains("Cookie")), "{:?}", answer.headers);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cookie_is_good_on_its_own_host_alone() {
    let ground = Ground::new().await;
    let other = ground.platform.sign_up().await;
    let (browser, page) = ground.entered(&ground.acme.slug).await;
    let (apex, neighbour) = (browser.apex(), browser.at(&other.slug));
    let cookies_of = |from: &Page, to: &Page| {
        for name in [ACCESS_COOKIE, REFRESH_COOKIE] {
            to.set_cookie(name, from.cookie(name).as_deref());
        }
    };
    // As a thief would carry them over: no browser does.
    cookies_of(&page, &neighbour);
    for path in [PRODUCTS, "/api/v1/account", "/api/v1/billing/subscription", SESSION] {
        neighbour.get(path).await.error(403, "TENANT_MISMATCH");
    }
    neighbour.post_nothing(REFRESH).await.error(403, "TENANT_MISMATCH");
    cookies_of(&apex, &neighbour);
    for path in ["/api/v1/account", "/api/v1/organizations", SESSION] {
        neighbour.get(path).await.error(403, "TENANT_MISMATCH");
    }
    neighbour.post_nothing(REFRESH).await.error(403, "TENANT_MISMATCH");
    let elsewhere = ground.browser();
    cookies_of(&page, &elsewhere.apex());
    for path in [PRODUCTS, "/api/v1/account", SESSION] {
        elsewhere.apex().get(path).await.error(403, "TENANT_MISMATCH");
    }
    elsewhere.apex().post_nothing(REFRESH).await.error(403, "TENANT_MISMATCH");
    // Neither spent nor ended anything.
    for page in [&page, &apex] {
        let _ = page.post_nothing(REFRESH).await.expect(200);
        let _ = page.get("/api/v1/account").await.expect(200);
    }
    // A key is no cookie.
    sqlx::query("UPDATE accounts SET email_verified_at = now()").execute(ground.platform.control.db().pool()).await.unwrap();
    let renewed = session(&ground.platform.client(), &ground.acme.slug, Some(&ground.acme.slug)).await;
    let verified = ground.platform.client().bearer(text(&renewed["access_token"]));
    let till = json!({ "name": "Till", "scopes": ["products.read"] });
    let made = verified.post("/api/v1/api-keys", &till).idempotency_key(&key()).send().await.created();
    page.set_cookie(ACCESS_COOKIE, Some(&text(&made["key"])));
    page.get(PRODUCTS).await.error(401, "REFRESH_REQUIRED");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_is_good_once_for_a_minute_on_one_host() {
    let ground = Ground::new().await;
    let other = ground.platform.sign_up().await;
    let slug = ground.acme.slug.as_str();
    let browser = ground.logged_in(slug).await;
    let (page, wrong) = (browser.at(slug), "INVALID_SESSION_CODE");

    // Once.
    let code = code_for(&browser, slug).await;
    let _ = page.post(ENTER, &code).await.expect(200);
    let again = ground.browser().at(slug);
    again.post(ENTER, &code).await.error(401, wrong);
    assert!(again.cookies().is_empty());
    // Of many who show it at once one has it.
    let code = code_for(&browser, slug).await;
    let shown = (0..8).map(|_| async { ground.browser().at(slug).post(ENTER, &code).await.status.as_u16() });
    let mut shown = futures::future::join_all(shown).await;
    shown.sort_unstable();
    assert_eq!(shown, [200, 401, 401, 401, 401, 401, 401, 401]);

    // On its own host: elsewhere it is no good, and gone.
    let code = code_for(&browser, slug).await;
    for page in [browser.at(&other.slug), browser.at(&unique_slug()), browser.at(slug)] {
        page.post(ENTER, &code).await.error(401, wrong);
    }
    browser.apex().post(ENTER, &code_for(&browser, slug).await).await.error(403, "WRONG_HOST");

    // A minute.
    let code = code_for(&browser, slug).await;
    let age = "UPDATE session_codes SET expires_at = now() - interval '1 millisecond'";
    sqlx::query(age).execute(&ground.platform.control.admin().await.pool().clone()).await.unwrap();
    page.post(ENTER, &code).await.error(401, wrong);
    let lives: i64 = {
        let _ = code_for(&browser, slug).await;
        ground.count("SELECT ceil(extract(epoch FROM max(expires_at) - now()))::bigint FROM session_codes").await
    };
    assert!((1..=60).contains(&lives), "{lives} seconds");

    // For who belongs there still, from a session that lives still.
    let code = code_for(&browser, slug).await;
    sqlx::query("DELETE FROM memberships WHERE organization_id = $1")
        .bind(ground.acme.id)
        .execute(ground.platform.control.db().pool())
        .await
        .unwrap();
    page.post(ENTER, &code).await.error(401, wrong);
    browser.apex().post(HAND_OVER, &json!({ "organization": slug })).await.error(403, "NOT_A_MEMBER");
    let browser = ground.logged_in(&other.slug).await;
    let code = code_for(&browser, &other.slug).await;
    browser.apex().delete(SESSION).await.no_content();
    browser.at(&other.slug).post(ENTER, &code).await.error(401, wrong);

    // Made up, none, or somebody's who has no right to one.
    for made_up in [json!("nxh_made-up"), json!("nxr_made-up"), json!("💥")] {
        page.post(ENTER, &json!({ "code": made_up })).await.error(401, wrong);
    }
    page.post(ENTER, &json!({ "code": "" })).await.error(422, "VALIDATION_FAILED");
    ground.platform.client().post(HAND_OVER, &json!({ "organization": slug })).send().await.error(401, "UNAUTHORIZED");
    // Nothing that opens anything is stored: not even of a living code.
    let browser = ground.logged_in(&other.slug).await;
    let code = text(&code_for(&browser, &other.slug).await["code"]);
    let stored: Vec<String> =
        sqlx::query_scalar("SELECT encode(digest, 'escape') FROM session_codes").fetch_all(ground.platform.control.db().pool()).await.unwrap();
    assert!(!stored.is_empty() && stored.iter().all(|digest| !digest.contains(&code)), "{stored:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_goes_on_by_its_refresh_cookie() {
    let ground = Ground::new().await;
    let (browser, page) = ground.entered(&ground.acme.slug).await;
    for page in [&page, &browser.apex()] {
        let (access, refresh) = (page.cookie(ACCESS_COOKIE), page.cookie(REFRESH_COOKIE));
        // The access cookie has ended, or lies about itself: the console is told what to do.
        for stale in [None, Some("eyJhbGciOiJFUzI1NiJ9.e30.c2ln")] {
            page.set_cookie(ACCESS_COOKIE, stale);
            for path in ["/api/v1/account", PRODUCTS, SESSION] {
                page.get(path).await.error(401, "REFRESH_REQUIRED");
            }
            page.post(PRODUCTS, &product("TEA")).await.error(401, "REFRESH_REQUIRED");
        }
        // Two tabs that ask at once get the same session.
        let answers = futures::future::join_all((0..4).map(|_| page.request(Method::POST, REFRESH).send())).await;
        let cookies: Vec<String> = answers.iter().map(|answer| set(answer, REFRESH_COOKIE)).collect();
        assert!(cookies.iter().all(|cookie| *cookie == cookies[0]), "{cookies:?}");
        let kept = page.post_nothing(REFRESH).await.expect(200).ok();
        assert!(kept["access_expires_at"].is_string() && kept["refresh_expires_at"].is_string(), "{kept}");
        assert!(page.cookie(ACCESS_COOKIE) != access && page.cookie(REFRESH_COOKIE) != refresh);
        let _ = page.get("/api/v1/account").await.expect(200);
        let _ = page.post_nothing(REFRESH).await.expect(200);
        // A spent one that turns up again: two have it, and both lose it.
        let current = page.cookie(REFRESH_COOKIE);
        page.set_cookie(REFRESH_COOKIE, refresh.as_deref());
        page.post_nothing(REFRESH).await.error(401, "INVALID_REFRESH_TOKEN");
        assert!(page.cookies().is_empty());
        page.set_cookie(REFRESH_COOKIE, current.as_deref());
        page.post_nothing(REFRESH).await.error(401, "INVALID_REFRESH_TOKEN");
        let nobody = page.get(SESSION).await.expect(200).ok();
        assert!(nobody["account"].is_null(), "{nobody}");
    }
    // An access cookie that opens nothing, and nothing to refresh it by: nobody is there.
    page.set_cookie(ACCESS_COOKIE, Some("eyJhbGciOiJFUzI1NiJ9.e30.c2ln"));
    page.get(PRODUCTS).await.error(401, "UNAUTHORIZED");
    assert!(page.get(SESSION).await.expect(200).ok()["account"].is_null());
    assert!(page.cookies().is_empty());
    page.post_nothing(REFRESH).await.error(401, "INVALID_REFRESH_TOKEN");
}

fn set(answer: &Answer, name: &str) -> String {
    let cookies = answer.headers.get_all("set-cookie").iter().filter_map(|cookie| cookie.to_str().ok());
    cookies
        .filter_map(|cookie| cookie.split(';').next()?.strip_prefix(&format!("{name}=")))
        .next()
        .unwrap_or_else(|| panic!("{}", answer.text()))
        .to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cookies_that_somebody_else_sets_neither_hide_a_session_nor_keep_it_open() {
    let ground = Ground::new().await;
    let (_, page) = ground.entered(&ground.acme.slug).await;
    let [access, refresh] = [ACCESS_COOKIE, REFRESH_COOKIE].map(|name| format!("{name}={}", page.cookie(name).expect(name)));
    let client = ground.platform.client().host(page.host());
    let with = |method: Method, path: &str, cookies: &[&[u8]]| {
        let request = client.request(method, path).header("Sec-Fetch-Site", "same-origin").header("X-Console", "1");
        request.header("Origin", &format!("http://{}", page.host())).header_bytes("Cookie", &cookies.join(b"; ".as_slice()))
    };
    // A host below the same domain, or a script, may set any cookie but these.
    let own: [&[u8]; 2] = [access.as_bytes(), refresh.as_bytes()];
    let strange: [&[u8]; 4] = [b"x=\xc3\xa9", own[0], b"y=\xff", own[1]];
    let _ = with(Method::GET, PRODUCTS, &strange).send().await.expect(200);
    assert!(with(Method::GET, SESSION, &strange).send().await.expect(200).ok()["account"].is_object());
    // Whoever puts another one beside it does not keep the session open when its holder leaves.
    let doubled: [&[u8]; 3] = [own[0], b"__Host-nexus-refresh=x", own[1]];
    with(Method::DELETE, SESSION, &doubled).send().await.no_content();
    let over = async || with(Method::GET, PRODUCTS, &own).send().await.status.as_u16() == 401;
    eventually(Duration::from_secs(5), async || over().await.then_some(())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_belongs_to_an_organization_no_more_has_no_session_at_its_host() {
    let ground = Ground::new().await;
    let (browser, page) = ground.entered(&ground.acme.slug).await;
    let left = "DELETE FROM memberships WHERE organization_id = $1";
    sqlx::query(left).bind(ground.acme.id).execute(ground.platform.control.db().pool()).await.unwrap();
    assert!(page.get(SESSION).await.expect(200).ok()["account"].is_null());
    assert!(page.cookies().is_empty(), "{:?}", page.cookies());
    assert!(browser.apex().get(SESSION).await.expect(200).ok()["account"].is_object(), "elsewhere nothing has changed");

    let (_, page) = ground.entered(&ground.platform.sign_up().await.slug).await;
    let gone = "UPDATE memberships SET deactivated_at = now()";
    sqlx::query(gone).execute(ground.platform.control.db().pool()).await.unwrap();
    page.post_nothing(REFRESH).await.error(401, "INVALID_REFRESH_TOKEN");
    assert!(page.cookies().is_empty(), "{:?}", page.cookies());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_browser_has_one_session_on_a_host() {
    let ground = Ground::new().await;
    let (browser, page) = ground.entered(&ground.acme.slug).await;
    let before = page.cookie(REFRESH_COOKIE).expect("a cookie");
    let _ = go_on(&browser, &ground.acme.slug).await;
    let refresh = json!({ "refresh_token": before });
    ground.platform.client().post("/api/v1/auth/refresh", &refresh).send().await.error(401, "INVALID_REFRESH_TOKEN");
    // Another log-in takes the place of the first, and of what came of it.
    let _ = browser.apex().post(SESSION, &credentials(&ground.acme.slug)).await.expect(200);
    eventually(Duration::from_secs(5), async || (page.get("/api/v1/me").await.status.as_u16() == 401).then_some(())).await;
    page.post_nothing(REFRESH).await.error(401, "INVALID_REFRESH_TOKEN");
    let _ = browser.apex().get("/api/v1/account").await.expect(200);
    // Elsewhere than at the apex host nobody logs in.
    let refused = page.post(SESSION, &credentials(&ground.acme.slug)).await.error(403, "WRONG_HOST");
    assert!(text(&refused["details"]["url"]).starts_with("http://localhost"), "{refused}");
    // No token leaves by way of the cookies: what answers tokens takes none.
    let switch = json!({ "organization": ground.acme.slug });
    browser.apex().post("/api/v1/auth/switch", &switch).await.error(401, "UNAUTHORIZED");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn operators_have_a_session_apart() {
    let ground = Ground::new().await;
    let email = format!("operator@{}.example", ground.acme.slug);
    let made = Nexus::command(&ground.platform.stack, &["admin", "create-operator", "--email", &email, "--password-stdin"]);
    let made = made.on(&ground.platform.stack, &ground.platform.control).run_with_input(PASSWORD).await;
    assert_eq!(made.code, 0, "{}", made.stderr);
    let (browser, page) = ground.entered(&ground.acme.slug).await;
    let apex = browser.apex();
    let operator = json!({ "email": email, "password": PASSWORD });

    assert!(apex.get(OPERATOR).await.expect(200).ok()["operator"].is_null());
    page.post(OPERATOR, &operator).await.error(403, "WRONG_HOST");
    apex.post(OPERATOR, &credentials(&ground.acme.slug)).await.error(401, "INVALID_OPERATOR_CREDENTIALS");
    let there = apex.post(OPERATOR, &operator).await.expect(200).ok();
    assert_eq!((&there["operator"]["email"], &there["operator"]["role"]), (&json!(email), &json!("super_admin")));
    assert_eq!(apex.cookies(), [ACCESS_COOKIE, "__Host-nexus-operator-access", "__Host-nexus-operator-refresh", REFRESH_COOKIE]);
    assert_eq!(apex.get(OPERATOR).await.expect(200).ok()["operator"], there["operator"]);

    // Both are there, and neither is the other.
    let _ = apex.get("/api/v1/tenants").await.expect(200);
    let _ = apex.get("/api/v1/account").await.expect(200);
    let operation: String =
        sqlx::query_scalar("SELECT id::text FROM operations LIMIT 1").fetch_one(ground.platform.control.db().pool()).await.unwrap();
    let _ = apex.get(&format!("/api/v1/operations/{operation}")).await.expect(200);
    page.get("/api/v1/tenants").await.error(401, "UNAUTHORIZED");
    let as_person = ground.browser().apex();
    as_person.set_cookie(ACCESS_COOKIE, apex.cookie("__Host-nexus-operator-access").as_deref());
    as_person.get("/api/v1/account").await.error(403, "FORBIDDEN");
    let as_operator = ground.browser().apex();
    as_operator.set_cookie("__Host-nexus-operator-access", apex.cookie(ACCESS_COOKIE).as_deref());
    as_operator.get("/api/v1/tenants").await.error(403, "FORBIDDEN");
    // Not on another host, not by another host's page.
    page.set_cookie("__Host-nexus-operator-access", apex.cookie("__Host-nexus-operator-access").as_deref());
    page.get("/api/v1/tenants").await.error(403, "TENANT_MISMATCH");
    page.set_cookie("__Host-nexus-operator-access", None);
    for (method, path) in [(Method::GET, "/api/v1/tenants"), (Method::GET, OPERATOR), (Method::DELETE, OPERATOR), (Method::POST, "/api/v1/tenants")] {
        page.asks(&apex, method, path).header("X-Console", "1").send().await.error(403, "CROSS_SITE");
    }

    let _ = apex.post_nothing("/api/v1/admin/auth/session/refresh").await.expect(200);
    apex.set_cookie("__Host-nexus-operator-access", None);
    apex.get("/api/v1/tenants").await.error(401, "REFRESH_REQUIRED");
    let _ = apex.post_nothing("/api/v1/admin/auth/session/refresh").await.expect(200);
    let stolen = apex.cookie("__Host-nexus-operator-access").expect("a cookie");
    apex.delete(OPERATOR).await.no_content();
    assert_eq!(apex.cookies(), [ACCESS_COOKIE, REFRESH_COOKIE]);
    ground.platform.client().bearer(stolen).get("/api/v1/tenants").send().await.error(401, "UNAUTHORIZED");
    apex.post_nothing("/api/v1/admin/auth/session/refresh").await.error(401, "INVALID_REFRESH_TOKEN");
    let _ = apex.get("/api/v1/account").await.expect(200);
}
