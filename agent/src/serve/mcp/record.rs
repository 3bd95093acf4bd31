//! The record of a session as resources: its journal, and the screens and trees that it names.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rmcp::model::{ErrorData, ReadResourceResult, Resource, ResourceContents, ResourceTemplate};

use crate::journal::{Attached, JOURNAL};
use crate::serve::About;

const SCHEME: &str = "deskbound://record/";
const LINES: &str = "application/jsonl";
/// Of a long journal its end is given, in whole lines.
const JOURNAL_BYTES: u64 = 1 << 20;

pub(super) fn resources(about: &About) -> Vec<Resource> {
    let journal = |_: &_| {
        Resource::new(format!("{SCHEME}{JOURNAL}"), "journal")
            .with_description("What was seen, asked, done and verified, one record a line.")
            .with_mime_type(LINES)
    };
    about.record.as_ref().map(journal).into_iter().collect()
}

pub(super) fn templates(about: &About) -> Vec<ResourceTemplate> {
    let file = |_: &_| {
        ResourceTemplate::new(format!("{SCHEME}{{+file}}"), "file")
            .with_description("A screen or a tree that a line of the journal names.")
    };
    about.record.as_ref().map(file).into_iter().collect()
}

pub(super) fn read(about: &About, uri: &str) -> Result<ReadResourceResult, ErrorData> {
    let missing = || ErrorData::resource_not_found(format!("there is no resource {uri}"), None);
    let folder = about.record.as_ref().ok_or_else(missing)?;
    let file = uri.strip_prefix(SCHEME).ok_or_else(missing)?;
    if file == JOURNAL {
        let text = last_lines(&folder.join(JOURNAL)).map_err(|_| missing())?;
        return Ok(ReadResourceResult::new(vec![contents(uri, LINES, text)]));
    }
    let attached = Attached::named(file).ok_or_else(missing)?;
    let bytes = attached.bytes(folder).map_err(|_| missing())?;
    let content = if attached.is_frame() {
        ResourceContents::BlobResourceContents {
            uri: uri.to_owned(),
            mime_type: Some("image/png".to_owned()),
            blob: STANDARD.encode(bytes),
            meta: None,
        }
    } else {
        contents(uri, "application/json", String::from_utf8_lossy(&bytes).into_owned())
    };
    Ok(ReadResourceResult::new(vec![content]))
}

fn contents(uri: &str, kind: &str, text: String) -> ResourceContents {
    let (uri, mime_type) = (uri.to_owned(), Some(kind.to_owned()));
    ResourceContents::TextResourceContents { uri, mime_type, text, meta: None }
}

fn last_lines(path: &std::path::Path) -> std::io::Result<String> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let skipped = length.saturating_sub(JOURNAL_BYTES);
    file.seek(SeekFrom::Start(skipped))?;
    let mut bytes = Vec::new();
    file.take(JOURNAL_BYTES).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Ok(match (skipped, text.split_once('\n')) {
        (0, _) | (_, None) => text,
        (_, Some((_, whole))) => whole.to_owned(),
    })
}
