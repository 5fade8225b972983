use super::*;
use crate::domain::reply::{Reply, Scope};

fn replies(all: u16, paths: &[(&str, u16)]) -> ReplyRules {
    let reply = |status| Reply { status, ..Reply::default() };
    let mut rules = ReplyRules { all: reply(all), ..ReplyRules::default() };
    for (path, status) in paths {
        rules.set(Scope::Path((*path).to_owned()), reply(*status));
    }
    rules
}

#[test]
fn what_was_set_by_hand_stays_where_the_file_says_the_same() {
    let before = replies(200, &[("/file", 201), ("/gone", 202), ("/taken-back", 203)]);
    // By hand: another one for all, one of the file changed, one taken back, one of its own.
    let mine = replies(503, &[("/file", 404), ("/gone", 202), ("/mine", 418)]);
    assert_eq!(merged(&before, &mine, &before).all, mine.all);
    let same = merged(&before, &mine, &before);
    assert_eq!(same.paths.iter().map(|(path, _)| path.as_str()).collect::<Vec<_>>(), ["/file", "/gone", "/mine"]);
    let theirs = replies(204, &[("/file", 205), ("/taken-back", 203), ("/new", 206)]);
    let changed = merged(&before, &mine, &theirs);
    let shown: Vec<_> = changed.paths.iter().map(|(path, reply)| (path.as_str(), reply.status)).collect();
    assert_eq!((changed.all.status, shown), (204, vec![("/file", 205), ("/mine", 418), ("/new", 206)]));
}
