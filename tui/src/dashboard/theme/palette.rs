//! Themes as colours: what each of the sixteen names means, where the terminal's own are not used.

use ratatui::style::Color;

/// The names that styles use; everything else is written in the foreground or is a picture's.
#[derive(Debug)]
pub(crate) struct Shades {
    background: u32,
    foreground: u32,
    quiet: u32,
    /// Keys, what is looked at.
    cyan: u32,
    blue: u32,
    green: u32,
    yellow: u32,
    red: u32,
    magenta: u32,
    gray: u32,
    /// What is written on the colours above.
    ink: u32,
}

/// For eyes that are used to the dark.
pub(crate) const DARK: Shades = Shades {
    background: 0x10141c,
    foreground: 0xd8dee9,
    quiet: 0x8b95a7,
    cyan: 0x5bc0d6,
    blue: 0x7aa2f7,
    green: 0x8fce72,
    yellow: 0xe6c15c,
    red: 0xf28779,
    magenta: 0xd4a1f0,
    gray: 0xb4bccb,
    ink: 0x10141c,
};

pub(crate) const LIGHT: Shades = Shades {
    background: 0xfafafa,
    foreground: 0x22262e,
    quiet: 0x676d79,
    cyan: 0x00687a,
    blue: 0x1f4fc4,
    green: 0x256b1c,
    yellow: 0x7c5200,
    red: 0xb3261e,
    magenta: 0x8a2fb0,
    gray: 0x4c525e,
    ink: 0xfafafa,
};

/// Every pair at seven to one or more.
pub(crate) const CONTRAST: Shades = Shades {
    background: 0x000000,
    foreground: 0xffffff,
    quiet: 0xc4c4c4,
    cyan: 0x4fe3ff,
    blue: 0x9dbdff,
    green: 0x6fff6f,
    yellow: 0xffe14d,
    red: 0xff9d94,
    magenta: 0xffa6ff,
    gray: 0xe0e0e0,
    ink: 0x000000,
};

/// Okabe and Ito's colours: good is blue and bad is orange, which the colour blind tell apart.
pub(crate) const SAFE: Shades = Shades {
    background: 0x10141c,
    foreground: 0xe6e6e6,
    quiet: 0x9a9a9a,
    cyan: 0x56b4e9,
    blue: 0x6aa5d8,
    green: 0x56b4e9,
    yellow: 0xf0e442,
    red: 0xe87722,
    magenta: 0xcc79a7,
    gray: 0xbdbdbd,
    ink: 0x000000,
};

impl Shades {
    pub(super) fn text(&self, colour: Color) -> Color {
        match colour {
            Color::Reset => rgb(self.foreground),
            Color::Black => rgb(self.ink),
            other => self.named(other),
        }
    }

    pub(super) fn ground(&self, colour: Color) -> Color {
        match colour {
            Color::Reset => rgb(self.background),
            other => self.named(other),
        }
    }

    fn named(&self, colour: Color) -> Color {
        rgb(match colour {
            Color::DarkGray => self.quiet,
            Color::Cyan => self.cyan,
            Color::Blue => self.blue,
            Color::Green => self.green,
            Color::Yellow => self.yellow,
            Color::Red => self.red,
            Color::Magenta => self.magenta,
            Color::Gray => self.gray,
            other => return other,
        })
    }
}

fn rgb(value: u32) -> Color {
    let [_, r, g, b] = value.to_be_bytes();
    Color::Rgb(r, g, b)
}

/// What a terminal of sixteen colours has, as xterm mixes them.
const SIXTEEN: [([u8; 3], Color); 16] = [
    ([0, 0, 0], Color::Black),
    ([205, 0, 0], Color::Red),
    ([0, 205, 0], Color::Green),
    ([205, 205, 0], Color::Yellow),
    ([0, 0, 238], Color::Blue),
    ([205, 0, 205], Color::Magenta),
    ([0, 205, 205], Color::Cyan),
    ([229, 229, 229], Color::Gray),
    ([127, 127, 127], Color::DarkGray),
    ([255, 0, 0], Color::LightRed),
    ([0, 255, 0], Color::LightGreen),
    ([255, 255, 0], Color::LightYellow),
    ([92, 92, 255], Color::LightBlue),
    ([255, 0, 255], Color::LightMagenta),
    ([0, 255, 255], Color::LightCyan),
    ([255, 255, 255], Color::White),
];

/// The nearest of sixteen.
pub(super) fn sixteen(colour: Color) -> Color {
    let Color::Rgb(r, g, b) = colour else { return colour };
    let distance = |(mix, _): &&([u8; 3], Color)| -> u32 {
        let apart = mix.iter().zip([r, g, b]).map(|(one, other)| u32::from(one.abs_diff(other)));
        apart.map(|apart| apart * apart).sum()
    };
    SIXTEEN.iter().min_by_key(distance).map_or(Color::Reset, |(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn channels(value: u32) -> [f64; 3] {
        let [_, r, g, b] = value.to_be_bytes();
        [r, g, b].map(|channel| {
            let share = f64::from(channel) / 255.0;
            if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
        })
    }

    /// As the Web Content Accessibility Guidelines define it.
    fn contrast(one: u32, other: u32) -> f64 {
        let luminance = |value| {
            let [r, g, b] = channels(value);
            0.2126 * r + 0.7152 * g + 0.0722 * b
        };
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    fn colours(shades: &Shades) -> [u32; 8] {
        let Shades { cyan, blue, green, yellow, red, magenta, gray, quiet, .. } = *shades;
        [cyan, blue, green, yellow, red, magenta, gray, quiet]
    }

    #[test]
    fn what_is_written_can_be_read() {
        for (name, shades, least) in [
            ("dark", &DARK, 4.5),
            ("light", &LIGHT, 4.5),
            ("contrast", &CONTRAST, 7.0),
            ("safe", &SAFE, 4.5),
        ] {
            assert!(contrast(shades.foreground, shades.background) >= 7.0, "{name}");
            for colour in colours(shades) {
                let read = contrast(colour, shades.background);
                assert!(read >= least, "{name}: {colour:06x} on its background is {read:.2}");
                let written = contrast(shades.ink, colour);
                assert!(written >= least, "{name}: ink on {colour:06x} is {written:.2}");
            }
        }
    }

    /// As one without green (Machado, Oliveira and Fernandes 2009, severity 1.0), in linear light.
    const DEUTERANOPE: [[f64; 3]; 3] = [
        [0.367_322, 0.860_646, -0.227_968],
        [0.280_085, 0.672_501, 0.047_413],
        [-0.011_820, 0.042_940, 0.968_881],
    ];
    /// As one without red.
    const PROTANOPE: [[f64; 3]; 3] = [
        [0.152_286, 1.052_583, -0.204_868],
        [0.114_503, 0.786_281, 0.099_216],
        [-0.003_882, -0.048_116, 1.051_998],
    ];

    #[test]
    fn good_and_bad_are_told_apart_by_the_colour_blind() {
        let seen = |matrix: [[f64; 3]; 3], value| {
            let light = channels(value);
            matrix.map(|row| row.iter().zip(light).map(|(by, light)| by * light).sum::<f64>())
        };
        let apart = |matrix, one, other| -> f64 {
            let (one, other) = (seen(matrix, one), seen(matrix, other));
            one.iter().zip(other).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt()
        };
        for matrix in [DEUTERANOPE, PROTANOPE] {
            let pairs =
                [(SAFE.green, SAFE.red), (SAFE.green, SAFE.yellow), (SAFE.red, SAFE.yellow)];
            for (one, other) in pairs {
                let apart = apart(matrix, one, other);
                assert!(apart > 0.35, "{one:06x} and {other:06x} are {apart:.2} apart");
            }
        }
    }

    #[test]
    fn sixteen_colours_stand_for_all() {
        for (colour, expected) in [
            (Color::Rgb(10, 10, 20), Color::Black),
            (Color::Rgb(250, 20, 0), Color::LightRed),
            (Color::Rgb(30, 90, 200), Color::LightBlue),
            (Color::Green, Color::Green),
        ] {
            assert_eq!(sixteen(colour), expected, "{colour:?}");
        }
    }
}
