use super::*;

const HEX: &str = "00a1b2c30405d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f";
const BASE64: &str = "V6vJ+a1b2C3d4/E5f6G7h8I9j0K1l2M3n4O5p6Q7r8S=";

fn kind(came: &str, right: &str) -> &'static str {
    match damage(came.as_bytes(), right, right == HEX) {
        None => "none",
        Some(Damage::Wrapped) => "wrapped",
        Some(Damage::Escaped(_)) => "escaped",
        Some(Damage::Cut(_)) => "cut",
        Some(Damage::Altered(_)) => "altered",
    }
}

#[test]
fn parts_of_the_right_text_are_told_from_others() {
    let other = "f".repeat(64);
    for (came, right, wanted) in [
        (HEX, HEX, "none"),
        (&HEX[..63], HEX, "cut"),
        (&HEX[..6], HEX, "cut"),
        (&HEX[..5], HEX, "none"),
        (&HEX[2..], HEX, "cut"),
        (&HEX[20..], HEX, "cut"),
        (&HEX.replacen('0', "", 2), HEX, "cut"),
        (&format!("{}…", &HEX[..20]), HEX, "cut"),
        (&format!("{}...{}", &HEX[..4], &HEX[60..]), HEX, "cut"),
        (&format!("{}********{}", &HEX[..4], &HEX[60..]), HEX, "cut"),
        (&format!("ffff...{}", &HEX[60..]), HEX, "none"),
        ("0a1b2c345d6e7f891a2b3c4d5e6f708192a3b4c5d6e7f891a2b3c4d5e6f", HEX, "cut"),
        (&format!("\"{HEX}\""), HEX, "wrapped"),
        (&format!("{HEX}\\n"), HEX, "wrapped"),
        (&format!("{} {}", &HEX[..32], &HEX[32..]), HEX, "wrapped"),
        (&format!("\"{}\"", &HEX[..32]), HEX, "cut"),
        (&HEX.replace("3c4d", "3c4e"), HEX, "altered"),
        (&format!("{}{}", &HEX[..10], &other[10..]), HEX, "altered"),
        (&other, HEX, "none"),
        ("", HEX, "none"),
        (&BASE64[..40], BASE64, "cut"),
        (&BASE64.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D"), BASE64, "escaped"),
        (&BASE64.replace('+', " "), BASE64, "escaped"),
        (&base64::engine::general_purpose::STANDARD.encode(BASE64), BASE64, "escaped"),
        (&BASE64.to_lowercase(), BASE64, "altered"),
        (&format!("{}\r\n {}", &BASE64[..20], &BASE64[20..]), BASE64, "wrapped"),
    ] {
        assert_eq!(kind(came, right), wanted, "{came}");
    }
}

#[test]
fn fewer_bytes_of_the_digest_are_a_cut() {
    let digest = [7, 8, 9, 10, 11, 12, 13, 14];
    assert!(fewer_bytes(&digest[..4], &digest).is_some());
    for other in [&digest[..3], &digest[..], &[7, 8, 9, 11][..]] {
        assert_eq!(fewer_bytes(other, &digest), None, "{other:?}");
    }
}
