use proptest::prelude::*;

use super::read;

proptest! {
    #[test]
    fn no_text_panics_and_whole_digests_come_back(text in ".{0,80}", bytes in proptest::collection::vec(any::<u8>(), 32)) {
        let _ = read(&text);
        let hexed = hex::encode(&bytes);
        prop_assert_eq!(&read(&hexed)[0].bytes, &bytes);
        prop_assert_eq!(&read(&format!("sha256={hexed}"))[0].bytes, &bytes);
    }
}
