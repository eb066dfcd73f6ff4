//! `nexus dev`: where it serves is what its links, tokens and pages say; Ctrl-C leaves nothing behind; `kill -9` of everything harms nothing.

use std::net::{Ipv4Addr, TcpListener};
use std::time::Duration;

use nexus_test_support::{DevStack, Mailbox, Process, TestStack, claims, eventually};
use serde_json::Value;
use tokio::net::TcpSocket;

use crate::platform::{Organization, log_in, owner_of, sign_up, unique_slug, watched};

/// Everything this stack says of its own address is the address it is reached at.
fn assert_names_its_own_address(process: &Process, organization: &Organization) {
    let banner = process.log();
    let told = |label: &str| banner.lines().find(|line| line.trim_start().starts_with(label)).unwrap_or_default().to_owned();
    assert!(told("Operator ").contains(", password ") && !told("Metrics ").is_empty(), "{banner}");
    let url = &process.base_url;
    assert_eq!(claims(&organization.token)["iss"], **url, "the issuer of tokens");
    let port = url.rsplit(':').next().expect("a port");
    assert!(process.log().contains(&format!("{url}/docs")) && process.log().contains(&format!("http://acme.localhost:{port}/")), "the quick start");
}

/// The first block of shell lines in a text that holds `beginning`, up to `end`.
fn lines(text: &str, beginning: &str, end: &str) -> String {
    let block = text.split_once(beginning).unwrap_or_else(|| panic!("no {beginning:?} in:\n{text}")).1;
    format!("{beginning}{}", block.split_once(end).map_or(block, |(block, _)| block))
}

/// Runs a newcomer's lines as they stand, and answers the last line they print.
async fn paste(script: &str) -> String {
    let ran = tokio::process::Command::new("bash").args(["-ec", script]).output().await.expect("bash");
    assert!(ran.stderr.is_empty(), "{script}\n{}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8_lossy(&ran.stdout).lines().last().unwrap_or_default().to_owned()
}

/// A free port that the system gives to nobody while this is held, and that a server can still be told to take: it is bound, not listened on.
fn kept_port() -> TcpSocket {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_reuseaddr(true).unwrap();
    socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    socket
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_development_stack_on_another_port_says_so_everywhere_and_survives_kill_9() {
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = taken.local_addr().unwrap().port();
    let dev = DevStack::new(&TestStack::from_env(), &["--port", &port.to_string()]);
    let process = dev.start(&[]).await;
    assert!(process.log().contains(&format!("Port {port} is taken")), "{}", process.log());
    assert!(!process.base_url.ends_with(&format!(":{port}")), "{}", process.base_url);

    let (client, _) = watched(&process).await;
    let slug = unique_slug();
    let organization = sign_up(&client, &slug).await;
    assert_names_its_own_address(&process, &organization);
    let mailbox = Mailbox::in_folder(&dev.data_dir().join("mails"), &owner_of(&slug));
    let mails = eventually(Duration::from_secs(30), async || Some(mailbox.all()).filter(|mails| mails.len() == 2)).await;
    let links: Vec<String> = mails.iter().flat_map(|mail| mail.links()).collect();
    let port = process.base_url.rsplit(':').next().expect("a port").to_owned();
    assert!(links.iter().any(|link| link.starts_with(&format!("{}/verify-email#token=", process.base_url))), "{links:?}");
    assert!(links.iter().any(|link| link.starts_with(&format!("http://{slug}.localhost:{port}"))), "{links:?}");
    // With a console in the checkout it is the console's page, else the program's own.
    for path in ["/", "/verify-email"] {
        assert!(client.get(path).send().await.expect(200).text().to_lowercase().starts_with("<!doctype html>"), "{path}");
    }
    assert!(client.get("/dev").send().await.expect(200).text().contains("href=\"/docs/\""));
    let page = client.get("/dev/mail").send().await.expect(200).text();
    assert!(links.iter().all(|link| page.contains(&format!("href=\"{link}\""))), "{page}");

    // What the README and the program tell a newcomer to type works as it stands.
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../README.md")).unwrap();
    let quick_start = lines(&readme, "PORT=8080", "```").replace("PORT=8080", &format!("PORT={port}"));
    let told = paste(&quick_start).await;
    let (_, level) = told.rsplit_once(r#"{"data":[{"#).unwrap_or_else(|| panic!("no level in {told}"));
    assert!(level.contains(r#""sku":"BEAN-1KG""#) && level.contains(r#""on_hand":"24"#), "{told}");
    assert!(level.ends_with(r#""metadata":{"page":1,"limit":20,"total":1}}"#), "{told}");
    let printed = lines(&process.log(), "curl -sX POST http", "\n\n").replace("acme", "acme-two").replace("ada@", "ada-two@");
    assert!(paste(&printed).await.ends_with(r#"{"data":[],"metadata":{"page":1,"limit":20,"total":0}}"#));

    // A second one on the same data is told who holds it.
    let second = dev.refused().await;
    assert!(second.code != 0 && second.stderr.contains(&format!("process {}", process.pid)), "{second:?}");

    // Everything is killed: the next start finds all of it, although Postgres' port is somebody else's now, and serves where the environment says.
    drop(process);
    dev.kill_everything().await;
    let ports: Value = serde_json::from_slice(&std::fs::read(dev.data_dir().join("ports.json")).unwrap()).unwrap();
    let postgres: u16 = ports["postgres"].to_string().parse().unwrap();
    let _stranger = eventually(Duration::from_secs(30), async || TcpListener::bind((Ipv4Addr::LOCALHOST, postgres)).ok()).await;
    let kept = kept_port();
    let free = kept.local_addr().unwrap();
    let process = dev.start(&[("NEXUS__HTTP__BIND", free.to_string())]).await;
    assert!(process.base_url.ends_with(&format!(":{}", free.port())), "{}", process.base_url);
    let (client, _) = watched(&process).await;
    let organization = log_in(&client, &slug).await;
    assert_names_its_own_address(&process, &organization);

    // Ctrl-C ends the servers too, before the program ends.
    assert!(dev.processes().len() > 4, "{:?}", dev.processes());
    assert_eq!(process.interrupt().await, 0, "the program ends cleanly");
    assert!(dev.processes().is_empty(), "{:?}", dev.processes());
}
