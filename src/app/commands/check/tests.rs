use super::*;

#[test]
fn a_mistake_is_taken_apart() {
    let whole = parts("/etc/a b.ron:3:14: endpoints[0].secret: it looks like an API key: use another");
    assert_eq!(
        whole,
        json!({ "file": "/etc/a b.ron", "line": 3, "column": 14, "field": "endpoints[0].secret",
                "message": "it looks like an API key: use another" })
    );
    let bare = parts("x.ron:1:1: this `(` is not closed: expected a `)`");
    assert_eq!((&bare["line"], &bare["field"]), (&json!(1), &Value::Null));
    let nowhere = parts("cannot read the configuration x.ron: No such file");
    assert_eq!(
        (&nowhere["line"], &nowhere["message"]),
        (&Value::Null, &json!("cannot read the configuration x.ron: No such file"))
    );
}
