//! Which files the page may have opened: those that a person gave to Lethe outside of the page.
//!
//! A path that comes from the page is only a name. It is opened where the system's dialog, a drop on the window, the
//! command line or the search for models of other programs brought it, or where a person says yes to a question of the
//! system, which no script in the page can answer. So a fault in the page reads no file that nobody chose.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use lethe_core::base::visible::Quoted;
use lethe_core::{Error, Result};
use tauri::{AppHandle, Manager};
use tauri_plugin_dialog::{DialogExt, MessageDialogButtons, MessageDialogKind};
use tokio::sync::oneshot;

use crate::commands::Answered;

/// What was given since the start of the program.
#[derive(Default)]
pub struct Files {
    given: Mutex<HashSet<PathBuf>>,
    /// Folders in which every file counts as given.
    folders: Vec<PathBuf>,
    /// Asks one question at a time.
    asking: tokio::sync::Mutex<()>,
}

impl Files {
    /// With the folders in which every file counts as given.
    pub fn new(folders: &[PathBuf]) -> Self {
        Self { folders: folders.iter().map(|folder| settled(folder)).collect(), ..Self::default() }
    }

    /// A person chose this file or folder.
    pub fn give(&self, path: &Path) {
        self.given.lock().unwrap_or_else(PoisonError::into_inner).insert(settled(path));
    }

    /// The path, if a person gave it or says yes now.
    ///
    /// # Errors
    /// `BadInput` when they say no.
    pub async fn opened<Answer>(&self, path: PathBuf, ask: impl FnOnce(String) -> Answer) -> Result<PathBuf>
    where
        Answer: Future<Output = Result<Answered>>,
    {
        let _one = self.asking.lock().await;
        if self.is_given(&path) {
            return Ok(path);
        }
        let question = format!("Open {}? Say yes only if you typed this path.", Quoted::path(&path));
        match ask(question).await? {
            Answered::Yes => {
                self.give(&path);
                Ok(path)
            }
            Answered::No => Err(Error::bad_input(format!(
                "{} was not opened: choose it with the file dialog, or say yes when you are asked",
                Quoted::path(&path)
            ))),
        }
    }

    fn is_given(&self, path: &Path) -> bool {
        let path = settled(path);
        self.given.lock().unwrap_or_else(PoisonError::into_inner).contains(&path)
            || self.folders.iter().any(|folder| path.starts_with(folder))
    }
}

/// The path, if a person gave it or says yes to a question of the system.
///
/// # Errors
/// `BadInput` when they say no.
pub async fn opened(app: &AppHandle, path: PathBuf) -> Result<PathBuf> {
    // What is pasted often ends with a space.
    let path = path.to_str().map(|path| PathBuf::from(path.trim())).unwrap_or(path);
    app.state::<Files>().opened(path, |question| answered(app, question)).await
}

/// Asks a person outside of the page.
///
/// # Errors
/// `Internal` when the question could not be asked.
pub async fn answered(app: &AppHandle, question: String) -> Result<Answered> {
    let (sender, answer) = oneshot::channel();
    let dialog = app.dialog().message(question).title("Lethe").kind(MessageDialogKind::Warning);
    let dialog = match app.get_webview_window("main") {
        Some(window) => dialog.parent(&window),
        None => dialog,
    };
    // Nobody waits any more when the window was closed.
    dialog.buttons(MessageDialogButtons::YesNo).show(move |yes| {
        let _ = sender.send(yes);
    });
    let yes = answer.await.map_err(|_| crate::product::internal("the question was lost"))?;
    Ok(if yes { Answered::Yes } else { Answered::No })
}

/// One name for each file: links and `..` followed, where it is there. On Windows nothing is asked of the disk, since a
/// name may stand for another machine, which must not be spoken to before the question.
fn settled(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    if cfg!(windows) { path } else { std::fs::canonicalize(&path).unwrap_or(path) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes of a path, and whether there was a question.
    async fn open(files: &Files, path: &Path, answer: Answered) -> (bool, Option<String>) {
        let mut asked = None;
        let opened = files.opened(path.to_owned(), |question| {
            asked = Some(question);
            async move { Ok(answer) }
        });
        (opened.await.is_ok(), asked)
    }

    #[tokio::test]
    async fn only_what_a_person_gave_is_opened_without_a_question() {
        let folder = tempfile::tempdir().expect("there is room");
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir_all(at("allowed/deep")).expect("there is room");
        for name in ["chosen", "typed", "other", "allowed/one", "allowed/deep/two"] {
            std::fs::write(at(name), name).expect("there is room");
        }
        let files = Files::new(&[at("allowed")]);
        files.give(&at("chosen"));
        let mut rows = vec![
            ("chosen", true),
            ("allowed/../chosen", true),
            ("allowed/one", true),
            ("allowed/deep/two", true),
            ("allowed", true),
            ("other", false),
            ("allowed/../other", false),
            ("allowed-not/three", false),
            ("missing", false),
            ("chosen/..", false),
            (".", false),
        ];
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(at("other"), at("allowed/link")).expect("there is room");
            rows.push(("allowed/link", false));
        }
        for (name, given) in rows {
            let (opened, asked) = open(&files, &at(name), Answered::No).await;
            assert_eq!((opened, asked.is_some()), (given, !given), "{name}");
        }
        let (opened, asked) = open(&files, &at("typed"), Answered::Yes).await;
        assert!(opened && asked.is_some_and(|asked| asked.contains("typed")), "a yes opens it");
        assert_eq!(open(&files, &at("typed"), Answered::No).await, (true, None), "and is asked for once");
    }

    #[tokio::test]
    async fn a_question_shows_a_path_that_hides_its_end() {
        let name = "/home/anna/letter\n\n\u{202e}txt.\u{1b}[2Jgpj";
        let (_, asked) = open(&Files::default(), Path::new(name), Answered::No).await;
        let asked = asked.expect("a question");
        assert!(!asked.contains(['\n', '\u{202e}', '\u{1b}']), "{asked}");
    }
}
