//! What is done past the screen: commands, files, and questions about what shows.

use std::time::Duration;

use serde_json::json;

use super::{Answer, Caller, Failing, Session, cut};
use crate::aim::absolute;
use crate::causes::chain;
use crate::desktop::{Command, Desktop};
use crate::policy::{EffectClass, VerbKind};
use crate::record::StepSink;
use crate::tool::{EditFile, Shell};

/// Longest command.
const SHELL_LIMIT: Duration = Duration::from_secs(10 * 60);
/// Of what a selector fits, so many are told.
const FOUND_MAX: usize = 100;

impl<D: Desktop, S: StepSink> Session<D, S> {
    pub(super) async fn shell(
        &mut self,
        shell: &Shell,
        caller: &Caller<'_>,
    ) -> Result<Answer, Failing> {
        let kind = (VerbKind::Shell, EffectClass::Irreversible);
        if let Some(reason) = self.forbidden(kind, ("", &shell.command), caller).await? {
            return Ok(Answer::refused(reason));
        }
        let command = Command {
            program: "sh".to_owned(),
            args: vec!["-c".to_owned(), shell.command.clone()],
            limit: Duration::from_secs(shell.seconds.into()).min(SHELL_LIMIT),
        };
        self.seen = None;
        let stop = self.inbox.stop().clone();
        let ended = tokio::select! {
            ended = self.desktop.run(&command) => ended,
            // A command whose answer nobody waits for is ended.
            () = caller.cancelled.asked() => {
                return Ok(Answer::refused("the call was cancelled".to_owned()));
            }
            () = stop.asked() => return Err(Failing::Stopped),
        };
        match ended {
            Ok(output) => {
                let text = [output.stdout, output.stderr].concat();
                let text = cut(&String::from_utf8_lossy(&text));
                let status = output.status.map_or("a signal".to_owned(), |it| it.to_string());
                let mut answer = Answer::said(format!("{text}\n[ended with {status}]"));
                answer.structured = Some(json!({ "status": output.status, "output": text }));
                answer.refused = output.status != Some(0);
                Ok(answer)
            }
            Err(error) if error.is_of_the_call() => Ok(Answer::refused(chain(&error))),
            Err(error) => Err(error.into()),
        }
    }

    pub(super) async fn read_file(
        &mut self,
        path: &str,
        caller: &Caller<'_>,
    ) -> Result<Answer, Failing> {
        Ok(match self.file(path, caller).await? {
            Ok(text) => Answer::said(cut(&text)),
            Err(reason) => Answer::refused(reason),
        })
    }

    /// The whole text of a file.
    pub(crate) async fn file(
        &mut self,
        path: &str,
        caller: &Caller<'_>,
    ) -> Result<Result<String, String>, Failing> {
        let path = absolute(&self.home, path);
        let kind = (VerbKind::ReadFile, EffectClass::Observe);
        let what = format!("read {path}");
        if let Some(reason) = self.forbidden(kind, (&path, &what), caller).await? {
            return Ok(Err(reason));
        }
        match self.desktop.read_file(&path).await {
            Ok(Some(bytes)) => Ok(Ok(String::from_utf8_lossy(&bytes).into_owned())),
            Ok(None) => Ok(Err(format!("there is no file {path}"))),
            Err(error) if error.is_of_the_call() => Ok(Err(chain(&error))),
            Err(error) => Err(error.into()),
        }
    }

    pub(super) async fn write_file(
        &mut self,
        path: &str,
        text: &str,
        caller: &Caller<'_>,
    ) -> Result<Answer, Failing> {
        let path = absolute(&self.home, path);
        let kind = (VerbKind::WriteFile, EffectClass::Reversible);
        let what = format!("write {path}");
        if let Some(reason) = self.forbidden(kind, (&path, &what), caller).await? {
            return Ok(Answer::refused(reason));
        }
        self.seen = None;
        match self.desktop.write_file(&path, text.as_bytes()).await {
            Ok(()) => Ok(Answer::said(format!("{path} has {} bytes now", text.len()))),
            Err(error) if error.is_of_the_call() => Ok(Answer::refused(chain(&error))),
            Err(error) => Err(error.into()),
        }
    }

    /// One place of a file, past the screen.
    pub(super) async fn edit_file(
        &mut self,
        edit: &EditFile,
        caller: &Caller<'_>,
    ) -> Result<Answer, Failing> {
        let text = match self.file(&edit.path, caller).await? {
            Ok(text) => text,
            Err(reason) => return Ok(Answer::refused(reason)),
        };
        if text.contains(char::REPLACEMENT_CHARACTER) {
            return Ok(Answer::refused("the file is no text, and would be damaged".to_owned()));
        }
        let places = if edit.old.is_empty() { 0 } else { text.matches(&edit.old).count() };
        match places {
            1 => self.write_file(&edit.path, &text.replacen(&edit.old, &edit.new, 1), caller).await,
            0 => Ok(Answer::refused("the old text is not in the file".to_owned())),
            many => Ok(Answer::refused(format!(
                "the old text is in {many} places; give more of what stands around it"
            ))),
        }
    }

    pub(super) async fn read_clipboard(&mut self, caller: &Caller<'_>) -> Result<Answer, Failing> {
        let kind = (VerbKind::Clipboard, EffectClass::Observe);
        if let Some(reason) = self.forbidden(kind, ("", "read the clipboard"), caller).await? {
            return Ok(Answer::refused(reason));
        }
        Ok(match self.desktop.clipboard().await {
            Ok(Some(text)) => Answer::said(cut(&text)),
            Ok(None) => Answer::refused("there is no text in the clipboard".to_owned()),
            Err(error) if error.is_of_the_call() => Answer::refused(chain(&error)),
            Err(error) => return Err(error.into()),
        })
    }

    pub(super) async fn windows(&mut self) -> Result<Answer, Failing> {
        self.seen = None;
        let observation = &self.look().await?.observation;
        let tree = &observation.tree;
        let (mut lines, mut windows) = (Vec::new(), Vec::new());
        for placed in &tree.windows {
            let (bounds, title) = (placed.window.bounds, &placed.window.title);
            let application =
                placed.node.map(|node| tree.app(node).name.clone()).unwrap_or_default();
            let title = crate::sanitize::line(title);
            lines.push(format!(
                "“{title}” ({application}) {}×{} at {},{}",
                bounds.width, bounds.height, bounds.x, bounds.y
            ));
            windows.push(json!({ "title": title, "application": application, "bounds": bounds }));
        }
        let mut answer = Answer::said(cut(&lines.join("\n")));
        answer.structured = Some(json!({ "windows": windows }));
        Ok(answer)
    }

    pub(super) async fn find_all(&mut self, selector: &str) -> Result<Answer, Failing> {
        self.seen = None;
        let seen = self.look().await?;
        let found = match seen.observation.find(selector) {
            Ok(found) => found,
            Err(error) => return Ok(Answer::refused(chain(&error))),
        };
        let (mut lines, mut list) = (Vec::new(), Vec::new());
        for found in found.iter().take(FOUND_MAX) {
            let at = found.at.map_or("nowhere".to_owned(), |at| format!("{},{}", at.x, at.y));
            let number = seen.numbers.of(found.id);
            lines.push(format!("[{number}] “{}” {at}", crate::sanitize::line(&found.name)));
            list.push(json!({
                "element": number.0, "name": found.name, "text": found.text, "at": found.at,
            }));
        }
        let mut answer = Answer::said(cut(&format!("{} found\n{}", found.len(), lines.join("\n"))));
        answer.structured = Some(json!({ "count": found.len(), "found": list }));
        Ok(answer)
    }
}
