use super::*;

#[test]
fn one_long_path_is_not_most_of_them() {
    let mut need = Need::default();
    for target in std::iter::repeat_n("/stripe", 40).chain(["/a/path/that/is/far/longer/than/all/of/the/others"]) {
        need.take(&Summary { target: target.into(), ..crate::tui::testing::row(1) });
    }
    assert_eq!((need.path, need.path_most), (49, 8));
}

#[test]
fn most_is_never_more_than_the_longest() {
    let mut need = Need::default();
    need.take(&Summary { target: "/a/b/c".into(), ..crate::tui::testing::row(1) });
    assert_eq!((need.path, need.path_most), (6, 6));
    let long = "/".repeat(300);
    for _ in 0..20 {
        need.take(&Summary { target: long.as_str().into(), ..crate::tui::testing::row(1) });
    }
    assert_eq!((need.path, need.path_most), (300, 300));
}
