//! The official packages of providers take what `send` sends, refuse what `send --hostile` spoils, and what they sign is valid
//! after a real capture. They are installed once into target/tmp/sdk; without a way to install them, or in time, the test says so.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::channel;
use std::time::Duration;

use hooksight::domain::signature::Profiles;
use hooksight::domain::signature::crypto::{keys, private};
use hooksight::domain::signature::scheme::{Algorithm, Key, KeyKind};
use serde_json::{Value, json};

use super::children::output_within;
use super::support::{DEADLINE, Home};

/// Longest time for one step of an installation. A registry that answers takes some 40 s; one that is out of reach may say nothing
/// at all, and an installer that waits for it knows no end.
const INSTALL_MAX: Duration = Duration::from_secs(180);

/// Longest time for all deliveries that packages sign.
const SIGN_MAX: Duration = Duration::from_secs(120);

/// What the keys of a provider look like.
#[derive(Clone, Copy)]
enum Form {
    /// Any text.
    Text,
    /// `whsec_` and base64.
    Standard,
    /// 32 bytes in hex.
    Hex,
    /// `public_key_id=ID;KEY`
    Braintree,
    /// `api_key=ID;KEY`
    LiveKit,
    /// A key pair: we sign, the package has the public half.
    Pair(KeyKind, Algorithm),
}

use Form::{Braintree, Hex, LiveKit, Pair, Standard, Text};

/// Provider, package, form of the key, and the trials of `--hostile` that the package fails by its makers' choice.
type Sdk = (&'static str, &'static str, Form, &'static [&'static str]);

const P256: Form = Pair(KeyKind::P256, Algorithm::EcdsaP256);
const ED25519: Form = Pair(KeyKind::Ed25519, Algorithm::Ed25519);

const NODE: &[Sdk] = &[
    ("stripe", "npm stripe", Text, &[]),
    ("svix", "npm svix", Standard, &[]),
    ("standard-webhooks", "npm standardwebhooks", Standard, &[]),
    ("github", "npm @octokit/webhooks-methods", Text, &[]),
    ("twilio", "npm twilio", Text, &[]),
    ("sendgrid", "npm @sendgrid/eventwebhook", P256, &[]),
    ("discord", "npm discord-interactions", ED25519, &[]),
    ("paddle", "npm @paddle/paddle-node-sdk", Text, &[]),
    ("square", "npm square", Text, &[]),
    ("line", "npm @line/bot-sdk", Text, &[]),
    ("razorpay", "npm razorpay", Text, &[]),
    // It takes the parsed body and writes it again.
    ("workos", "npm @workos-inc/node", Text, &["spaced", "line-end"]),
    ("plaid", "npm jose", P256, &[]),
    ("http-message-signatures", "npm http-message-signatures", Text, &[]),
    ("sanity", "npm @sanity/webhook", Text, &[]),
    ("mux", "npm @mux/mux-node", Text, &[]),
    // It leaves the time to its caller.
    ("replicate", "npm replicate", Standard, &["stale", "future"]),
    ("linear", "npm @linear/sdk", Text, &[]),
    ("hubspot", "npm @hubspot/api-client", Text, &[]),
    ("contentful", "npm @contentful/node-apps-toolkit", Hex, &[]),
    ("pusher", "npm pusher", Text, &[]),
    ("coinbase-commerce", "npm coinbase-commerce-node", Text, &[]),
    ("messagebird", "npm messagebird", Text, &[]),
    ("resend", "npm resend", Standard, &[]),
    ("notion", "npm @notionhq/client", Text, &[]),
    ("livekit", "npm livekit-server-sdk", LiveKit, &[]),
    ("hook0", "npm hook0-client", Text, &[]),
    ("onfido", "npm @onfido/api", Text, &[]),
    ("kontent-ai", "npm @kontent-ai/webhook-helper", Text, &[]),
];

const PYTHON: &[Sdk] = &[
    ("stripe", "PyPI stripe", Text, &[]),
    ("slack", "PyPI slack_sdk", Text, &[]),
    ("twilio", "PyPI twilio", Text, &[]),
    ("line", "PyPI line-bot-sdk", Text, &[]),
    ("razorpay", "PyPI razorpay", Text, &[]),
    ("standard-webhooks", "PyPI standardwebhooks", Standard, &[]),
    ("gocardless", "PyPI gocardless_pro", Text, &[]),
    ("adyen", "PyPI Adyen", Hex, &[]),
    ("braintree", "PyPI braintree", Braintree, &[]),
    ("livekit", "PyPI livekit-api", LiveKit, &[]),
    ("paddle", "PyPI paddle-python-sdk", Text, &[]),
    ("sinch", "PyPI sinch", Text, &[]),
    ("svix", "PyPI svix", Standard, &[]),
];

/// A key as the signer has it, and as the checker has it.
fn key_of(form: Form) -> (String, String) {
    let same = |text: &str| (text.to_owned(), text.to_owned());
    match form {
        Text => same("0123456789abcdef0123456789abcdef"),
        Standard => same("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
        Hex => same("44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056"),
        Braintree => same("public_key_id=integration_public_key;integration_private_key"),
        LiveKit => same("api_key=APIsample;0123456789abcdef0123456789abcdef"),
        Pair(kind, algorithm) => {
            let pem = private::generate_pem(kind).unwrap();
            let rule = Key { decode: hooksight::domain::signature::scheme::KeyForm::Public, ..Key::default() };
            let public = private::read(&rule, algorithm, pem.as_bytes()).unwrap().public();
            (pem.to_string(), private::public_pem(&keys::PublicKey { id: None, ..public }))
        }
    }
}

/// An official package's language: what starts its scripts.
struct Tools {
    folder: PathBuf,
    program: PathBuf,
    receive: &'static [&'static str],
    send: &'static [&'static str],
}

/// Runs a step of an installation; why it failed.
fn step(command: &mut Command) -> Result<(), String> {
    let shown = format!("{command:?}");
    let done = output_within(command, INSTALL_MAX)?;
    let words = String::from_utf8_lossy(&done.stderr);
    if done.status.success() { Ok(()) } else { Err(format!("{shown}: {}", words.lines().last().unwrap_or_default())) }
}

/// A folder with the scripts, in which `install` is run when the list of packages is another than last time.
fn installed(name: &str, list: &str, install: impl Fn(&Path) -> Result<(), String>) -> Result<PathBuf, String> {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sdk");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("sdk").join(name);
    std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    for file in std::fs::read_dir(&from).unwrap() {
        let path = file.unwrap().path();
        std::fs::copy(&path, folder.join(path.file_name().unwrap())).map_err(|error| error.to_string())?;
    }
    let wanted = std::fs::read_to_string(from.join(list)).unwrap();
    let mark = folder.join("installed");
    if std::fs::read_to_string(&mark).ok().as_deref() != Some(&wanted) {
        install(&folder)?;
        std::fs::write(&mark, wanted).map_err(|error| error.to_string())?;
    }
    Ok(folder)
}

fn node() -> Result<Tools, String> {
    let folder = installed("node", "package.json", |folder| {
        let args = ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"];
        let patience = |ms: u32| ["--fetch-retries=0".to_owned(), format!("--fetch-timeout={ms}")];
        // A silent registry is known by one question: an installation asks it for each package anew.
        step(Command::new("npm").args(["view", "stripe", "version"]).args(patience(20_000)).current_dir(folder))?;
        step(Command::new("npm").args(args).args(patience(60_000)).current_dir(folder))
    })?;
    Ok(Tools { folder, program: "node".into(), receive: &["receiver.mjs"], send: &["sender.mjs"] })
}

fn python() -> Result<Tools, String> {
    let folder = installed("python", "requirements.txt", |folder| {
        step(Command::new("python3").args(["-m", "venv", "venv"]).current_dir(folder))?;
        let args = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", "requirements.txt"];
        let patience = ["--no-input", "--retries=0", "--timeout=30"];
        step(Command::new(folder.join("venv/bin/python")).args(args).args(patience).current_dir(folder))
    })?;
    let program = folder.join("venv/bin/python");
    Ok(Tools { folder, program, receive: &["sdks.py", "receive"], send: &["sdks.py", "send"] })
}

/// A script that answers deliveries; ends with it.
struct Receiver {
    child: Child,
    port: String,
}

impl Receiver {
    fn start(tools: &Tools, keys: &Path) -> Self {
        let mut child = Command::new(&tools.program)
            .args(tools.receive)
            .arg(keys)
            .current_dir(&tools.folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        let (line, port) = channel();
        std::thread::spawn(move || {
            let mut port = String::new();
            let _ = said.read_line(&mut port).map(|_| line.send(port));
            // A script that says more must not end for want of a reader.
            let _ = std::io::copy(&mut said, &mut std::io::sink());
        });
        let mut receiver = Self { child, port: String::new() };
        let port = port.recv_timeout(3 * DEADLINE).unwrap_or_default();
        assert!(!port.trim().is_empty(), "the receiver of {} did not start", tools.program.display());
        port.trim().clone_into(&mut receiver.port);
        receiver
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The files with the keys: all of them for the scripts, one each for us.
struct Keys {
    all: PathBuf,
    ours: BTreeMap<&'static str, (PathBuf, PathBuf)>,
}

impl Keys {
    fn make(home: &Home, sdks: &[Sdk]) -> Self {
        let mut all = serde_json::Map::new();
        let mut ours = BTreeMap::new();
        for (name, _, form, _) in sdks {
            let (sender, receiver) = key_of(*form);
            let files = (home.write(&format!("send-{name}"), &sender), home.write(&format!("check-{name}"), &receiver));
            ours.insert(*name, files);
            all.insert((*name).to_owned(), json!({"sender": sender, "receiver": receiver}));
        }
        Self { all: home.write("keys.json", Value::Object(all).to_string()), ours }
    }
}

fn packages_and_we_agree(tools: &Tools, sdks: &[Sdk]) {
    let home = Home::new();
    let keys = Keys::make(&home, sdks);
    packages_take_what_we_send(&home, tools, sdks, &keys);
    we_take_what_packages_sign(&home, tools, &keys);
}

fn packages_take_what_we_send(home: &Home, tools: &Tools, sdks: &[Sdk], keys: &Keys) {
    let receiver = Receiver::start(tools, &keys.all);
    let mut wrong = Vec::new();
    for (name, package, _, known) in sdks {
        let to = format!("http://127.0.0.1:{}/{name}?x=1", receiver.port);
        let secret = format!("file:{}", keys.ours[name].0.display());
        let done = home.run(&["send", name, "--to", &to, "--secret", &secret, "--json"]);
        if done.code != Some(0) || done.json()[0]["answer"] != "taken" {
            wrong.push(format!("{package}: {} {}", done.text(), done.stderr));
            continue;
        }
        let rows = home.run(&["send", name, "--hostile", "--to", &to, "--secret", &secret, "--json"]).json();
        let failed: Vec<&str> =
            rows.iter().filter(|row| row["ok"] == false).filter_map(|row| row["case"].as_str()).collect();
        if failed != *known {
            wrong.push(format!("{package} failed {failed:?}, and not {known:?}"));
        }
        let profile = Profiles::builtin().by_name(name).unwrap();
        if !profile.confirmed.iter().any(|text| text == package) {
            wrong.push(format!("{name}: `confirmed` does not name {package}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

const BODIES: [&str; 4] = [
    r#"{"id":"1","note":"plain","number":1.5}"#,
    "{ \"id\": \"1\", \"note\": \"\\u00e9 \\/ 🙂\" , \"n\":1.10}\n",
    "a=1&b=x+y%26z&B=%C3%A9&empty=",
    r#"{"id":"1","deep":{"b":[1,2,{"c":null}]}}"#,
];

fn we_take_what_packages_sign(home: &Home, tools: &Tools, keys: &Keys) {
    let mut args = vec!["--json".to_owned(), "--no-session".to_owned()];
    for (name, (_, check)) in &keys.ours {
        args.extend(["--endpoint".to_owned(), format!("/{name},provider={name},secret=file:{}", check.display())]);
    }
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let listening = home.listen(&args);
    let origin = format!("http://{}", listening.address);
    let mut command = Command::new(&tools.program);
    command.args(tools.send).arg(&keys.all).arg(origin).args(BODIES).current_dir(&tools.folder);
    let done = output_within(&mut command, SIGN_MAX).unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let mut signers = BTreeMap::new();
    for line in String::from_utf8(done.stdout).unwrap().lines() {
        let sent: Value = serde_json::from_str(line).unwrap();
        let came = std::iter::repeat_with(|| listening.json()).find(|line| line["event"] == "request").unwrap();
        let wanted = if sent["altered"] == true { "invalid" } else { "valid" };
        assert_eq!(came["verdict"], wanted, "{sent}: {came}");
        *signers.entry(sent["package"].as_str().unwrap().to_owned()).or_insert(0) += 1;
    }
    assert!(signers.len() >= 3 && signers.values().all(|count| *count >= 2), "{signers:?}");
}

/// A test that cannot have its packages says so and passes: only a machine without them or a network can come here.
fn with(tools: Result<Tools, String>, sdks: &[Sdk]) {
    match tools {
        Ok(tools) => packages_and_we_agree(&tools, sdks),
        Err(why) => {
            let _ = writeln!(std::io::stderr(), "skipped: the official packages cannot be installed: {why}");
        }
    }
}

#[test]
fn official_node_packages_and_we_agree() {
    with(node(), NODE);
}

#[test]
fn official_python_packages_and_we_agree() {
    with(python(), PYTHON);
}
