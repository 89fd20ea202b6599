//! Who signs a list, as its newest trusted root file says.

use tough::schema::{RoleType, Root};

use crate::segment::Sha256;

/// The keys of a list. Two lists with the same root keys are one list, whatever they are called and wherever they lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signers {
    /// Version of the root file.
    pub version: u64,
    /// Digest of the names of the root keys.
    pub root_keys: Sha256,
    /// Digest of the names of the keys of timestamp and snapshot, which vouch for versions. Where they were replaced,
    /// versions begin anew: that is how a publisher comes back from a thief who has raised them.
    pub version_keys: Sha256,
}

impl Signers {
    pub(crate) fn of(root: &Root) -> Self {
        Self {
            version: root.version.get(),
            root_keys: digest(root, &[RoleType::Root]),
            version_keys: digest(root, &VERSION_ROLES),
        }
    }
}

const VERSION_ROLES: [RoleType; 2] = [RoleType::Timestamp, RoleType::Snapshot];

fn digest(root: &Root, roles: &[RoleType]) -> Sha256 {
    let mut text = String::new();
    for role in roles {
        let ids = root.roles.get(role).map(|keys| keys.keyids.as_slice()).unwrap_or_default();
        let mut ids: Vec<String> = ids.iter().map(hex::encode).collect();
        ids.sort();
        ids.dedup();
        text += &format!("{role} {}\n", ids.join(" "));
    }
    Sha256::of(text.as_bytes())
}
