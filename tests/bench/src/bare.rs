//! The baseline of a request: a bare actix handler on fixed pools, which sends the statements it is given and answers the same JSON. No authentication, no
//! limits, no log, no metrics: what is left is what a handler can't do without.

use std::collections::HashMap;
use std::io::Write;
use std::path::Path;
use std::process::{ExitCode, Stdio};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::postgres::{PgPool, PgPoolOptions, PgRow};
use sqlx::types::Json;
use sqlx::{AssertSqlSafe, Row};
use tokio::io::{AsyncBufReadExt, BufReader};
use uuid::Uuid;

/// Tells which organization's pool to use.
const WHO: &str = "x-tenant";

/// What a bare server serves.
#[derive(Debug, Serialize, Deserialize)]
pub struct Bare {
    /// Threads that serve requests.
    pub workers: usize,
    /// Connections of each pool.
    pub connections: u32,
    /// Whether a request holds one connection for both statements, instead of taking one for each, as `&pool` does.
    pub holds: bool,
    /// Pools by organization.
    pub urls: HashMap<String, String>,
    /// A page of products, and its parameters.
    pub page: (String, Vec<i64>),
    /// The number of all products, and its parameters.
    pub count: (String, Vec<i64>),
}

/// A running bare server. Killed when dropped.
pub struct Running {
    /// `host:port`.
    pub address: String,
    pub pid: u32,
    child: tokio::process::Child,
    _folder: tempfile::TempDir,
}

impl Bare {
    /// Serves in a process of its own.
    pub async fn start(&self) -> Running {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("bare.json");
        // It holds passwords of organizations that live as long as this run; the folder is its owner's alone.
        std::fs::write(&file, serde_json::to_vec(self).expect("JSON")).expect("the file");
        let mut command = tokio::process::Command::new(std::env::current_exe().expect("this program"));
        let mut child = command.arg("--bare").arg(&file).stdout(Stdio::piped()).kill_on_drop(true).spawn().expect("this program");
        let pid = child.id().expect("a process id");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut line).await.expect("its address");
        Running { address: line.trim().to_owned(), pid, child, _folder: folder }
    }
}

impl Running {
    /// Ends it, and waits until its connections are gone with it.
    pub async fn end(mut self) {
        self.child.kill().await.expect("its end");
    }
}

/// Serves what the file describes, until it is killed.
pub fn serve(file: &Path) -> ExitCode {
    let bare: Bare = serde_json::from_slice(&std::fs::read(file).expect("the file")).expect("its JSON");
    match actix_web::rt::System::new().block_on(run(bare)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

async fn run(bare: Bare) -> std::io::Result<()> {
    let pool = |url: &String| {
        let options = PgPoolOptions::new().max_connections(bare.connections).test_before_acquire(false);
        options.connect_lazy(url).expect("a URL")
    };
    let pools: HashMap<String, PgPool> = bare.urls.iter().map(|(who, url)| (who.clone(), pool(url))).collect();
    let (workers, data) = (bare.workers, web::Data::new((pools, bare)));
    let server = HttpServer::new(move || App::new().app_data(data.clone()).route("/api/v1/products", web::get().to(products)));
    let server = server.workers(workers).bind(("127.0.0.1", 0))?;
    let address = server.addrs().first().copied().expect("an address");
    writeln!(std::io::stdout(), "{address}")?;
    server.run().await
}

#[derive(Serialize)]
struct Page {
    data: Vec<Product>,
    metadata: Metadata,
}

#[derive(Serialize)]
struct Metadata {
    page: i64,
    limit: i64,
    total: i64,
}

#[derive(Serialize)]
struct Product {
    id: Uuid,
    name: String,
    description: String,
    status: String,
    kind: String,
    category_id: Option<Uuid>,
    brand: Option<String>,
    unit: String,
    metadata: Value,
    tags: Vec<String>,
    sample: bool,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    archived_at: Option<DateTime<Utc>>,
}

fn product(row: &PgRow) -> Result<Product, sqlx::Error> {
    Ok(Product {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        description: row.try_get("description")?,
        status: row.try_get("status")?,
        kind: row.try_get("kind")?,
        category_id: row.try_get("category_id")?,
        brand: row.try_get("brand")?,
        unit: row.try_get("unit")?,
        metadata: row.try_get("metadata")?,
        tags: row.try_get::<Json<Vec<String>>, _>("tags")?.0,
        sample: row.try_get("sample")?,
        version: row.try_get("version")?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
        archived_at: row.try_get("archived_at")?,
    })
}

async fn products(request: HttpRequest, data: web::Data<(HashMap<String, PgPool>, Bare)>) -> HttpResponse {
    let (pools, bare) = data.get_ref();
    let who = request.headers().get(WHO).and_then(|who| who.to_str().ok()).unwrap_or_default();
    match pools.get(who) {
        Some(pool) => page(pool, bare)
            .await
            .map_or_else(|error| HttpResponse::InternalServerError().body(error.to_string()), |page| HttpResponse::Ok().json(page)),
        None => HttpResponse::NotFound().finish(),
    }
}

async fn page(pool: &PgPool, bare: &Bare) -> Result<Page, sqlx::Error> {
    let (rows, count) = if bare.holds {
        let mut held = pool.acquire().await?;
        (query(&bare.page).fetch_all(&mut *held).await?, query(&bare.count).fetch_one(&mut *held).await?)
    } else {
        (query(&bare.page).fetch_all(pool).await?, query(&bare.count).fetch_one(pool).await?)
    };
    let data = rows.iter().map(product).collect::<Result<_, _>>()?;
    let total = count.try_get(0)?;
    let limit = bare.page.1.first().copied().unwrap_or_default();
    Ok(Page { data, metadata: Metadata { page: 1, limit, total } })
}

fn query((sql, parameters): &(String, Vec<i64>)) -> sqlx::query::Query<'_, sqlx::Postgres, sqlx::postgres::PgArguments> {
    // The statement was taken from the program under test.
    parameters.iter().fold(sqlx::query(AssertSqlSafe(sql.as_str())), |query, value| query.bind(*value))
}
