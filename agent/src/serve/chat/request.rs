//! A request of the chat endpoint, as far as it means something here; what we do not know is left
//! alone, as every server does.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use deskbound_models::profile::{Message, Part, Role};
use image::{ImageReader, RgbImage};
use serde::Deserialize;
use serde_json::{Value, json};

/// Messages of one conversation.
const MESSAGES_MAX: usize = 512;
const IMAGES_MAX: usize = 16;
const TOOLS_MAX: usize = 128;
/// Of one answer.
const TOKENS_MAX: u32 = 32_768;
const TOKENS: u32 = 1024;
/// What one picture may become in memory.
const IMAGE_BYTES: u64 = 256 << 20;
/// Of a name that nothing has, so much is told.
const NAME_CHARS: usize = 40;

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(super) enum BadRequest {
    #[error("this is no request for a chat")]
    Form { source: serde_json::Error },
    #[error("{found} {what}, more than the {limit} that fit")]
    TooMany { what: &'static str, found: usize, limit: usize },
    #[error("`{role}` is no role; system, user, assistant and tool are")]
    Role { role: String },
    #[error("a part of the type `{kind}` is not understood; text and image_url are")]
    Part { kind: String },
    #[error("images come in the request, as `data:image/png;base64,…`; nothing is fetched")]
    Address,
    #[error("an image cannot be read")]
    Image { source: image::ImageError },
    #[error("there are no messages")]
    Empty,
    #[error("a call of `{name}` is wanted, and no tool is called so")]
    NoTool { name: String },
    #[error("a call is wanted, and there are no tools")]
    NoTools,
}

/// What was asked.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) messages: Vec<Message>,
    pub(super) images: Vec<RgbImage>,
    pub(super) tools: Vec<Value>,
    /// What the answer has to be.
    pub(super) schema: Option<Value>,
    /// It has to be a call of a tool, as JSON.
    pub(super) is_call: bool,
    pub(super) max_tokens: u32,
    pub(super) temperature: f32,
    pub(super) stop: Vec<String>,
    pub(super) is_streamed: bool,
    pub(super) counts: bool,
}

#[derive(Deserialize)]
struct Raw {
    messages: Vec<RawMessage>,
    #[serde(default)]
    stream: Option<bool>,
    #[serde(default)]
    stream_options: Option<Value>,
    max_tokens: Option<u32>,
    max_completion_tokens: Option<u32>,
    temperature: Option<f32>,
    #[serde(default)]
    stop: Value,
    #[serde(default)]
    tools: Option<Vec<Value>>,
    #[serde(default)]
    tool_choice: Value,
    #[serde(default)]
    response_format: Value,
}

#[derive(Deserialize)]
struct RawMessage {
    role: String,
    #[serde(default)]
    content: Value,
    #[serde(default)]
    tool_calls: Option<Vec<Value>>,
}

impl Asked {
    pub(super) fn read(body: &[u8]) -> Result<Self, BadRequest> {
        let raw: Raw =
            serde_json::from_slice(body).map_err(|source| BadRequest::Form { source })?;
        if raw.messages.is_empty() {
            return Err(BadRequest::Empty);
        }
        bound("messages", raw.messages.len(), MESSAGES_MAX)?;
        let mut images = Vec::new();
        let messages = raw.messages.iter().map(|message| message.read(&mut images));
        let messages = messages.collect::<Result<_, _>>()?;
        let tools = match raw.tool_choice.as_str() {
            Some("none") => Vec::new(),
            _ => raw.tools.unwrap_or_default(),
        };
        bound("tools", tools.len(), TOOLS_MAX)?;
        let call = call_schema(&raw.tool_choice, &tools)?;
        let stop = match raw.stop {
            Value::String(stop) => vec![stop],
            Value::Array(stops) => {
                stops.iter().take(4).filter_map(|stop| stop.as_str().map(str::to_owned)).collect()
            }
            _ => Vec::new(),
        };
        let limit = raw.max_completion_tokens.or(raw.max_tokens).unwrap_or(TOKENS);
        Ok(Self {
            messages,
            images,
            tools,
            is_call: call.is_some(),
            schema: call.or_else(|| schema(&raw.response_format)),
            max_tokens: limit.clamp(1, TOKENS_MAX),
            temperature: raw.temperature.unwrap_or(0.0).clamp(0.0, 2.0),
            stop,
            is_streamed: raw.stream == Some(true),
            counts: raw.stream_options.is_some_and(|it| it["include_usage"] == true),
        })
    }
}

fn bound(what: &'static str, found: usize, limit: usize) -> Result<(), BadRequest> {
    if found > limit { Err(BadRequest::TooMany { what, found, limit }) } else { Ok(()) }
}

/// Of a call that the client insists on: one of any tool, or of the one that it names.
fn call_schema(choice: &Value, tools: &[Value]) -> Result<Option<Value>, BadRequest> {
    let wanted = match (choice.as_str(), choice["function"]["name"].as_str()) {
        (Some("required"), _) => None,
        (_, Some(name)) => Some(name),
        _ => return Ok(None),
    };
    let name = |tool: &Value| tool["function"]["name"].as_str().map(str::to_owned);
    let fits =
        |tool: &&Value| name(tool).is_some_and(|name| wanted.is_none_or(|wanted| name == wanted));
    let call = |(index, tool): (usize, &Value)| {
        let parameters = match &tool["function"]["parameters"] {
            schema @ Value::Object(_) => {
                moved(schema, &format!("/anyOf/{index}/properties/arguments"))
            }
            _ => json!({ "type": "object" }),
        };
        json!({
            "type": "object", "required": ["name", "arguments"], "additionalProperties": false,
            "properties": { "name": { "const": name(tool) }, "arguments": parameters },
        })
    };
    let calls: Vec<Value> = tools.iter().filter(fits).enumerate().map(call).collect();
    match wanted {
        _ if !calls.is_empty() => Ok(Some(json!({ "anyOf": calls }))),
        Some(name) => Err(BadRequest::NoTool { name: name.chars().take(NAME_CHARS).collect() }),
        None => Err(BadRequest::NoTools),
    }
}

/// A schema that lies deeper than it did: what it points at within itself lies there, too.
fn moved(schema: &Value, to: &str) -> Value {
    match schema {
        Value::Object(fields) => {
            let field = |(name, value): (&String, &Value)| {
                let within = value.as_str().and_then(|path| path.strip_prefix('#'));
                let value = match (name.as_str(), within) {
                    ("$ref", Some(path)) => json!(format!("#{to}{path}")),
                    _ => moved(value, to),
                };
                (name.clone(), value)
            };
            fields.iter().map(field).collect()
        }
        Value::Array(items) => items.iter().map(|item| moved(item, to)).collect(),
        plain => plain.clone(),
    }
}

fn schema(format: &Value) -> Option<Value> {
    match format["type"].as_str()? {
        "json_schema" => Some(format["json_schema"]["schema"].clone()),
        "json_object" => Some(json!({ "type": "object" })),
        _ => None,
    }
}

impl RawMessage {
    fn read(&self, images: &mut Vec<RgbImage>) -> Result<Message, BadRequest> {
        let role = match self.role.as_str() {
            "system" | "developer" => Role::System,
            "user" => Role::User,
            "assistant" => Role::Assistant,
            "tool" => Role::Tool,
            role => return Err(BadRequest::Role { role: role.chars().take(40).collect() }),
        };
        let mut parts = match &self.content {
            Value::String(text) => vec![Part::Text(text.clone())],
            Value::Array(parts) => {
                parts.iter().map(|part| read_part(part, images)).collect::<Result<_, _>>()?
            }
            _ => Vec::new(),
        };
        // As the model wrote them itself, in the form that most have learned.
        for call in self.tool_calls.iter().flatten() {
            let function = &call["function"];
            let written = function["arguments"].as_str().unwrap_or("{}");
            let arguments: Value = serde_json::from_str(written).unwrap_or(json!({}));
            let call = json!({ "name": function["name"], "arguments": arguments });
            parts.push(Part::Text(format!("<tool_call>\n{call}\n</tool_call>")));
        }
        Ok(Message { role, parts })
    }
}

fn read_part(part: &Value, images: &mut Vec<RgbImage>) -> Result<Part, BadRequest> {
    match part["type"].as_str().unwrap_or_default() {
        "text" => Ok(Part::Text(part["text"].as_str().unwrap_or_default().to_owned())),
        "image_url" => {
            bound("images", images.len() + 1, IMAGES_MAX)?;
            let address = &part["image_url"];
            let address = address["url"].as_str().or(address.as_str()).unwrap_or_default();
            images.push(image(address)?);
            Ok(Part::Image { step: images.len() - 1 })
        }
        kind => Err(BadRequest::Part { kind: kind.chars().take(40).collect() }),
    }
}

fn image(address: &str) -> Result<RgbImage, BadRequest> {
    let data = address.strip_prefix("data:image/").and_then(|rest| rest.split_once(";base64,"));
    let (_, data) = data.ok_or(BadRequest::Address)?;
    let bytes = STANDARD.decode(data).map_err(|_| BadRequest::Address)?;
    let failed = |source| BadRequest::Image { source };
    let mut reader = ImageReader::new(std::io::Cursor::new(bytes))
        .with_guessed_format()
        .map_err(|error| failed(error.into()))?;
    let mut limits = image::Limits::default();
    limits.max_alloc = Some(IMAGE_BYTES);
    reader.limits(limits);
    Ok(reader.decode().map_err(failed)?.into_rgb8())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: Value) -> Result<Asked, String> {
        Asked::read(body.to_string().as_bytes()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_conversation_is_read() {
        let png = crate::session::picture(&RgbImage::new(3, 2), None).unwrap();
        let address = format!("data:image/png;base64,{}", STANDARD.encode(png));
        let asked = read(json!({
            "model": "any", "temperature": 9, "max_tokens": 7, "stop": "x", "stream": true,
            "unknown": { "to": "us" },
            "messages": [
                { "role": "developer", "content": "be brief" },
                { "role": "user", "content": [
                    { "type": "text", "text": "what is this?" },
                    { "type": "image_url", "image_url": { "url": address } },
                ] },
                { "role": "assistant", "content": null, "tool_calls": [
                    { "function": { "name": "look", "arguments": "{\"at\":1}" } },
                ] },
                { "role": "tool", "content": "nothing" },
            ],
        }))
        .unwrap();
        assert_eq!((asked.temperature, asked.max_tokens, asked.is_streamed), (2.0, 7, true));
        assert_eq!((asked.images.len(), asked.images[0].dimensions()), (1, (3, 2)));
        assert_eq!(asked.messages[1].parts[1], Part::Image { step: 0 });
        let Part::Text(called) = &asked.messages[2].parts[0] else { panic!("a call is text") };
        assert!(called.starts_with("<tool_call>") && called.contains("\"look\""), "{called}");
    }

    #[test]
    fn a_call_can_be_insisted_on() {
        let tool = |name: &str| json!({ "type": "function", "function": { "name": name } });
        let asked = |choice: Value| {
            let message = json!({ "role": "user", "content": "go" });
            let body = json!({
                "messages": [message], "tools": [tool("a"), tool("b")], "tool_choice": choice,
            });
            let asked = read(body)?;
            let schema = asked.schema.map(|schema| schema["anyOf"].as_array().map_or(0, Vec::len));
            Ok((asked.tools.len(), asked.is_call, schema))
        };
        assert_eq!(asked(json!("auto")), Ok((2, false, None)));
        assert_eq!(asked(json!("none")), Ok((0, false, None)));
        assert_eq!(asked(json!("required")), Ok((2, true, Some(2))));
        assert_eq!(asked(tool("b")), Ok((2, true, Some(1))));
        let reason: String = asked(tool("c")).unwrap_err();
        assert!(reason.contains("`c`"), "{reason}");
    }

    #[test]
    fn what_the_schema_of_a_tool_points_at_is_found_in_that_of_its_call() {
        let point = json!({ "type": "integer" });
        let parameters = json!({
            "type": "object", "properties": { "at": { "$ref": "#/$defs/Point" } },
            "$defs": { "Point": point },
        });
        let tools = [
            json!({ "function": { "name": "a" } }),
            json!({ "function": { "name": "b", "parameters": parameters } }),
        ];
        let schema = call_schema(&json!("required"), &tools).unwrap().unwrap();
        let at = &schema["anyOf"][1]["properties"]["arguments"]["properties"]["at"]["$ref"];
        let path = at.as_str().and_then(|path| path.strip_prefix('#')).unwrap();
        assert_eq!(schema.pointer(path), Some(&point));
    }

    #[test]
    fn what_is_no_request_says_so() {
        let user = |content: Value| json!({ "messages": [{ "role": "user", "content": content }] });
        let url = |url: &str| user(json!([{ "type": "image_url", "image_url": { "url": url } }]));
        for (body, part) in [
            (json!({}), "no request for a chat"),
            (json!({ "messages": [] }), "no messages"),
            (json!({ "messages": [{ "role": "king", "content": "" }] }), "`king` is no role"),
            (user(json!([{ "type": "audio" }])), "`audio` is not understood"),
            (url("https://example.org/a.png"), "nothing is fetched"),
            (url("data:image/png;base64,AAAA"), "image cannot be read"),
            (user(json!(vec![json!({ "type": "image_url" }); 1])), "nothing is fetched"),
        ] {
            let reason = read(body).unwrap_err();
            assert!(reason.contains(part), "{reason}");
        }
    }
}
