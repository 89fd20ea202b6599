//! What the fake hub answers.

use lethe_network::Url;
use serde_json::{Value, json};

use super::State;
use super::http::{Recorded, Reply};
use super::repository::{FakeFile, FakeRepository, Gate};

/// How a request is refused: what the hub's own clients look at.
fn refusal(status: u16, code: &str, message: &str) -> Reply {
    let reply = Reply { body: json!({ "error": message }).to_string().into_bytes(), ..Reply::status(status) };
    let reply = if code.is_empty() { reply } else { reply.header("X-Error-Code", code) };
    reply.header("X-Error-Message", message).header("Content-Type", "application/json")
}

fn json_reply(value: &Value) -> Reply {
    Reply::ok(value.to_string()).header("Content-Type", "application/json")
}

impl State {
    pub fn at_hub(&mut self, request: &Recorded) -> Reply {
        if let Some(fault) =
            self.faults.iter_mut().find(|fault| fault.times > 0 && request.path.starts_with(&fault.prefix))
        {
            fault.times -= 1;
            return fault.reply.clone();
        }
        let Ok(url) = self.endpoint.join(&request.path) else { return Reply::status(400) };
        if request.token().is_some_and(|token| self.tokens.iter().all(|known| known.text != token)) {
            return refusal(401, "", "Invalid credentials in Authorization header");
        }
        let parts: Vec<String> = url.path_segments().into_iter().flatten().map(unescaped).collect();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        match parts.as_slice() {
            ["api", "models"] => self.search(&url, request),
            ["api", "models", owner, name] => self.info(request, owner, name, "main"),
            ["api", "models", owner, name, "revision", revision] => self.info(request, owner, name, revision),
            ["api", "models", owner, name, "tree", revision] => self.tree(request, &url, [owner, name], revision),
            ["api", "resolve-cache", "models", owner, name, commit, path @ ..] => {
                let file = self.file(request, owner, name, commit, path);
                file.map_or_else(
                    |reply| reply,
                    |(repository, file)| {
                        content(request, file, &file.oid).header("X-Repo-Commit", repository.commit.as_str())
                    },
                )
            }
            [owner, name, "raw", revision, path @ ..] => {
                let file = self.file(request, owner, name, revision, path);
                file.map_or_else(|reply| reply, |(_, file)| content(request, file, &file.oid))
            }
            [owner, name, "resolve", revision, path @ ..] => self.resolve(request, owner, name, revision, path),
            _ => Reply::status(404),
        }
    }

    pub fn at_content(&self, request: &Recorded) -> Reply {
        let Ok(url) = self.content_base.join(&request.path) else { return Reply::status(400) };
        let parts: Vec<String> = url.path_segments().into_iter().flatten().map(unescaped).collect();
        let [owner, name, commit, path @ ..] = parts.as_slice() else { return Reply::status(404) };
        let (name, path) = (format!("{owner}/{name}"), path.join("/"));
        let repository =
            self.repositories.iter().find(|other| other.name.as_str() == name && other.commit.as_str() == commit);
        let file = repository.and_then(|repository| repository.files.iter().find(|file| file.path == path));
        file.map_or_else(
            || Reply::status(404),
            |file| content(request, file, file.sha256.as_ref().map_or(&file.oid, |sha256| sha256.as_str())),
        )
    }

    /// Whether a request may have the files of a repository, and whether it may know of it.
    fn opens(&self, request: &Recorded, repository: &FakeRepository) -> bool {
        let opens =
            |token: &super::Token| request.token() == Some(&token.text) && token.opens.contains(&repository.name);
        repository.gate == Gate::Open || self.tokens.iter().any(opens)
    }

    fn repository(
        &self,
        request: &Recorded,
        owner: &str,
        name: &str,
        revision: &str,
    ) -> Result<&FakeRepository, Reply> {
        let name = format!("{owner}/{name}");
        let visible = |repository: &&FakeRepository| {
            repository.name.as_str() == name && (repository.gate != Gate::Private || self.opens(request, repository))
        };
        let missing = || match request.token() {
            Some(_) => refusal(404, "RepoNotFound", "Repository not found"),
            None => refusal(401, "", "Invalid username or password."),
        };
        let repository = self.repositories.iter().find(visible).ok_or_else(missing)?;
        if revision != "main" && revision != repository.commit.as_str() {
            return Err(refusal(404, "RevisionNotFound", "Invalid rev id"));
        }
        Ok(repository)
    }

    fn file(
        &self,
        request: &Recorded,
        owner: &str,
        name: &str,
        revision: &str,
        path: &[&str],
    ) -> Result<(&FakeRepository, &FakeFile), Reply> {
        let repository = self.repository(request, owner, name, revision)?;
        if !self.opens(request, repository) {
            let status = if request.token().is_some() { 403 } else { 401 };
            return Err(refusal(status, "GatedRepo", "Access to this model is restricted."));
        }
        let path = path.join("/");
        let file = repository.files.iter().find(|file| file.path == path);
        let missing =
            || refusal(404, "EntryNotFound", "Entry not found").header("X-Repo-Commit", repository.commit.as_str());
        file.map(|file| (repository, file)).ok_or_else(missing)
    }

    fn search(&self, url: &Url, request: &Recorded) -> Reply {
        let query = |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        let words = query("search").unwrap_or_default().to_lowercase();
        let limit = query("limit").and_then(|limit| limit.parse().ok()).unwrap_or(1000);
        let is_found = |repository: &&FakeRepository| {
            repository.name.as_str().to_lowercase().contains(&words)
                && (repository.gate != Gate::Private || self.opens(request, repository))
        };
        let mut found: Vec<_> = self.repositories.iter().filter(is_found).collect();
        found.sort_by_key(|repository| std::cmp::Reverse(repository.downloads));
        let found: Vec<Value> = found.into_iter().take(limit).map(about).collect();
        json_reply(&found.into())
    }

    fn info(&self, request: &Recorded, owner: &str, name: &str, revision: &str) -> Reply {
        self.repository(request, owner, name, revision).map_or_else(|reply| reply, |found| json_reply(&about(found)))
    }

    fn tree(&self, request: &Recorded, url: &Url, [owner, name]: [&str; 2], revision: &str) -> Reply {
        let repository = match self.repository(request, owner, name, revision) {
            Ok(repository) => repository,
            Err(reply) => return reply,
        };
        let mut lines: Vec<Value> = Vec::new();
        for file in &repository.files {
            if let Some((folder, _)) = file.path.rsplit_once('/') {
                let is_listed = lines.iter().any(|line| line["path"] == folder);
                if !is_listed {
                    lines.push(json!({ "type": "directory", "oid": file.oid, "size": 0, "path": folder }));
                }
            }
            let mut line = json!({ "type": "file", "oid": file.oid, "size": file.bytes, "path": file.path });
            if let Some(sha256) = &file.sha256 {
                line["lfs"] = json!({ "oid": sha256.as_str(), "size": file.bytes, "pointerSize": 135 });
            }
            lines.push(line);
        }
        let cursor = url.query_pairs().find(|(name, _)| name == "cursor").and_then(|(_, value)| value.parse().ok());
        let start = cursor.unwrap_or(0).min(lines.len());
        let end = (start + self.page).min(lines.len());
        let reply = json_reply(&lines[start..end].to_vec().into());
        if end == lines.len() {
            return reply;
        }
        let mut next = url.clone();
        next.query_pairs_mut().clear().append_pair("recursive", "true").append_pair("cursor", &end.to_string());
        reply.header("Link", &format!("<{next}>; rel=\"next\""))
    }

    /// Large files are on the host of contents; small ones at another address of the hub.
    fn resolve(&self, request: &Recorded, owner: &str, name: &str, revision: &str, path: &[&str]) -> Reply {
        let (repository, file) = match self.file(request, owner, name, revision, path) {
            Ok(found) => found,
            Err(reply) => return reply,
        };
        let below = |base: &Url, parts: &[&str]| {
            let mut url = base.clone();
            if let Ok(mut segments) = url.path_segments_mut() {
                let place = [owner, name, repository.commit.as_str()];
                segments.pop_if_empty().extend(parts).extend(place).extend(path);
            }
            url
        };
        let headers = |reply: Reply, name: &str| {
            reply
                .header("X-Repo-Commit", repository.commit.as_str())
                .header("X-Linked-Size", &file.bytes.to_string())
                .header("X-Linked-Etag", &format!("\"{name}\""))
                .header("Accept-Ranges", "bytes")
        };
        match &file.sha256 {
            Some(sha256) => {
                let mut url = below(&self.content_base, &[]);
                url.query_pairs_mut().append_pair("Expires", "1800000000").append_pair("Signature", "signed");
                headers(Reply::redirect(url.as_str()), sha256.as_str())
            }
            None => {
                let url = below(&self.endpoint, &["api", "resolve-cache", "models"]);
                let reply = Reply { status: 307, ..Reply::redirect(url.path()) };
                headers(reply, &file.oid)
            }
        }
    }
}

/// What the hub says of a repository, in searches and by itself.
fn about(repository: &FakeRepository) -> Value {
    let gated = if repository.gate == Gate::Gated { json!("manual") } else { json!(false) };
    let license = format!("license:{}", repository.license);
    let tags: Vec<&str> = repository.tags.iter().map(String::as_str).chain([license.as_str()]).collect();
    let siblings: Vec<Value> = repository.files.iter().map(|file| json!({ "rfilename": file.path })).collect();
    json!({
        "_id": "6500000000000000000000aa",
        "id": repository.name.as_str(),
        "modelId": repository.name.as_str(),
        "author": repository.name.owner(),
        "sha": repository.commit.as_str(),
        "lastModified": "2026-09-02T10:20:30.000Z",
        "private": repository.gate == Gate::Private,
        "disabled": false,
        "gated": gated,
        "downloads": repository.downloads,
        "likes": repository.downloads / 10,
        "tags": tags,
        "cardData": { "license": repository.license },
        "siblings": siblings,
    })
}

/// A file, or the range of it that was asked for.
fn content(request: &Recorded, file: &FakeFile, etag: &str) -> Reply {
    let asked = request.header("range").and_then(|range| range.strip_prefix("bytes=")?.split_once('-'));
    let etag = format!("\"{etag}\"");
    let asked = asked.filter(|_| request.header("if-range").is_none_or(|wanted| wanted == etag));
    let last = file.bytes.saturating_sub(1);
    let range = match asked {
        None => None,
        Some((from, "")) => from.parse().ok().map(|from: u64| (from, last)),
        Some((from, to)) => from.parse().ok().zip(to.parse().ok()).map(|(from, to): (u64, u64)| (from, to.min(last))),
    };
    let (status, from, bytes, range) = match range {
        None => (200, 0, file.bytes, None),
        Some((from, to)) if from <= to && from < file.bytes => {
            (206, from, to - from + 1, Some(format!("bytes {from}-{to}/{}", file.bytes)))
        }
        Some(_) => return Reply::status(416).header("Content-Range", &format!("bytes */{}", file.bytes)),
    };
    // Nobody reads the content of an answer to HEAD, but everybody its length.
    let Ok(body) = file.content.read(from, bytes) else { return Reply::status(500) };
    let reply = Reply { status, ..Reply::ok(body) }.header("ETag", &etag).header("Accept-Ranges", "bytes");
    match range {
        Some(range) => reply.header("Content-Range", &range),
        None => reply,
    }
}

/// A segment of a path as it was before it became part of an address.
fn unescaped(segment: &str) -> String {
    let bytes = segment.as_bytes();
    let (mut out, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let escaped = (bytes[at] == b'%').then(|| segment.get(at + 1..at + 3)).flatten();
        match escaped.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
