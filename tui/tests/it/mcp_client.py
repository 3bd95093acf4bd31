"""The official client of the Model Context Protocol does a whole task on a desktop of its own.

Run with the program as its only argument; prints what the file holds in the end.
"""

import asyncio
import sys

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client


async def task(session):
    async def call(name, **arguments):
        result = await session.call_tool(name, arguments)
        text = "\n".join(part.text for part in result.content if part.type == "text")
        print(f"{name} {arguments}: {text}", file=sys.stderr)
        assert not result.is_error, text
        return result

    tools = await session.list_tools()
    assert len(tools.tools) <= 14
    await call("launch", application="mousepad")
    await call("wait", text="Untitled", seconds=60)
    await call("type", text="written by a client – 文")
    await call("key", keys="ctrl+shift+s")
    await call("wait", text="Save As", seconds=60)
    await call("key", keys="ctrl+a")
    await call("type", text="client.txt")
    # A dialog that still looks a name up swallows the key.
    for _ in range(5):
        await call("key", keys="Return")
        saved = await session.call_tool("wait", {"text": "client.txt - Mousepad", "seconds": 10})
        if not saved.is_error:
            break
    look = await call("look")
    assert [part.type for part in look.content] == ["text", "image"]
    assert look.structured_content["elements"]
    resources = await session.list_resources()
    journal = await session.read_resource(resources.resources[0].uri)
    assert '"acted"' in journal.contents[0].text
    read = await call("read_file", path="client.txt")
    return read.content[0].text


async def main(program):
    server = StdioServerParameters(command=program, args=["serve"])
    async with stdio_client(server) as (reading, writing):
        async with ClientSession(reading, writing) as session:
            await session.initialize()
            print(await task(session))


asyncio.run(main(sys.argv[1]))
