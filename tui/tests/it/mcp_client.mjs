// The official client of the Model Context Protocol for TypeScript does a whole task on a desktop.
//
// Run with the program as its only argument; prints what the file holds in the end.

import assert from "node:assert";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";

const client = new Client({ name: "task", version: "1" });
await client.connect(new StdioClientTransport({ command: process.argv[2], args: ["serve"] }));

async function call(name, args = {}) {
  const result = await client.callTool({ name, arguments: args }, undefined, { timeout: 120_000 });
  const text = result.content.filter((part) => part.type === "text").map((part) => part.text).join("\n");
  console.error(`${name} ${JSON.stringify(args)}: ${text}`);
  assert(!result.isError, text);
  return result;
}

const { tools } = await client.listTools();
assert(tools.length <= 14);
assert(tools.find((tool) => tool.name === "look").annotations.readOnlyHint);
await call("launch", { application: "mousepad" });
await call("wait", { text: "Untitled", seconds: 60 });
await call("type", { text: "written by a client – 文" });
await call("key", { keys: "ctrl+shift+s" });
await call("wait", { text: "Save As", seconds: 60 });
await call("key", { keys: "ctrl+a" });
await call("type", { text: "client.txt" });
// A dialog that still looks a name up swallows the key.
for (let tries = 0; tries < 5; tries++) {
  await call("key", { keys: "Return" });
  const saved = { text: "client.txt - Mousepad", seconds: 10 };
  const result = await client.callTool({ name: "wait", arguments: saved }, undefined, { timeout: 120_000 });
  if (!result.isError) break;
}
const look = await call("look");
assert.deepStrictEqual(look.content.map((part) => part.type), ["text", "image"]);
assert(look.structuredContent.elements.length > 0);
const { resources } = await client.listResources();
const journal = await client.readResource({ uri: resources[0].uri });
assert(journal.contents[0].text.includes('"acted"'));
const read = await call("read_file", { path: "client.txt" });
console.log(read.content[0].text);
await client.close();
