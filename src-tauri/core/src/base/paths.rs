//! Where things are kept.

use std::path::{Path, PathBuf};

use crate::base::error::{Code, Error, Result};

/// The folders and files of one user's data. See the README for the list.
#[derive(Debug, Clone)]
pub struct Paths {
    data: PathBuf,
    engine: PathBuf,
}

impl Paths {
    /// The usual places: `data` is `--data-dir`, else `LETHE_DATA_DIR`, else the system's place for application data;
    /// the engine lies beside this program.
    ///
    /// # Errors
    /// `Store` when the data folder can't be made or written.
    pub fn locate(data: Option<&Path>) -> Result<Self> {
        let paths = Self::named(data)?;
        Self::new(&paths.data, &paths.engine)
    }

    /// The same places; nothing is made or tried there.
    ///
    /// # Errors
    /// `BadInput` and `Store` for a name that is no place of a data folder.
    pub(crate) fn named(data: Option<&Path>) -> Result<Self> {
        // A variable that is empty is one that is not set.
        let variable = std::env::var_os("LETHE_DATA_DIR").filter(|folder| !folder.is_empty()).map(PathBuf::from);
        let named = data.map(Path::to_owned).or(variable);
        let data = named.or_else(|| dirs::data_dir().map(|folder| folder.join("lethe")));
        let data = data.ok_or_else(|| {
            Error::new(Code::Store, "this system names no folder for application data: choose one with --data-dir")
        })?;
        let program = std::env::current_exe().unwrap_or_default();
        let engine = format!("lethe-engine{}", std::env::consts::EXE_SUFFIX);
        Self::at(&data, &program.with_file_name(engine))
    }

    /// Creates the data folder when it is missing, readable by its owner only. `engine` is the engine's program.
    ///
    /// # Errors
    /// `Store` when the data folder can't be made or written.
    pub fn new(data: &Path, engine: &Path) -> Result<Self> {
        let paths = Self::at(data, engine)?;
        for folder in [paths.data.clone(), paths.lists(), paths.logs()] {
            make_private(&folder).map_err(|error| paths.unwritable(&error))?;
        }
        // Rights alone do not tell: a file system can be read-only.
        let trial = tempfile::Builder::new().prefix(".writable-").tempfile_in(&paths.data);
        trial.map_err(|error| paths.unwritable(&error))?;
        Ok(paths)
    }

    fn at(data: &Path, engine: &Path) -> Result<Self> {
        let bad = |reason: &str| {
            Error::new(
                Code::Store,
                format!(
                    "the data folder {} {reason}: choose another with LETHE_DATA_DIR or --data-dir",
                    data.display()
                ),
            )
        };
        if data.as_os_str().is_empty() {
            return Err(Error::bad_input("--data-dir names no folder: give one, or leave it out"));
        }
        if data.to_str().is_none() {
            return Err(bad("has a name that is not Unicode, in which no database can be kept"));
        }
        if data.is_symlink() && !data.exists() {
            return Err(bad("is a link that leads nowhere; mount its disk or mend the link"));
        }
        let data = std::path::absolute(data).unwrap_or_else(|_| data.to_owned());
        Ok(Self { data, engine: engine.to_owned() })
    }

    fn unwritable(&self, error: &std::io::Error) -> Error {
        let folder = self.data.display();
        Error::new(
            Code::Store,
            format!(
                "the data folder {folder} can't be written ({}): make it writable, or choose another with LETHE_DATA_DIR or --data-dir",
                error.kind()
            ),
        )
    }

    /// The data folder.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// The database.
    pub fn database(&self) -> PathBuf {
        self.data.join("lethe.db")
    }

    /// The database's key, where there is no keychain.
    pub fn key_file(&self) -> PathBuf {
        self.data.join("store.key")
    }

    /// Says that the history is not encrypted because somebody wanted it so.
    pub fn plain_mark(&self) -> PathBuf {
        self.data.join("store.plain")
    }

    /// Backups of the database; it may not be there yet.
    pub fn backups(&self) -> PathBuf {
        self.data.join("backups")
    }

    /// Names the folders that somebody chose for backups.
    pub fn backup_folders(&self) -> PathBuf {
        self.data.join("backup-folders.json")
    }

    /// Where models are that were downloaded or made here; it may not be there yet.
    pub fn models_folder(&self) -> PathBuf {
        self.data.join("models")
    }

    /// The models that were downloaded or made here, created when it is missing. Others stay where they are.
    ///
    /// # Errors
    /// `Store` when it can't be made.
    pub fn models(&self) -> Result<PathBuf> {
        let folder = self.models_folder();
        make_private(&folder).map_err(|error| self.unwritable(&error))?;
        Ok(folder)
    }

    /// Locked by the program that opens the database, while it does.
    pub fn opening_lock(&self) -> PathBuf {
        self.data.join("opening.lock")
    }

    /// Locked together by all programs that have the database open.
    pub fn open_lock(&self) -> PathBuf {
        self.data.join("open.lock")
    }

    /// Locked by the program that changes lists.
    pub fn lists_lock(&self) -> PathBuf {
        self.data.join("lists.lock")
    }

    /// Locked by the program that works on backups.
    pub fn backups_lock(&self) -> PathBuf {
        self.data.join("backups.lock")
    }

    /// Locked by the program that cleans up after a crash.
    pub fn lock_file(&self) -> PathBuf {
        self.data.join("lethe.lock")
    }

    /// Locked by the program that sweeps stored answers.
    pub fn sweep_lock(&self) -> PathBuf {
        self.data.join("sweep.lock")
    }

    /// Lists, one file each.
    pub fn lists(&self) -> PathBuf {
        self.data.join("lists")
    }

    /// Logs; they hold no text of users or models.
    pub fn logs(&self) -> PathBuf {
        self.data.join("logs")
    }

    /// The engine's program.
    pub fn engine(&self) -> &Path {
        &self.engine
    }
}

/// Makes a folder that only its owner reads, where there is none.
pub(crate) fn make_private(folder: &Path) -> std::io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    std::fs::create_dir_all(folder)?;
    #[cfg(unix)]
    std::fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
    Ok(())
}
