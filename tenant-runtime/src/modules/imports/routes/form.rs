//! The form of an import, field by field, as it comes in.

use std::collections::HashSet;

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::HttpRequest;
use actix_web::error::PayloadError;
use actix_web::web::Payload;
use bytes::Bytes;
use nexus_core::{ErrorCode, FieldFault, Problem};
use nexus_web::extract::BodyDeadline;
use serde::de::DeserializeOwned;

use super::narrow::{self, Gap};
use crate::context::TenantContext;
use crate::modules::imports::error::ImportError;
use crate::modules::imports::receive::{Received, Receiver};
use crate::modules::imports::service::{Options, Upload};
use crate::modules::imports::wire::Mapping;

/// Greatest size of a form field that is not the file.
const MAX_FIELD: usize = 1024 * 1024;

/// Reads the form: the file into a temporary file, the rest into memory. Each piece and the whole must come in time.
pub async fn receive(ctx: &TenantContext, req: &HttpRequest, payload: Payload) -> Result<Upload, ImportError> {
    let (fields, gap) = narrow::form(req, payload).ok_or_else(|| bad("The boundary of the form must have 4 to 70 characters."))?;
    let mut form = Form { fields, gap, deadline: BodyDeadline::of_upload(req) };
    let limit = ctx.runtime().settings.imports.max_bytes;
    let mut file: Option<Received> = None;
    let mut seen = HashSet::new();
    let mut mapping = Mapping::default();
    let mut options = Options::default();
    while let Some(mut field) = form.next().await? {
        let name = field.name().unwrap_or_default().to_owned();
        if !seen.insert(name.clone()) {
            return Err(fault(&shown(&name), "repeated", "is given twice"));
        }
        match name.as_str() {
            "file" => file = Some(form.file(&mut field, limit).await?),
            "mapping" => mapping = form.json(&mut field, "mapping").await?,
            "encoding" => options.encoding = form.word(&mut field, "encoding").await?,
            "skip_invalid" => options.skip_invalid = form.word::<Flag>(&mut field, "skip_invalid").await?.into(),
            other => {
                return Err(fault(&shown(other), "unknown", "is no field of this form; fields are file, mapping, encoding, skip_invalid"));
            }
        }
    }
    let received = file.ok_or_else(|| fault("file", "required", "is missing"))?;
    Ok(Upload { received, mapping, options })
}

/// A form on its way in.
struct Form {
    fields: Multipart,
    gap: Gap,
    deadline: BodyDeadline,
}

impl Form {
    async fn next(&mut self) -> Result<Option<Field>, ImportError> {
        self.gap.begin();
        let field = self.deadline.next(&mut self.fields).await.map_err(late)?.transpose().map_err(malformed)?;
        self.gap.end();
        Ok(field)
    }

    async fn piece(&self, field: &mut Field) -> Result<Option<Bytes>, ImportError> {
        let piece = self.deadline.next(field).await.map_err(late)?.transpose().map_err(malformed)?;
        self.deadline.arrived(piece.as_ref().map_or(0, Bytes::len)).map_err(late)?;
        Ok(piece)
    }

    async fn file(&self, field: &mut Field, limit: u64) -> Result<Received, ImportError> {
        let name = field.content_disposition().and_then(|disposition| disposition.get_filename().map(str::to_owned));
        let mut receiver = Receiver::new(name.as_deref(), limit)?;
        while let Some(piece) = self.piece(field).await? {
            receiver.push(&piece)?;
        }
        receiver.finish()
    }

    async fn text(&self, field: &mut Field, name: &str) -> Result<String, ImportError> {
        let mut text = Vec::new();
        while let Some(piece) = self.piece(field).await? {
            if text.len() + piece.len() > MAX_FIELD {
                return Err(fault(name, "too_long", "may have at most 1 MiB"));
            }
            text.extend_from_slice(&piece);
        }
        String::from_utf8(text).map_err(|_| fault(name, "encoding", "must be UTF-8"))
    }

    async fn json<T: DeserializeOwned>(&self, field: &mut Field, name: &str) -> Result<T, ImportError> {
        let text = self.text(field, name).await?;
        if text.contains('\0') || text.contains("\\u0000") {
            return Err(fault(name, "characters", "must not contain NUL characters"));
        }
        serde_json::from_str(&text).map_err(|error| fault(name, "value", &format!("is not as documented: {error}")))
    }

    /// A word of an enumeration, written without quotes.
    async fn word<T: DeserializeOwned>(&self, field: &mut Field, name: &str) -> Result<T, ImportError> {
        let text = self.text(field, name).await?;
        serde_json::from_value(serde_json::Value::String(text.trim().to_lowercase())).map_err(|error| fault(name, "value", &error.to_string()))
    }
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

/// A name out of the form, fit to be repeated in an answer.
fn shown(name: &str) -> String {
    name.chars().filter(|letter| !letter.is_control()).take(60).collect()
}

fn bad(message: &str) -> ImportError {
    ImportError::Form(Box::new(Problem::new(ErrorCode::BAD_REQUEST, message)))
}

fn late(problem: Problem) -> ImportError {
    ImportError::Form(Box::new(problem))
}

fn malformed(error: MultipartError) -> ImportError {
    let problem = match error {
        MultipartError::ContentTypeMissing
        | MultipartError::ContentTypeParse
        | MultipartError::ContentTypeIncompatible
        | MultipartError::BoundaryMissing => Problem::new(ErrorCode::UNSUPPORTED_MEDIA_TYPE, "Send the file as multipart/form-data."),
        MultipartError::Payload(PayloadError::Overflow) => {
            Problem::new(ErrorCode::BAD_REQUEST, "The form is malformed: a part has no end to its headers, or text stands before the first part.")
        }
        other => Problem::new(ErrorCode::BAD_REQUEST, "The form is malformed or broke off.").with_source(other.to_string()),
    };
    ImportError::Form(Box::new(problem))
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;
    use std::time::Duration;

    use actix_web::FromRequest;
    use actix_web::test::TestRequest;
    use futures::{Stream, StreamExt, stream};

    use super::*;

    const HEAD: &str = "--boundary\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n";

    /// A form whose file comes with so many bytes a second, for ever.
    async fn form(bytes: usize) -> Form {
        let drip = stream::unfold((), move |()| async move {
            tokio::time::sleep(Duration::from_secs(1)).await;
            Some((Ok(Bytes::from("x".repeat(bytes))), ()))
        });
        let body: Pin<Box<dyn Stream<Item = Result<Bytes, PayloadError>>>> = Box::pin(stream::iter([Ok(Bytes::from(HEAD))]).chain(drip));
        let req = TestRequest::default().insert_header(("content-type", "multipart/form-data; boundary=boundary")).to_http_request();
        let payload = Payload::from_request(&req, &mut body.into()).await.unwrap();
        let (fields, gap) = narrow::form(&req, payload).unwrap();
        Form { fields, gap, deadline: BodyDeadline::of_upload(&req) }
    }

    #[tokio::test(start_paused = true)]
    async fn a_file_that_trickles_is_given_up_and_a_steady_one_is_not() {
        for (bytes, wanted) in [(1024, 408), (16 * 1024, 413)] {
            let mut form = form(bytes).await;
            let mut file = form.next().await.unwrap().unwrap();
            let Err(why) = form.file(&mut file, 1024 * 1024).await else { panic!("it has no end") };
            assert_eq!(Problem::from(why).code.status, wanted, "{bytes} bytes a second");
        }
    }
}
