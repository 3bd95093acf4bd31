//! What is done past the screen: commands, files, and questions about what shows.

use std::time::{Duration, Instant};

use deskbound_accessibility::Tree;
use serde_json::json;

use super::{Answer, Caller, Failing, Session, cut};
use crate::action::Action;
use crate::aim::absolute;
use crate::causes::chain;
use crate::desktop::{Command, Desktop};
use crate::record::{Record, StepSink};
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
        let action = Action::Shell { command: shell.command.clone() };
        if let Some(reason) = self.not_to_be_done(&action, caller).await? {
            return Ok(Answer::refused(reason));
        }
        let command = Command {
            program: "sh".to_owned(),
            args: vec!["-c".to_owned(), shell.command.clone()],
            limit: Duration::from_secs(shell.seconds.into()).min(SHELL_LIMIT),
        };
        self.seen = None;
        let (stop, begun) = (self.inbox.stop().clone(), Instant::now());
        let ended = tokio::select! {
            ended = self.desktop.run(&command) => Some(ended),
            // A command whose answer nobody waits for is ended.
            () = caller.cancelled.asked() => None,
            () = stop.asked() => None,
        };
        self.did(action, begun.elapsed())?;
        match ended {
            Some(Ok(output)) => {
                let text = [output.stdout, output.stderr].concat();
                let text = cut(&String::from_utf8_lossy(&text));
                let status = output.status.map_or("a signal".to_owned(), |it| it.to_string());
                let mut answer = Answer::said(format!("{text}\n[ended with {status}]"));
                answer.structured = Some(json!({ "status": output.status, "output": text }));
                answer.refused = output.status != Some(0);
                Ok(answer)
            }
            Some(Err(error)) if error.is_of_the_call() => Ok(Answer::refused(chain(&error))),
            Some(Err(error)) => Err(error.into()),
            None if stop.is_asked() => Err(Failing::Stopped),
            None => Ok(Answer::refused("the call was cancelled".to_owned())),
        }
    }

    /// Why it is not to be done; it is recorded then.
    async fn not_to_be_done(
        &mut self,
        action: &Action,
        caller: &Caller<'_>,
    ) -> Result<Option<String>, Failing> {
        self.step += 1;
        // What is past the screen is on no element of it.
        let tree = Tree::default();
        self.forbidden((action, &shortened(action)), &tree, caller).await
    }

    fn did(&mut self, action: Action, act: Duration) -> Result<(), Failing> {
        let (step, action, expects) = (self.step, shortened(&action), String::new());
        self.record(&Record::Acted { step, action, expects, act })
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
        let action = Action::ReadFile { path: path.clone() };
        if let Some(reason) = self.not_to_be_done(&action, caller).await? {
            return Ok(Err(reason));
        }
        let text = match self.desktop.read_file(&path).await {
            Ok(bytes) => bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
            Err(error) if error.is_of_the_call() => return Ok(Err(chain(&error))),
            Err(error) => return Err(error.into()),
        };
        let recorded = text.as_deref().map(cut);
        self.record(&Record::Read { path: path.clone(), text: recorded })?;
        Ok(text.ok_or_else(|| format!("there is no file {path}")))
    }

    pub(super) async fn write_file(
        &mut self,
        path: &str,
        text: &str,
        caller: &Caller<'_>,
    ) -> Result<Answer, Failing> {
        let path = absolute(&self.home, path);
        let action = Action::WriteFile { path: path.clone(), text: text.to_owned() };
        if let Some(reason) = self.not_to_be_done(&action, caller).await? {
            return Ok(Answer::refused(reason));
        }
        self.seen = None;
        let begun = Instant::now();
        match self.desktop.write_file(&path, text.as_bytes()).await {
            Ok(()) => {
                self.did(action, begun.elapsed())?;
                Ok(Answer::said(format!("{path} has {} bytes now", text.len())))
            }
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
        if let Some(reason) = self.not_to_be_done(&Action::ReadClipboard, caller).await? {
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

/// As it is recorded: a long text loses its middle.
fn shortened(action: &Action) -> Action {
    match action {
        Action::WriteFile { path, text } => {
            Action::WriteFile { path: path.clone(), text: cut(text) }
        }
        Action::Shell { command } => Action::Shell { command: cut(command) },
        other => other.clone(),
    }
}
