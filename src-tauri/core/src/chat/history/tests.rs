//! The history without an engine and without a window: lists that change through another program, answers that are
//! being written, search before a sweep.

use std::path::Path;
use std::sync::Arc;

use lethe_filters::{Detectors, Filter, FilteredText};
use tempfile::TempDir;

use super::*;
use crate::base::key::KeyWish;
use crate::base::ledger::Ledger;
use crate::base::network::{Network, Requests};
use crate::base::paths::Paths;
use crate::base::segment::Segment;
use crate::chat::export;
use crate::chat::sweep::{SweepState, Sweeper};
use crate::chat::turn::ChatEvent;
use crate::lists::filter::Filters;

const NAME: &str = "Zephyrine Quillfeather";

/// What one program has open of a data folder.
struct Program {
    store: Arc<Store>,
    lists: Lists,
    history: History,
    sweeper: Sweeper,
}

impl Program {
    async fn open(folder: &TempDir) -> Self {
        let paths = Paths::new(&folder.path().join("data"), Path::new("no-engine")).expect("a folder");
        let store = Arc::new(Store::open(&paths, KeyWish::None).await.expect("it opens"));
        let requests = Requests::new(Network::Off, true, Ledger::new(store.clone()));
        let filters = Arc::new(Filters::default());
        let lists = Lists::new(store.clone(), paths.clone(), filters.clone(), requests.client().clone());
        lists.apply().await.expect("no list yet");
        let sweeper = Sweeper::open(store.clone(), filters, lists.clone(), &paths).await.expect("it opens");
        Self { history: History::new(store.clone(), lists.clone()), store, lists, sweeper }
    }

    /// Puts a list with one name in force.
    async fn name(&self, folder: &TempDir) {
        let file = folder.path().join("people.jsonl");
        let line = format!("{{\"id\":\"p1\",\"kind\":\"person\",\"text\":\"{NAME}\"}}\n");
        std::fs::write(&file, line).expect("the folder is writable");
        self.lists.import(&file).await.expect("the list is good");
    }

    async fn begin(&self, question: &str) -> OpenAnswer {
        let question = UserText::parse(question).expect("a question");
        self.history.begin(None, &question, "a model").await.expect("it is begun").1
    }

    async fn answer(&self, question: &str, answer: &str) -> Ended {
        let mut open = self.begin(question).await;
        open.append(&unfiltered(answer)).await.expect("it is written");
        open.finish(end()).await.expect("it is finished")
    }

    async fn is_due(&self) -> bool {
        self.sweeper.is_due().await.expect("it is known")
    }

    async fn sweep(&self) {
        assert_eq!(self.sweeper.sweep().await.expect("it ends").state, SweepState::Done);
    }

    async fn found(&self, query: &str) -> Vec<String> {
        let hits = self.history.search(query).await.expect("a search");
        let text = |hit: SearchHit| hit.snippet.into_iter().map(|part| part.text).collect();
        hits.into_iter().map(text).collect()
    }
}

/// A history of a data folder without lists, so that the folder of lists is not looked at.
pub(crate) fn without_lists(store: &Arc<Store>) -> History {
    let folder = TempDir::new().expect("a folder");
    let paths = Paths::new(folder.path(), Path::new("no-engine")).expect("a folder");
    let requests = Requests::new(Network::Off, true, Ledger::new(store.clone()));
    let lists = Lists::new(store.clone(), paths, Arc::new(Filters::default()), requests.client().clone());
    History::new(store.clone(), lists)
}

fn unfiltered(text: &str) -> FilteredText {
    Filter::new(Vec::new(), Detectors::none()).expect("no lists").filter(text)
}

fn end() -> End {
    End { state: MessageState::Complete, note: None, stats: None, receipt: None }
}

fn holds(folder: &TempDir, text: &str) -> bool {
    let files = std::fs::read_dir(folder.path().join("data")).expect("the folder").flatten();
    files
        .filter_map(|file| std::fs::read(file.path()).ok())
        .any(|bytes| bytes.windows(text.len()).any(|window| window == text.as_bytes()))
}

#[tokio::test]
async fn an_answer_ends_by_the_lists_that_another_program_has_put_in_force() {
    let folder = TempDir::new().expect("a folder");
    let (one, other) = (Program::open(&folder).await, Program::open(&folder).await);
    let mut open = one.begin("Who is the keeper?").await;
    open.append_thinking(&unfiltered(&format!("{NAME}?"))).await.expect("it is written");
    open.append(&unfiltered("It is Zephyrine ")).await.expect("it is written");
    other.name(&folder).await;
    other.sweep().await;
    open.append(&unfiltered("Quillfeather, I think.")).await.expect("it is written");
    assert!(holds(&folder, "Quillfeather"), "this search finds nothing at all");
    let ended = open.finish(end()).await.expect("it ends");
    assert_eq!(ended.text.as_str(), "It is [removed: person], I think.");
    assert_eq!(ended.thinking.as_str(), "[removed: person]?");
    assert_eq!(export::source(&ended.message.segments), ended.text.as_str());
    assert_eq!(export::source(&ended.message.thinking), ended.thinking.as_str());
    assert!(!holds(&folder, "Quillfeather"), "its bytes are still on the disk");
    assert!(!one.is_due().await && !other.is_due().await, "nothing is left to sweep");
}

#[tokio::test]
async fn pieces_are_replaced_while_an_answer_is_written() {
    let folder = TempDir::new().expect("a folder");
    let program = Program::open(&folder).await;
    let mut open = program.begin("Who is the keeper?").await;
    for piece in ["It is ", NAME, ". Or "] {
        open.append(&unfiltered(piece)).await.expect("it is written");
    }
    open.replace(&unfiltered("It is nobody. "), &unfiltered("Hm.")).await.expect("it is replaced");
    assert!(!holds(&folder, "Quillfeather"), "its bytes are still on the disk");
    open.append(&unfiltered("Or not.")).await.expect("it is written");
    open.append_thinking(&unfiltered(" Yes.")).await.expect("it is written");
    let ended = open.finish(end()).await.expect("it ends");
    assert_eq!((ended.text.as_str(), ended.thinking.as_str()), ("It is nobody. Or not.", "Hm. Yes."));
}

#[tokio::test]
async fn a_sweep_reaches_answers_that_nobody_writes_any_more() {
    let folder = TempDir::new().expect("a folder");
    let (one, other) = (Program::open(&folder).await, Program::open(&folder).await);
    let mut open = one.begin("Who is the keeper?").await;
    open.append(&unfiltered("It is Zephyrine ")).await.expect("it is written");
    open.append(&unfiltered("Quillfeather, ")).await.expect("it is written");
    other.name(&folder).await;
    other.sweep().await;
    assert_eq!(other.sweeper.last().changed, 1);
    assert!(!holds(&folder, "Quillfeather"), "its bytes are still on the disk");
    // Its writer was only slow.
    open.append(&unfiltered("I think.")).await.expect("it is written");
    let ended = open.finish(end()).await.expect("it ends");
    assert_eq!(ended.text.as_str(), "It is [removed: person], I think.");
}

#[tokio::test]
async fn an_interrupted_answer_is_closed_by_the_lists_of_now() {
    let folder = TempDir::new().expect("a folder");
    let one = Program::open(&folder).await;
    let mut open = one.begin("Who is the keeper?").await;
    open.append(&unfiltered(&format!("It is {NAME}."))).await.expect("it is written");
    let (conversation, message) = (open.conversation(), open.message());
    drop(open);
    Program::open(&folder).await.name(&folder).await;
    assert_eq!(one.history.recover().await.expect("it is closed"), 1);
    let message = one.history.message(message).await.expect("it is there");
    assert_eq!(message.state, MessageState::Interrupted);
    assert_eq!(export::source(&message.segments), "It is [removed: person].");
    assert!(!holds(&folder, "Quillfeather"), "its bytes are still on the disk");
    assert_eq!(one.history.open(conversation).await.expect("it opens").messages.len(), 2);
}

#[tokio::test]
async fn a_row_that_ended_under_older_lists_makes_a_sweep_due() {
    let folder = TempDir::new().expect("a folder");
    let program = Program::open(&folder).await;
    let ended = program.answer("Who is the keeper?", &format!("It is {NAME}.")).await;
    program.sweep().await;
    assert!(!program.is_due().await);
    program.name(&folder).await;
    program.sweep().await;
    assert!(!program.is_due().await, "nothing is swept twice");
    // As a program would leave it that knows nothing of lists in the middle of an answer.
    sqlx::query("UPDATE message SET text = ?, digest = 'older' WHERE id = ?")
        .bind(format!("It is {NAME}."))
        .bind(ended.message.id.0)
        .execute(program.store.pool())
        .await
        .expect("it is writable");
    assert!(program.is_due().await, "a row of older lists was passed over");
    program.sweep().await;
    assert!(!program.is_due().await && !holds(&folder, "Quillfeather"));
}

#[tokio::test]
async fn a_listed_word_finds_nothing_before_the_sweep_is_through() {
    let folder = TempDir::new().expect("a folder");
    let (one, other) = (Program::open(&folder).await, Program::open(&folder).await);
    let far = "and nothing else was said about the matter in all those years ".repeat(3);
    one.answer("Who kept the lighthouse?", &format!("The lighthouse: {far} {NAME}")).await;
    one.answer("Who kept it then?", &format!("A lighthouse was kept by {NAME}, {far} by Zephyrine")).await;
    one.answer("Whose was it?", "It was the lighthouse of nobody.").await;
    assert_eq!(one.found("quillfeather").await.len(), 2, "it is found before it is listed");
    // A hundred that are better matches are left out and do not stand for all.
    for number in 0..120 {
        one.answer(&format!("Number {number}?"), &format!("{NAME} {NAME} lantern")).await;
    }
    one.answer("And who else?", &format!("Quillfeather was {far} the name of a lantern")).await;
    other.name(&folder).await;
    for (query, expected) in [
        ("zephyrine quillfeather", 0),
        ("Zephyrine", 1),
        ("zeph", 1),
        ("quillf", 1),
        ("kept zephyrine", 1),
        ("lighthouse", 4),
        ("lantern", 100),
    ] {
        let found = one.found(query).await;
        assert_eq!(found.len(), expected, "{query}");
        let half = |text: &String| text.contains("Zephyrine Quill") || text.contains("Quillfeather,");
        assert!(!found.iter().any(half), "{query}");
    }
    let before = [one.found("lighthouse").await, one.found("kept").await];
    other.sweep().await;
    let mut after = [one.found("lighthouse").await, one.found("kept").await];
    for (before, after) in before.into_iter().zip(&mut after) {
        let mut before = before;
        before.sort_unstable();
        after.sort_unstable();
        assert_eq!(&before, after, "a sweep changes nothing of what is found");
    }
}

#[tokio::test]
async fn no_title_of_a_hit_has_half_a_name() {
    let folder = TempDir::new().expect("a folder");
    let program = Program::open(&folder).await;
    let question = format!("Tell me of the lighthouse, its keepers, its lanterns, and above all {NAME}, please");
    program.answer(&question, "There was a lighthouse.").await;
    program.name(&folder).await;
    let hit = program.history.search("There").await.expect("a search").remove(0);
    assert!(!hit.title.contains("Zephyr") && hit.title.ends_with('…'), "{}", hit.title);
    let listed = program.history.list().await.expect("the list").remove(0);
    assert_eq!(listed.title, hit.title);
    program.sweep().await;
    assert_eq!(program.history.list().await.expect("the list").remove(0).title, hit.title);
}

#[tokio::test]
async fn no_other_answer_is_shown_while_one_is_written() {
    let folder = TempDir::new().expect("a folder");
    let program = Program::open(&folder).await;
    let first = program.answer("Who?", "Nobody.").await;
    let conversation = first.conversation.expect("it is there").id;
    let mut again = program.history.begin_again(conversation, "a model").await.expect("it is begun");
    let refused = program.history.show_variant(first.message.id, 1).await.expect_err("it is being written");
    assert_eq!(refused.code, Code::Busy, "{refused}");
    again.append(&unfiltered("Somebody.")).await.expect("it is written");
    let ended = again.finish(end()).await.expect("it ends");
    assert_eq!((ended.message.variant, ended.message.variants), (2, 2));
    let shown = program.history.show_variant(first.message.id, 1).await.expect("it can be shown now");
    assert_eq!(shown.messages[1].id, first.message.id);
    let hidden = program.history.message(ended.message.id).await.expect("it can be read though it is not shown");
    assert_eq!(export::source(&hidden.segments), "Somebody.");
}

#[tokio::test]
async fn a_conversation_that_is_deleted_during_an_answer_is_no_error() {
    let folder = TempDir::new().expect("a folder");
    let program = Program::open(&folder).await;
    let mut open = program.begin("Who?").await;
    open.append(&unfiltered("Nobody.")).await.expect("it is written");
    program.history.delete(open.conversation()).await.expect("it is deleted");
    let ended = open.finish(end()).await.expect("the answer ends all the same");
    assert!(ended.conversation.is_none() && ended.message.state == MessageState::Complete);
    let restored = program.history.restore(open.conversation()).await.expect("it comes back");
    assert_eq!(restored.messages, 2);
}

#[tokio::test]
async fn a_conversation_is_read_in_one_moment() {
    let folder = TempDir::new().expect("a folder");
    let program = Program::open(&folder).await;
    let ended = program.answer("Who?", &format!("It is {NAME}, {NAME} and {NAME}.")).await;
    let conversation = ended.conversation.expect("it is there").id;
    program.name(&folder).await;
    let store = program.store.clone();
    let plain = format!("It is {NAME}, {NAME} and {NAME}.");
    let id = ended.message.id.0;
    // Takes the name out and puts it back, each time as a whole.
    let writer = tokio::spawn(async move {
        for _ in 0..100 {
            let mut transaction = store.pool().begin_with("BEGIN IMMEDIATE").await.expect("it begins");
            let stored = Stored::batch(&mut transaction, id - 1, 1).await.expect("it is there").remove(0);
            let line = format!("{{\"id\":\"p1\",\"kind\":\"person\",\"text\":\"{NAME}\"}}\n");
            let list = lethe_filters::List::from_jsonl("people", &line).expect("a list");
            let filter = Filter::new(vec![list], Detectors::none()).expect("a filter");
            stored.write(&mut transaction, &filter.filter(&plain)).await.expect("it is written");
            transaction.commit().await.expect("it is written");
            let mut transaction = store.pool().begin_with("BEGIN IMMEDIATE").await.expect("it begins");
            stored.write(&mut transaction, &unfiltered(&plain)).await.expect("it is written");
            transaction.commit().await.expect("it is written");
        }
    });
    while !writer.is_finished() {
        let opened = program.history.open(conversation).await.expect("it opens");
        let removed = |segment: &&Segment| matches!(segment, Segment::Removed { .. });
        assert_eq!(opened.messages[1].segments.iter().filter(removed).count(), 3, "markers without their places");
    }
    writer.await.expect("the writer ends");
}

#[tokio::test]
async fn what_holds_text_shows_its_length_only() {
    let folder = TempDir::new().expect("a folder");
    let program = Program::open(&folder).await;
    let mut open = program.begin(&format!("Is it {NAME}?")).await;
    open.append_thinking(&unfiltered(&format!("Is it {NAME}?"))).await.expect("it is written");
    open.append(&unfiltered(&format!("It is {NAME}."))).await.expect("it is written");
    let Ended { message, conversation, text, thinking, .. } = open.finish(end()).await.expect("it ends");
    let opened = program.history.open(open.conversation()).await.expect("it opens");
    let hits = program.history.search(NAME).await.expect("a search");
    assert_eq!(hits.len(), 2, "both messages are found");
    let segments = message.segments.clone();
    let conversation = conversation.expect("it is there");
    let events = [
        ChatEvent::Started {
            conversation: conversation.clone(),
            user: Some(opened.messages[0].clone()),
            answer: message.clone(),
        },
        ChatEvent::Text {
            thinking: message.thinking.clone(),
            segments: segments.clone(),
            completion_tokens: 1,
            tokens_per_s: 1.0,
            context_used: 1,
            context_size: 1,
        },
        ChatEvent::Redrawn { thinking: message.thinking.clone(), segments: segments.clone() },
        ChatEvent::Finished { message: message.clone(), conversation: Some(conversation.clone()) },
    ];
    let typed = UserText::parse(NAME).expect("it says something");
    for shown in [
        format!("{text:?} {thinking:?}"),
        format!("{segments:?}"),
        format!("{message:?}"),
        format!("{conversation:?}"),
        format!("{opened:?}"),
        format!("{hits:?}"),
        format!("{events:?}"),
        format!("{typed:?}"),
        format!("{:#?}", events),
    ] {
        let clean = !["Zephyrine", "Quillfeather"].iter().any(|part| shown.contains(part));
        assert!(clean && shown.chars().any(|letter| letter.is_ascii_digit()), "{shown}");
    }
}
