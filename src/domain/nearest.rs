//! Which known name somebody meant who wrote another.

/// The names that look like what was written, the likeliest first, at most three: a letter or two changed, left out, added or
/// swapped, or one a part of the other.
pub fn nearest<'a>(written: &str, names: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let written = written.trim().to_ascii_lowercase();
    if written.is_empty() || written.len() > WRITTEN_BYTES_MAX {
        return Vec::new();
    }
    let most = (written.chars().count() / 3).clamp(1, 3);
    let mut near: Vec<(usize, &str)> = names
        .into_iter()
        .filter_map(|name| {
            let plain = name.to_ascii_lowercase();
            let distance = distance(&written, &plain);
            let is_part =
                written.len() >= 3 && plain.contains(&written) || plain.len() >= 3 && written.contains(&plain);
            // A part is likelier than two letters off, and less likely than one.
            let rank = match (distance, is_part) {
                (0 | 1, _) => distance,
                (_, true) => 2,
                (more, false) => more + 1,
            };
            (distance <= most || is_part).then_some((rank, name))
        })
        .collect();
    near.sort_by_key(|(rank, name)| (*rank, name.len()));
    near.into_iter().take(3).map(|(_, name)| name).collect()
}

/// `; did you mean ...?`, or nothing.
pub fn did_you_mean<'a>(written: &str, names: impl IntoIterator<Item = &'a str>) -> String {
    let near = nearest(written, names);
    if near.is_empty() { String::new() } else { format!("; did you mean `{}`?", near.join("` or `")) }
}

/// Longer than any name.
const WRITTEN_BYTES_MAX: usize = 64;

/// Letters changed, left out, added, or swapped with their neighbour (optimal string alignment).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    let mut previous = None;
    for (row, a) in one.chars().enumerate() {
        let mut next = vec![row + 1];
        for (column, b) in other.iter().enumerate() {
            let of = |line: &[usize], at: usize| line.get(at).copied().unwrap_or(usize::MAX / 2);
            let mut least = (of(&last, column) + usize::from(a != *b))
                .min(of(&last, column + 1) + 1)
                .min(next.last().copied().unwrap_or(0) + 1);
            if column > 0 && previous == Some(*b) && other.get(column - 1) == Some(&a) {
                least = least.min(of(&before, column - 1) + 1);
            }
            next.push(least);
        }
        previous = Some(a);
        before = std::mem::replace(&mut last, next);
    }
    last.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests;
