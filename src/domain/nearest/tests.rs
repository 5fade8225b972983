use super::*;

const NAMES: [&str; 6] = ["stripe", "shopify", "slack", "square", "github", "gitlab"];

#[test]
fn slips_of_a_finger_are_understood() {
    for written in ["strpe", "sripe", "stirpe", "Stripe ", "stripee", "stripe-test"] {
        assert_eq!(nearest(written, NAMES).first(), Some(&"stripe"), "{written}");
    }
    assert_eq!(nearest("gitlub", NAMES), ["github", "gitlab"]);
    assert_eq!(did_you_mean("gihtub", NAMES), "; did you mean `github`?");
}

#[test]
fn something_else_is_not_bent_into_a_name() {
    for written in ["", "x", "paypal", "my-own-thing", "sq"] {
        assert_eq!(nearest(written, NAMES), [""; 0], "{written}");
    }
    assert_eq!(did_you_mean("paypal", NAMES), "");
}

#[test]
fn letters_between_words_are_counted() {
    for (one, other, count) in
        [("", "", 0), ("abc", "abc", 0), ("abc", "", 3), ("", "abc", 3), ("kitten", "sitting", 3), ("abcd", "acbd", 1)]
    {
        assert_eq!(distance(one, other), count, "{one} {other}");
    }
}
