//! Small things that panes draw with.

pub mod answer;
pub mod delivery;
pub mod judgement;
pub mod numbers;
pub mod scroll;
pub mod spark;
pub mod text;
pub mod tries;
pub mod verdict;

#[cfg(test)]
mod tests;
