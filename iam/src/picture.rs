//! Pictures of people: what is uploaded is decoded within bounds and drawn anew.
//!
//! - A file is bounded before it is decoded, what it decodes to in pixels and memory while it is: a small file may promise any number of them.
//! - Nothing of the file survives but what it shows, turned as its camera says: a square of [`SIDE`] pixels, without words, places or profiles.
//! - Few are drawn at a time, on threads of their own; whoever comes beyond that is told at once to come back.

use std::io::Cursor;
use std::sync::Arc;

use image::codecs::webp::WebPEncoder;
use image::imageops::FilterType;
use image::metadata::Orientation;
use image::{DynamicImage, ExtendedColorType, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits};
use nexus_core::{FieldFault, Problem};
use thiserror::Error;
use tokio::sync::Semaphore;

/// Largest file, in bytes.
pub const MAX_BYTES: usize = 256 * 1024;
/// Most pixels of a file, in either direction.
pub const MAX_SIDE: u32 = 2_048;
/// Width and height of what is drawn.
pub const SIDE: u32 = 256;
/// Most memory that a file may decode to: four channels of two bytes for every pixel.
const MAX_MEMORY: u64 = 8 * (MAX_SIDE as u64) * (MAX_SIDE as u64);
/// How many are drawn at a time.
const TURNS: usize = 2;

/// What a file says it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PictureKind {
    /// `image/png`.
    Png,
    /// `image/jpeg`.
    Jpeg,
    /// `image/webp`.
    WebP,
}

impl PictureKind {
    /// The kind of this media type.
    #[must_use]
    pub fn of_media_type(media_type: &str) -> Option<Self> {
        [("image/png", Self::Png), ("image/jpeg", Self::Jpeg), ("image/webp", Self::WebP)]
            .into_iter()
            .find(|(name, _)| media_type.eq_ignore_ascii_case(name))
            .map(|(_, kind)| kind)
    }

    fn format(self) -> ImageFormat {
        match self {
            Self::Png => ImageFormat::Png,
            Self::Jpeg => ImageFormat::Jpeg,
            Self::WebP => ImageFormat::WebP,
        }
    }
}

/// A file that was uploaded, not yet looked into.
#[derive(Clone)]
pub struct Upload {
    /// What it says it is.
    pub kind: PictureKind,
    /// Its content.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for Upload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Upload").field("kind", &self.kind).field("bytes", &self.bytes.len()).finish()
    }
}

/// Why nothing was drawn.
#[derive(Debug, Error)]
pub enum PictureError {
    /// The file is larger than [`MAX_BYTES`], or shows more than [`MAX_SIDE`] pixels.
    #[error("the picture is too large")]
    TooLarge,
    /// The file is none of its kind.
    #[error("the picture can't be read: {0}")]
    Unreadable(String),
    /// Too many are being drawn.
    #[error("too many pictures are being drawn")]
    Busy,
    /// The library is broken.
    #[error("drawing failed: {0}")]
    Failed(String),
}

impl From<PictureError> for Problem {
    fn from(error: PictureError) -> Self {
        match error {
            PictureError::TooLarge => {
                let message = format!("may have at most {} KiB, and {MAX_SIDE} pixels in width and height", MAX_BYTES / 1024);
                Self::validation(vec![FieldFault::new("picture", "too_large", message)])
            }
            PictureError::Unreadable(_) => {
                Self::validation(vec![FieldFault::new("picture", "unreadable", "is no picture of the kind that Content-Type says")])
            }
            PictureError::Busy => Self::overloaded("Drawing pictures"),
            PictureError::Failed(_) => Self::internal(error),
        }
    }
}

/// Draws pictures. One per process.
#[derive(Debug)]
pub struct Pictures {
    turns: Arc<Semaphore>,
}

impl Default for Pictures {
    fn default() -> Self {
        Self { turns: Arc::new(Semaphore::new(TURNS)) }
    }
}

impl Pictures {
    /// Draws a square picture (WebP) of what the file shows.
    ///
    /// # Errors
    /// [`PictureError`].
    pub async fn draw(&self, upload: Upload) -> Result<Vec<u8>, PictureError> {
        let turn = Arc::clone(&self.turns).try_acquire_owned().map_err(|_| PictureError::Busy)?;
        // The turn goes with the work, which goes on when the caller has left.
        let work = move || {
            let _turn = turn;
            draw_now(&upload)
        };
        // A decoder that panics has met a file that is not as it should be.
        tokio::task::spawn_blocking(work).await.map_err(|error| PictureError::Unreadable(error.to_string()))?
    }
}

fn draw_now(upload: &Upload) -> Result<Vec<u8>, PictureError> {
    let square = DynamicImage::from(middle(decode(upload)?).into_rgba8()).resize_exact(SIDE, SIDE, FilterType::Lanczos3).into_rgba8();
    let mut drawn = Vec::new();
    let encoder = WebPEncoder::new_lossless(&mut drawn);
    encoder.encode(square.as_raw(), SIDE, SIDE, ExtendedColorType::Rgba8).map_err(|error| PictureError::Failed(error.to_string()))?;
    Ok(drawn)
}

/// The square in the middle. It is cut out before anything is scaled: scaled to the square's side, a picture of one pixel by two thousand has half a million.
fn middle(image: DynamicImage) -> DynamicImage {
    let (width, height) = (image.width(), image.height());
    let side = width.min(height);
    image.crop_imm((width - side) / 2, (height - side) / 2, side, side)
}

fn decode(upload: &Upload) -> Result<DynamicImage, PictureError> {
    if upload.bytes.len() > MAX_BYTES {
        return Err(PictureError::TooLarge);
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_MEMORY);
    let mut reader = ImageReader::with_format(Cursor::new(upload.bytes.as_slice()), upload.kind.format());
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(unreadable)?;
    let (width, height) = decoder.dimensions();
    if width > MAX_SIDE || height > MAX_SIDE || decoder.total_bytes() > MAX_MEMORY {
        return Err(PictureError::TooLarge);
    }
    // What says nothing of how it was held is shown as it is.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut image = DynamicImage::from_decoder(decoder).map_err(unreadable)?;
    image.apply_orientation(orientation);
    Ok(image)
}

fn unreadable(error: ImageError) -> PictureError {
    match error {
        ImageError::Limits(_) => PictureError::TooLarge,
        other => PictureError::Unreadable(other.to_string()),
    }
}

#[cfg(test)]
#[path = "picture_tests.rs"]
mod tests;
