//! Only its owner reads a data folder: rights are tightened at each start, since folders come from elsewhere as well.

use std::path::Path;

use crate::base::paths::Paths;

/// Takes rights of others off the folders and files of Lethe; files that are not Lethe's own are left alone. On file
/// systems without rights there is nothing to do.
pub(crate) fn tighten(paths: &Paths) {
    let data = paths.data();
    private_folder(data);
    for folder in [paths.lists(), paths.logs(), paths.backups(), paths.models_folder()] {
        private_folder(&folder);
    }
    for entry in std::fs::read_dir(data).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let ours = ["lethe.db", "store."].iter().any(|start| name.starts_with(start))
            || name.ends_with(".lock")
            || ["kernels.json", "speeds.json", "devices.json"].contains(&name.as_ref());
        if ours {
            private_file(&entry.path());
        }
    }
    for folder in [paths.lists(), paths.logs(), paths.backups()] {
        private_tree(&folder);
    }
}

fn private_tree(folder: &Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => {
                private_folder(&path);
                private_tree(&path);
            }
            Ok(kind) if kind.is_file() => private_file(&path),
            _ => {}
        }
    }
}

#[cfg(unix)]
fn private_folder(path: &Path) {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    // What a link leads to may be shared on purpose, and so may a folder with the sticky bit, such as /tmp.
    let Ok(folder) = std::fs::symlink_metadata(path) else { return };
    if folder.is_dir() && folder.mode() & 0o077 != 0 && folder.mode() & 0o1000 == 0 {
        let _ = std::fs::set_permissions(path, PermissionsExt::from_mode(0o700));
    }
}

#[cfg(unix)]
fn private_file(path: &Path) {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let Ok(file) = std::fs::symlink_metadata(path) else { return };
    if file.is_file() && file.mode() & 0o077 != 0 {
        let _ = std::fs::set_permissions(path, PermissionsExt::from_mode(0o600));
    }
}

#[cfg(not(unix))]
fn private_folder(_: &Path) {}

#[cfg(not(unix))]
fn private_file(_: &Path) {}
