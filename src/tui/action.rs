//! The one table of actions: name, default keys, words for help and palette.
