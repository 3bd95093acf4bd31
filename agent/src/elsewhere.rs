//! A role whose model another program on this machine computes: whatever speaks OpenAI's chat
//! protocol on a unix socket, such as llama.cpp, vLLM, or `deskbound models serve`. Never over a
//! network: the confinement knows no other sockets.
//!
//! What the model is asked, and how its words are read, is its profile's, as for a model in this
//! process; only the computing is elsewhere.

mod http;

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use deskbound_models::chat::tool;
use deskbound_models::profile::{
    ActionRequest, Asked, ImageSize, Message, Part, Profile, Reply, ReplyError, Role, Shown,
};
use deskbound_models::turns::{decision, instruction, past, views};
use deskbound_models::{
    Actor, Cancel, Context, Decision, GroundRequest, Grounder, Grounding, Hands, ModelError, Scene,
    ToolCall, Usage, Viewer,
};
use image::RgbImage;
use serde_json::{Value, json};

pub use self::http::HttpError;
use self::http::post;
use crate::session::picture;

/// How often an answer that makes no sense is asked for again, and how freely.
const RETRIES: u32 = 2;
const RETRY_TEMPERATURE: f32 = 0.7;
/// Nobody says how sure such a model is.
const CONFIDENCE: f32 = 1.0;
const COMPLETIONS: &str = "/v1/chat/completions";

/// Why a model elsewhere did not answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ElsewhereError {
    #[error(transparent)]
    Http(#[from] HttpError),
    #[error("the profile `{profile}` says nothing of {role}")]
    NoRole { profile: String, role: &'static str },
    #[error("the answer has no message")]
    NoMessage,
    #[error("a picture cannot be sent: {reason}")]
    Picture { reason: String },
    #[error(transparent)]
    Reply(#[from] ReplyError),
}

/// A model at a socket, behind the roles that its profile has.
#[derive(Clone, Debug)]
pub struct Elsewhere {
    socket: PathBuf,
    profile: Profile,
    cancel: Cancel,
}

/// What came back.
struct Words {
    text: String,
    calls: Vec<ToolCall>,
    usage: Usage,
}

impl Elsewhere {
    pub fn at(socket: &Path, profile: Profile) -> Self {
        Self { socket: socket.to_owned(), profile, cancel: Cancel::default() }
    }

    /// # Errors
    /// Where its profile has no such role.
    pub fn actor(self) -> Result<Self, ElsewhereError> {
        match self.profile.action {
            Some(_) => Ok(self),
            None => Err(ElsewhereError::NoRole { profile: self.profile.id, role: "action" }),
        }
    }

    /// # Errors
    /// Where its profile has no such role.
    pub fn grounder(self) -> Result<Self, ElsewhereError> {
        match self.profile.grounding {
            Some(_) => Ok(self),
            None => Err(ElsewhereError::NoRole { profile: self.profile.id, role: "grounding" }),
        }
    }

    /// # Errors
    /// Where its profile has no such role.
    pub fn viewer(self) -> Result<Self, ElsewhereError> {
        match self.profile.vision {
            Some(_) => Ok(self),
            None => Err(ElsewhereError::NoRole { profile: self.profile.id, role: "vision" }),
        }
    }

    /// The sizes that a model's points are in, where it sees.
    fn shown(&self, image: Option<&RgbImage>) -> Option<Shown> {
        let (limits, image) = (self.profile.image?, image?);
        let image = ImageSize { width: image.width(), height: image.height() };
        Some(Shown { image, resized: limits.resized(image).ok()? })
    }

    fn ask_what(&self, context: &Context<'_>) -> Result<Decision, ElsewhereError> {
        let missing =
            || ElsewhereError::NoRole { profile: self.profile.id.clone(), role: "action" };
        let action = self.profile.action.as_ref().ok_or_else(missing)?;
        let shown = self.shown(context.image);
        let messages = self.profile.ask_what(&ActionRequest {
            instruction: &instruction(context),
            elements: context.elements,
            past: &past(context.history),
            shown,
        })?;
        let is_own = action.reply.calls.is_empty();
        let mut request = json!({
            "messages": written(&messages, &views(context))?,
            "max_tokens": action.sampling.max_tokens,
            "temperature": action.sampling.temperature,
        });
        if is_own {
            request["tools"] = context.tools.iter().map(tool).collect();
        }
        if !action.sampling.stop.is_empty() {
            request["stop"] = json!(action.sampling.stop);
        }
        let (mut tried, mut usage) = (0, Usage::default());
        loop {
            let words = self.ask(&request)?;
            usage.prompt += words.usage.prompt;
            usage.known += words.usage.known;
            usage.said += words.usage.said;
            let image = shown.map(|shown| shown.image);
            match self.read_what(words, shown.as_ref()) {
                Ok((reply, text)) => {
                    let decision = decision(reply, text, CONFIDENCE, image);
                    return Ok(Decision { usage, ..decision });
                }
                Err(error) if tried == RETRIES => return Err(error.into()),
                Err(_) if self.cancel.is_cancelled() => return Err(HttpError::Cancelled.into()),
                Err(_) => tried += 1,
            }
            request["temperature"] = json!(RETRY_TEMPERATURE);
        }
    }

    /// Some servers take the calls out of the text, some leave them in.
    fn read_what(
        &self,
        words: Words,
        shown: Option<&Shown>,
    ) -> Result<(Reply, String), ReplyError> {
        if words.calls.is_empty() {
            return Ok((self.profile.read_what(&words.text, shown)?, words.text));
        }
        let written = words.calls.iter().map(|call| {
            let call = json!({ "name": call.tool, "arguments": call.arguments });
            format!("<tool_call>\n{call}\n</tool_call>")
        });
        let text = [words.text.clone()].into_iter().filter(|text| !text.is_empty()).chain(written);
        let text = text.collect::<Vec<_>>().join("\n");
        let asked = words.calls.into_iter().map(Asked::Tool).collect();
        Ok((Reply { thought: words.text, asked }, text))
    }

    fn ask_where(&self, request: &GroundRequest<'_>) -> Result<Grounding, ElsewhereError> {
        let missing =
            || ElsewhereError::NoRole { profile: self.profile.id.clone(), role: "grounding" };
        let grounding = self.profile.grounding.as_ref().ok_or_else(missing)?;
        let Some((image, shown)) = request.image.zip(self.shown(request.image)) else {
            return Ok(Grounding::NotHere { best: 0.0 });
        };
        let messages = self.profile.ask_where(request.phrase, &shown)?;
        let words = self.ask(&json!({
            "messages": written(&messages, &[Some(image)])?,
            "max_tokens": grounding.sampling.max_tokens,
            "temperature": grounding.sampling.temperature,
        }))?;
        let spot = self.profile.read_where(&words.text, &shown)?;
        Ok(match spot.centre() {
            Some(at) => Grounding::Point { at: at.pixel(shown.image), probability: CONFIDENCE },
            None => Grounding::NotHere { best: 0.0 },
        })
    }

    /// What is on an image, as a list.
    fn list(&self, image: &RgbImage) -> Result<Scene, ElsewhereError> {
        let missing =
            || ElsewhereError::NoRole { profile: self.profile.id.clone(), role: "vision" };
        let vision = self.profile.vision.as_ref().ok_or_else(missing)?;
        let Some(shown) = self.shown(Some(image)) else { return Ok(Scene::default()) };
        let schema = self.profile.list_schema(&shown)?;
        let words = self.ask(&json!({
            "messages": written(&self.profile.ask_for_list()?, &[Some(image)])?,
            "max_tokens": vision.sampling.max_tokens,
            "temperature": vision.sampling.temperature,
            "response_format": {
                "type": "json_schema",
                "json_schema": { "name": "list", "schema": schema },
            },
        }))?;
        Ok(Scene { finds: self.profile.read_list(&words.text, &shown, CONFIDENCE)? })
    }

    fn ask(&self, request: &Value) -> Result<Words, ElsewhereError> {
        let answer = post(&self.socket, COMPLETIONS, request, &self.cancel)?;
        let message = &answer["choices"][0]["message"];
        if !message.is_object() {
            return Err(ElsewhereError::NoMessage);
        }
        let call = |call: &Value| {
            let function = &call["function"];
            let arguments = match &function["arguments"] {
                Value::String(text) => serde_json::from_str(text).ok()?,
                Value::Object(arguments) => arguments.clone(),
                _ => return None,
            };
            Some(ToolCall { tool: function["name"].as_str()?.to_owned(), arguments })
        };
        let calls = message["tool_calls"].as_array().into_iter().flatten().filter_map(call);
        let text = message["content"].as_str().unwrap_or_default().to_owned();
        let count = |path: &str| answer.pointer(path).and_then(Value::as_u64).unwrap_or(0);
        let usage = Usage {
            prompt: count("/usage/prompt_tokens"),
            known: count("/usage/prompt_tokens_details/cached_tokens"),
            said: count("/usage/completion_tokens"),
        };
        Ok(Words { text, calls: calls.collect(), usage })
    }

    fn failed(&self, error: ElsewhereError) -> ModelError {
        let place = self.socket.display().to_string();
        ModelError::Elsewhere { place, source: Box::new(error) }
    }
}

impl Actor for Elsewhere {
    fn decide(&mut self, context: &Context<'_>) -> Result<Decision, ModelError> {
        self.cancel.reset();
        self.ask_what(context).map_err(|error| self.failed(error))
    }

    fn cancel(&self) -> Option<Cancel> {
        Some(self.cancel.clone())
    }

    fn hands(&self) -> Hands {
        Hands::Verbs
    }
}

impl Grounder for Elsewhere {
    fn ground(&mut self, request: &GroundRequest<'_>) -> Result<Grounding, ModelError> {
        self.cancel.reset();
        self.ask_where(request).map_err(|error| self.failed(error))
    }

    fn cancel(&self) -> Option<Cancel> {
        Some(self.cancel.clone())
    }
}

impl Viewer for Elsewhere {
    fn see(&mut self, image: &RgbImage) -> Result<Scene, ModelError> {
        self.cancel.reset();
        self.list(image).map_err(|error| self.failed(error))
    }

    fn cancel(&self) -> Option<Cancel> {
        Some(self.cancel.clone())
    }
}

/// Messages as the protocol has them. Places of pictures that are not kept go.
fn written(
    messages: &[Message],
    views: &[Option<&RgbImage>],
) -> Result<Vec<Value>, ElsewhereError> {
    let part = |part: &Part| match part {
        Part::Text(text) => Ok(Some(json!({ "type": "text", "text": text }))),
        Part::Image { step } => {
            let Some(image) = views.get(*step).copied().flatten() else { return Ok(None) };
            let png = picture(image, None).map_err(|reason| ElsewhereError::Picture { reason })?;
            let url = format!("data:image/png;base64,{}", STANDARD.encode(png));
            Ok(Some(json!({ "type": "image_url", "image_url": { "url": url } })))
        }
    };
    let message = |message: &Message| {
        let role = match message.role {
            Role::System => "system",
            Role::User => "user",
            Role::Assistant => "assistant",
            // Without the call that it answers no server takes one; the words are the same.
            Role::Tool => "user",
        };
        let parts: Vec<Value> = message
            .parts
            .iter()
            .filter_map(|it| part(it).transpose())
            .collect::<Result<_, ElsewhereError>>()?;
        // A text alone is plain, for servers of models that do not see.
        let is_text = parts.iter().all(|part| part["type"] == "text");
        let content = match is_text {
            true => json!(parts.iter().filter_map(|it| it["text"].as_str()).collect::<String>()),
            false => json!(parts),
        };
        Ok(json!({ "role": role, "content": content }))
    };
    messages.iter().map(message).collect()
}
