//! Tools and answers in the protocol's own types.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rmcp::model::{CallToolResult, ContentBlock, Tool as Listed, ToolAnnotations};

use crate::serve::dialect::Foreign;
use crate::session::Answer;
use crate::tool::{Nature, Offer};

pub(super) fn listed(offer: Offer) -> Listed {
    Listed::new(offer.name, offer.purpose, offer.schema).with_annotations(annotations(offer.nature))
}

pub(super) fn foreign(offer: &Foreign) -> Listed {
    let (name, purpose) = (offer.name.clone(), offer.purpose.clone());
    Listed::new(name, purpose, offer.schema.clone()).with_annotations(annotations(Nature::Acts))
}

fn annotations(nature: Nature) -> ToolAnnotations {
    let annotations = match nature {
        Nature::Reads => ToolAnnotations::new().read_only(true).idempotent(true),
        Nature::Shifts => ToolAnnotations::new().read_only(false).destructive(false),
        Nature::Acts => ToolAnnotations::new().read_only(false).destructive(true),
        Nature::ActsOnce => {
            ToolAnnotations::new().read_only(false).destructive(true).idempotent(true)
        }
    };
    annotations.open_world(false)
}

/// A refusal keeps its picture: what can be seen helps to try again.
pub(super) fn of(answer: Answer) -> CallToolResult {
    let mut content = Vec::new();
    if !answer.text.is_empty() {
        content.push(ContentBlock::text(answer.text));
    }
    let picture = answer.picture.map(|png| STANDARD.encode(png));
    content.extend(picture.map(|data| ContentBlock::image(data, "image/png")));
    let mut result = match answer.refused {
        true => CallToolResult::error(content),
        false => CallToolResult::success(content),
    };
    result.structured_content = answer.structured;
    result
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::Value;

    use super::*;
    use crate::tool::{Tool, Toolbox};

    /// With its keys in order, whatever order they were made in.
    fn ordered(value: &Value) -> String {
        match value {
            Value::Object(fields) => {
                let fields: BTreeMap<_, _> = fields.iter().collect();
                let field = |(name, value): (&&String, &&Value)| {
                    format!("{}: {}", Value::from(name.as_str()), ordered(value))
                };
                let fields: Vec<_> = fields.iter().map(field).collect();
                format!("{{{}}}", fields.join(", "))
            }
            Value::Array(items) => {
                let items: Vec<_> = items.iter().map(ordered).collect();
                format!("[{}]", items.join(", "))
            }
            plain => plain.to_string(),
        }
    }

    /// What clients rely on: a change of it is a change for them.
    #[test]
    fn tools_are_offered_as_they_were() {
        let tools: Vec<String> = Tool::offers(Toolbox::Full)
            .into_iter()
            .map(|offer| {
                let listed = serde_json::to_value(listed(offer)).unwrap();
                let [name, purpose] =
                    ["name", "description"].map(|it| listed[it].as_str().unwrap());
                let (annotations, schema) = (&listed["annotations"], &listed["inputSchema"]);
                format!("{name}: {purpose}\n  {}\n  {}", ordered(annotations), ordered(schema))
            })
            .collect();
        insta::assert_snapshot!(tools.join("\n"));
    }

    #[test]
    fn a_refusal_keeps_its_picture() {
        let answer = Answer { picture: Some(vec![1, 2]), ..Answer::refused("no".to_owned()) };
        let result = serde_json::to_value(of(answer)).unwrap();
        assert_eq!(result["isError"], true);
        assert_eq!(result["content"][1]["data"], "AQI=");
    }
}
