//! Files import one another one way only: a circle of files can only be understood, moved or deleted as one.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::{expand, is_test, is_word, module_of, paths, resolve, rust_files, without_comments_and_strings};

/// Circles that are left. None may join, and who is in none any more is struck from the list.
const LEFT: &[&[&str]] = &[&["io::store::shared", "io::store::syncer"]];

#[test]
fn no_files_import_one_another_in_a_circle() {
    let house = House::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    let edges = house.edges();
    assert!(house.files.len() > 300 && edges.len() > 1000, "{} files, {} imports", house.files.len(), edges.len());
    let circles = circles(&edges);
    let is_left = |circle: &BTreeSet<&str>| LEFT.iter().any(|left| circle.iter().all(|file| left.contains(file)));
    let mut wrong = Vec::new();
    for circle in circles.iter().filter(|circle| !is_left(circle)) {
        wrong.push(format!("a circle of {}:", circle.len()));
        for ((from, to), names) in &edges {
            if circle.contains(from.as_str()) && circle.contains(to.as_str()) {
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                wrong.push(format!("    {from} -> {to}: {}", names.join(", ")));
            }
        }
    }
    for file in LEFT.iter().flat_map(|left| left.iter()) {
        if !circles.iter().any(|circle| circle.contains(file)) {
            wrong.push(format!("{file} is in no circle any more: strike it from the list"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_reader_of_imports_sees_a_circle() {
    let files = [
        ("a", "mod b;\npub use b::B;\nuse crate::c::C;"),
        ("a::b", "use super::super::a::A; pub struct B;"),
        ("c", "use crate::a; fn f() { a::B::new(); }\n#[cfg(test)]\nmod tests { use crate::d::D; fn g() { '{'; } }"),
        ("d", "use crate::c::C; mod e; fn f() -> e::E { \"crate::a::A\" }"),
        ("d::e", "pub struct E;"),
    ];
    let house = House::of(files.map(|(file, text)| (file.to_owned(), text.to_owned())));
    let edges = house.edges();
    let pairs: Vec<String> = edges.keys().map(|(from, to)| format!("{from} {to}")).collect();
    // `a` hands `B` on and does not use it; `c` has it from there.
    assert_eq!(pairs, ["a c", "a::b a", "c a::b", "d c", "d d::e"]);
    assert_eq!(circles(&edges), [BTreeSet::from(["a", "a::b", "c"])]);
}

/// By importing file and imported one: which names.
type Edges = BTreeMap<(String, String), BTreeSet<String>>;

/// The files of the tree by module, `app::settings` for `app/settings.rs`, without their tests.
struct House {
    files: BTreeMap<String, File>,
}

struct File {
    /// What it imports, each with the name under which it is used here.
    imports: Vec<Import>,
    /// The code without imports.
    body: String,
}

struct Import {
    name: String,
    path: String,
    /// It is handed on (`pub use`).
    is_handed_on: bool,
}

impl House {
    fn read(src: &Path) -> Self {
        let inside = |file: &Path| file.strip_prefix(src).expect("under src").to_owned();
        let files = rust_files(src).into_iter().map(|file| (inside(&file), file));
        let files = files.filter(|(inside, _)| !is_test(inside) && !is_bench(inside));
        Self::of(files.map(|(inside, file)| (module_of(&inside), std::fs::read_to_string(file).expect("readable"))))
    }

    fn of(files: impl IntoIterator<Item = (String, String)>) -> Self {
        let read = |(module, text): (String, String)| {
            let code = without_tests(without_comments_and_strings(&text));
            let (imports, body) = imports(&code, &module);
            (module, File { imports, body })
        };
        Self { files: files.into_iter().map(read).collect() }
    }

    fn edges(&self) -> Edges {
        let mut edges = Edges::new();
        for (module, file) in &self.files {
            let mut add = |path: &str| {
                if let Some((to, name)) = self.home_of(path, 0)
                    && to != *module
                {
                    edges.entry((module.clone(), to)).or_default().insert(name);
                }
            };
            for import in &file.imports {
                if !import.is_handed_on || has_word(&file.body, &import.name) {
                    add(&import.path);
                }
            }
            let names: BTreeMap<&str, &str> =
                file.imports.iter().map(|import| (import.name.as_str(), import.path.as_str())).collect();
            for found in paths(&file.body, module) {
                let (first, rest) = found.path.split_once("::").unwrap_or((&found.path, ""));
                match names.get(first) {
                    _ if first == "crate" => add(&found.path),
                    Some(path) => add(&format!("{path}::{rest}")),
                    None => add(&format!("crate::{module}::{}", found.path)),
                }
            }
        }
        edges
    }

    /// The file in which something is, and its name there; through those that only hand it on. `None`: another package's, or a
    /// file itself.
    fn home_of(&self, path: &str, depth: usize) -> Option<(String, String)> {
        let parts: Vec<&str> = path.strip_prefix("crate::")?.split("::").collect();
        let known = (1..=parts.len()).rev().find(|count| self.files.contains_key(&parts[..*count].join("::")))?;
        let module = parts[..known].join("::");
        let name = (*parts.get(known)?).to_owned();
        // `crate::io::tests` and the like: inside of the file itself.
        let handed_on = self.files[&module].imports.iter().find(|import| import.is_handed_on && import.name == name);
        match handed_on.filter(|_| depth < 8).and_then(|import| self.home_of(&import.path, depth + 1)) {
            Some(home) => Some(home),
            None => Some((module, name)),
        }
    }
}

/// `tui/testing.rs` is compiled for tests alone; `lib.rs` and `main.rs` import all floors.
fn is_bench(inside: &Path) -> bool {
    let is = |name: &str| {
        inside.components().any(|part| part.as_os_str() == name || part.as_os_str() == &*format!("{name}.rs"))
    };
    is("testing") || inside == Path::new("lib.rs") || inside == Path::new("main.rs")
}

/// The imports of a file, and its code without them.
fn imports(code: &str, module: &str) -> (Vec<Import>, String) {
    let (mut imports, mut body, mut rest) = (Vec::new(), String::new(), code);
    while let Some(at) = rest.find("use ") {
        let before = &rest[..at];
        let is_import = before.trim_end().is_empty()
            || before.trim_end().ends_with([';', '{', '}', ']'])
            || before.trim_end().ends_with("pub")
            || (before.trim_end().ends_with(')')
                && before.trim_end().rsplit('\n').next().is_some_and(|line| line.trim_start().starts_with("pub(")));
        let end = rest[at..].find(';').map_or(rest.len(), |end| at + end);
        if !is_import || before.ends_with(|c: char| c.is_alphanumeric() || c == '_') {
            body.push_str(&rest[..at + 4]);
            rest = &rest[at + 4..];
            continue;
        }
        let line = before.rsplit('\n').next().unwrap_or_default().trim_start();
        let is_handed_on = line.starts_with("pub");
        let mut all = Vec::new();
        expand(&rest[at + 4..end], "", &mut all);
        for path in all {
            let full = resolve(&path, module);
            // Names of a file's own children need no `self`.
            let full = if full.starts_with("crate::") { full } else { format!("crate::{module}::{full}") };
            let name = full.rsplit("::").next().unwrap_or_default().to_owned();
            imports.push(Import { name, path: full, is_handed_on });
        }
        body.push_str(before);
        rest = &rest[(end + 1).min(rest.len())..];
    }
    body.push_str(rest);
    (imports, body)
}

/// The code without what is compiled for tests alone.
fn without_tests(code: String) -> String {
    let Some(at) = code.find("#[cfg(test)]") else { return code };
    let rest = &code[at..];
    let open = rest.find(['{', ';']).unwrap_or(rest.len());
    let mut end = open;
    if rest[open..].starts_with('{') {
        let mut depth = 0;
        for (place, c) in rest.char_indices().skip_while(|(place, _)| *place < open) {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                end = place;
                break;
            }
        }
    }
    without_tests(format!("{}{}", &code[..at], rest.get(end + 1..).unwrap_or_default()))
}

fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let bytes = text.as_bytes();
        let is_begun = at > 0 && is_word(bytes[at - 1]);
        // `mod check;` is no use of the function `check`.
        !is_begun && !text[..at].ends_with("mod ") && !bytes.get(at + word.len()).is_some_and(|byte| is_word(*byte))
    })
}

/// The circles: files each of which leads to each other, two at least.
fn circles(edges: &Edges) -> Vec<BTreeSet<&str>> {
    let mut to: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (one, other) in edges.keys() {
        to.entry(one).or_default().push(other);
    }
    let led_to: BTreeMap<&str, BTreeSet<&str>> = to.keys().map(|file| (*file, all_led_to(file, &to))).collect();
    let mut circles: Vec<BTreeSet<&str>> = Vec::new();
    for (file, reached) in &led_to {
        if circles.iter().any(|circle| circle.contains(file)) || !reached.contains(file) {
            continue;
        }
        let leads_back = |other: &&&str| led_to.get(**other).is_some_and(|back| back.contains(file));
        circles.push(reached.iter().filter(leads_back).copied().collect());
    }
    circles
}

fn all_led_to<'a>(file: &str, to: &BTreeMap<&'a str, Vec<&'a str>>) -> BTreeSet<&'a str> {
    let (mut reached, mut next) = (BTreeSet::new(), to.get(file).cloned().unwrap_or_default());
    while let Some(one) = next.pop() {
        if reached.insert(one) {
            next.extend(to.get(one).into_iter().flatten());
        }
    }
    reached
}
