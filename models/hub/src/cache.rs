//! Files that other programs have fetched from the hub: the cache that all of Hugging Face's libraries share.
//!
//! Its layout is described at <https://huggingface.co/docs/hub/local-cache>: a folder for each repository, in it
//! `snapshots/COMMIT/PATH`, which are links to `blobs/NAME`; the name of a large file's blob is its SHA-256. A file
//! that is found here is used where it lies. Nothing is ever written into such a cache or removed from it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use hf_hub::{Cache, Repo};

use crate::hub::RemoteFile;
use crate::name::{Commit, RepoName};

/// Where the caches of this machine may lie, the most likely first: `HF_HUB_CACHE`, `HF_HOME`, the cache folder of
/// the desktop, the folder that is used without any of these. `variable` looks into the environment.
pub fn roots(variable: impl Fn(&str) -> Option<OsString>, home: Option<&Path>) -> Vec<PathBuf> {
    let folder = |name: &str| variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let all = [
        folder("HF_HUB_CACHE"),
        folder("HUGGINGFACE_HUB_CACHE"),
        folder("HF_HOME").map(|home| home.join("hub")),
        folder("XDG_CACHE_HOME").map(|cache| cache.join("huggingface").join("hub")),
        home.map(|home| home.join(".cache").join("huggingface").join("hub")),
    ];
    let mut roots: Vec<PathBuf> = Vec::new();
    for root in all.into_iter().flatten() {
        if root.is_absolute() && !roots.contains(&root) {
            roots.push(root);
        }
    }
    roots
}

/// Where a file of this version lies already, under its own name, or nothing.
///
/// It has to have the size that the hub says and, where the hub says a SHA-256, the blob has to have that name. The
/// content is not read: that it is whole is the promise of whoever wrote the cache.
pub fn cached(roots: &[PathBuf], repo: &RepoName, commit: &Commit, file: &RemoteFile) -> Option<PathBuf> {
    roots.iter().find_map(|root| {
        let snapshot = Cache::new(root.clone()).repo(Repo::model(repo.to_string())).pointer_path(commit.as_str());
        let path = file.path.parts().fold(snapshot.clone(), |path, part| path.join(part));
        let blob = path.canonicalize().ok()?;
        let metadata = blob.metadata().ok()?;
        let home = snapshot.parent()?.parent()?.canonicalize().ok()?;
        let is_named = |name: &str| blob.file_name().is_some_and(|blob| blob == name);
        let is_whole = metadata.is_file() && metadata.len() == file.bytes;
        let is_right = file.sha256.as_ref().is_none_or(|sha256| is_named(sha256.as_str()));
        (is_whole && is_right && blob.starts_with(home)).then_some(path)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn caches_are_looked_for_where_the_libraries_keep_them() {
        let home = std::env::temp_dir();
        let at = |parts: &[&str]| parts.iter().fold(home.clone(), |path, part| path.join(part));
        let usual = at(&[".cache", "huggingface", "hub"]);
        for (set, expected) in [
            (vec![], vec![usual.clone()]),
            (vec![("HF_HUB_CACHE", at(&["a"]))], vec![at(&["a"]), usual.clone()]),
            (vec![("HF_HOME", at(&["b"]))], vec![at(&["b", "hub"]), usual.clone()]),
            (vec![("XDG_CACHE_HOME", at(&[".cache"]))], vec![usual.clone()]),
            (vec![("HF_HUB_CACHE", PathBuf::from("relative"))], vec![usual.clone()]),
            (vec![("HF_HUB_CACHE", PathBuf::new())], vec![usual]),
        ] {
            let variable = |name: &str| {
                set.iter().find(|(other, _)| *other == name).map(|(_, path)| path.clone().into_os_string())
            };
            assert_eq!(roots(variable, Some(&home)), expected, "{set:?}");
        }
        assert!(roots(|_| None, None).is_empty());
    }

    #[test]
    #[cfg(unix)]
    fn a_file_is_used_in_place_only_if_it_is_the_one() {
        let sha256 = "0f".repeat(32);
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path().join("hub");
        let commit: Commit = "a1".repeat(20).parse().expect("a commit");
        let repo: RepoName = "ada/tiny".parse().expect("a name");
        let home = root.join("models--ada--tiny");
        let snapshot = home.join("snapshots").join(commit.as_str());
        std::fs::create_dir_all(snapshot.join("BF16")).expect("folders");
        std::fs::create_dir_all(home.join("blobs")).expect("folders");
        let put = |blob: &str, content: &str| std::fs::write(home.join("blobs").join(blob), content).expect("a blob");
        put(&sha256, "weights");
        put("d670460b4b4aece5915caf5c68d12f560a9fe3e4", "small");
        std::fs::write(folder.path().join("elsewhere"), "weights").expect("a file");
        for (target, link) in [
            (format!("../../../blobs/{sha256}"), "BF16/tiny.gguf"),
            ("../../blobs/d670460b4b4aece5915caf5c68d12f560a9fe3e4".to_owned(), "config.json"),
            ("../../blobs/nothing".to_owned(), "dangling.gguf"),
            ("../../../../elsewhere".to_owned(), "outside"),
            (".".to_owned(), "folder"),
        ] {
            std::os::unix::fs::symlink(target, snapshot.join(link)).expect("a link");
        }
        let roots = [folder.path().join("no such cache"), root];
        for (path, bytes, known, found, why) in [
            ("BF16/tiny.gguf", 7, Some(&sha256), true, "size and hash fit"),
            ("BF16/tiny.gguf", 8, Some(&sha256), false, "another size is another file, or half of one"),
            ("BF16/tiny.gguf", 7, Some(&"1f".repeat(32)), false, "another hash is another file"),
            ("config.json", 5, None, true, "small files have no hash that the hub tells"),
            ("dangling.gguf", 7, None, false, "a link to nothing is nothing"),
            ("outside", 7, None, false, "a link out of the repository's folder is not of this cache"),
            ("folder", 4096, None, false, "a folder is no file"),
            ("missing.gguf", 7, None, false, "what is not there is not found"),
        ] {
            let sha256 = known.map(|known| known.parse().expect("a hash"));
            let file = RemoteFile { path: path.parse().expect("a path"), bytes, sha256, oid: String::new() };
            let expected = found.then(|| snapshot.join(path));
            assert_eq!(cached(&roots, &repo, &commit, &file), expected, "{path}: {why}");
        }
        let other: Commit = "b2".repeat(20).parse().expect("a commit");
        let file =
            RemoteFile { path: "config.json".parse().expect("a path"), bytes: 5, sha256: None, oid: String::new() };
        assert_eq!(cached(&roots, &repo, &other, &file), None, "another version may have another file");
    }
}
