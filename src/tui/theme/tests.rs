use ratatui::style::{Color, Modifier, Style};

use super::*;

/// The ground and the text of the terminals that the themes are made for.
fn assumed(theme: &Theme) -> (Color, Color) {
    match theme.ground {
        Ground::Light => (Color::Rgb(0xff, 0xff, 0xff), Color::Rgb(0x1f, 0x23, 0x28)),
        _ => (Color::Rgb(0x10, 0x14, 0x18), Color::Rgb(0xd8, 0xde, 0xe9)),
    }
}

/// Relative luminance, WCAG 2.2.
fn luminance(color: Color) -> f64 {
    let Color::Rgb(red, green, blue) = color else { panic!("no 24-bit colour: {color:?}") };
    let linear = |value: u8| {
        let part = f64::from(value) / 255.0;
        if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
}

fn contrast(style: Style, base: Style, (ground, text): (Color, Color)) -> f64 {
    let pick = |color: Option<Color>, base: Option<Color>, reset: Color| match color.or(base) {
        Some(Color::Reset) | None => reset,
        Some(color) => color,
    };
    let (fg, bg) = (luminance(pick(style.fg, base.fg, text)), luminance(pick(style.bg, base.bg, ground)));
    (fg.max(bg) + 0.05) / (fg.min(bg) + 0.05)
}

#[test]
fn the_builtin_themes_are_whole() {
    let names: Vec<&str> = Theme::builtin_names().collect();
    assert_eq!(names, ["dark", "high-contrast", "light", "monochrome", "terminal"]);
    for (name, text) in BUILTIN {
        let theme = Theme::parse(name, text).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(theme.name, *name);
    }
    assert_eq!(Theme::builtin("mauve"), None);
}

#[test]
fn numbers_of_parts_and_roles_are_their_places() {
    assert!(Ui::ALL.iter().enumerate().all(|(at, part)| *part as usize == at));
    assert!(ROLES.iter().enumerate().all(|(at, role)| *role as usize == at));
}

#[test]
fn text_can_be_read_on_the_ground_it_is_made_for() {
    for (name, least) in [("dark", 4.5), ("light", 4.5), ("high-contrast", 7.0)] {
        let theme = Theme::builtin(name).expect(name);
        let base = theme.ui(Ui::Base);
        for part in Ui::ALL {
            let least = if matches!(part, Ui::Border | Ui::BorderFocused | Ui::OverlayBorder) { 1.5 } else { least };
            let found = contrast(theme.ui(part), base, assumed(&theme));
            assert!(found >= least, "{name}: {part:?} has a contrast of {found:.2}, below {least}");
        }
        for role in ROLES {
            for ground in [Ui::Base, Ui::Overlay] {
                let found = contrast(theme.role(role), theme.ui(ground), assumed(&theme));
                assert!(found >= least, "{name}: {role:?} on {ground:?} has a contrast of {found:.2}, below {least}");
            }
        }
        for part in [Ui::Good, Ui::Bad, Ui::Warn, Ui::Info, Ui::Accent, Ui::Muted, Ui::KeyHint, Ui::KeyHintText] {
            for ground in [Ui::Selected, Ui::SelectedUnfocused, Ui::TopLine, Ui::Overlay] {
                let found = contrast(theme.ui(part), theme.ui(ground), assumed(&theme));
                assert!(found >= 4.5, "{name}: {part:?} on {ground:?} has a contrast of {found:.2}");
            }
        }
    }
}

#[test]
fn without_colour_nothing_is_coloured_and_the_selection_is_seen() {
    for name in Theme::builtin_names() {
        let theme = Theme::builtin(name).expect(name).at_depth(ColorDepth::None);
        for style in theme.ui.iter().chain(&theme.roles) {
            assert!(style.fg.is_none() && style.bg.is_none(), "{name}: {style:?}");
        }
        assert!(theme.ui(Ui::Selected).add_modifier.contains(Modifier::REVERSED));
        assert_ne!(theme.ui(Ui::SelectedUnfocused), Style::new());
        assert_eq!(theme.name, name);
    }
}

#[test]
fn with_fewer_colours_only_those_are_used() {
    for name in Theme::builtin_names() {
        let theme = Theme::builtin(name).expect(name);
        assert_eq!(theme.at_depth(ColorDepth::TrueColor), theme);
        for depth in [ColorDepth::Ansi16, ColorDepth::Ansi256] {
            let fewer = theme.at_depth(depth);
            for style in fewer.ui.iter().chain(&fewer.roles) {
                for color in style.fg.into_iter().chain(style.bg) {
                    assert!(!matches!(color, Color::Rgb(..)), "{name} {depth:?}: {color:?}");
                    assert!(depth == ColorDepth::Ansi256 || !matches!(color, Color::Indexed(_)));
                }
            }
            let selected = fewer.ui(Ui::Selected);
            assert!(selected.bg.is_some() || selected.add_modifier.contains(Modifier::REVERSED), "{name} {depth:?}");
        }
    }
}

#[test]
fn colours_come_down_to_their_nearest() {
    let style = |red, green, blue| Style::new().fg(Color::Rgb(red, green, blue));
    let at = |style, depth| depth::reduce(style, depth, false).fg;
    assert_eq!(at(style(255, 0, 0), ColorDepth::Ansi256), Some(Color::Indexed(196)));
    assert_eq!(at(style(0x8a, 0x8a, 0x8a), ColorDepth::Ansi256), Some(Color::Indexed(245)));
    assert_eq!(at(style(0xff, 0x7a, 0x85), ColorDepth::Ansi16), Some(Color::Red));
    assert_eq!(at(style(0x7f, 0xd4, 0x92), ColorDepth::Ansi16), Some(Color::Green));
    assert_eq!(at(style(0x93, 0xc5, 0xf5), ColorDepth::Ansi16), Some(Color::Cyan));
    assert_eq!(at(style(0xd8, 0xde, 0xe9), ColorDepth::Ansi16), Some(Color::Reset));
}

#[test]
fn a_users_theme_changes_a_palette_or_a_style_over_a_base() {
    let text = r##"(base: "dark", palette: {"accent": "#123456"}, ui: (good: (fg: "cyan", bold: true)))"##;
    let theme = Theme::parse("/home/me/mine.ron", text).expect("theme");
    let dark = Theme::builtin("dark").expect("dark");
    assert_eq!(theme.name, "mine");
    assert_eq!(theme.ground, Ground::Dark);
    assert_eq!(theme.ui(Ui::Good), Style::new().fg(Color::Cyan).add_modifier(Modifier::BOLD));
    assert_eq!(theme.ui(Ui::Accent).fg, Some(Color::Rgb(0x12, 0x34, 0x56)));
    assert_eq!(theme.role(Role::Link).fg, Some(Color::Rgb(0x12, 0x34, 0x56)));
    assert_eq!(theme.ui(Ui::Bad), dark.ui(Ui::Bad));
}

#[test]
fn mistakes_name_file_line_and_field() {
    let said = |text: &str| Theme::parse("mine.ron", text).expect_err("a mistake").to_string();
    let wrong = [
        "(\n    base: \"dark\",\n    ui: (good: (fg: \"reed\")),\n)",
        "(base: \"darkk\")",
        "(base: \"dark\", ui: (good: (fg: \"#12345\")))",
    ];
    insta::assert_snapshot!(wrong.map(said).join("\n"), @r"
    mine.ron:3:21: `reed` is no colour; expected `#rrggbb`, a name of the palette, `reset`, or one of the terminal's sixteen such as `red` and `light-red`
    mine.ron:1:8: base: there is no theme `darkk`; there are dark, high-contrast, light, monochrome, terminal
    mine.ron:1:32: `#12345` is no colour; expected `#rrggbb`, a name of the palette, `reset`, or one of the terminal's sixteen such as `red` and `light-red`
    ");
    let unknown = said("(\n    base: \"dark\",\n    ui: (goood: (fg: \"red\")),\n)");
    assert!(unknown.starts_with("mine.ron:3:10: Unexpected field named `goood` in `ui`, expected one of"), "{unknown}");
    assert!(said("()").contains("no style for ui.base, ui.muted"));
    assert!(said("(base: \"dark\"").starts_with("mine.ron:1:"));
}
