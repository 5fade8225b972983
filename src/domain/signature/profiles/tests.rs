use super::*;

mod lint;

#[test]
fn a_mistyped_name_gets_the_nearest_ones() {
    let said = |name: &str| Profiles::builtin().resolve(name).unwrap_err();
    for (typed, meant) in [
        ("strype", "stripe"),
        ("githb", "github"),
        ("shopfy", "shopify"),
        ("mercado-pago", "mercadopago"),
        ("standardwebhooks", "standard-webhooks"),
        ("Strip", "stripe"),
    ] {
        let words = said(typed);
        assert!(words.contains(&format!("did you mean {meant}")), "{typed}: {words}");
    }
    assert!(!said("zzzzzzzzzz").contains("did you mean"));
    assert!(!said(&"a".repeat(100_000)).contains("did you mean"));
}
