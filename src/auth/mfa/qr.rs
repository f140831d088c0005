//! A text as a QR code (ISO/IEC 18004), drawn in SVG.

use qrcodegen_no_heap::{Mask, QrCode, QrCodeEcc, Version};

/// The largest code that is drawn, for 1,273 bytes. The longest address of ours has under 1,000.
const VERSION_MAX: Version = Version::new(25);

/// The pattern that is laid over the modules, the finest there is. To try all eight for the best
/// costs a kilobyte of the Worker; readers take any.
const MASK: u8 = 0;

/// The modules that stay white around a code.
const MARGIN: i32 = 4;

/// Draws a text; `None` when it is too long.
///
/// Clients put the drawing behind `data:image/svg+xml;utf-8,` as it is, so it has no `#`, at which
/// an address would end.
pub(super) fn svg(text: &str) -> Option<String> {
    let mut input = vec![0; VERSION_MAX.buffer_len()];
    input.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
    let mut modules = vec![0; VERSION_MAX.buffer_len()];
    let (least, level) = (Version::MIN, QrCodeEcc::Low);
    let code = QrCode::encode_binary(
        &mut input,
        text.len(),
        &mut modules,
        level,
        least,
        VERSION_MAX,
        Some(Mask::new(MASK)),
        true,
    );
    Some(draw(&code.ok()?))
}

/// Each run of dark modules in a row is one rectangle.
fn draw(code: &QrCode<'_>) -> String {
    let size = code.size();
    let around = size.saturating_add(MARGIN).saturating_add(MARGIN).to_string();
    let mut svg = [
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 "#,
        &around,
        " ",
        &around,
        r#"" shape-rendering="crispEdges"><path fill="white" d="M0 0h"#,
        &around,
        "v",
        &around,
        r#"H0z"/><path d=""#,
    ]
    .concat();
    for y in 0..size {
        let mut x = 0;
        while x < size {
            let dark = (x..size).take_while(|x| code.get_module(*x, y)).count();
            let run = i32::try_from(dark).unwrap_or_default();
            if run > 0 {
                let (left, top) = (x.saturating_add(MARGIN), y.saturating_add(MARGIN));
                svg.push_str(&format!("M{left} {top}h{run}v1h-{run}z"));
            }
            x = x.saturating_add(run).saturating_add(1);
        }
    }
    svg.push_str(r#""/></svg>"#);
    svg
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Draws the rectangles again, as rows of `#` and spaces.
    fn modules(svg: &str) -> Vec<String> {
        let (_, path) = svg.rsplit_once("d=\"").expect("a path");
        let size: usize = svg
            .split_once("viewBox=\"0 0 ")
            .and_then(|(_, rest)| rest.split_once(' '))
            .map(|(size, _)| size.parse().expect("a number"))
            .expect("a size");
        let mut rows = vec![vec![' '; size]; size];
        for run in path.split('M').skip(1) {
            let (place, shape) = run.split_once('h').expect("a run");
            let (x, y) = place.split_once(' ').expect("a place");
            let (x, y): (usize, usize) = (x.parse().expect("x"), y.parse().expect("y"));
            let length: usize = shape
                .split_once('v')
                .and_then(|(length, _)| length.parse().ok())
                .expect("a length");
            for place in &mut rows[y][x..x + length] {
                *place = '#';
            }
        }
        rows.iter().map(|row| row.iter().collect()).collect()
    }

    /// What a reader, which is another's work, makes of the rectangles at `scale` pixels a module.
    fn scanned(svg: &str, scale: usize) -> String {
        let modules = modules(svg);
        let size = modules.len() * scale;
        let mut image = rqrr::PreparedImage::prepare_from_bitmap(size, size, |x, y| {
            modules[y / scale].as_bytes()[x / scale] == b'#'
        });
        let grids = image.detect_grids();
        let [grid] = grids.as_slice() else { panic!("{} codes were found", grids.len()) };
        grid.decode().expect("it can be read").1
    }

    #[test]
    fn a_reader_reads_what_was_written() {
        let address = |account: &str, seed: u8| {
            let secret = super::super::base32::encode(&[seed; 20]);
            super::super::uri::uri("Selvedge", account, &secret)
        };
        for seed in (0..=255).step_by(5) {
            let text = address("ann@example.com", seed);
            assert_eq!(scanned(&svg(&text).expect("short"), 4), text);
        }
        for length in (0..600).step_by(29) {
            let text = address(&"!".repeat(length / 3), 0xa5);
            assert_eq!(scanned(&svg(&text).expect("it fits"), 3), text, "{length}");
        }
        // Hardly anything but zeros, or ones, beneath the mask.
        for text in ["\0".repeat(100), "\u{7f}".repeat(100), "U".repeat(100), "3".repeat(100)] {
            assert_eq!(scanned(&svg(&text).expect("it fits"), 4), text);
        }
    }

    #[test]
    fn a_text_of_any_length_that_fits_is_drawn_and_no_longer_one() {
        for length in [0, 1, 100, 500, 1_000, 1_273] {
            let svg = svg(&"x".repeat(length)).expect("it fits");
            assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>"), "{length}");
            assert!(!svg.contains(['#', '%', '\n', '\'']), "{length}");
        }
        assert_eq!(svg(&"x".repeat(1_274)), None);
        assert_eq!(svg(&"x".repeat(100_000)), None);
    }
}
