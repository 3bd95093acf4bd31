//! A template, and what is put into it.

use std::collections::BTreeMap;
use std::time::SystemTime;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Kwargs, Serde, Value, ValueKind};
use minijinja::{Environment, Error, ErrorKind};
use serde_json::json;

use super::clock::strftime;
use super::error::ChatError;
use super::pyjson;
use crate::profile::{Message, Part, Role, TemplateFlag};
use crate::roles::ToolSpec;

const SOURCE_BYTES_MAX: usize = 256 * 1024;
/// Steps of the template's machine; a long conversation takes some ten thousand.
const FUEL: u64 = 5_000_000;
const INDENT_MAX: usize = 16;
const NAME: &str = "chat";

/// A model's chat template, ready to use.
#[derive(Debug)]
pub struct ChatTemplate {
    environment: Environment<'static>,
}

/// What is to be said.
#[derive(Clone, Copy, Debug)]
pub struct Chat<'a> {
    pub messages: &'a [Message],
    /// Each as OpenAI writes them: [`tool`].
    pub tools: &'a [serde_json::Value],
    /// What the profile tells the template: `enable_thinking`.
    pub flags: &'a BTreeMap<String, TemplateFlag>,
    /// Texts of the model's special tokens: `bos_token`, `eos_token`.
    pub tokens: &'a BTreeMap<String, String>,
    /// What the answer is made to begin with.
    pub prefill: &'a str,
    /// For templates that write the date. Named by the caller, so that a run can be repeated.
    pub now: SystemTime,
}

impl ChatTemplate {
    /// # Errors
    ///
    /// If it is too long, or is no template.
    pub fn new(source: &str) -> Result<Self, ChatError> {
        if source.len() > SOURCE_BYTES_MAX {
            return Err(ChatError::TooLong { bytes: source.len(), limit: SOURCE_BYTES_MAX });
        }
        let mut environment = Environment::new();
        let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
        environment.set_syntax(syntax.expect("Jinja's own marks"));
        environment.set_fuel(Some(FUEL));
        environment
            .set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
        environment.add_filter("tojson", tojson);
        environment.add_function("raise_exception", raise);
        let source = without_generation(source);
        environment
            .add_template_owned(NAME, source)
            .map_err(|source| ChatError::Parse { source })?;
        Ok(Self { environment })
    }

    /// The template in a `tokenizer_config.json`. Where there are several, the one for tools.
    ///
    /// # Errors
    ///
    /// If there is none, or as [`new`](Self::new).
    pub fn of_tokenizer_config(config: &serde_json::Value) -> Result<Self, ChatError> {
        let templates = &config["chat_template"];
        let named = |name: &str| {
            let list = templates.as_array()?;
            list.iter().find(|entry| entry["name"] == name)?["template"].as_str()
        };
        let source = templates.as_str().or_else(|| named("tool_use")).or_else(|| named("default"));
        Self::new(source.ok_or(ChatError::None)?)
    }

    /// The prompt, up to where the model's answer begins.
    ///
    /// # Errors
    ///
    /// If the template refuses the conversation, fails, or does not end.
    pub fn render(&self, chat: &Chat<'_>) -> Result<String, ChatError> {
        let mut values: BTreeMap<String, Value> = BTreeMap::new();
        for (name, text) in chat.tokens {
            values.insert(name.clone(), Value::from(text.as_str()));
        }
        for (name, flag) in chat.flags {
            let value = match flag {
                TemplateFlag::Switch(switch) => Value::from(*switch),
                TemplateFlag::Word(word) => Value::from(word.as_str()),
            };
            values.insert(name.clone(), value);
        }
        let messages: Vec<_> = chat.messages.iter().map(message).collect();
        values.insert("messages".to_owned(), Value::from(Serde(messages)));
        let tools = match chat.tools {
            [] => Value::from(()),
            tools => Value::from(Serde(tools.to_vec())),
        };
        values.insert("tools".to_owned(), tools);
        let mut text = self.render_values(values, chat.now)?;
        text.push_str(chat.prefill);
        Ok(text)
    }

    pub(super) fn render_values(
        &self,
        mut values: BTreeMap<String, Value>,
        now: SystemTime,
    ) -> Result<String, ChatError> {
        values.insert("add_generation_prompt".to_owned(), Value::from(true));
        values.insert("documents".to_owned(), Value::from(()));
        let clock = move |format: &str| strftime(now, format);
        values.insert("strftime_now".to_owned(), Value::from_function(clock));
        let template = self.environment.get_template(NAME).expect("added when it was made");
        template.render(values).map_err(|error| match error.kind() {
            // Only `raise_exception` makes one of these with this mark.
            ErrorKind::InvalidOperation => {
                match error.detail().and_then(|d| d.strip_prefix(RAISED)) {
                    Some(reason) => ChatError::Refused { reason: reason.to_owned() },
                    None => ChatError::Failed { source: error },
                }
            }
            _ => ChatError::Failed { source: error },
        })
    }
}

const RAISED: &str = "raised: ";

fn raise(reason: &str) -> Result<Value, Error> {
    Err(Error::new(ErrorKind::InvalidOperation, format!("{RAISED}{reason}")))
}

fn tojson(value: &Value, options: Kwargs) -> Result<Value, Error> {
    let indent: Option<usize> = options.get("indent")?;
    // JSON is never ASCII alone here, and keys are never sorted.
    let _: Option<bool> = options.get("ensure_ascii")?;
    options.assert_all_used()?;
    if value.kind() == ValueKind::Undefined {
        return Err(Error::new(ErrorKind::UndefinedError, "what is undefined is no JSON"));
    }
    let json = pyjson::dumps(value, indent.map(|indent| indent.min(INDENT_MAX)));
    let failed = |error| Error::new(ErrorKind::BadSerialization, "no JSON").with_source(error);
    Ok(Value::from_safe_string(json.map_err(failed)?))
}

/// The marks of what the model writes matter in training alone.
fn without_generation(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut rest = source;
    while let Some((before, tag)) = rest.split_once("{%") {
        out.push_str(before);
        let Some((inside, after)) = tag.split_once("%}") else {
            out.push_str("{%");
            rest = tag;
            continue;
        };
        match inside.trim_matches('-').trim() {
            // A comment trims the spaces round it as the tag would.
            "generation" | "endgeneration" => {
                let dash = |is: bool| if is { "-" } else { "" };
                out.push_str("{#");
                out.push_str(dash(inside.starts_with('-')));
                out.push(' ');
                out.push_str(dash(inside.ends_with('-')));
                out.push_str("#}");
            }
            _ => {
                out.push_str("{%");
                out.push_str(inside);
                out.push_str("%}");
            }
        }
        rest = after;
    }
    out + rest
}

/// Content is a text where there is no image, for templates of models that do not see know no other.
fn message(message: &Message) -> serde_json::Value {
    let role = match message.role {
        Role::System => "system",
        Role::User => "user",
        Role::Assistant => "assistant",
        Role::Tool => "tool",
    };
    let text = |part: &Part| match part {
        Part::Text(text) => Some(text.clone()),
        Part::Image { .. } => None,
    };
    let texts: Option<String> = message.parts.iter().map(text).collect();
    let content = match texts {
        Some(text) => json!(text),
        None => message
            .parts
            .iter()
            .map(|part| match part {
                Part::Text(text) => json!({"type": "text", "text": text}),
                Part::Image { .. } => json!({"type": "image"}),
            })
            .collect(),
    };
    json!({"role": role, "content": content})
}

/// As OpenAI has it, and all templates since.
pub fn tool(tool: &ToolSpec) -> serde_json::Value {
    let property = |argument: &crate::roles::ArgumentSpec| {
        let schema = json!({"type": "string", "description": argument.purpose});
        (argument.name.to_owned(), schema)
    };
    let properties: serde_json::Map<_, _> = tool.arguments.iter().map(property).collect();
    let required: Vec<&str> =
        tool.arguments.iter().filter(|argument| argument.required).map(|a| a.name).collect();
    json!({
        "type": "function",
        "function": {
            "name": tool.name,
            "description": tool.purpose,
            "parameters": {"type": "object", "properties": properties, "required": required},
        },
    })
}
