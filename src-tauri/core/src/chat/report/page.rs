//! The report as one HTML page: no script, nothing to load, good to print.

use std::fmt::Write as _;

use super::{InForce, Report};
use crate::base::clock::date;
use crate::lists::library::ListView;

const STYLE: &str = "\
:root{color-scheme:light dark}\
body{font:16px/1.55 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}\
h1{font-size:1.5rem;margin-bottom:0}h2{font-size:1.1rem;margin-top:2.5rem}\
p{max-width:44rem}.quiet{opacity:.7}\
table{border-collapse:collapse;width:100%;font-size:.9rem}\
th,td{text-align:start;padding:.35rem .75rem .35rem 0;border-bottom:1px solid color-mix(in srgb,currentColor 20%,transparent);vertical-align:top}\
td.number,th.number{text-align:end}code{font-size:.85em;overflow-wrap:anywhere}";

pub(super) fn page(report: &Report) -> String {
    let mut page = String::new();
    let day = date(report.made_at);
    let _ = write!(
        page,
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>Lethe: removal report of {day}</title>\
         <style>{STYLE}</style></head><body><h1>Removal report</h1>\
         <p class=\"quiet\">Made by Lethe {} on {day}.</p>\
         <p>What this installation of Lethe removed from the answers of language models, and by which lists. Something \
         is removed from output; a model itself forgets nothing by that. This report holds no removed text and nothing \
         of what was asked or answered.</p>\
         <p>Of {} stored answers {} had something removed.</p>",
        escape(&report.lethe),
        report.answers,
        report.answers_with_removals
    );
    let lists = report.lists.iter().map(list_row);
    table(
        &mut page,
        "Lists now",
        &["List", "In force", "#Entries", "Version", "Issued", "Last checked", "Source"],
        lists,
    );
    let in_force = report.in_force.iter().flat_map(in_force_rows);
    table(
        &mut page,
        "What was in force when",
        &["From", "Until", "List or detector", "#Entries", "SHA-256 of its file"],
        in_force,
    );
    let kinds = report.by_kind.iter().map(|count| vec![escape(&count.kind), count.removals.to_string()]);
    table(&mut page, "Removals by kind", &["Kind", "#Removals"], kinds);
    let entries = report.by_entry.iter().map(|count| {
        let list = count.list.as_deref().map_or_else(|| "detector".to_owned(), escape);
        vec![
            list,
            count.entry.as_deref().map_or_else(String::new, escape),
            escape(&count.kind),
            count.removals.to_string(),
        ]
    });
    table(&mut page, "Removals by list and entry", &["List", "Entry", "Kind", "#Removals"], entries);
    let sweeps = report.sweeps.iter().map(|sweep| {
        let ended = sweep.ended_at.map_or_else(String::new, time);
        let backups = [sweep.backups_rewritten, sweep.backups_dropped, sweep.backups_unreached];
        let numbers = [[sweep.answers, sweep.changed, sweep.removed], backups].concat();
        let numbers = numbers.iter().map(u32::to_string);
        [vec![time(sweep.started_at), ended, escape(&sweep.state)], numbers.collect()].concat()
    });
    let heads = [
        "Began",
        "Ended",
        "State",
        "#Answers looked at",
        "#Changed",
        "#Pieces removed",
        "#Backups cleaned",
        "#Backups deleted",
        "#Backups not reached",
    ];
    table(&mut page, "Sweeps of what was stored before", &heads, sweeps);
    page.push_str("</body></html>\n");
    page
}

/// A table of cells that are HTML already; a `#` before a head means a column of numbers.
fn table(page: &mut String, title: &str, heads: &[&str], rows: impl Iterator<Item = Vec<String>>) {
    let _ = write!(page, "<h2>{title}</h2>");
    let mut rows = rows.peekable();
    if rows.peek().is_none() {
        page.push_str("<p class=\"quiet\">None.</p>");
        return;
    }
    let class = |head: &str| if head.starts_with('#') { " class=\"number\"" } else { "" };
    page.push_str("<table><thead><tr>");
    for head in heads {
        let _ = write!(page, "<th scope=\"col\"{}>{}</th>", class(head), head.trim_start_matches('#'));
    }
    page.push_str("</tr></thead><tbody>");
    for row in rows {
        page.push_str("<tr>");
        for (cell, head) in row.iter().zip(heads) {
            let _ = write!(page, "<td{}>{cell}</td>", class(head));
        }
        page.push_str("</tr>");
    }
    page.push_str("</tbody></table>");
}

fn list_row(list: &ListView) -> Vec<String> {
    use crate::lists::facts::ListSource::{Feed, File, Url};
    let source = match &list.source {
        File => "a file".to_owned(),
        Feed { url } => format!("{}, signed", escape(url)),
        Url { url } => format!("{}, not signed", escape(url)),
    };
    let day = |at: Option<i64>| at.map_or_else(String::new, date);
    let trouble =
        [&list.problem, &list.failure].into_iter().flatten().map(|trouble| format!("<br>{}", escape(trouble)));
    vec![
        format!("{}{}", escape(&list.name), trouble.collect::<String>()),
        if list.enabled { "yes" } else { "no" }.to_owned(),
        list.entries.to_string(),
        list.version.as_deref().map_or_else(String::new, escape),
        day(list.issued_at.or(Some(list.imported_at))),
        day(list.checked_at),
        source,
    ]
}

fn in_force_rows(period: &InForce) -> Vec<Vec<String>> {
    let until = period.until.map_or_else(|| "now".to_owned(), time);
    let row =
        |what: String, entries: String, sha256: String| vec![time(period.from), until.clone(), what, entries, sha256];
    let lists = period.lists.iter().map(|list| {
        let version =
            list.version.as_deref().map_or_else(String::new, |version| format!(", version {}", escape(version)));
        let signed = if list.signed { ", signed" } else { "" };
        let what = format!("{}{version}{signed}", escape(&list.name));
        row(what, list.entries.to_string(), format!("<code>{}</code>", escape(&list.sha256)))
    });
    let detectors = escape(&period.detectors.join(", "));
    let detectors = row(
        format!("detectors: {}", if detectors.is_empty() { "none" } else { &detectors }),
        String::new(),
        String::new(),
    );
    lists.chain([detectors]).collect()
}

/// A time as `2026-11-23 14:05`, where this computer is.
fn time(at: i64) -> String {
    let zoned = jiff::Timestamp::from_millisecond(at).unwrap_or_default().to_zoned(jiff::tz::TimeZone::system());
    zoned.strftime("%Y-%m-%d %H:%M").to_string()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_can_not_become_markup() {
        assert_eq!(escape("<a href=\"x\">&"), "&lt;a href=&quot;x&quot;&gt;&amp;");
        let mut page = String::new();
        table(&mut page, "Kinds", &["Kind", "#Removals"], [vec![escape("<b>"), "3".to_owned()]].into_iter());
        assert!(page.contains("<td>&lt;b&gt;</td><td class=\"number\">3</td>"), "{page}");
    }

    #[test]
    fn an_empty_table_says_so() {
        let mut page = String::new();
        table(&mut page, "Kinds", &["Kind"], std::iter::empty());
        assert_eq!(page, "<h2>Kinds</h2><p class=\"quiet\">None.</p>");
    }
}
