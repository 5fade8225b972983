use super::*;

#[test]
fn only_a_last_coding_of_chunked_frames_the_body() {
    for (lines, chunked) in [
        (&["chunked"][..], true),
        (&["CHUNKED"], true),
        (&["gzip, chunked"], true),
        (&["gzip", "chunked"], true),
        (&["chunked, gzip"], false),
        (&["chunked", "identity"], false),
        (&["xchunked"], false),
        (&[""], false),
        (&[], false),
    ] {
        let headers = Headers::from_pairs(lines.iter().map(|value| ("transfer-ENCODING", value)));
        assert_eq!(is_chunked(&headers), chunked, "{lines:?}");
    }
}

#[test]
fn what_is_framed_is_read_back_the_same() {
    let headers = Headers::from_pairs([("Transfer-Encoding", "chunked")]);
    for length in [0, 1, 15, 16, 255, 70_000] {
        let body = Bytes::from(vec![b'\n'; length]);
        let framed = framed(&headers, &body, &Headers::new());
        let mut read = Vec::new();
        let mut left = &framed[..];
        loop {
            let Ok(httparse::Status::Complete((start, size))) = httparse::parse_chunk_size(left) else {
                panic!("no chunk size in {:?}", &left[..left.len().min(20)]);
            };
            let size = usize::try_from(size).unwrap();
            read.extend_from_slice(&left[start..start + size]);
            assert_eq!(&left[start + size..start + size + 2], b"\r\n");
            left = &left[start + size + 2..];
            if size == 0 {
                break;
            }
        }
        assert_eq!((read.as_slice(), left), (body.as_ref(), b"".as_slice()));
    }
}
