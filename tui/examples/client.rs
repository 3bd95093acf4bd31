//! The example of the README: a client of `deskbound serve`.

use rmcp::{ServiceExt, model::CallToolRequestParams};
use serde_json::{Value, from_value, json};
use std::process::Stdio;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut server = tokio::process::Command::new("deskbound");
    let mut server = server.arg("serve").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let streams = (server.stdout.take().ok_or("a pipe")?, server.stdin.take().ok_or("a pipe")?);
    let client = ().serve(streams).await?;
    for (name, arguments) in [
        ("launch", json!({ "application": "mousepad" })),
        ("wait", json!({ "text": "Untitled", "seconds": 60 })),
    ] {
        let call = CallToolRequestParams::new(name).with_arguments(from_value(arguments)?);
        let answer: Value = serde_json::to_value(client.call_tool(call).await?)?;
        println!("{}", answer["content"][0]["text"]);
    }
    Ok(())
}
