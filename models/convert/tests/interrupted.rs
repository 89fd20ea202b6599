//! Conversions that do not come to their end leave nothing behind, and need little memory while they run.

mod support;

use lethe_convert::tiny::{Tiny, WeightForm};
use lethe_convert::{ConvertError, Exact, Options, Progress, Source, convert};
use serde_json::Value;
use std::fs::{self, File};
use std::io::Write;
use std::ops::ControlFlow;
use std::path::Path;
use support::Repository;

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("the folder");
    entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
}

#[test]
fn a_cancelled_conversion_leaves_nothing_wherever_it_was() {
    for stored in [WeightForm::Bf16, WeightForm::Mlx { bits: 4, group: 32 }] {
        let repository = Repository::of(&Tiny { stored, ..Tiny::default() });
        let source = repository.open();
        let out = tempfile::tempdir().expect("a folder for files");
        let file = out.path().join("F.gguf");
        let mut steps = Vec::new();
        let options = Options::new(Exact::Native);
        convert(&source, &file, &options, &mut |step: Progress| {
            steps.push(step);
            ControlFlow::Continue(())
        })
        .expect("the repository is whole");
        let last = steps.last().expect("progress was told");
        assert_eq!(last.done, last.total, "the last step is the end");
        assert_eq!(last.total, fs::metadata(&file).expect("written").len());
        assert!(steps.iter().map(|step| step.done).is_sorted(), "progress never goes back");
        assert!(steps.len() > 40, "one step for each tensor at least");
        fs::remove_file(&file).expect("removed");
        for stop in 0..steps.len() {
            let mut told = 0;
            let result = convert(&source, &file, &options, &mut |_| {
                told += 1;
                if told > stop { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            });
            assert!(matches!(result, Err(ConvertError::Cancelled)), "stopped at {stop}");
            assert_eq!(names(out.path()), [""; 0], "stopped at {stop}");
        }
    }
}

#[test]
fn what_is_there_already_is_kept() {
    let repository = Repository::of(&Tiny::default());
    let out = tempfile::tempdir().expect("a folder for files");
    let file = out.path().join("F.gguf");
    fs::write(&file, "older").expect("written");
    assert!(matches!(repository.convert(Exact::Bf16, &file), Err(ConvertError::Exists)));
    assert_eq!(fs::read(&file).expect("it is there"), b"older");
    assert_eq!(names(out.path()), ["F.gguf"]);
}

#[test]
fn what_a_killed_conversion_left_is_overwritten_and_one_that_runs_is_not() {
    let repository = Repository::of(&Tiny::default());
    let out = tempfile::tempdir().expect("a folder for files");
    let file = out.path().join("F.gguf");
    let mut other = File::create(out.path().join("F.gguf.part")).expect("created");
    other.write_all(&vec![7; 1 << 20]).expect("written");
    other.lock().expect("locked");
    assert!(matches!(repository.convert(Exact::Bf16, &file), Err(ConvertError::Busy)));
    assert_eq!(names(out.path()), ["F.gguf.part"], "the other conversion keeps its file");
    drop(other);
    let report = repository.convert(Exact::Bf16, &file).expect("nobody writes it any more");
    assert_eq!(names(out.path()), ["F.gguf"]);
    assert_eq!(fs::metadata(&file).expect("written").len(), report.bytes, "nothing of the older file is in it");
}

#[test]
fn a_folder_that_does_not_exist_is_one_sentence() {
    let repository = Repository::of(&Tiny::default());
    let error = repository.convert(Exact::Bf16, Path::new("no/such/folder/F.gguf")).expect_err("no folder");
    assert!(error.to_string().contains("check that the folder exists"), "{error}");
}

/// Under this name the test below starts itself once more, within the limits of a shell.
#[cfg(target_os = "linux")]
const CHILD: &str = "LETHE_CONVERT_CHILD";

/// Makes a repository with 64 million weights in a block, almost all of which are zeros that use no disk.
#[cfg(target_os = "linux")]
fn long_repository() -> Repository {
    const FEED_FORWARD: u64 = 1 << 19;
    let repository = Repository::of(&Tiny { layers: 1, ..Tiny::default() });
    let path = repository.path().join("model.safetensors");
    let content = fs::read(&path).expect("the generator wrote it");
    let length = u64::from_le_bytes(content[..8].try_into().expect("eight bytes")) as usize;
    let mut header: Value = serde_json::from_slice(&content[8..8 + length]).expect("JSON");
    let (mut data, mut end) = (Vec::new(), 0u64);
    for (name, tensor) in header.as_object_mut().expect("a table").iter_mut().filter(|(name, _)| !name.contains("mlp."))
    {
        assert!(name != "__metadata__", "the generator writes none");
        let [from, to] = [0, 1].map(|at| tensor["data_offsets"][at].as_u64().expect("an offset") as usize);
        data.extend_from_slice(&content[8 + length + from..8 + length + to]);
        tensor["data_offsets"] = serde_json::json!([end, data.len()]);
        end = data.len() as u64;
    }
    for (name, tensor) in header.as_object_mut().expect("a table").iter_mut().filter(|(name, _)| name.contains("mlp."))
    {
        if let Some(side) = ["up_proj", "down_proj"].iter().position(|part| name.contains(part)) {
            tensor["shape"][side] = FEED_FORWARD.into();
        }
        let shape: Vec<u64> = serde_json::from_value(tensor["shape"].clone()).expect("numbers");
        let next = end + 2 * shape.iter().product::<u64>();
        tensor["data_offsets"] = serde_json::json!([end, next]);
        end = next;
    }
    let header = header.to_string();
    let mut file = File::create(&path).expect("created");
    file.write_all(&[&(header.len() as u64).to_le_bytes(), header.as_bytes(), &data].concat()).expect("written");
    file.set_len(8 + header.len() as u64 + end).expect("extended");
    let config = repository.path().join("config.json");
    let mut settings: Value = serde_json::from_slice(&fs::read(&config).expect("written")).expect("JSON");
    settings["intermediate_size"] = FEED_FORWARD.into();
    fs::write(config, settings.to_string()).expect("written");
    repository
}

/// 134 MB of weights: with 96 MiB of address space, and with files of at most 10 MB.
#[test]
#[cfg(target_os = "linux")]
fn memory_does_not_grow_with_the_model_and_a_full_disk_leaves_nothing() {
    if let Some(folder) = std::env::var_os(CHILD) {
        let folder = Path::new(&folder);
        let source = Source::open(folder).expect("the repository is whole");
        let result =
            convert(&source, &folder.join("F.gguf"), &Options::new(Exact::Bf16), &mut |_| ControlFlow::Continue(()));
        println!("outcome: {:?}", result.map(|report| report.bytes));
        return;
    }
    let repository = long_repository();
    let program = std::env::current_exe().expect("this program");
    let name = "memory_does_not_grow_with_the_model_and_a_full_disk_leaves_nothing";
    let run = |limit: &str| {
        let line = format!("trap '' XFSZ; {limit} && exec \"$0\" --exact {name} --nocapture --test-threads 1");
        let mut shell = std::process::Command::new("sh");
        let output = shell.arg("-c").arg(line).arg(&program).env(CHILD, repository.path()).output();
        let output = output.expect("a shell can be started");
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
    };
    let printed = run("ulimit -f 20000");
    assert!(printed.contains("outcome: Err(Write"), "{printed}");
    assert!(!names(repository.path()).iter().any(|name| name.starts_with("F.gguf")), "nothing is left");
    let printed = run("ulimit -v 98304");
    assert!(printed.contains("outcome: Ok(134"), "{printed}");
    assert!(names(repository.path()).contains(&"F.gguf".to_owned()));
}
