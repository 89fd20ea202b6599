//! The models of other programs, in made-up homes.

use std::fs;
use std::path::{Path, PathBuf};

use lethe_models::elsewhere::{App, AppModel, Roots, find, in_folder};
use tempfile::TempDir;

/// Hashes as Ollama writes them.
const ONE: &str = "1111111111111111111111111111111111111111111111111111111111111111";
const TWO: &str = "2222222222222222222222222222222222222222222222222222222222222222";

/// A home folder, and what it depends on.
struct Home {
    folder: TempDir,
    roots: Roots,
}

fn home() -> Home {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let roots = Roots { home: Some(folder.path().to_owned()), ..Roots::default() };
    Home { folder, roots }
}

impl Home {
    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn write(&self, path: &str, content: &str) -> PathBuf {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("it lies in a folder")).expect("the folder can be made");
        fs::write(&path, content).expect("the folder is writable");
        path
    }

    fn set(&mut self, variable: &str, path: &Path) {
        self.roots.environment.insert(variable.to_owned(), path.to_owned());
    }

    fn found(&self) -> Vec<AppModel> {
        find(&self.roots)
    }

    fn manifest(&self, path: &str, layers: &[(&str, &str, u64)]) {
        let layer = |(kind, digest, size): &(&str, &str, u64)| {
            format!(r#"{{"mediaType":"application/vnd.ollama.image.{kind}","digest":"{digest}","size":{size}}}"#)
        };
        let layers: Vec<String> = layers.iter().map(layer).collect();
        self.write(path, &format!(r#"{{"schemaVersion":2,"layers":[{}]}}"#, layers.join(",")));
    }
}

/// Program, name and size.
fn short(found: &[AppModel]) -> Vec<(App, &str, u64)> {
    found.iter().map(|found| (found.app, found.name.as_str(), found.bytes)).collect()
}

#[test]
fn every_program_is_found_where_it_keeps_its_models() {
    let rows = [
        (".lmstudio/models/alps/Small-GGUF/small-Q4_K_M.gguf", App::LmStudio, "alps/Small-GGUF small-Q4_K_M"),
        (".cache/lm-studio/models/alps/Small-GGUF/small.gguf", App::LmStudio, "alps/Small-GGUF small"),
        (".lmstudio/models/loose.gguf", App::LmStudio, "loose"),
        (".config/Jan/data/models/huggingface.co/alps/small/small.gguf", App::Jan, "small"),
        (".local/share/Jan/data/llamacpp/models/alps/small/model.gguf", App::Jan, "alps/small"),
        ("Library/Application Support/Jan/data/llamacpp/models/small/model.gguf", App::Jan, "small"),
        ("AppData/Roaming/Jan/data/models/small/small.gguf", App::Jan, "small"),
        ("jan/models/small/small.gguf", App::Jan, "small"),
        (".local/share/nomic.ai/GPT4All/small.Q4_0.gguf", App::Gpt4All, "small.Q4_0"),
        ("Library/Application Support/nomic.ai/GPT4All/small.gguf", App::Gpt4All, "small"),
        ("AppData/Local/nomic.ai/GPT4All/small.gguf", App::Gpt4All, "small"),
        (".cache/gpt4all/small.gguf", App::Gpt4All, "small"),
        (".cache/llama.cpp/alps_small-Q8_0.gguf", App::LlamaCpp, "alps_small-Q8_0"),
        ("Library/Caches/llama.cpp/small.gguf", App::LlamaCpp, "small"),
        (".cache/huggingface/hub/models--alps--small/snapshots/abc/small.gguf", App::HuggingFace, "alps/small small"),
        (
            ".cache/huggingface/hub/models--alps--small/snapshots/abc/Q8_0/small.GGUF",
            App::HuggingFace,
            "alps/small small",
        ),
    ];
    for (path, app, name) in rows {
        let home = home();
        let path = home.write(path, "GGUF");
        let wanted = AppModel { path: path.clone(), name: name.to_owned(), app, bytes: 4, parts: vec![path] };
        assert_eq!(home.found(), [wanted]);
    }
}

#[test]
fn variables_move_the_models() {
    let hub = "models--alps--small/snapshots/abc/small.gguf";
    let rows = [
        ("HF_HUB_CACHE", hub.to_owned(), App::HuggingFace),
        ("HUGGINGFACE_HUB_CACHE", hub.to_owned(), App::HuggingFace),
        ("HF_HOME", format!("hub/{hub}"), App::HuggingFace),
        ("XDG_CACHE_HOME", format!("huggingface/hub/{hub}"), App::HuggingFace),
        ("XDG_CACHE_HOME", "llama.cpp/small.gguf".to_owned(), App::LlamaCpp),
        ("LLAMA_CACHE", "small.gguf".to_owned(), App::LlamaCpp),
        ("LLAMA_CACHE", hub.to_owned(), App::LlamaCpp),
        ("LOCALAPPDATA", "llama.cpp/small.gguf".to_owned(), App::LlamaCpp),
        ("LOCALAPPDATA", "nomic.ai/GPT4All/small.gguf".to_owned(), App::Gpt4All),
        ("XDG_DATA_HOME", "nomic.ai/GPT4All/small.gguf".to_owned(), App::Gpt4All),
        ("XDG_DATA_HOME", "Jan/data/llamacpp/models/small/model.gguf".to_owned(), App::Jan),
        ("XDG_CONFIG_HOME", "Jan/data/models/small/model.gguf".to_owned(), App::Jan),
        ("APPDATA", "Jan/data/models/small/model.gguf".to_owned(), App::Jan),
    ];
    for (variable, path, app) in rows {
        let mut home = home();
        home.write(&format!("elsewhere/{path}"), "GGUF");
        assert_eq!(home.found(), [], "{variable} is not set");
        for value in [home.path("elsewhere"), PathBuf::from("~/elsewhere")] {
            home.set(variable, &value);
            let found = home.found();
            assert_eq!(
                found.iter().map(|found| found.app).collect::<Vec<_>>(),
                [app],
                "{variable}={}",
                value.display()
            );
        }
        for nothing in ["", "elsewhere"] {
            home.set(variable, Path::new(nothing));
            assert_eq!(home.found(), [], "{variable} says nothing");
        }
    }
}

#[test]
fn models_of_ollama_are_found_by_their_manifests() {
    let mut home = home();
    let models = ".ollama/models";
    let blob = home.write(&format!("{models}/blobs/sha256-{ONE}"), "GGUF");
    home.write(&format!("{models}/blobs/sha256-{TWO}"), "GGUF and more");
    let (one, two) = (format!("sha256:{ONE}"), format!("sha256:{TWO}"));
    let manifests = format!("{models}/manifests");
    let registry = format!("{manifests}/registry.ollama.ai");
    let license = ("license", two.as_str(), 13);
    home.manifest(&format!("{registry}/library/llama3.2/3b"), &[license, ("model", &one, 4), ("projector", &two, 13)]);
    assert_eq!(short(&home.found()), [(App::Ollama, "llama3.2:3b", 4)]);
    assert_eq!(home.found()[0].path, blob);
    // The same file under another name is the same file.
    home.manifest(&format!("{registry}/library/llama3.2/latest"), &[("model", &one, 4)]);
    assert_eq!(home.found().len(), 1);
    home.manifest(&format!("{registry}/anna/small/latest"), &[("model", &two, 13)]);
    assert_eq!(short(&home.found()), [(App::Ollama, "anna/small:latest", 13), (App::Ollama, "llama3.2:3b", 4)]);
    fs::remove_dir_all(home.path(&format!("{registry}/anna"))).expect("it is there");
    home.manifest(&format!("{manifests}/hf.co/alps/small/Q8_0"), &[("model", &two, 13)]);
    assert_eq!(home.found()[0].name, "hf.co/alps/small:Q8_0");
    let moved = home.path("moved");
    fs::rename(home.path(models), &moved).expect("it is there");
    assert_eq!(home.found(), []);
    home.set("OLLAMA_MODELS", &moved);
    assert_eq!(home.found().len(), 2);
    home.roots.environment.clear();
    home.roots.services = vec![moved.clone()];
    assert_eq!(home.found().len(), 2, "a service keeps them elsewhere");
    assert_eq!(in_folder(&moved).iter().map(|found| found.app).collect::<Vec<_>>(), [App::Folder; 2]);
}

#[test]
fn manifests_lead_to_whole_files_in_their_folder_only() {
    let one = format!("sha256:{ONE}");
    let up = "sha256:../../../../secret".to_owned();
    let long = format!("sha256:{}/../x", &ONE[..60]);
    for (what, layers) in [
        ("half a file", vec![("model", one.as_str(), 5)]),
        ("a file that is not there", vec![("model", TWO, 4)]),
        ("a path", vec![("model", up.as_str(), 4)]),
        ("a path of the length of a hash", vec![("model", long.as_str(), 4)]),
        ("no weights", vec![("license", one.as_str(), 4)]),
        ("weights in another format", vec![("tensor", one.as_str(), 4)]),
        ("weights in several files", vec![("model", one.as_str(), 4), ("model", one.as_str(), 4)]),
    ] {
        let home = home();
        home.write(&format!(".ollama/models/blobs/sha256-{ONE}"), "GGUF");
        home.write("secret", "GGUF");
        home.manifest(".ollama/models/manifests/registry.ollama.ai/library/small/latest", &layers);
        assert_eq!(home.found(), [], "{what}");
    }
    for content in ["", "{", "[]", r#"{"layers":7}"#, "\u{0}"] {
        let home = home();
        home.write(".ollama/models/manifests/registry.ollama.ai/library/small/latest", content);
        assert_eq!(home.found(), [], "{content:?}");
    }
}

#[test]
fn what_is_half_or_no_language_model_is_left_out() {
    for name in [
        "small.gguf.part",
        "small.gguf.incomplete",
        "small.gguf.downloading",
        "small.gguf.downloadInProgress",
        "incomplete-small.gguf",
        "downloading_small.gguf",
        ".small.gguf",
        "mmproj-small-f16.gguf",
        "small.mmproj-Q8_0.gguf",
        "small.imatrix.gguf",
        "small.safetensors",
        "small",
        "gguf",
    ] {
        let home = home();
        home.write(&format!(".lmstudio/models/alps/small/{name}"), "GGUF");
        assert_eq!(home.found(), [], "{name}");
        assert_eq!(in_folder(home.folder.path()), [], "{name}");
    }
    let home = home();
    home.write(".lmstudio/models/alps/small/empty.gguf", "");
    home.write(".lmstudio/models/alps/small/hidden/.trash/small.gguf", "GGUF");
    assert_eq!(home.found(), []);
    for ending in ["part", "aria2"] {
        home.write(".lmstudio/models/alps/small/small.gguf", "GG");
        let note = home.write(&format!(".lmstudio/models/alps/small/small.gguf.{ending}"), "");
        assert_eq!(home.found(), [], "it is being written");
        fs::remove_file(note).expect("it is there");
        assert_eq!(home.found().len(), 1);
    }
}

#[test]
fn parts_are_one_model() {
    let home = home();
    let folder = ".lmstudio/models/alps/large";
    let parts = [3, 1, 2].map(|number| home.write(&format!("{folder}/large-0000{number}-of-00003.gguf"), "GGUF"));
    home.write(&format!("{folder}/other/large-00002-of-00003.gguf"), "GGUF");
    let found = home.found();
    assert_eq!(short(&found), [(App::LmStudio, "alps/large large", 12), (App::LmStudio, "large", 4)]);
    assert_eq!(found[0].path, parts[1], "the first part is the model");
    assert_eq!(found[0].parts, [&parts[1], &parts[2], &parts[0]].map(PathBuf::clone));
    assert_eq!(found[1].parts.len(), 1, "the others are not there, and the header says so");
}

#[test]
fn a_folder_is_searched_whatever_it_is() {
    let home = home();
    home.write("models/b.gguf", "GGUF");
    home.write("models/deep/er/a.gguf", "GGUF");
    home.write("models/models--alps--small/snapshots/abc/c.gguf", "GGUF");
    let found = in_folder(&home.path("models"));
    assert_eq!(short(&found), [(App::Folder, "a", 4), (App::Folder, "alps/small c", 4), (App::Folder, "b", 4)]);
    assert_eq!(in_folder(&home.path("none")), []);
    assert_eq!(in_folder(&home.path("models/b.gguf")), [], "a file is no folder");
    home.write(&format!("deep/{}a.gguf", "x/".repeat(20)), "GGUF");
    assert_eq!(in_folder(&home.path("deep")), [], "there is a limit");
}

#[cfg(unix)]
#[test]
fn a_file_with_several_names_is_found_once_and_links_in_a_circle_end() {
    use std::os::unix::fs::symlink;
    let home = home();
    let hub = ".cache/huggingface/hub/models--alps--small";
    let blob = home.write(&format!("{hub}/blobs/{ONE}"), "GGUF");
    home.write(&format!("{hub}/refs/main"), "bbb");
    for revision in ["aaa", "bbb", "ccc"] {
        fs::create_dir_all(home.path(&format!("{hub}/snapshots/{revision}"))).expect("it can be made");
        let link = home.path(&format!("{hub}/snapshots/{revision}/small.gguf"));
        symlink(format!("../../blobs/{ONE}"), link).expect("links can be made");
    }
    symlink("../../blobs/none", home.path(&format!("{hub}/snapshots/bbb/gone.gguf"))).expect("links can be made");
    let found = home.found();
    assert_eq!(short(&found), [(App::HuggingFace, "alps/small small", 4)]);
    let newest = home.path(&format!("{hub}/snapshots/bbb/small.gguf"));
    assert_eq!(found[0].path, newest, "the link of the main branch, since the name is what parts are found by");
    let models = home.path(".lmstudio/models/alps/small");
    fs::create_dir_all(&models).expect("it can be made");
    fs::hard_link(&blob, models.join("linked.gguf")).expect("links can be made");
    symlink(&blob, models.join("again.gguf")).expect("links can be made");
    symlink(home.path(".lmstudio"), models.join("circle")).expect("links can be made");
    symlink("loop", models.join("loop")).expect("links can be made");
    assert_eq!(short(&home.found()), [(App::LmStudio, "alps/small again", 4)]);
    // Models on another disk are linked in.
    home.write("disk/owner/name/far.gguf", "GGUF too");
    symlink(home.path("disk/owner"), home.path(".lmstudio/models/owner")).expect("links can be made");
    let found = home.found();
    assert_eq!(short(&found), [(App::LmStudio, "alps/small again", 4), (App::LmStudio, "owner/name far", 8)]);
}

#[test]
fn nothing_is_found_where_nothing_is() {
    assert_eq!(find(&Roots::default()), []);
    assert_eq!(home().found(), []);
    let here = Roots::of_this_machine();
    assert!(here.home.is_some_and(|home| home.is_absolute()), "this machine has a home");
    assert_eq!(App::LmStudio.to_string(), "LM Studio");
}
