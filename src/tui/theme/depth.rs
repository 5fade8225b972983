//! A theme on terminals that show fewer colours.

use ratatui::style::{Color, Modifier, Style};

use super::parts::Ui;

/// How many colours the terminal shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColorDepth {
    /// None, by wish (`NO_COLOR`) or by nature.
    None,
    /// The terminal's own sixteen.
    Ansi16,
    /// The table of 256.
    Ansi256,
    /// 24 bits.
    TrueColor,
}

/// Whether a part must stay visible when its ground cannot be painted.
pub(super) fn stands_out(part: Ui) -> bool {
    matches!(part, Ui::Selected | Ui::Hit | Ui::HitCurrent | Ui::Cursor)
}

/// The style with colours that the depth has. With sixteen, a painted ground becomes reverse where it must be seen and is
/// left out elsewhere, because what those sixteen look like is the user's choice.
pub(super) fn reduce(style: Style, depth: ColorDepth, stands_out: bool) -> Style {
    match depth {
        ColorDepth::TrueColor | ColorDepth::None => style,
        ColorDepth::Ansi256 => Style { fg: style.fg.map(to_256), bg: style.bg.map(to_256), ..style },
        ColorDepth::Ansi16 => to_16(style, stands_out),
    }
}

/// The nearest colour of the 6x6x6 cube or the grey ramp of xterm's table.
fn to_256(color: Color) -> Color {
    const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    let Color::Rgb(red, green, blue) = color else { return color };
    let step = |value: u8| (0u8..6).zip(STEPS).min_by_key(|(_, step)| step.abs_diff(value)).unwrap_or((0, 0));
    let cube = [step(red), step(green), step(blue)];
    let grey_sum = u16::from(red) + u16::from(green) + u16::from(blue);
    let grey_index = (grey_sum / 3).saturating_sub(3).min(235) / 10;
    let grey = u8::try_from(8 + 10 * grey_index).unwrap_or(u8::MAX);
    let far = |to: [u8; 3]| -> u32 {
        [red, green, blue].iter().zip(to).map(|(from, to)| u32::from(from.abs_diff(to)).pow(2)).sum()
    };
    if far([grey; 3]) < far(cube.map(|(_, value)| value)) {
        return Color::Indexed(232 + u8::try_from(grey_index).unwrap_or(23));
    }
    let [(red, _), (green, _), (blue, _)] = cube;
    Color::Indexed(16 + 36 * red + 6 * green + blue)
}

fn to_16(style: Style, stands_out: bool) -> Style {
    let painted = matches!(style.bg, Some(Color::Rgb(..)));
    let mut reduced = Style { fg: style.fg.map(|color| hue(color).unwrap_or(Color::Reset)), bg: style.bg, ..style };
    if let Some(Color::Rgb(red, green, blue)) = style.fg
        && hue(Color::Rgb(red, green, blue)).is_none()
        && (0x40..0xb8).contains(&green)
    {
        reduced = reduced.add_modifier(Modifier::DIM);
    }
    if painted {
        reduced.bg = None;
        if stands_out {
            reduced.fg = None;
            reduced = reduced.remove_modifier(Modifier::DIM).add_modifier(Modifier::REVERSED);
        }
    }
    reduced
}

/// Which of the terminal's colours has this hue; `None` for greys. Colours that are no 24-bit ones stay.
fn hue(color: Color) -> Option<Color> {
    let Color::Rgb(red, green, blue) = color else { return Some(color) };
    let most = red.max(green).max(blue);
    let least = red.min(green).min(blue);
    if most - least < 48 {
        return None;
    }
    let middle = least + (most - least) / 2;
    Some(match (red > middle, green > middle, blue > middle) {
        (true, false, false) => Color::Red,
        (false, true, false) => Color::Green,
        (true, true, false) => Color::Yellow,
        (false, false, true) => Color::Blue,
        (true, false, true) => Color::Magenta,
        _ => Color::Cyan,
    })
}
