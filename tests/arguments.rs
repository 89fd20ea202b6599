//! The command line of the window and of the terminal: the same options, and nothing that is silently ignored.

use std::process::{Command, Output};

use lethe_tests::program;

/// Runs a program without a display: an answer of the command line needs none.
fn run(name: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(program(name));
    command.args(arguments).env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY");
    command.output().expect("it runs")
}

#[test]
fn window_and_terminal_tell_their_version_and_options() {
    for name in ["lethe", "lethe-cli"] {
        let version = run(name, &["--version"]);
        assert!(version.status.success(), "{name} --version");
        assert!(String::from_utf8_lossy(&version.stdout).starts_with(&format!("{name} ")), "{version:?}");
        let help = run(name, &["--help"]);
        let text = String::from_utf8_lossy(&help.stdout).into_owned();
        assert!(help.status.success() && text.contains("Global options"), "{name} --help: {text}");
        for option in ["--data-dir <DIR>", "--offline"] {
            assert!(text.contains(option), "{name} --help does not tell of {option}: {text}");
        }
    }
}

#[test]
fn the_window_refuses_what_it_does_not_know() {
    for arguments in [&["--off-line"] as &[_], &["--data-dir"], &["--json"], &["-x"], &["--offline=maybe"]] {
        let output = run("lethe", arguments);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(said.starts_with("error: ") && said.contains("--help"), "{arguments:?}: {said}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
    }
}
