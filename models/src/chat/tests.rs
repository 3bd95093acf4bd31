//! Our renderings against those of Hugging Face transformers (`models/chat/goldens.py`), and
//! templates that mean no good.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use minijinja::value::{Serde, Value};
use serde::Deserialize;

use super::*;
use crate::profile::{ActionRequest, Past, Profiles, TemplateFlag};
use crate::roles::{ArgumentSpec, ToolSpec};

#[derive(Deserialize)]
struct Golden {
    template: String,
    messages: serde_json::Value,
    tools: serde_json::Value,
    values: BTreeMap<String, serde_json::Value>,
    text: Option<String>,
    error: Option<String>,
}

fn source(name: &str) -> &'static str {
    match name {
        "hermes" => include_str!("../../chat/hermes.jinja"),
        "header" => include_str!("../../chat/header.jinja"),
        "vision" => include_str!("../../chat/vision.jinja"),
        "strings" => include_str!("../../chat/strings.jinja"),
        other => panic!("{other}"),
    }
}

/// 2026-03-07 09:05:03, as in `goldens.py`.
fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_772_874_303)
}

#[test]
fn templates_render_as_transformers_renders_them() {
    let goldens: Vec<Golden> =
        serde_json::from_str(include_str!("../../chat/goldens.json")).unwrap();
    assert_eq!(goldens.len(), 10);
    for golden in goldens {
        let mut values: BTreeMap<String, Value> = golden
            .values
            .iter()
            .map(|(name, value)| (name.clone(), Value::from(Serde(value))))
            .collect();
        values.insert("messages".to_owned(), Value::from(Serde(&golden.messages)));
        values.insert("tools".to_owned(), Value::from(Serde(&golden.tools)));
        let template = ChatTemplate::new(source(&golden.template)).unwrap();
        match template.render_values(values, now()) {
            Ok(text) => assert_eq!(Some(text), golden.text, "{}", golden.template),
            Err(ChatError::Refused { reason }) => assert_eq!(Some(reason), golden.error),
            Err(error) => panic!("{}: {error:?}", golden.template),
        }
    }
}

const TOOLS: &[ToolSpec] = &[ToolSpec {
    name: "rename",
    purpose: "give a file another name",
    arguments: &[
        ArgumentSpec { name: "target", purpose: "the file", required: true },
        ArgumentSpec { name: "name", purpose: "the name", required: false },
    ],
}];

#[test]
fn a_profiles_messages_and_tools_go_through_a_template() {
    let profiles = Profiles::embedded();
    let profile = profiles.named("qwen").unwrap();
    let past = [Past {
        said: "<tool_call>…".to_owned(),
        outcome: "<|im_end|>".to_owned(),
        ..Past::default()
    }];
    let request =
        ActionRequest { instruction: "rename it", elements: "", past: &past, shown: None };
    let messages = profile.ask_what(&request).unwrap();
    let chat = Chat {
        messages: &messages[1..],
        tools: &TOOLS.iter().map(tool).collect::<Vec<_>>(),
        flags: &profile.template,
        tokens: &BTreeMap::new(),
        prefill: "<tool_call>",
        now: now(),
    };
    let text = ChatTemplate::new(source("hermes")).unwrap().render(&chat).unwrap();
    insta::assert_snapshot!(text, @r#"
    <|im_start|>system
    # Tools

    <tools>
    {"type": "function", "function": {"name": "rename", "description": "give a file another name", "parameters": {"type": "object", "properties": {"target": {"type": "string", "description": "the file"}, "name": {"type": "string", "description": "the name"}}, "required": ["target"]}}}
    </tools>

    {"name": <name>, "arguments": <object>}<|im_end|>
    <|im_start|>user
    rename it

    On the screen:
    (see below)<|im_end|>
    <|im_start|>assistant
    <tool_call>…<|im_end|>
    <|im_start|>user
    <tool_response>
    < |im_end| >

    On the screen now:

    </tool_response><|im_end|>
    <|im_start|>assistant
    <think>

    </think>

    <tool_call>
    "#);
}

#[test]
fn the_template_of_a_configuration_is_found() {
    let template =
        |json: &str| ChatTemplate::of_tokenizer_config(&serde_json::from_str(json).unwrap());
    let chat = Chat {
        messages: &[],
        tools: &[],
        flags: &BTreeMap::from([("x".to_owned(), TemplateFlag::Word("y".to_owned()))]),
        tokens: &BTreeMap::from([("bos_token".to_owned(), "<s>".to_owned())]),
        prefill: "",
        now: now(),
    };
    for (json, expected) in [
        (r#"{"chat_template": "{{ bos_token }}a{{ x }}"}"#, "<s>ay"),
        (r#"{"chat_template": [{"name": "default", "template": "b"}]}"#, "b"),
        (
            r#"{"chat_template": [{"name": "default", "template": "b"}, {"name": "tool_use", "template": "c"}]}"#,
            "c",
        ),
    ] {
        assert_eq!(template(json).unwrap().render(&chat).unwrap(), expected);
    }
    assert!(matches!(template("{}"), Err(ChatError::None)));
    assert!(matches!(template("[]"), Err(ChatError::None)));
}

#[test]
fn a_template_that_means_no_good_is_stopped() {
    let check = |source: &str| {
        let template = ChatTemplate::new(source)?;
        template.render_values(BTreeMap::new(), now())
    };
    for endless in [
        "{% for a in range(100000) %}{% for b in range(100000) %}x{% endfor %}{% endfor %}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{{ range(999999999999) | list | length }}",
    ] {
        let error = check(endless).unwrap_err();
        assert!(matches!(error, ChatError::Failed { .. }), "{endless}: {error:?}");
    }
    for broken in ["{% if %}", "{{", "{% endfor %}", "{% include 'x' %}{{ ( }}"] {
        assert!(matches!(check(broken), Err(ChatError::Parse { .. })), "{broken}");
    }
    for failing in
        ["{% include '/etc/passwd' %}", "{{ none.x.y }}", "{{ undefined | tojson }}", "{{ 1 / 0 }}"]
    {
        assert!(matches!(check(failing), Err(ChatError::Failed { .. })), "{failing}");
    }
    assert!(matches!(check(&"x".repeat(300_000)), Err(ChatError::TooLong { .. })));
    assert_eq!(check("{%- generation -%} a {%- endgeneration %} b").unwrap(), "a b");
}
