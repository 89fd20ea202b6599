//! A thousand data folders, each with a fault: what was acknowledged is there afterwards, and what a list names is not.
//!
//! One seed decides all that happens to a folder: of which form it is at first and whether it is encrypted; which steps
//! are taken, by one program or two at once (conversations, answers in pieces, titles, deletion and bringing back, lists
//! into force and out of it, sweeps, backups, restoring them, starting and ending); and one fault at any write, sync,
//! opening or deletion of a file of a database: a kill, a loss of power, a full disk. The programs are the product's own
//! code on real files, with a layer below SQLite that fails; `lethe_faults` says what such a fault is and what it is not.
//! Then the folder is opened again, swept if a sweep is due, and looked through; every backup is read whole, and the
//! newest put back.
//!
//! What has to hold: Lethe opens, and can be used. Nothing that was acknowledged is missing, unless a list has named it;
//! of an answer that was not finished, a loss of power may take the last pieces, and nothing else. No file holds a name
//! that a list in force names: database, journals, index, backups (looked for in the bytes where nothing is encrypted).
//!
//! What is not simulated: the engine and the turn before the history (words come from the seed), the keychain, downloads,
//! and faults in the middle of list files. Two programs are two of Lethe in one process, one of which takes a step at a
//! time; so their locks are real, and races within one statement are not tried. Times are real ones.
//!
//! `LETHE_SEED=… cargo nextest run --workspace --test storage` plays one seed again, as a failure says.

#[path = "storage/expected.rs"]
mod expected;
#[path = "storage/folders.rs"]
mod folders;
#[path = "storage/steps.rs"]
mod steps;
#[path = "storage/world.rs"]
mod world;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use folders::Folders;
use lethe_faults::Fault;
use lethe_seed::Random;
use steps::Done;
use world::{Outcome, World};

/// Seeds that are tried in every run.
const ALWAYS: u64 = 300;
/// Seeds of this run alone.
const VARYING: u64 = 800;
/// Steps that a folder sees, at most.
const STEPS: usize = 24;
/// How far from the chosen step a fault is, in writes and syncs, at most.
const SPREAD: usize = 60;

#[test]
fn nothing_is_lost_and_nothing_listed_is_left_whatever_happens() {
    lethe_faults::install();
    let folders = Folders::new();
    let seeds: Vec<u64> = if lethe_seed::is_named() {
        vec![lethe_seed::of_this_run()]
    } else {
        (0..ALWAYS).chain((0..VARYING).map(|number| lethe_seed::of_this_run() + number)).collect()
    };
    let failures = Mutex::new(Vec::new());
    let next = AtomicU64::new(0);
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for worker in 0..workers {
            let (seeds, failures, next, folders) = (&seeds, &failures, &next, &folders);
            scope.spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                let runtime = runtime.expect("a runtime can be made");
                while let Some(seed) = seeds.get(next.fetch_add(1, Ordering::Relaxed) as usize) {
                    if let Err(failure) = runtime.block_on(play(*seed, folders, worker)) {
                        failures.lock().unwrap_or_else(PoisonError::into_inner).push(failure);
                    }
                }
            });
        }
    });
    let mut failures = failures.into_inner().unwrap_or_else(PoisonError::into_inner);
    failures.sort_by_key(String::len);
    let shortest: Vec<&str> = failures.iter().take(3).map(String::as_str).collect();
    assert!(
        failures.is_empty(),
        "{} of {} seeds fail; the shortest:\n{}",
        failures.len(),
        seeds.len(),
        shortest.join("\n")
    );
}

/// Plays one seed; what went wrong, with the steps to it and how to play it again.
async fn play(seed: u64, folders: &Folders, worker: usize) -> Result<(), String> {
    let mut world = folders.world(seed, worker).await;
    let outcome = story(&mut world, folders).await;
    world.close().await;
    world.disk.remove();
    outcome.map_err(|failure| {
        let steps = world.log.join("\n  ");
        let replay = format!("{}={seed} cargo nextest run --workspace --test storage", lethe_seed::VARIABLE);
        format!("seed {seed}: {failure}\n  {steps}\n  {replay}\n")
    })
}

async fn story(world: &mut World, folders: &Folders) -> Outcome {
    let fault = *world.random.pick(&[Fault::Kill, Fault::Kill, Fault::PowerLoss, Fault::PowerLoss, Fault::Full]);
    let steps = 1 + world.random.below(STEPS);
    let failing = world.random.below(steps);
    let mut possible = None;
    // Steps that a full disk lasts for.
    let mut lasts = 3;
    for number in 0..steps {
        if number == failing {
            let random = Random::new(world.random.number());
            let distance = 1 + world.random.below(SPREAD) as u64;
            world.disk.arm(fault, distance, random, &folders.image(world));
            world.note(format!("{fault:?} in {distance} writes"));
        }
        let done = world.step().await?;
        if world.is_dead() {
            world.note("that was when it happened");
            possible = Some(match done {
                Done::No(_, possible) => possible,
                Done::Yes | Done::Idle | Done::Gone => vec![world.expected.clone()],
            });
            break;
        }
        let is_full = world.disk.happened() == Some(Fault::Full);
        match done {
            Done::No(why, possible) if is_full => {
                world.note(format!("  refused: {why}"));
                world.disk.free();
                world.check(possible).await?;
                lasts = 0;
            }
            Done::No(why, _) => return Err(format!("refused for no reason: {why}")),
            Done::Yes | Done::Idle | Done::Gone => {}
        }
        if is_full {
            lasts -= 1;
        }
        if lasts <= 0 {
            world.disk.free();
        }
    }
    world.disk.fail_now();
    let mut possible = possible.unwrap_or_else(|| vec![world.expected.clone()]);
    if world.disk.happened() == Some(Fault::PowerLoss) {
        possible.iter_mut().for_each(|expected| expected.loses_pieces(&world.solid));
    }
    if world.is_dead() {
        let image = folders.image(world);
        world.crash(&image).await;
    }
    world.disk.free();
    world.check(possible).await?;
    world.check_backups().await?;
    let question = world.word();
    let program = world.open().await?;
    let used = program.answers(&question).await;
    program.close().await;
    used
}
