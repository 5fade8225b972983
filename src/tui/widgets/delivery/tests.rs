use super::*;

#[test]
fn what_differs_between_ids_of_one_sender_is_what_is_left() {
    assert_eq!(short("evt_1", 8), "evt_1");
    assert_eq!(short("evt_1NG8Du2eZvKYlo2CUI79vXWy", 8), "…I79vXWy");
    // GitHub's: the end is the same for all of them.
    assert_eq!(short("72d3162e-cc78-11e3-81ab-4c9367dc0958", 9), "72d3162e…");
    assert_eq!(short("0189f7a0-8b1c-7cc3-98c4-dc0c0c07398f", 8), "…c07398f");
    assert_eq!(short("日本語日本語", 6), "…本語");
    assert_eq!(short("evt_1", 0), "");
}
