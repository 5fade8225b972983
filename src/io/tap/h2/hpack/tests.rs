use proptest::prelude::*;

use super::*;

type Fields = Vec<(Vec<u8>, Vec<u8>)>;

fn decode(decoder: &mut Decoder, block: &[u8]) -> Result<Fields, Wrong> {
    let mut fields = Vec::new();
    decoder.decode(block, |name, value| fields.push((name.to_vec(), value.to_vec())))?;
    Ok(fields)
}

fn fresh(hex: &str) -> Result<Fields, Wrong> {
    decode(&mut Decoder::new(), &hex::decode(hex).unwrap())
}

fn text(fields: &Fields) -> Vec<String> {
    fields
        .iter()
        .map(|(name, value)| format!("{}: {}", String::from_utf8_lossy(name), String::from_utf8_lossy(value)))
        .collect()
}

#[test]
fn the_examples_of_rfc_7541_appendix_c() {
    // C.3 without and C.4 with Huffman coding: three requests on one connection each.
    let plain = [
        "828684410f7777772e6578616d706c652e636f6d",
        "828684be58086e6f2d6361636865",
        "828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565",
    ];
    let coded = [
        "828684418cf1e3c2e5f23a6ba0ab90f4ff",
        "828684be5886a8eb10649cbf",
        "828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf",
    ];
    for blocks in [plain, coded] {
        let mut decoder = Decoder::new();
        let fields = blocks.map(|block| text(&decode(&mut decoder, &hex::decode(block).unwrap()).unwrap()));
        assert_eq!(fields[0], [":method: GET", ":scheme: http", ":path: /", ":authority: www.example.com"]);
        assert_eq!(fields[1][4], "cache-control: no-cache");
        assert_eq!(fields[2][4], "custom-key: custom-value");
    }
}

#[test]
fn entries_leave_the_table_oldest_first_as_in_appendix_c_6() {
    // C.6 with a table of 256 bytes: the third answer evicts what the first one added.
    let mut decoder = Decoder::new();
    let first = "3fe101488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3";
    let second = "4883640effc1c0bf";
    let third = "88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007";
    let [_, second, third] =
        [first, second, third].map(|block| text(&decode(&mut decoder, &hex::decode(block).unwrap()).unwrap()));
    assert_eq!(second[0], ":status: 307");
    assert_eq!(third[0], ":status: 200");
    assert_eq!(third[4], "content-encoding: gzip");
    assert_eq!(third[5], "set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1");
}

#[test]
fn what_is_wrong_is_named() {
    let cases = [
        ("80", Wrong::Index),
        ("be", Wrong::Index),
        ("7f00", Wrong::Index),
        ("ffffffffff01", Wrong::Integer),
        ("00ffffffffff0f", Wrong::Integer),
        ("41", Wrong::Cut),
        ("0005", Wrong::Cut),
        ("000161", Wrong::Cut),
        ("ff", Wrong::Cut),
        // Padding of eight bits, padding of zeros, and the end mark itself.
        ("000161821fff", Wrong::Huffman),
        ("0001618118", Wrong::Huffman),
        ("00016184ffffffff", Wrong::Huffman),
        ("3fe21f", Wrong::TableSize),
        ("8220", Wrong::SizeUpdate),
        ("20202020202020202082", Wrong::SizeUpdates),
    ];
    for (block, wrong) in cases {
        assert_eq!(fresh(block), Err(wrong), "{block}");
    }
    assert_eq!(fresh("203fe11f82").map(|fields| fields.len()), Ok(1), "two changes before the first field are valid");
}

#[test]
fn a_field_larger_than_the_table_empties_it() {
    let mut decoder = Decoder::new();
    decode(&mut decoder, &hex::decode("4001610162").unwrap()).unwrap();
    assert_eq!(text(&decode(&mut decoder, &[0xbe]).unwrap()), ["a: b"]);
    let large = [&[0x40, 1, b'a', 0x7f, 0x81, 0x1f][..], &[b'x'; 4096]].concat();
    assert_eq!(decode(&mut decoder, &large).unwrap()[0].1.len(), 4096);
    assert_eq!(decode(&mut decoder, &[0xbe]), Err(Wrong::Index));
}

#[test]
fn what_the_table_names_is_shared() {
    let mut decoder = Decoder::new();
    let block = [&[0x40, 1, b'a', 0x7f, 0xb9, 0x16][..], &[b'x'; 3000], &[0xbe; 1000]].concat();
    let mut values = Vec::new();
    decoder.decode(&block, |_, value| values.push(value)).unwrap();
    assert_eq!(values.len(), 1001);
    // The first one is a piece of the block.
    assert!(values[1..].iter().all(|value| value.as_ptr() == values[1].as_ptr()));
}

proptest! {
    #[test]
    fn what_another_coder_wrote_is_read(
        fields in proptest::collection::vec(("[a-z0-9-]{1,20}", proptest::collection::vec(any::<u8>(), 0..80)), 0..20),
        blocks in 1usize..4,
    ) {
        let mut encoder = loona_hpack::Encoder::new();
        let mut decoder = Decoder::new();
        for _ in 0..blocks {
            let block = encoder.encode(fields.iter().map(|(name, value)| (name.as_bytes(), &value[..])));
            let expected: Fields =
                fields.iter().map(|(name, value)| (name.clone().into_bytes(), value.clone())).collect();
            prop_assert_eq!(decode(&mut decoder, &block), Ok(expected));
        }
    }

    #[test]
    fn another_decoder_reads_the_same_from_any_bytes(block in proptest::collection::vec(any::<u8>(), 0..60)) {
        let mut other = loona_hpack::Decoder::new();
        other.set_max_allowed_table_size(TABLE_BYTES_MAX);
        // It allows a change of size anywhere but at the end; a field whose end is missing is an error for both.
        let (ours, theirs) = (decode(&mut Decoder::new(), &block), other.decode(&block));
        match (ours, theirs) {
            (Ok(ours), Ok(theirs)) => prop_assert_eq!(ours, theirs),
            (Err(Wrong::SizeUpdate | Wrong::SizeUpdates), _) | (_, Err(loona_hpack::decoder::DecoderError::SizeUpdateAtEnd)) => {}
            (ours, theirs) => prop_assert_eq!(ours.is_err(), theirs.is_err()),
        }
    }

    #[test]
    fn huffman_strings_are_read_as_another_decoder_reads_them(
        mut coded in proptest::collection::vec(any::<u8>(), 0..40),
        is_padded in any::<bool>(),
    ) {
        if is_padded {
            coded.push(0xff);
        }
        let theirs = loona_hpack::huffman::HuffmanDecoder::new().decode(&coded).ok();
        prop_assert_eq!(huffman::decode(&coded), theirs);
    }
}
