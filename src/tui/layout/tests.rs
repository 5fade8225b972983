use super::*;
use crate::tui::testing::{Stage, rows};

fn at(width: u16, height: u16) -> Layout {
    layout(&Stage::showing(width, height, rows(1..=50)).model)
}

#[test]
fn the_size_decides_what_is_beside_above_or_alone() {
    assert_eq!(
        [at(140, 40), at(100, 30), at(80, 24), at(40, 12), at(20, 5)].map(|layout| layout.size),
        [Size::Wide, Size::Normal, Size::Normal, Size::Narrow, Size::TooSmall]
    );
    let narrow = at(40, 12);
    assert!(narrow.list.is_some() && narrow.detail.is_none());
}

#[test]
fn parts_do_not_overlap_and_fill_the_screen_at_any_size_and_split() {
    for (width, height) in (0..170).step_by(7).flat_map(|width| (0..60).step_by(3).map(move |height| (width, height))) {
        for permille in [0, 10, 500, 990, 1000] {
            let mut stage = Stage::showing(width, height, rows(1..=3));
            stage.model.split.columns_permille = permille;
            stage.model.split.rows_permille = permille;
            let layout = layout(&stage.model);
            let mut parts = vec![layout.top, layout.bottom];
            parts.extend(layout.list.map(|list| list.area));
            parts.extend(layout.detail.map(|detail| detail.area));
            parts.extend(layout.divider.filter(|_| layout.size == Size::Wide));
            for (index, part) in parts.iter().enumerate() {
                assert_eq!(part.intersection(layout.screen), *part, "{width}x{height}");
                for other in &parts[index + 1..] {
                    assert!(!part.intersects(*other), "{width}x{height}: {part:?} and {other:?}");
                }
            }
            if layout.size != Size::TooSmall {
                let covered: u32 = parts.iter().map(|part| part.area()).sum();
                assert_eq!(covered, layout.screen.area(), "{width}x{height}");
            }
        }
    }
}

#[test]
fn a_zoomed_pane_has_all_between_top_and_bottom_line() {
    let mut stage = Stage::showing(140, 40, rows(1..=3));
    stage.keys("Enter z");
    let layout = layout(&stage.model);
    assert_eq!(layout.list, None);
    assert_eq!(layout.detail.map(|detail| detail.area), Some(layout.main));
}
