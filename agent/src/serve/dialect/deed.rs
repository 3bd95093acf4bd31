//! What calls of dialects do past the pointer and the keys: shells, files, editors, windows.

use deskbound_models::ToolCall;
use serde::Deserialize;
use serde_json::Value;

use super::editor::{Edit, Editor};
use super::shell::Kept;
use crate::desktop::Desktop;
use crate::record::StepSink;
use crate::session::{Answer, Caller, Failing, Session};
use crate::tool::{Launch, Nothing, Open, ReadFile, Shell, Tool, WriteFile};

/// Seconds of a command that says none, and at most.
const SECONDS: u32 = 120;
const SECONDS_MAX: u32 = 600;

/// Each field is the name of an argument.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) enum Beyond {
    /// A shell that keeps its folder and its environment from call to call.
    Bash {
        command: String,
        restart: String,
    },
    /// A command on its own.
    Shell {
        command: String,
        seconds: Option<String>,
    },
    /// Anthropic's text editor.
    Editor {
        undo: bool,
    },
    ReadFile {
        path: String,
    },
    WriteFile {
        path: String,
        text: String,
    },
    Launch {
        application: String,
        file: Option<String>,
    },
    /// A file or an address, with whatever opens it.
    Open {
        target: String,
    },
    /// `{"width": …, "height": …}`
    Size {},
    /// Titles, applications and places.
    Windows {},
}

impl Beyond {
    pub(super) async fn perform<D: Desktop, S: StepSink>(
        &self,
        session: &mut Session<D, S>,
        call: &ToolCall,
        caller: &Caller<'_>,
    ) -> Result<Answer, Failing> {
        let tool = match self.tool(session, call, caller).await? {
            Ok(tool) => tool,
            Err(answer) => return Ok(answer),
        };
        let mut answer = session.call(&tool, caller).await?;
        if let Self::Bash { .. } | Self::Shell { .. } = self {
            // The status is told by an error, not in the text.
            if let Some(output) = answer.structured.as_ref().and_then(|it| it["output"].as_str()) {
                answer.text = output.to_owned();
            }
        }
        Ok(answer)
    }

    /// Our own tool for it, or the answer where there is none.
    async fn tool<D: Desktop, S: StepSink>(
        &self,
        session: &mut Session<D, S>,
        call: &ToolCall,
        caller: &Caller<'_>,
    ) -> Result<Result<Tool, Answer>, Failing> {
        let text = |name: &str| text(call, name);
        let needed = |name: &str| text(name).ok_or_else(|| missing(call, name));
        let tool = match self {
            Self::Bash { command, restart } => {
                let is_restart = call.arguments.get(restart) == Some(&Value::Bool(true));
                let kept = Kept::of(session.id());
                if is_restart {
                    Ok(shell(kept.forgotten(), SECONDS))
                } else {
                    needed(command).map(|command| shell(kept.wrapped(&command), SECONDS))
                }
            }
            Self::Shell { command, seconds } => {
                let seconds = seconds.as_ref().and_then(|name| call.arguments.get(name));
                let seconds = seconds.and_then(Value::as_f64).unwrap_or_else(|| SECONDS.into());
                let seconds = seconds.clamp(1.0, SECONDS_MAX.into()) as u32;
                needed(command).map(|command| shell(command, seconds))
            }
            Self::Editor { undo } => {
                return Ok(match Edit::read(call, *undo) {
                    Ok(edit) => Err(Editor { session, caller }.perform(&edit).await?),
                    Err(reason) => Err(Answer::refused(reason)),
                });
            }
            Self::ReadFile { path } => needed(path).map(|path| Tool::ReadFile(ReadFile { path })),
            Self::WriteFile { path, text: content } => needed(path)
                .and_then(|path| Ok(Tool::WriteFile(WriteFile { path, text: needed(content)? }))),
            Self::Launch { application, file } => {
                let files = file.as_ref().and_then(|name| text(name)).into_iter().collect();
                needed(application).map(|application| Tool::Launch(Launch { application, files }))
            }
            Self::Open { target } => needed(target).map(|target| Tool::Open(Open { target })),
            Self::Size {} => {
                let (width, height) = session.frame().await?.dimensions();
                let size = serde_json::json!({ "width": width, "height": height });
                let answer = Answer::said(size.to_string());
                return Ok(Err(Answer { structured: Some(size), ..answer }));
            }
            Self::Windows {} => Ok(Tool::Windows(Nothing {})),
        };
        Ok(tool.map_err(Answer::refused))
    }
}

fn shell(command: String, seconds: u32) -> Tool {
    Tool::Shell(Shell { command, seconds })
}

pub(super) fn text(call: &ToolCall, name: &str) -> Option<String> {
    call.arguments.get(name).and_then(Value::as_str).map(str::to_owned)
}

pub(super) fn missing(call: &ToolCall, name: &str) -> String {
    format!("`{}` needs `{name}`, a text", call.tool)
}
