//! The one table of actions: name, default keys, words. Key bindings, help, palette, bottom line and docs/keys.md are made from it.

/// Something that the user can do in the main screen. An overlay has keys of its own while it is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// One row or line down.
    Down,
    /// One row or line up.
    Up,
    /// To the first row or line.
    Top,
    /// To the last row or line.
    Bottom,
    /// Half a page down.
    HalfPageDown,
    /// Half a page up.
    HalfPageUp,
    /// A page down.
    PageDown,
    /// A page up.
    PageUp,
    /// The request below in the list, from wherever the keys go.
    NextRequest,
    /// The request above in the list, from wherever the keys go.
    PreviousRequest,
    /// Into the detail of the selected request.
    Open,
    /// One step back.
    Back,
    /// The other pane.
    NextPane,
    /// The tab to the right.
    NextTab,
    /// The tab to the left.
    PreviousTab,
    /// Tab 1.
    TabOverview,
    /// Tab 2.
    TabBody,
    /// Tab 3.
    TabHeaders,
    /// Tab 4.
    TabSignature,
    /// Tab 5.
    TabAnswer,
    /// Tab 6.
    TabAttempts,
    /// Tab 7.
    TabRaw,
    /// Pretty, raw, hex.
    BodyView,
    /// Find text in the open tab.
    Search,
    /// The next hit.
    SearchNext,
    /// The hit before.
    SearchPrevious,
    /// Ask for a filter.
    Filter,
    /// Drop the filter.
    FilterClear,
    /// Select what arrives.
    Follow,
    /// Hold the list still.
    Pause,
    /// Mark or unmark.
    Mark,
    /// Only marked rows.
    OnlyMarked,
    /// Compare with the marked request.
    Compare,
    /// By delivery, or request by request.
    Ledger,
    /// Open or close a delivery of the ledger.
    Expand,
    /// Send again.
    Resend,
    /// Choose where resends go.
    Target,
    /// Edit, then send again.
    Edit,
    /// Edit in $EDITOR, then send again.
    EditInEditor,
    /// Choose what goes back.
    Reply,
    /// The rules in force.
    Rules,
    /// Send a request several times and compare the answers.
    Probe,
    /// Hold requests, or hold no more.
    Hold,
    /// Answer a held request.
    Decide,
    /// Reset the connection of a held request.
    Kill,
    /// Let a held request wait longer.
    HoldLonger,
    /// Let all held requests go.
    ReleaseAll,
    /// Scripts begin anew.
    ResetScripts,
    /// Forward what the app has not taken.
    ForwardMissed,
    /// Forward what the list shows.
    ForwardListed,
    /// Give the secret.
    Secret,
    /// Compare a digest that the user's code computed.
    Computed,
    /// Give the URL that providers call.
    PublicUrl,
    /// Fetch the URL that a handshake names.
    Visit,
    /// Choose what to copy.
    Copy,
    /// Copy a curl command at once.
    CopyCurl,
    /// Copy the body at once.
    CopyBody,
    /// Copy the URL at once.
    CopyUrl,
    /// Keep the session under a name.
    Save,
    /// The focused pane over the whole screen.
    Zoom,
    /// A larger list.
    ListLarger,
    /// A smaller list.
    ListSmaller,
    /// All keys.
    Help,
    /// Find an action by its words.
    Palette,
    /// Draw everything anew.
    Redraw,
    /// Stop as Ctrl-Z does.
    Suspend,
    /// Leave; only at the top.
    Quit,
    /// Close what is open; at the top, leave.
    Interrupt,
}

/// When an action does something. The bottom line and the palette show what works now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum When {
    /// Always.
    Always,
    /// While a request is selected.
    Request,
    /// While a search is on.
    Search,
    /// While a filter is on.
    Filter,
    /// While the ledger is shown.
    Ledger,
    /// While the program listens (not over a saved session).
    Listening,
    /// While a request is held.
    Held,
}

/// A group of help and of docs/keys.md.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Group {
    /// Moving about.
    Move,
    /// The detail.
    Detail,
    /// Finding and choosing.
    Find,
    /// Doing something with a request.
    Act,
    /// The program.
    Program,
}

impl Group {
    /// In the order of help.
    pub const ALL: [Self; 5] = [Self::Move, Self::Detail, Self::Find, Self::Act, Self::Program];

    /// Its heading.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Move => "Move",
            Self::Detail => "Look",
            Self::Find => "Find and choose",
            Self::Act => "Do",
            Self::Program => "Program",
        }
    }
}

/// A row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActionInfo {
    /// The action.
    pub action: Action,
    /// Stable kebab-case name: what the configuration and the palette call it.
    pub name: &'static str,
    /// Default keys in the notation of [`super::keymap`]; the first one is shown. May be empty.
    pub keys: &'static [&'static str],
    /// Its group.
    pub group: Group,
    /// When it does something.
    pub when: When,
    /// One or two words for the bottom line.
    pub short: &'static str,
    /// A sentence without full stop for help, palette and docs.
    pub words: &'static str,
}

/// A row, in one line.
const fn row(
    action: Action,
    name: &'static str,
    keys: &'static [&'static str],
    group: Group,
    when: When,
    short: &'static str,
    words: &'static str,
) -> ActionInfo {
    ActionInfo { action, name, keys, group, when, short, words }
}

/// Every action, in the order of help.
#[rustfmt::skip]
pub const TABLE: &[ActionInfo] = &[
    row(Action::Down, "down", &["j", "Down"], Group::Move, When::Always, "down", "One request or line down"),
    row(Action::Up, "up", &["k", "Up"], Group::Move, When::Always, "up", "One request or line up"),
    row(Action::Top, "top", &["g", "Home"], Group::Move, When::Always, "top", "To the first request or line"),
    row(Action::Bottom, "bottom", &["G", "End"], Group::Move, When::Always, "end", "To the last request or line"),
    row(Action::HalfPageDown, "half-page-down", &["^d"], Group::Move, When::Always, "half page", "Half a page down"),
    row(Action::HalfPageUp, "half-page-up", &["^u"], Group::Move, When::Always, "half page", "Half a page up"),
    row(Action::PageDown, "page-down", &["^f", "PageDown"], Group::Move, When::Always, "page", "A page down"),
    row(Action::PageUp, "page-up", &["^b", "PageUp"], Group::Move, When::Always, "page", "A page up"),
    row(Action::NextRequest, "next-request", &[], Group::Move, When::Request, "next", "The request below, also from the detail"),
    row(Action::PreviousRequest, "previous-request", &[], Group::Move, When::Request, "previous", "The request above, also from the detail"),
    row(Action::Open, "open", &["Enter"], Group::Move, When::Request, "open", "Open the selected request"),
    row(Action::Back, "back", &["Esc"], Group::Move, When::Always, "back", "One step back: full screen, search, detail, filter"),
    row(Action::NextPane, "next-pane", &["Tab", "BackTab"], Group::Move, When::Request, "pane", "To the other pane"),

    row(Action::NextTab, "next-tab", &["]", "Right"], Group::Detail, When::Request, "tab", "The tab to the right"),
    row(Action::PreviousTab, "previous-tab", &["[", "Left"], Group::Detail, When::Request, "tab", "The tab to the left"),
    row(Action::TabOverview, "tab-overview", &["1"], Group::Detail, When::Request, "overview", "Overview: what came and what it means"),
    row(Action::TabBody, "tab-body", &["2"], Group::Detail, When::Request, "body", "Body"),
    row(Action::TabHeaders, "tab-headers", &["3"], Group::Detail, When::Request, "headers", "Headers as they came"),
    row(Action::TabSignature, "tab-signature", &["4"], Group::Detail, When::Request, "signature", "Signature: what was signed, expected and found"),
    row(Action::TabAnswer, "tab-answer", &["5"], Group::Detail, When::Request, "answer", "Answer: what went back"),
    row(Action::TabAttempts, "tab-attempts", &["6"], Group::Detail, When::Request, "attempts", "Attempts: what was sent again"),
    row(Action::TabRaw, "tab-raw", &["7"], Group::Detail, When::Request, "raw", "Raw: the bytes as they came"),
    row(Action::BodyView, "body-view", &["v"], Group::Detail, When::Request, "view", "Show the body pretty, raw or as hex"),
    row(Action::Zoom, "zoom", &["z"], Group::Detail, When::Request, "zoom", "The pane over the whole screen, and back"),
    row(Action::ListLarger, "list-larger", &[], Group::Detail, When::Request, "larger", "Give the list more room"),
    row(Action::ListSmaller, "list-smaller", &[], Group::Detail, When::Request, "smaller", "Give the detail more room"),

    row(Action::Search, "search", &["/"], Group::Find, When::Request, "search", "Find text in the open tab"),
    row(Action::SearchNext, "search-next", &["n"], Group::Find, When::Search, "next", "The next hit"),
    row(Action::SearchPrevious, "search-previous", &["N"], Group::Find, When::Search, "previous", "The hit before"),
    row(Action::Filter, "filter", &["f"], Group::Find, When::Always, "filter", "Show only requests that fit a filter"),
    row(Action::FilterClear, "filter-clear", &[], Group::Find, When::Filter, "no filter", "Show all requests again"),
    row(Action::Follow, "follow", &["F"], Group::Find, When::Always, "follow", "Follow: select each request as it arrives"),
    row(Action::Pause, "pause", &["p"], Group::Find, When::Always, "pause", "Pause the list; what arrives meanwhile is counted"),
    row(Action::Mark, "mark", &["m"], Group::Find, When::Request, "mark", "Mark or unmark the request"),
    row(Action::Ledger, "ledger", &["l"], Group::Find, When::Always, "deliveries", "Show a line for each delivery with all its tries, and back"),
    row(Action::Expand, "expand", &["Space"], Group::Find, When::Ledger, "tries", "Open or close the tries of a delivery"),
    row(Action::Compare, "compare", &["="], Group::Find, When::Request, "compare", "Compare requests with the marked one, else with the one before of its kind; again: no more"),
    row(Action::OnlyMarked, "only-marked", &["M"], Group::Find, When::Always, "marked", "Show only marked requests, and back"),

    row(Action::Resend, "resend", &["r"], Group::Act, When::Request, "resend", "Send the request again, byte for byte"),
    row(Action::Probe, "probe", &["P"], Group::Act, When::Request, "probe", "Send the request several times and compare the answers"),
    row(Action::Target, "target", &["T"], Group::Act, When::Always, "target", "Choose where requests are sent again to"),
    row(Action::Edit, "edit", &["e"], Group::Act, When::Request, "edit", "Edit a copy and send it"),
    row(Action::EditInEditor, "edit-in-editor", &["E"], Group::Act, When::Request, "$EDITOR", "Edit a copy in $EDITOR and send it"),
    row(Action::Secret, "secret", &["s"], Group::Act, When::Request, "secret", "Give the secret that checks the signature"),
    row(Action::Computed, "computed", &["c"], Group::Act, When::Request, "compare", "Paste the digest that your code computed: what it was made from"),
    row(Action::PublicUrl, "public-url", &["U"], Group::Act, When::Request, "public URL", "Give the URL that providers call, for signatures that cover it"),
    row(Action::Visit, "visit", &["u"], Group::Act, When::Request, "confirm", "Fetch the URL that a handshake wants visited (SNS's SubscribeURL), after a question"),
    row(Action::Reply, "reply", &["R"], Group::Act, When::Listening, "reply", "Choose what is answered"),
    row(Action::Rules, "rules", &["L"], Group::Act, When::Listening, "rules", "The rules of answering: list, add, change, move, switch off"),
    row(Action::Hold, "hold", &["i"], Group::Act, When::Listening, "hold", "Hold requests that fit the filter for as long as their provider waits, for you to answer; or hold no more"),
    row(Action::Decide, "decide", &["a"], Group::Act, When::Held, "answer", "Answer a held request: the selected one; where that is not held, the oldest is selected"),
    row(Action::Kill, "kill", &["X"], Group::Act, When::Held, "kill", "Reset the connection of a held request: the selected one, or asks about the oldest"),
    row(Action::HoldLonger, "hold-longer", &["+"], Group::Act, When::Held, "longer", "Let a held request wait a minute more: the selected one, else the oldest"),
    row(Action::ReleaseAll, "release-all", &["I"], Group::Act, When::Held, "let all go", "Let all held requests go with what the rules say"),
    row(Action::ResetScripts, "reset-scripts", &["S"], Group::Act, When::Listening, "scripts anew", "Let all scripts of replies begin anew"),
    row(Action::ForwardMissed, "forward-missed", &["A"], Group::Act, When::Listening, "forward", "Forward in order what your app has not taken: it was down, or failed"),
    row(Action::ForwardListed, "forward-listed", &[], Group::Act, When::Listening, "forward all", "Forward in order all requests that the list shows"),
    row(Action::Copy, "copy", &["y"], Group::Act, When::Always, "copy", "Copy: curl, raw, headers, body, URL"),
    row(Action::CopyCurl, "copy-curl", &[], Group::Act, When::Request, "copy curl", "Copy as a curl command"),
    row(Action::CopyBody, "copy-body", &[], Group::Act, When::Request, "copy body", "Copy the body"),
    row(Action::CopyUrl, "copy-url", &[], Group::Act, When::Request, "copy URL", "Copy the URL"),

    row(Action::Save, "save", &["w"], Group::Program, When::Always, "save", "Keep the session under a name of its own"),
    row(Action::Help, "help", &["?", "F1"], Group::Program, When::Always, "help", "All keys"),
    row(Action::Palette, "palette", &[":", "^p"], Group::Program, When::Always, "palette", "Find any action by its words"),
    row(Action::Redraw, "redraw", &["^l"], Group::Program, When::Always, "redraw", "Draw the screen anew"),
    row(Action::Suspend, "suspend", &["^z"], Group::Program, When::Always, "suspend", "Suspend; fg brings it back"),
    row(Action::Quit, "quit", &["q"], Group::Program, When::Always, "quit", "Leave, from the list"),
    row(Action::Interrupt, "interrupt", &["^c"], Group::Program, When::Always, "close", "Close what is open; with nothing open, leave"),
];

impl Action {
    /// Its row of the table.
    pub fn info(self) -> &'static ActionInfo {
        TABLE.iter().find(|row| row.action == self).unwrap_or(&TABLE[0])
    }

    /// The action of that name.
    pub fn by_name(name: &str) -> Option<Self> {
        TABLE.iter().find(|row| row.name == name).map(|row| row.action)
    }
}
