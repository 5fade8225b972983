use std::path::Path;

use super::*;

fn mistake(text: &str) -> String {
    Config::parse(Path::new("hooksight.ron"), text).expect_err("must be refused").to_string()
}

#[test]
fn probe() {
    for text in [
        "(\n    port: 70700,\n)",
        "(\n    prot: 7070,\n)",
        "(\n    limits: (body: \"10 apples\"),\n)",
        "(\n    limits: (\n        body: true,\n    ),\n)",
        "(\n    endpoints: [\n        (path: \"/a\"),\n        (path: \"b\"),\n    ],\n)",
        "(\n    endpoints: [\n        (provider: \"github\"),\n    ],\n)",
        "(\n    mouse: 1,\n)",
        "(\n    mouse: false\n    port: 1,\n)",
        "(\n    port: 1,\n    port: 2,\n)",
        "(\n    keys: {\"quit\": 7},\n)",
        "(\n    reply: \"20\",\n)",
        "(\n    clipboard: \"wayland\",\n)",
        "(\n    bind: \"localhost\",\n)",
        "(\n    secrets: {\"github\": \"env:\"},\n)",
        "(\n    theme: dark,\n)",
        "port: 1",
        "(port: 1) x",
        "(\n  theme: \"dark\n",
    ] {
        println!("{text:?}\n   {}", mistake(text));
    }
}
