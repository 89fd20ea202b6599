//! Where the folders are, and what is in them at first.

use std::path::{Path, PathBuf};

use lethe_core::base::key::KeyWish;
use lethe_core::base::paths::Paths;
use lethe_faults::Disk;
use lethe_seed::Random;
use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};

use crate::expected::{Expected, LISTS, NAMES, Said, Talk, list_name};
use crate::world::World;

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

/// Forms of earlier days that are tried.
const FORMS: [i64; 4] = [1, 2, 3, 4];

/// Folders of this run, removed at its end.
pub struct Folders {
    top: tempfile::TempDir,
}

impl Folders {
    /// Makes the lists; in memory where the system has such a folder, since a thousand databases are many syncs.
    pub fn new() -> Self {
        let memory = Path::new("/dev/shm");
        let parent = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
        let top = tempfile::Builder::new().prefix("lethe-storage-").tempdir_in(parent).expect("a folder can be made");
        let lists = top.path().join("lists");
        std::fs::create_dir(&lists).expect("a folder can be made");
        for (number, names) in LISTS.iter().enumerate() {
            let line =
                |name: &usize| format!("{{\"id\":\"p{name}\",\"kind\":\"person\",\"text\":\"{}\"}}\n", NAMES[*name]);
            let lines: String = names.iter().map(line).collect();
            std::fs::write(lists.join(format!("{}.jsonl", list_name(number))), lines).expect("a list can be written");
        }
        Self { top }
    }

    /// The folder of a seed, new, or with a history of an older form.
    pub async fn world(&self, seed: u64, worker: usize) -> World {
        let mut random = Random::new(seed);
        let top = self.top.path().join(worker.to_string());
        let _ = std::fs::remove_dir_all(&top);
        let root = top.join("root");
        std::fs::create_dir_all(&root).expect("a folder can be made");
        let paths = Paths::new(&root.join("data"), &root.join("engine")).expect("a data folder");
        let disk = Disk::below(&root);
        let mut world = World {
            paths,
            wish: if random.one_in(5) { KeyWish::File } else { KeyWish::None },
            disk,
            sources: self.top.path().join("lists"),
            programs: Vec::new(),
            expected: Expected::default(),
            solid: Expected::default(),
            ever: [false; NAMES.len()],
            maybe: [false; LISTS.len()],
            backups: Vec::new(),
            now: now(),
            words: 0,
            log: Vec::new(),
            root,
            random,
        };
        if world.wish == KeyWish::None && world.random.one_in(3) {
            let form = *world.random.pick(&FORMS);
            world.note(format!("a history of form {form}"));
            old_history(&mut world, form).await;
            world.solid = world.expected.clone();
        }
        world
    }

    /// Where a folder is copied to as a fault leaves it.
    pub fn image(&self, world: &World) -> PathBuf {
        world.root.with_file_name("image")
    }
}

/// Milliseconds since 1970: backups that the product makes by itself are of now.
fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a clock that goes");
    i64::try_from(since.as_millis()).expect("a time of these centuries")
}

/// A history that a Lethe of earlier days has left behind, with an answer that it was writing.
async fn old_history(world: &mut World, form: i64) {
    let options = SqliteConnectOptions::new().filename(world.paths.database()).create_if_missing(true);
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await.expect("a database");
    let known = MIGRATIONS.iter().filter(|migration| migration.version <= form).cloned().collect();
    Migrator::with_migrations(known).run(&pool).await.expect("the form of earlier days");
    let (title, question) = (world.word(), world.word());
    let whole = format!("{} {} {}", world.word(), world.random.pick(&NAMES), world.word());
    let piece = format!("{} {}", world.word(), world.random.pick(&NAMES));
    for sql in [
        format!(
            "INSERT INTO conversation VALUES (1, '{title}', 0, 0, NULL, NULL{})",
            if form >= 3 { ", 0" } else { "" }
        ),
        format!(
            "INSERT INTO message (conversation, role, text, state, created_at) VALUES (1, 'user', '{question}', 'complete', 0)"
        ),
        format!(
            "INSERT INTO message (conversation, role, text, state, answers, created_at) VALUES (1, 'assistant', '{whole}', 'complete', 1, 0)"
        ),
        "INSERT INTO message (conversation, role, text, state, created_at) VALUES (1, 'assistant', '', 'streaming', 0)"
            .to_owned(),
        format!("INSERT INTO piece VALUES (3, 0, '{piece}', '[]')"),
    ] {
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&pool).await.expect("a row of earlier days");
    }
    pool.close().await;
    let said = [(1, Said::User(question)), (2, Said::Answer(whole)), (3, Said::Answer(piece))].into_iter().collect();
    world.expected.talks.insert(1, Talk { title, deleted: false, said });
}
