//! The one window: made here and not from the configuration, because it must not leave Lethe's own pages.
//!
//! A page of another origin in this window would look like Lethe, and going there would be a request that neither the
//! ledger nor the switch of the network knows of. So every navigation but to the program's own pages is refused, whatever
//! asks for it: a form, a link, a script, a file that is dropped. No second window opens, and nothing is downloaded.

use tauri::webview::NewWindowResponse;
use tauri::{App, DragDropEvent, Manager, Url, WebviewEvent, WebviewWindowBuilder};

use crate::files::Files;

/// Opens the window.
///
/// # Errors
/// When the system can't open one.
pub fn open(app: &App) -> tauri::Result<()> {
    let development = if tauri::is_dev() { app.config().build.dev_url.clone() } else { None };
    let config = app.config().app.windows.first().expect("the configuration has one window");
    let window = WebviewWindowBuilder::from_config(app, config)?
        .on_navigation(move |url| is_own(url, development.as_ref()))
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .on_download(|_, _| false)
        .build()?;
    let app = app.handle().clone();
    window.on_webview_event(move |event| {
        // The page hears of it too, and has it opened.
        if let WebviewEvent::DragDrop(DragDropEvent::Drop { paths, .. }) = event {
            paths.iter().for_each(|path| app.state::<Files>().give(path));
        }
    });
    Ok(())
}

/// Whether an address is one of the program's own pages: `tauri://localhost`, on Windows `http://tauri.localhost`, and
/// in a development build the development server.
fn is_own(url: &Url, development: Option<&Url>) -> bool {
    let plain = url.port().is_none() && url.username().is_empty() && url.password().is_none();
    let bundled = match url.scheme() {
        "tauri" => !cfg!(windows) && url.host_str() == Some("localhost"),
        "http" => cfg!(windows) && url.host_str() == Some("tauri.localhost"),
        _ => false,
    };
    (plain && bundled)
        || development.is_some_and(|server| server.origin().is_tuple() && server.origin() == url.origin())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(address: &str, expected: bool) {
        let url: Url = address.parse().expect("an address");
        assert_eq!(is_own(&url, None), expected, "{address}");
    }

    #[test]
    fn the_window_stays_on_its_own_pages() {
        let own = if cfg!(windows) { "http://tauri.localhost/" } else { "tauri://localhost/" };
        let other = if cfg!(windows) { "tauri://localhost/" } else { "http://tauri.localhost/" };
        check(own, true);
        check(&format!("{own}index.html?a=b#c"), true);
        for address in [
            other,
            "tauri://localhost.example/",
            "tauri://example/",
            "tauri://localhost:1420/",
            "tauri://me@localhost/",
            "https://tauri.localhost/",
            "http://tauri.localhost.example/",
            "http://tauri.localhost:8080/",
            "http://localhost/",
            "http://localhost:1420/",
            "http://127.0.0.1/",
            "https://example.org/",
            "file:///etc/hosts",
            "about:blank",
            "about:srcdoc",
            "data:text/html,hello",
            "blob:tauri://localhost/1",
            "javascript:0",
            "ipc://localhost/app_state",
            "view-source:tauri://localhost/",
            "mailto:anna@example.org",
        ] {
            check(address, false);
        }
    }

    #[test]
    fn the_development_server_counts_in_development_only() {
        let server: Url = "http://localhost:5173/".parse().expect("an address");
        for (address, expected) in [
            ("http://localhost:5173/src/main.ts", true),
            ("http://localhost:5174/", false),
            ("https://localhost:5173/", false),
            ("data:text/html,hello", false),
        ] {
            let url: Url = address.parse().expect("an address");
            assert_eq!(is_own(&url, Some(&server)), expected, "{address}");
            assert!(!is_own(&url, None), "{address} without a server");
        }
    }
}
