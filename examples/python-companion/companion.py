#!/usr/bin/env python3
"""A companion for a Muster hub, on the `websockets` library and nothing else.

It joins by one outbound WebSocket, has a personality, answers those who talk to it by asking a
model through the hub, runs a tool that tasks may call, and comes back when the connection is lost.

    VCP_KEY=THE_HUBS_VCP_KEY python3 companion.py --hub ws://127.0.0.1:3000
"""

import argparse
import asyncio
import contextlib
import json
import logging
import os
import random
import signal
import time
import uuid

import websockets

log = logging.getLogger("companion")

PERSONALITY = {
    "name": "Yue",
    "systemPrompt": "You are Yue, a cheerful and curious companion. Answer in a sentence or two.",
    "traits": ["cheerful", "curious"],
}
LONGEST_PAUSE = 30  # seconds between two attempts to connect
LLM_TIMEOUT = 60  # seconds without a frame of an answer


class Refused(Exception):
    """The hub does not want this node: trying again at once would not help."""


class LlmFailed(Exception):
    """The hub could not get an answer from a model."""


class Companion:
    """One connection to a hub, from its acknowledgement to its end."""

    def __init__(self, socket, node_id, name):
        self.socket = socket
        self.node_id = node_id
        self.name = name
        self.answers = {}  # the frames of each llm_request that is under way, by its id
        self.running = {}  # the asyncio tasks of the hub's tasks, by their id
        self.completed = self.failed = 0

    async def send(self, frame_type, **data):
        await self.socket.send(json.dumps({"type": frame_type, "data": data}))

    async def receive(self):
        frame = json.loads(await self.socket.recv())
        return frame["type"], frame.get("data") or {}

    async def serve(self):
        """Registers, then takes frames until the connection ends."""
        interval = await self.register()
        heartbeat = asyncio.create_task(self.heartbeat(interval))
        try:
            while True:
                frame_type, data = await self.receive()
                try:
                    self.take(frame_type, data)
                except KeyError as e:
                    log.warning("a %s frame without %s", frame_type, e)
        finally:
            heartbeat.cancel()
            for task in self.running.values():
                task.cancel()

    async def register(self):
        frame_type, ack = await asyncio.wait_for(self.receive(), 10)
        if frame_type != "connection_ack":
            raise Refused(f"it began with {frame_type}")
        await self.send(
            "node_register",
            nodeId=self.node_id,
            name=self.name,
            type="companion",
            version="1.0.0",
            capabilities=["dialogue", "text"],  # dialogue: it answers itself
            tools=list(TOOLS),
            personality=PERSONALITY,
            config={"maxConcurrentTasks": 4, "metadata": {"language": "python"}},
        )
        frame_type, data = await asyncio.wait_for(self.receive(), 10)
        if frame_type != "node_registered":
            raise Refused(data.get("message") or str(data))
        if not data.get("success"):
            raise Refused(data.get("message") or "no reason was given")
        self.node_id = data["nodeId"]
        log.info("registered as %s at %s", self.node_id, ack.get("hubId", "the hub"))
        return ack.get("heartbeatIntervalMs", 30_000) / 1000

    async def heartbeat(self, seconds):
        while True:
            await self.send(
                "heartbeat",
                nodeId=self.node_id,
                status="busy" if len(self.running) >= 4 else "online",
                stats={
                    "activeTasks": len(self.running),
                    "completedTasks": self.completed,
                    "failedTasks": self.failed,
                },
            )
            await asyncio.sleep(seconds)

    def take(self, frame_type, data):
        if frame_type == "task_assign":
            self.start(data["taskId"], self.run_task(data))
        elif frame_type == "task_cancel":
            if task := self.running.get(data["taskId"]):
                task.cancel()
        elif frame_type == "companion_chat":
            self.start("chat-" + data["requestId"], self.chat(data))
        elif frame_type in ("llm_response", "llm_response_stream"):
            if queue := self.answers.get(data["requestId"]):
                queue.put_nowait((frame_type, data))
        elif frame_type == "error":
            log.warning("the hub complains: %s", data.get("message") or data)
        # Others, heartbeat_ack among them, need no answer.

    def start(self, key, work):
        task = asyncio.create_task(work)
        self.running[key] = task
        task.add_done_callback(lambda done: self.running.pop(key, None))

    async def run_task(self, data):
        """Runs a tool for the hub, and tells its result."""
        began = time.monotonic()
        result = {"taskId": data["taskId"], "nodeId": self.node_id}
        try:
            tool = TOOLS.get(data["toolName"])
            if tool is None:
                raise LookupError(f"there is no tool {data['toolName']!r} here")
            timeout = data.get("timeout", 60_000) / 1000
            value = await asyncio.wait_for(tool(self, data.get("toolArgs") or {}), timeout)
            result.update(success=True, result=value)
            self.completed += 1
        except Exception as e:  # whatever a tool throws is its task's error
            self.failed += 1
            code = "timeout" if isinstance(e, asyncio.TimeoutError) else "tool_failed"
            result.update(success=False, error={"code": code, "message": str(e) or code})
        result["executionTime"] = round((time.monotonic() - began) * 1000)
        await self.send("task_result", **result)

    async def chat(self, data):
        """Answers somebody who talks to this companion."""
        messages = [
            {"role": "system", "content": PERSONALITY["systemPrompt"]},
            *data.get("history", []),
            {"role": "user", "content": data["message"]},
        ]
        try:
            reply = await self.ask(messages)
        except LlmFailed as e:
            log.warning("no model answers: %s", e)
            reply = "I cannot think straight just now. Ask me again in a moment?"
        await self.send("companion_reply", requestId=data["requestId"], reply=reply)

    async def ask(self, messages, **options):
        """Asks a model through the hub, streaming, and gives the whole answer."""
        request_id = uuid.uuid4().hex
        queue = self.answers[request_id] = asyncio.Queue()
        try:
            await self.send(
                "llm_request",
                requestId=request_id,
                nodeId=self.node_id,
                messages=messages,
                options={"stream": True, **options},
            )
            text = []
            while True:
                frame_type, data = await asyncio.wait_for(queue.get(), LLM_TIMEOUT)
                if frame_type == "llm_response":
                    if not data.get("success"):
                        error = data.get("error") or {}
                        raise LlmFailed(f"{error.get('code')}: {error.get('message')}")
                    return data.get("content") or "".join(text)
                text.append(data.get("chunk") or "")  # an empty one keeps the connection alive
                if data.get("done"):
                    return "".join(text)
        except asyncio.TimeoutError:
            raise LlmFailed("no frame in time") from None
        finally:
            del self.answers[request_id]


async def word_count(companion, args):
    """{text} -> {words}"""
    return {"words": len(str(args.get("text", "")).split())}


async def ask_yue(companion, args):
    """{question} -> {answer}, by a model through the hub"""
    question = {"role": "user", "content": str(args.get("question", "Who are you?"))}
    return {"answer": await companion.ask([question])}


TOOLS = {"word_count": word_count, "ask_yue": ask_yue}


async def keep_joined(url, node_id, name):
    """Connects again and again, with a pause that doubles and is never quite the same."""
    pause = 0.5
    while True:
        began = time.monotonic()
        try:
            # The key is in the path: it is kept out of the log.
            async with websockets.connect(url, max_size=1 << 20, open_timeout=10) as socket:
                await Companion(socket, node_id, name).serve()
        except Refused as e:
            log.error("the hub refuses this node: %s", e)
            pause = LONGEST_PAUSE
        except (OSError, asyncio.TimeoutError, websockets.WebSocketException) as e:
            log.warning("not connected: %s", type(e).__name__)
        if time.monotonic() - began > 60:
            pause = 0.5
        await asyncio.sleep(pause * random.uniform(0.5, 1))
        pause = min(LONGEST_PAUSE, pause * 2)


async def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hub", default=os.environ.get("HUB_URL", "ws://127.0.0.1:3000"))
    parser.add_argument("--key", default=os.environ.get("VCP_KEY", ""), help="better VCP_KEY: others see arguments")
    parser.add_argument("--id", default="yue", help="the node's id, the same over restarts")
    parser.add_argument("--name", default="Yue")
    given = parser.parse_args()

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    url = f"{given.hub.rstrip('/')}/abp-distributed-server/VCP_Key={given.key}"
    joined = asyncio.create_task(keep_joined(url, given.id, given.name))
    for each in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(each, joined.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await joined


if __name__ == "__main__":
    asyncio.run(main())
