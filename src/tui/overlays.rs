//! Overlays: a stack of one sum type; the top one gets the keys. One file an overlay under `overlays/`.
