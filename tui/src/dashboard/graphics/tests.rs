use std::io::Cursor;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use deskbound_accessibility::{ScreenPx, ScreenRect};
use image::{ImageFormat, ImageReader, Rgb, RgbImage};
use ratatui::layout::Rect;

use super::super::picture::Extent;
use super::*;

const CELL: CellPx = CellPx { width: 10, height: 20 };
const EXTENT: Extent = Extent { columns: 12, rows: 5 };
const WHOLE: ScreenRect = ScreenRect { x: 0, y: 0, width: 320, height: 200 };

fn means(protocol: Protocol) -> Means {
    Means { protocol, between: Between::Nothing, cell: CELL }
}

fn screen() -> RgbImage {
    RgbImage::from_fn(320, 200, |x, y| {
        Rgb(if (x / 40 + y / 40) % 2 == 0 { [255, 0, 0] } else { [0, 0, 255] })
    })
}

fn packed(means: Means) -> (RgbImage, String) {
    let raster = Raster::of(&screen(), WHOLE, EXTENT, means);
    let bytes = pack(&raster, means).unwrap();
    (raster.image, String::from_utf8(bytes).unwrap())
}

fn png(payload: &str) -> (RgbImage, usize) {
    let bytes = STANDARD.decode(payload).unwrap();
    let length = bytes.len();
    let reader = ImageReader::with_format(Cursor::new(bytes), ImageFormat::Png);
    (reader.decode().unwrap().to_rgb8(), length)
}

#[test]
fn kittys_pieces_are_the_picture_again() {
    let (image, text) = packed(means(Protocol::Kitty));
    assert_eq!(image.dimensions(), (120, 100));
    let pieces: Vec<&str> = text.split_inclusive("\u{1b}\\").collect();
    let mut payload = String::new();
    for (index, piece) in pieces.iter().enumerate() {
        let inside = piece.strip_prefix("\u{1b}_G").unwrap().strip_suffix("\u{1b}\\").unwrap();
        let (head, part) = inside.split_once(';').unwrap();
        assert_eq!(head.contains("a=T,f=100,t=d"), index == 0, "{head}");
        assert_eq!(head.ends_with("m=0"), index + 1 == pieces.len(), "{head}");
        assert!(part.len() <= 4096);
        payload += part;
    }
    assert!(text.contains("c=12,r=5,C=1,q=2"), "over its cells, and without an answer");
    assert_eq!(png(&payload).0, image);
}

#[test]
fn iterms_file_has_the_size_it_says() {
    let (image, text) = packed(means(Protocol::Iterm2));
    let inside = text.strip_prefix("\u{1b}]1337;File=").unwrap().strip_suffix('\u{7}').unwrap();
    let (head, payload) = inside.split_once(':').unwrap();
    let (shown, length) = png(payload);
    assert_eq!(shown, image);
    assert_eq!(
        head,
        format!("inline=1;size={length};width=12;height=5;preserveAspectRatio=0;doNotMoveCursor=1")
    );
}

/// Sixels as a terminal reads them.
fn read_sixels(text: &str) -> RgbImage {
    let body = text.strip_prefix("\u{1b}P0;1;0q\"1;1;").unwrap().strip_suffix("\u{1b}\\").unwrap();
    let end = body.find('#').unwrap();
    let (width, height) = body[..end].split_once(';').unwrap();
    let (width, height) = (width.parse().unwrap(), height.parse().unwrap());
    let mut image = RgbImage::new(width, height);
    let mut registers = vec![Rgb([0, 0, 0]); 256];
    let (mut colour, mut x, mut band, mut times) = (0, 0, 0, 1);
    let mut tokens = body[end..].chars().peekable();
    while let Some(token) = tokens.next() {
        let mut numbers = Vec::new();
        if matches!(token, '#' | '!') {
            let mut text = String::new();
            while let Some(c) = tokens.next_if(|c| c.is_ascii_digit() || *c == ';') {
                text.push(c);
            }
            numbers.extend(text.split(';').map(|n| n.parse::<u32>().unwrap()));
        }
        match (token, &numbers[..]) {
            ('#', [register, 2, r, g, b]) => {
                let share = |of: &u32| (of * 255 / 100) as u8;
                registers[*register as usize] = Rgb([share(r), share(g), share(b)]);
            }
            ('#', [register]) => colour = *register as usize,
            ('!', [run]) => times = *run,
            ('$', _) => x = 0,
            ('-', _) => (x, band) = (0, band + 1),
            (sixel @ '?'..='~', _) => {
                let bits = sixel as u8 - b'?';
                for _ in 0..times {
                    for bit in (0..6).filter(|bit| bits >> bit & 1 == 1) {
                        image.put_pixel(x, band * 6 + bit, registers[colour]);
                    }
                    x += 1;
                }
                times = 1;
            }
            other => panic!("{other:?}"),
        }
    }
    image
}

#[test]
fn sixels_are_the_picture_again() {
    let (image, text) = packed(means(Protocol::Sixel));
    // Sixteen bands of six: no row reaches below the cells.
    assert_eq!(image.dimensions(), (120, 96));
    let shown = read_sixels(&text);
    assert_eq!(shown.dimensions(), image.dimensions());
    for (x, y, pixel) in image.enumerate_pixels() {
        for (one, other) in pixel.0.iter().zip(shown.get_pixel(x, y).0) {
            assert!(one.abs_diff(other) <= 26, "{x},{y}: {pixel:?}");
        }
    }
}

#[test]
fn what_goes_through_tmux_comes_out_again() {
    let plain = packed(means(Protocol::Kitty)).1;
    let wrapped = packed(Means { between: Between::Tmux, ..means(Protocol::Kitty) }).1;
    let mut unwrapped = String::new();
    for part in wrapped.split("\u{1b}Ptmux;").skip(1) {
        let inside = part.strip_suffix("\u{1b}\\").unwrap();
        assert!(!inside.replace("\u{1b}\u{1b}", "").contains('\u{1b}'), "half an escape");
        unwrapped += &inside.replace("\u{1b}\u{1b}", "\u{1b}");
    }
    assert_eq!(unwrapped, plain);
}

#[test]
fn targets_are_marked_and_what_lies_outside_is_not() {
    let mut raster = Raster::of(&screen(), WHOLE, EXTENT, means(Protocol::Kitty));
    let before = raster.image.clone();
    let far = ScreenRect { x: 5000, y: 5000, width: 10, height: 10 };
    raster.mark(&Marks { points: vec![ScreenPx { x: -900, y: 7 }], boxes: vec![far] });
    assert_eq!(raster.image, before);
    let bounds = ScreenRect { x: 100, y: 80, width: 60, height: 40 };
    raster.mark(&Marks { points: vec![bounds.centre()], boxes: vec![bounds] });
    let at = |x: u32, y: u32| raster.image.get_pixel(x * 120 / 320, y * 100 / 200).0;
    assert_eq!(at(130, 100), [255, 214, 0]);
    // Inside of the box, beside the cross, is what was there.
    assert_eq!(at(106, 86), before.get_pixel(106 * 120 / 320, 86 * 100 / 200).0);
}

#[test]
fn nothing_is_sent_twice_and_nothing_stays_behind() {
    let (mut canvas, mut out) = (Canvas::default(), Vec::new());
    let placed = |byte: u8, x: u16| Placed {
        bytes: Arc::new(vec![byte]),
        place: Rect { x, y: 1, width: 4, height: 2 },
    };
    assert!(!canvas.is_in_the_way(None));
    assert!(canvas.show(Some(placed(b'a', 2)), Between::Nothing, &mut out).unwrap());
    assert_eq!(out, b"\x1b7\x1b[2;3Ha\x1b8");
    assert!(!canvas.show(Some(placed(b'a', 2)), Between::Nothing, &mut out).unwrap());
    assert!(canvas.show(Some(placed(b'b', 2)), Between::Nothing, &mut out).unwrap());
    assert!(!canvas.is_in_the_way(Some(&placed(b'c', 2))));
    assert!(canvas.is_in_the_way(Some(&placed(b'b', 3))) && canvas.is_in_the_way(None));
    out.clear();
    canvas.remove(means(Protocol::Kitty), &mut out).unwrap();
    assert_eq!(out, KITTY_CLEAR.as_bytes());
    assert!(!canvas.is_in_the_way(None));
}
