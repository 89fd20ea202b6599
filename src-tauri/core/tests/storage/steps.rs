//! What is done to a data folder, one step after the other.
//!
//! A step that the product acknowledges changes what has to be there. One that fails says what may be there now: all of
//! it or nothing of it.

use lethe_core::base::error::Error;
use lethe_core::base::key::Keychain;
use lethe_core::chat::backup::{BackupReason, list, restore};
use lethe_core::chat::history::{ConversationId, End, MessageState, UserText};
use lethe_core::lists::library::SameName;

use crate::expected::{Expected, LISTS, NAMES, Said, Talk, list_name};
use crate::world::{Growing, Outcome, Program, World};

/// Programs that have the folder open at once, at most.
const PROGRAMS: usize = 2;

/// How a step ended.
pub enum Done {
    /// It was acknowledged, and what has to be there is noted.
    Yes,
    /// There was nothing to do.
    Idle,
    /// What it was about is no more.
    Gone,
    /// It was refused or ended by a fault; what may be there.
    No(String, Vec<Expected>),
}

fn refused(error: &Error, before: &Expected, after: Expected) -> Done {
    Done::No(error.to_string(), vec![before.clone(), after])
}

impl World {
    /// Takes a step that chance chooses.
    pub async fn step(&mut self) -> Outcome<Done> {
        if self.programs.is_empty() {
            return self.start().await;
        }
        let at = self.random.below(self.programs.len());
        match self.random.below(24) {
            0..=3 => self.begin(at).await,
            4..=9 => self.piece(at).await,
            10..=12 => self.finish(at).await,
            13 => self.rename(at).await,
            14 => self.delete(at).await,
            15..=17 => self.change_lists(at).await,
            18..=19 => self.sweep(at).await,
            20 => self.back_up(at).await,
            21 => self.put_back().await,
            22 if self.programs.len() < PROGRAMS => self.start().await,
            _ => self.end(at).await,
        }
    }

    /// One more program opens the folder.
    async fn start(&mut self) -> Outcome<Done> {
        self.note("a program opens the folder");
        // What was deleted may go for good.
        self.expected.talks.retain(|_, talk| !talk.deleted);
        match self.open().await {
            Ok(program) => {
                self.programs.push(program);
                Ok(Done::Yes)
            }
            Err(error) => Ok(Done::No(error, vec![self.expected.clone()])),
        }
    }

    /// A program ends, in the middle of its answers.
    async fn end(&mut self, at: usize) -> Outcome<Done> {
        self.note(format!("{at}: ends"));
        self.programs.remove(at).close().await;
        Ok(Done::Yes)
    }

    async fn begin(&mut self, at: usize) -> Outcome<Done> {
        let text = format!("{} {}", self.word(), self.word());
        let is_free =
            |talk: &i64| self.programs.iter().all(|one| one.answers.iter().all(|answer| answer.talk != *talk));
        let talks: Vec<i64> = self.expected.talks.iter().filter(|(_, talk)| !talk.deleted).map(|(id, _)| *id).collect();
        let talks: Vec<i64> = talks.into_iter().filter(is_free).collect();
        let talk = if talks.is_empty() || self.random.one_in(3) { None } else { Some(*self.random.pick(&talks)) };
        self.note(format!("{at}: asks {text:?} in {talk:?}"));
        let lethe = &self.programs[at].lethe;
        let question = UserText::parse(&text).expect("there are words");
        let begun = async {
            // As each turn does.
            lethe.lists().reload_if_changed().await?;
            lethe.history().begin(talk.map(ConversationId), &question, "model").await
        };
        match begun.await {
            Ok((user, open)) => {
                let (talk, message) = (open.conversation().0, open.message().0);
                let redactor = lethe.filters().current().redactor();
                let changes = lethe.filters().watch();
                self.programs[at].answers.push(Growing { talk, open, redactor, given: Default::default(), changes });
                let new = || Talk { title: text.clone(), deleted: false, said: Default::default() };
                let said = &mut self.expected.talks.entry(talk).or_insert_with(new).said;
                said.insert(user.0, Said::User(text.clone()));
                said.insert(message, Said::Answer(String::new()));
                self.solid = self.expected.clone();
                Ok(Done::Yes)
            }
            Err(error) => Ok(refused(&error, &self.expected, self.expected.clone())),
        }
    }

    /// Some words more of an answer, with a name now and then, cut anywhere.
    async fn piece(&mut self, at: usize) -> Outcome<Done> {
        if self.programs[at].answers.is_empty() {
            return self.begin(at).await;
        }
        let which = self.random.below(self.programs[at].answers.len());
        let mut text = String::new();
        for _ in 0..=self.random.below(4) {
            text += &format!("{} ", self.word());
            if self.random.one_in(2) {
                text += &format!("{} ", self.random.pick(&NAMES));
            }
        }
        self.note(format!("{at}: says {text:?}"));
        let cut = self.random.below(text.len());
        for part in [&text[..cut], &text[cut..]] {
            let growing = &mut self.programs[at].answers[which];
            if growing.changes.has_changed().unwrap_or(false) {
                let filter = self.programs[at].lethe.filters().current();
                let growing = &mut self.programs[at].answers[which];
                if let Some(instead) = growing.redactor.go_on_with(&filter, &growing.given) {
                    growing.changes.mark_unchanged();
                    match self.replace(at, which, instead).await {
                        Done::Yes => {}
                        ended => return Ok(ended),
                    }
                }
            }
            let piece = self.programs[at].answers[which].redactor.push(part);
            match self.append(at, which, piece).await {
                Done::Yes => {}
                ended => return Ok(ended),
            }
        }
        Ok(Done::Yes)
    }

    async fn append(&mut self, at: usize, which: usize, piece: lethe_filters::FilteredText) -> Done {
        if piece.is_empty() {
            return Done::Yes;
        }
        let growing = &mut self.programs[at].answers[which];
        match growing.open.append(&piece).await {
            Ok(()) => {
                if let Some(text) = self.expected.answer(growing.talk, growing.open.message().0) {
                    text.push_str(piece.as_str());
                }
                growing.given.append(piece);
                Done::Yes
            }
            Err(error) => {
                // The turn ends here; what is held back is lost with it.
                let growing = self.programs[at].answers.remove(which);
                if !self.expected.talks.contains_key(&growing.talk) {
                    // It went for good meanwhile.
                    return Done::Gone;
                }
                refused(&error, &self.expected, self.expected.clone())
            }
        }
    }

    /// Lists have changed: something else takes the place of what was written.
    async fn replace(&mut self, at: usize, which: usize, instead: lethe_filters::FilteredText) -> Done {
        let growing = &mut self.programs[at].answers[which];
        let mut after = self.expected.clone();
        if let Some(text) = after.answer(growing.talk, growing.open.message().0) {
            instead.as_str().clone_into(text);
        }
        match growing.open.replace(&instead, &Default::default()).await {
            Ok(()) => {
                growing.given = instead;
                self.expected = after;
                // Synced, and with it all before: a loss of power that follows leaves the new text.
                self.solid = self.expected.clone();
                Done::Yes
            }
            Err(error) => {
                let growing = self.programs[at].answers.remove(which);
                if !self.expected.talks.contains_key(&growing.talk) {
                    // It went for good meanwhile.
                    return Done::Gone;
                }
                refused(&error, &self.expected, after)
            }
        }
    }

    async fn finish(&mut self, at: usize) -> Outcome<Done> {
        if self.programs[at].answers.is_empty() {
            return Ok(Done::Idle);
        }
        let which = self.random.below(self.programs[at].answers.len());
        self.note(format!("{at}: ends answer {:?}", self.programs[at].answers[which].open.message()));
        let filter = self.programs[at].lethe.filters().current();
        let growing = &mut self.programs[at].answers[which];
        let redactor = std::mem::replace(&mut growing.redactor, filter.redactor());
        match self.append(at, which, redactor.finish()).await {
            Done::Yes => {}
            ended => return Ok(ended),
        }
        let growing = self.programs[at].answers.remove(which);
        let end = End { state: MessageState::Complete, note: None, stats: None, receipt: None };
        match growing.open.finish(end).await {
            Ok(_) => {
                self.solid = self.expected.clone();
                Ok(Done::Yes)
            }
            // It may have been deleted meanwhile.
            Err(_) if self.expected.talks.get(&growing.talk).is_none_or(|talk| talk.deleted) => Ok(Done::Idle),
            Err(error) => Ok(refused(&error, &self.expected, self.expected.clone())),
        }
    }

    /// A conversation that is there.
    fn some_talk(&mut self, deleted: bool) -> Option<i64> {
        let talks = self.expected.talks.iter().filter(|(_, talk)| talk.deleted == deleted);
        let talks: Vec<i64> = talks.map(|(id, _)| *id).collect();
        if talks.is_empty() { None } else { Some(*self.random.pick(&talks)) }
    }

    async fn rename(&mut self, at: usize) -> Outcome<Done> {
        let Some(id) = self.some_talk(false) else { return Ok(Done::Idle) };
        let title = format!("{} {}", self.word(), self.random.pick(&NAMES));
        self.note(format!("{at}: calls {id} {title:?}"));
        let mut after = self.expected.clone();
        if let Some(talk) = after.talks.get_mut(&id) {
            talk.title.clone_from(&title);
        }
        let renamed = self.programs[at].lethe.history().rename(ConversationId(id), &title).await;
        Ok(self.noted(renamed.map(|_| ()), after))
    }

    /// Deletes a conversation, brings one back, or has deleted ones go for good.
    async fn delete(&mut self, at: usize) -> Outcome<Done> {
        let history = self.programs[at].lethe.history().clone();
        let mut after = self.expected.clone();
        if let Some(id) = self.some_talk(true) {
            if self.random.one_in(2) {
                self.note(format!("{at}: brings {id} back"));
                after.talks.entry(id).and_modify(|talk| talk.deleted = false);
                return Ok(self.noted(history.restore(ConversationId(id)).await.map(|_| ()), after));
            }
            self.note(format!("{at}: deleted ones go for good"));
            after.talks.retain(|_, talk| !talk.deleted);
            return Ok(self.noted(history.purge(0).await.map(|_| ()), after));
        }
        let Some(id) = self.some_talk(false) else { return Ok(Done::Idle) };
        self.note(format!("{at}: deletes {id}"));
        after.talks.entry(id).and_modify(|talk| talk.deleted = true);
        Ok(self.noted(history.delete(ConversationId(id)).await, after))
    }

    /// Notes what has to be there after a step that either happens or does not.
    fn noted(&mut self, done: Result<(), Error>, after: Expected) -> Done {
        match done {
            Ok(()) => {
                self.solid = after.clone();
                self.expected = after;
                Done::Yes
            }
            Err(error) => refused(&error, &self.expected, after),
        }
    }

    /// A list comes into force, or goes out of it.
    async fn change_lists(&mut self, at: usize) -> Outcome<Done> {
        let number = self.random.below(LISTS.len());
        let lists = self.programs[at].lethe.lists().clone();
        let mut after = self.expected.clone();
        let on = self.expected.lists.get(&number).copied();
        // A fault may come while they are read.
        let all = match lists.all().await {
            Ok(all) => all,
            Err(error) => return Ok(refused(&error, &self.expected, self.expected.clone())),
        };
        let name = list_name(number);
        let id = all.into_iter().find(|list| list.name == name).map_or_else(|| name.clone(), |list| list.id);
        let before = (self.ever, self.maybe);
        self.maybe[number] = true;
        let done = match (on, self.random.below(4)) {
            (Some(on), 0..=1) => {
                self.note(format!("{at}: {id} is on: {}", !on));
                after.lists.insert(number, !on);
                self.may_name(&after);
                lists.enable(&id, !on).await.map(|_| ())
            }
            (Some(_), 2) => {
                self.note(format!("{at}: takes {id} away"));
                after.lists.remove(&number);
                lists.remove(&id).await
            }
            _ => {
                self.note(format!("{at}: imports {id}"));
                after.lists.insert(number, true);
                self.may_name(&after);
                let source = self.sources.join(format!("{name}.jsonl"));
                lists.import_as(&source, Some(&name), SameName::Replace).await.map(|_| ())
            }
        };
        if done.is_ok() {
            self.maybe = before.1;
        }
        Ok(self.noted(done, after))
    }

    /// Notes that what these lists name may be gone from now on.
    fn may_name(&mut self, after: &Expected) {
        for name in after.in_force() {
            self.ever[name] = true;
        }
    }

    async fn sweep(&mut self, at: usize) -> Outcome<Done> {
        self.note(format!("{at}: sweeps"));
        let sweeper = self.programs[at].lethe.sweeper().clone();
        let swept = async { if sweeper.is_due().await? { sweeper.sweep().await.map(|_| ()) } else { Ok(()) } };
        match swept.await {
            Ok(()) => Ok(Done::Yes),
            Err(error) => Ok(refused(&error, &self.expected, self.expected.clone())),
        }
    }

    async fn back_up(&mut self, at: usize) -> Outcome<Done> {
        self.now += self.random.below(40 * 60 * 60 * 1000) as i64;
        let backups = self.programs[at].lethe.backups();
        let elsewhere = self.root.join("elsewhere");
        let made = match self.random.below(4) {
            0 => {
                self.note(format!("{at}: makes a backup elsewhere"));
                backups.create(BackupReason::Asked, self.now, Some(&elsewhere)).await.map(Some)
            }
            1 => {
                self.note(format!("{at}: makes a backup"));
                backups.create(BackupReason::Asked, self.now, None).await.map(Some)
            }
            _ => {
                self.note(format!("{at}: makes a daily backup"));
                backups.daily(self.now).await
            }
        };
        match made {
            Ok(made) => {
                if let Some(file) = made {
                    self.keep_backup(file.path, file.name.reason);
                }
                Ok(Done::Yes)
            }
            Err(error) => Ok(refused(&error, &self.expected, self.expected.clone())),
        }
    }

    /// All programs end, and the newest backup is put back.
    async fn put_back(&mut self) -> Outcome<Done> {
        let known = list(&self.paths).map_err(|error| format!("backups: {error}"))?;
        let Some((path, kept)) = known.first().and_then(|newest| {
            let kept = self.backups.iter().find(|(path, _)| *path == newest.path);
            kept.cloned()
        }) else {
            return Ok(Done::Idle);
        };
        self.note(format!("puts {} back", path.display()));
        self.close().await;
        self.now += 1000;
        let restored = restore(&self.paths, self.wish, &Keychain::System, None, None, self.now).await;
        let mut after = Expected { lists: self.expected.lists.clone(), ..kept };
        after.talks.retain(|_, talk| !talk.deleted);
        match restored {
            Ok(restored) => {
                if restored.settings_of_backup || restored.from != path {
                    return Err(format!("another backup or its settings came back: {restored:?}"));
                }
                if let Some(aside) = restored.aside {
                    self.keep_backup(aside, BackupReason::Replaced);
                }
                Ok(self.noted(Ok(()), after))
            }
            Err(error) => Ok(refused(&error, &self.expected, after)),
        }
    }
}

impl Program {
    /// Shows that it can be used: a question and its answer are stored and found.
    pub async fn answers(&self, question: &str) -> Outcome {
        let used = async {
            let text = UserText::parse(question)?;
            let (_, mut open) = self.lethe.history().begin(None, &text, "model").await?;
            open.append(&self.lethe.filters().current().filter("it is so")).await?;
            let end = End { state: MessageState::Complete, note: None, stats: None, receipt: None };
            open.finish(end).await?;
            self.lethe.history().search(question).await
        };
        let found = used.await.map_err(|error| format!("Lethe can't be used: {error}"))?;
        if found.len() == 1 { Ok(()) } else { Err(format!("{question} was found {} times", found.len())) }
    }
}
