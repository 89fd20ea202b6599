//! Downloads over real sockets, from a server that fails as it is told to.

#[path = "download/deaths.rs"]
mod deaths;
#[path = "download/faults.rs"]
mod faults;
#[path = "download/life.rs"]
mod life;
#[path = "download/scene.rs"]
mod scene;
