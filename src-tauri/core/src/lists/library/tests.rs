//! Lists of a data folder, without engine, window or network: added, switched, removed, and seen by another program.

use lethe_network::Client;

use super::*;
use crate::base::key::KeyWish;

/// One program's view of a data folder.
struct Program {
    lists: Lists,
    filters: Arc<Filters>,
}

impl Program {
    async fn open(folder: &Path) -> Self {
        let paths = Paths::new(&folder.join("data"), &folder.join("engine")).expect("a data folder");
        let store = Arc::new(Store::open(&paths, KeyWish::None).await.expect("it opens"));
        let filters = Arc::new(Filters::default());
        let lists = Lists::new(store, paths, filters.clone(), Client::offline());
        lists.apply().await.expect("it is readable");
        Self { lists, filters }
    }

    /// What a text is by the lists in force.
    fn filtered(&self, text: &str) -> String {
        self.filters.current().filter(text).as_str().to_owned()
    }

    async fn names(&self) -> Vec<(String, bool)> {
        let lists = self.lists.all().await.expect("they are readable");
        lists.into_iter().map(|list| (list.name, list.enabled)).collect()
    }
}

fn write(folder: &Path, name: &str, person: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, format!("{{\"id\":\"a\",\"kind\":\"person\",\"text\":\"{person}\"}}\n"))
        .expect("it is written");
    path
}

const TEXT: &str = "Zephyrine Quillfeather and Uma Steinbeck";

#[tokio::test]
async fn a_list_is_added_switched_off_and_on_and_removed() {
    let folder = tempfile::tempdir().expect("a folder");
    let program = Program::open(folder.path()).await;
    assert_eq!(program.filtered(TEXT), TEXT, "nothing is in force");
    let list = program.lists.import(&write(folder.path(), "people.jsonl", "Zephyrine Quillfeather")).await;
    let list = list.expect("a list");
    assert_eq!((list.name.as_str(), list.entries, list.hashed), ("people", 1, true));
    assert_eq!(program.filtered(TEXT), "[removed: person] and Uma Steinbeck");

    assert!(!program.lists.enable(&list.id, false).await.expect("it is there").enabled);
    assert_eq!(program.filtered(TEXT), TEXT, "it is off");
    program.lists.enable(&list.id, true).await.expect("it is there");
    assert_eq!(program.filtered(TEXT), "[removed: person] and Uma Steinbeck");

    program.lists.remove(&list.id).await.expect("it is there");
    assert_eq!(program.filtered(TEXT), TEXT);
    assert_eq!(program.names().await, []);
    let error = program.lists.remove(&list.id).await.expect_err("it is gone");
    assert_eq!(error.code, Code::NotFound);
    assert_eq!(std::fs::read_dir(folder.path().join("data/lists")).expect("a folder").count(), 0, "nor its file");
}

#[tokio::test]
async fn the_same_file_again_replaces_its_list_and_another_of_its_name_is_numbered() {
    let folder = tempfile::tempdir().expect("a folder");
    let program = Program::open(folder.path()).await;
    let path = write(folder.path(), "people.jsonl", "Zephyrine Quillfeather");
    program.lists.import(&path).await.expect("a list");
    write(folder.path(), "people.jsonl", "Uma Steinbeck");
    program.lists.import(&path).await.expect("a list");
    assert_eq!(program.filtered(TEXT), "Zephyrine Quillfeather and [removed: person]");
    std::fs::create_dir(folder.path().join("other")).expect("a folder");
    let other = write(&folder.path().join("other"), "people.jsonl", "Zephyrine Quillfeather");
    program.lists.import(&other).await.expect("a list");
    assert_eq!(program.filtered(TEXT), "[removed: person] and [removed: person]");
    assert_eq!(program.names().await, [("people".to_owned(), true), ("people 2".to_owned(), true)]);
    let error = program.lists.import_as(&other, Some("people"), SameName::Refuse).await.expect_err("it is taken");
    assert_eq!(error.code, Code::BadInput, "{error}");
}

#[tokio::test]
async fn a_list_that_is_refused_changes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let program = Program::open(folder.path()).await;
    program.lists.import(&write(folder.path(), "people.jsonl", "Zephyrine Quillfeather")).await.expect("a list");
    for content in ["", "{\"id\":\"a\",\"kind\":\"person\"}\n", "Uma Steinbeck\n"] {
        let path = folder.path().join("people.jsonl");
        std::fs::write(&path, content).expect("it is written");
        let error = program.lists.import(&path).await.expect_err("it is no list");
        assert_eq!(error.code, Code::BadInput, "{content:?}: {error}");
        assert_eq!(program.filtered(TEXT), "[removed: person] and Uma Steinbeck", "{content:?}");
    }
}

#[tokio::test]
async fn another_program_s_change_is_in_force_at_the_next_look() {
    let folder = tempfile::tempdir().expect("a folder");
    let (here, there) = (Program::open(folder.path()).await, Program::open(folder.path()).await);
    let list = there.lists.import(&write(folder.path(), "people.jsonl", "Uma Steinbeck")).await.expect("a list");
    assert_eq!(here.filtered(TEXT), TEXT, "nobody has looked");
    here.lists.reload_if_changed().await.expect("it is readable");
    assert_eq!(here.filtered(TEXT), "Zephyrine Quillfeather and [removed: person]");
    here.lists.enable(&list.id, false).await.expect("it is there");
    let (_reading, state) = there.lists.reading().await.expect("it is readable");
    assert_eq!(state.filter.filter(TEXT).as_str(), TEXT, "whoever reads the history reads by the newest change");
}

#[tokio::test]
async fn a_list_whose_file_is_damaged_stops_new_answers_and_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let program = Program::open(folder.path()).await;
    let list = program.lists.import(&write(folder.path(), "people.jsonl", "Uma Steinbeck")).await.expect("a list");
    let file = std::fs::read_dir(folder.path().join("data/lists")).expect("a folder").flatten().next().expect("a file");
    std::fs::write(file.path(), "damaged").expect("it is written");
    let again = Program::open(folder.path()).await;
    let error = again.filters.ready(&[]).expect_err("a list is missing");
    assert_eq!(error.code, Code::Filter);
    assert!(again.lists.all().await.expect("they are readable")[0].problem.is_some(), "and it is said at the list");
    again.lists.remove(&list.id).await.expect("it is there");
    again.filters.ready(&[]).expect("what is removed is missing no more");
}

fn row(name: &str, source: &str, origin: Option<&str>) -> ListRow {
    ListRow {
        id: slug(name),
        name: name.to_owned(),
        enabled: true,
        entries: 1,
        imported_at: 0,
        sha256: String::new(),
        source: source.to_owned(),
        address: origin.map(str::to_owned),
        format: "list".to_owned(),
        hashed: true,
        version: None,
        content: None,
        issued_at: None,
        expires_at: None,
        checked_at: None,
        tried_at: None,
        failure: None,
        changed_at: None,
        added: None,
        removed: None,
    }
}

#[test]
fn table_of_names_for_a_file_s_list() {
    let none = [];
    let people = [row("people", "file", Some("/a/people.jsonl"))];
    let older = [row("people", "file", None)];
    let both = [row("people", "file", Some("/a/people.jsonl")), row("people 2", "file", Some("/b/people.jsonl"))];
    let second = [row("people 2", "file", Some("/b/people.jsonl"))];
    let feed = [row("people", "feed", Some("https://lists.example/"))];
    for (rows, same_name, expected) in [
        (&none[..], SameName::Number, Some("people")),
        (&none[..], SameName::Refuse, Some("people")),
        (&people[..], SameName::Number, Some("people 2")),
        (&people[..], SameName::Refuse, None),
        (&people[..], SameName::Replace, Some("people")),
        (&older[..], SameName::Number, Some("people 2")),
        (&older[..], SameName::Refuse, None),
        (&both[..], SameName::Number, Some("people 2")),
        (&second[..], SameName::Number, Some("people 2")),
        // That a subscription has the name is for the one who keeps the list to say.
        (&feed[..], SameName::Number, Some("people")),
    ] {
        let name = name_for(rows, "people", "/b/people.jsonl", same_name);
        assert_eq!(name.ok().as_deref(), expected, "{} lists, {same_name:?}", rows.len());
    }
    let again = name_for(&people, "people", "/a/people.jsonl", SameName::Refuse);
    assert_eq!(again.ok().as_deref(), Some("people"), "the same file again is an update");
}
