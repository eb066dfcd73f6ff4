//! `/products/import` and `/stock-movements/import`: a multipart form, taken in as a stream.

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::{HttpRequest, HttpResponse, post};
use futures::StreamExt;
use nexus_core::{ErrorCode, FieldFault, Idempotent, Problem};
use nexus_infra::IdempotencyKey;
use nexus_web::extract::fingerprint;
use nexus_web::wire::Envelope;
use nexus_web::{ApiResult, Idempotency, Params, RequiredIdempotency, respond};
use serde::de::DeserializeOwned;
use utoipa_actix_web::service_config::ServiceConfig;

use super::error::ImportError;
use super::permission::{InventoryImport, ProductsImport};
use super::receive::{Received, Receiver};
use super::service::{self, Kind, Options, Started, Upload};
use super::wire::{ImportForm, ImportParams, Mapping};
use crate::context::{Guard, TenantContext};
use crate::work::JobTicket;

/// Greatest size of a form field that is not the file.
const MAX_FIELD: usize = 1024 * 1024;

#[utoipa::path(
    tag = "imports", operation_id = "import_products", summary = "Import products",
    description = "Starts a job that creates and changes products from a CSV file, one row per variant, recognised by SKU. All rows or none, unless `skip_invalid`. The same file again answers the first job (200). Wrong rows are listed at `/jobs/{id}/errors`.",
    params(ImportParams, Idempotency), request_body(content = ImportForm, content_type = "multipart/form-data"),
    responses(
        (status = 202, description = "The job.", body = Envelope<JobTicket>),
        (status = 200, description = "The file was imported before, by this job.", body = Envelope<JobTicket>),
    ),
    security(("bearer" = [])), extensions(("x-permission" = json!("products.import")))
)]
#[post("/products/import")]
pub async fn products(guard: Guard<ProductsImport>, req: HttpRequest, params: Params<ImportParams>, idempotency: Idempotency, form: Multipart) -> ApiResult {
    let upload = receive(&guard, form).await?;
    let key = idempotency.0.map(|key| complete(&req, key, &upload));
    Ok(started(service::start(&guard, Kind::Products, key.as_ref(), params.0, upload).await?))
}

#[utoipa::path(
    tag = "imports", operation_id = "import_stock_movements", summary = "Import stock movements",
    description = "Starts a job that posts a CSV file of movements: all rows in one transaction, or none, unless `skip_invalid`. A row that would make a level negative is an error. The same file again answers the first job (200) and posts nothing twice; `again=true` posts it once more. Wrong rows are listed at `/jobs/{id}/errors`.",
    params(ImportParams, RequiredIdempotency), request_body(content = ImportForm, content_type = "multipart/form-data"),
    responses(
        (status = 202, description = "The job.", body = Envelope<JobTicket>),
        (status = 200, description = "The file was imported before, by this job.", body = Envelope<JobTicket>),
    ),
    security(("bearer" = [])), extensions(("x-permission" = json!("inventory.import")))
)]
#[post("/stock-movements/import")]
pub async fn movements(
    guard: Guard<InventoryImport>,
    req: HttpRequest,
    params: Params<ImportParams>,
    idempotency: RequiredIdempotency,
    form: Multipart,
) -> ApiResult {
    let upload = receive(&guard, form).await?;
    let key = complete(&req, idempotency.0, &upload);
    Ok(started(service::start(&guard, Kind::Movements, Some(&key), params.0, upload).await?))
}

fn started(done: Idempotent<Started>) -> HttpResponse {
    respond::idempotent(done, |started| {
        let location = started.ticket.location();
        if started.known { respond::ok(started.ticket) } else { respond::accepted(&location, started.ticket) }
    })
}

/// The key's fingerprint says what the request is: its target, the file and how it is read. (The form's boundary differs each time.)
fn complete(req: &HttpRequest, key: IdempotencyKey, upload: &Upload) -> IdempotencyKey {
    let target = req.uri().path_and_query().map_or("", |target| target.as_str());
    let reading = serde_json::to_vec(&(&upload.mapping, upload.options)).unwrap_or_default();
    IdempotencyKey { fingerprint: fingerprint(&[target.as_bytes(), upload.received.digest.as_bytes(), &reading]), ..key }
}

async fn receive(ctx: &TenantContext, mut form: Multipart) -> Result<Upload, ImportError> {
    let limit = ctx.runtime().settings.imports.max_bytes;
    let mut file: Option<Received> = None;
    let mut mapping = Mapping::default();
    let mut options = Options::default();
    while let Some(field) = form.next().await {
        let mut field = field.map_err(malformed)?;
        match field.name().unwrap_or_default() {
            "file" if file.is_some() => return Err(fault("file", "repeated", "is given twice")),
            "file" => file = Some(receive_file(&mut field, limit).await?),
            "mapping" => mapping = json_field(&mut field, "mapping").await?,
            "encoding" => options.encoding = word_field(&mut field, "encoding").await?,
            "skip_invalid" => options.skip_invalid = word_field::<Flag>(&mut field, "skip_invalid").await?.into(),
            other => {
                let name: String = other.chars().filter(|letter| !letter.is_control()).take(60).collect();
                return Err(fault(&name, "unknown", "is no field of this form; fields are file, mapping, encoding, skip_invalid"));
            }
        }
    }
    let received = file.ok_or_else(|| fault("file", "required", "is missing"))?;
    Ok(Upload { received, mapping, options })
}

async fn receive_file(field: &mut Field, limit: u64) -> Result<Received, ImportError> {
    let name = field.content_disposition().and_then(|disposition| disposition.get_filename().map(str::to_owned));
    let mut receiver = Receiver::new(name.as_deref(), limit)?;
    while let Some(piece) = field.next().await {
        receiver.push(&piece.map_err(malformed)?)?;
    }
    receiver.finish()
}

async fn text_field(field: &mut Field, name: &str) -> Result<String, ImportError> {
    let bytes = field.bytes(MAX_FIELD).await.map_err(|_| fault(name, "too_long", "may have at most 1 MiB"))?.map_err(malformed)?;
    String::from_utf8(bytes.to_vec()).map_err(|_| fault(name, "encoding", "must be UTF-8"))
}

async fn json_field<T: DeserializeOwned>(field: &mut Field, name: &str) -> Result<T, ImportError> {
    let text = text_field(field, name).await?;
    if text.contains('\0') || text.contains("\\u0000") {
        return Err(fault(name, "characters", "must not contain NUL characters"));
    }
    serde_json::from_str(&text).map_err(|error| fault(name, "value", &format!("is not as documented: {error}")))
}

/// A word of an enumeration, written without quotes.
async fn word_field<T: DeserializeOwned>(field: &mut Field, name: &str) -> Result<T, ImportError> {
    let text = text_field(field, name).await?;
    serde_json::from_value(serde_json::Value::String(text.trim().to_lowercase())).map_err(|error| fault(name, "value", &error.to_string()))
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "lowercase")]
enum Flag {
    True,
    False,
}

impl From<Flag> for bool {
    fn from(flag: Flag) -> Self {
        matches!(flag, Flag::True)
    }
}

fn fault(field: &str, code: &str, message: &str) -> ImportError {
    ImportError::Invalid(vec![FieldFault::new(field, code, message)])
}

fn malformed(error: MultipartError) -> ImportError {
    let problem = match error {
        MultipartError::ContentTypeMissing | MultipartError::ContentTypeParse | MultipartError::ContentTypeIncompatible | MultipartError::BoundaryMissing => {
            Problem::new(ErrorCode::UNSUPPORTED_MEDIA_TYPE, "Send the file as multipart/form-data.")
        }
        other => Problem::new(ErrorCode::BAD_REQUEST, "The form is malformed or broke off.").with_source(other.to_string()),
    };
    ImportError::Form(Box::new(problem))
}

/// Mounts the operations.
pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(products).service(movements);
}
