//! Pictures as people upload them, and as people upload them who mean harm.

use std::time::{Duration, Instant};

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::{GrayImage, ImageEncoder, Rgb, RgbImage};

use super::*;

const EXIF_TURNED_RIGHT: &[u8] = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
const SECRET: &[u8] = b"52.5163 N 13.3777 E";

fn upload(kind: PictureKind, bytes: Vec<u8>) -> Upload {
    Upload { kind, bytes }
}

/// Red above, blue below.
fn two_halves(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |_, y| if y < height / 2 { Rgb([255, 0, 0]) } else { Rgb([0, 0, 255]) })
}

fn file(kind: PictureKind, image: &RgbImage) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    image.write_to(&mut out, kind.format()).unwrap();
    out.into_inner()
}

/// What is drawn, checked to be a square.
async fn drawn(kind: PictureKind, bytes: Vec<u8>) -> image::RgbaImage {
    let bytes = Pictures::default().draw(upload(kind, bytes)).await.unwrap();
    let image = image::load_from_memory_with_format(&bytes, ImageFormat::WebP).unwrap().into_rgba8();
    assert_eq!(image.dimensions(), (SIDE, SIDE));
    image
}

async fn refused(kind: PictureKind, bytes: Vec<u8>) -> PictureError {
    let began = Instant::now();
    let refused = Pictures::default().draw(upload(kind, bytes)).await.unwrap_err();
    assert!(began.elapsed() < Duration::from_secs(5), "{refused} after {:?}", began.elapsed());
    refused
}

fn is_red(image: &image::RgbaImage, x: u32, y: u32) -> bool {
    let [red, _, blue, alpha] = image.get_pixel(x, y).0;
    red > 200 && blue < 60 && alpha == 255
}

#[tokio::test]
async fn every_kind_becomes_a_square_of_its_middle() {
    for kind in [PictureKind::Png, PictureKind::Jpeg, PictureKind::WebP] {
        let image = drawn(kind, file(kind, &two_halves(600, 300))).await;
        assert!(is_red(&image, 128, 20) && !is_red(&image, 128, 235), "{kind:?}");
        let small = drawn(kind, file(kind, &two_halves(3, 2))).await;
        assert!(is_red(&small, 128, 20), "{kind:?}");
    }
}

#[tokio::test]
async fn a_line_of_pixels_is_drawn_as_quickly_as_a_square() {
    for (width, height) in [(1, MAX_SIDE), (MAX_SIDE, 1), (2, MAX_SIDE)] {
        let began = Instant::now();
        let _ = drawn(PictureKind::Png, file(PictureKind::Png, &two_halves(width, height))).await;
        assert!(began.elapsed() < Duration::from_secs(1), "{width} × {height}: {:?}", began.elapsed());
    }
}

#[tokio::test]
async fn a_picture_is_turned_as_its_camera_was_and_says_nothing_more() {
    let mut bytes = Vec::new();
    let mut encoder = JpegEncoder::new(&mut bytes);
    encoder.set_exif_metadata([EXIF_TURNED_RIGHT, SECRET].concat()).unwrap();
    encoder.encode_image(&two_halves(300, 300)).unwrap();
    assert!(bytes.windows(SECRET.len()).any(|part| part == SECRET));
    let kept = Pictures::default().draw(upload(PictureKind::Jpeg, bytes.clone())).await.unwrap();
    assert!(!kept.windows(SECRET.len()).any(|part| part == SECRET));
    let image = drawn(PictureKind::Jpeg, bytes).await;
    assert!(is_red(&image, 235, 128) && !is_red(&image, 20, 128), "what was above is at the right");
}

#[tokio::test]
async fn what_is_no_picture_of_its_kind_is_refused() {
    let png = file(PictureKind::Png, &two_halves(30, 30));
    for (kind, bytes) in [
        (PictureKind::Png, Vec::new()),
        (PictureKind::Jpeg, png.clone()),
        (PictureKind::WebP, png.clone()),
        (PictureKind::Png, file(PictureKind::Jpeg, &two_halves(30, 30))),
        (PictureKind::Png, png[..png.len() / 2].to_vec()),
        (PictureKind::Png, b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>".to_vec()),
        (PictureKind::WebP, b"RIFF\xff\xff\xff\xffWEBPVP8L".to_vec()),
        (PictureKind::Jpeg, b"\xff\xd8\xff\xff\xff\xff".to_vec()),
    ] {
        let error = refused(kind, bytes).await;
        assert!(matches!(error, PictureError::Unreadable(_)), "{kind:?}: {error}");
        let problem = Problem::from(error);
        assert_eq!(problem.code.status, 422);
    }
}

#[tokio::test]
async fn a_small_file_that_promises_much_is_refused_before_it_is_decoded() {
    // Sixteen megapixels of nothing in a few kilobytes.
    let bomb = |side: u32| {
        let mut bytes = Vec::new();
        let encoder = PngEncoder::new_with_quality(&mut bytes, image::codecs::png::CompressionType::Best, image::codecs::png::FilterType::Sub);
        encoder.write_image(&GrayImage::new(side, side), side, side, ExtendedColorType::L8).unwrap();
        bytes
    };
    let bytes = bomb(4_096);
    assert!(bytes.len() < MAX_BYTES, "{}", bytes.len());
    assert!(matches!(refused(PictureKind::Png, bytes).await, PictureError::TooLarge));
    // Headers that only say so.
    let mut header = file(PictureKind::Jpeg, &two_halves(64, 64));
    let frame = header.windows(2).position(|mark| mark == b"\xff\xc0").expect("a frame");
    header[frame + 5..frame + 9].copy_from_slice(&[0xff, 0xff, 0xff, 0xff]);
    assert!(matches!(refused(PictureKind::Jpeg, header).await, PictureError::TooLarge));
    assert!(matches!(refused(PictureKind::Png, vec![0; MAX_BYTES + 1]).await, PictureError::TooLarge));
    // The largest there may be.
    let _ = drawn(PictureKind::Png, bomb(MAX_SIDE)).await;
}

#[tokio::test]
async fn whoever_finds_all_turns_taken_is_told_to_come_back() {
    let pictures = Pictures::default();
    let _turns = pictures.turns.acquire_many(2).await.unwrap();
    let picture = upload(PictureKind::Png, file(PictureKind::Png, &two_halves(30, 30)));
    let refused = Problem::from(pictures.draw(picture).await.unwrap_err());
    assert!(refused.code.status == 503 && refused.retry_after.is_some());
}
