"""A Slack workspace as its Web API shows it: methods, errors and limits as its reference has them."""

from __future__ import annotations

import json
from typing import Any

from chat_server import Answer, Asked, FaultyServer

TOKEN = "xoxb-planted-2718281828"  # noqa: S105 - planted
BOT = "U0SHOTMILL"
FIRST_TS = 1_795_291_200  # 2026-11-21


class SlackServer(FaultyServer):
    """Three channels: one to talk in, one for wranglers, one that the bot is not in."""

    def __init__(self) -> None:
        super().__init__()
        self.token = TOKEN
        self.channels = {"C0RENDERS": "renders", "C0WRANGLE": "wranglers", "C0SECRET0": "secrets"}
        self.member = {"C0RENDERS", "C0WRANGLE"}
        self.messages: list[dict[str, Any]] = []
        self.files: dict[str, dict[str, Any]] = {}
        self.refuse: dict[str, str] = {}  # method to error
        self.page_size = 200
        self.shown_after = 0  # how often files.info is asked before a file is shown
        self.clock = FIRST_TS

    def answer(self, asked: Asked) -> Answer:
        if asked.path.startswith("/upload/v1/"):
            return self._take(asked)
        if asked.headers.get("authorization") != f"Bearer {self.token}":
            return self._no("invalid_auth")
        method = asked.path.removeprefix("/api/")
        if method in self.refuse:
            return self._no(self.refuse[method])
        found: Answer = getattr(self, "_" + method.replace(".", "_"))(asked.values)
        return found

    def said(self, channel: str = "C0RENDERS", thread: str | None = None) -> list[dict[str, Any]]:
        """Messages of a channel, or of one of its threads, oldest first."""
        return [one for one in self.messages if one["channel"] == channel and one.get("thread_ts") == thread]

    @staticmethod
    def words(message: dict[str, Any]) -> str:
        """What people read."""
        sections = [section for block in message["blocks"] for section in block["elements"]]
        return "".join(one["text"] for section in sections for one in section["elements"])

    def _no(self, error: str, **more: Any) -> Answer:
        return Answer({"ok": False, "error": error, **more})

    def _auth_test(self, _asked: dict[str, Any]) -> Answer:
        return Answer({"ok": True, "team": "Studio", "user": "shotmill", "user_id": BOT, "url": self.url})

    def _conversations_list(self, asked: dict[str, Any]) -> Answer:
        start = int(asked.get("cursor") or 0)
        names = [{"id": one, "name": name, "is_member": one in self.member} for one, name in self.channels.items()]
        more = str(start + 2) if start + 2 < len(names) else ""
        return Answer({"ok": True, "channels": names[start : start + 2], "response_metadata": {"next_cursor": more}})

    def _conversations_info(self, asked: dict[str, Any]) -> Answer:
        one = asked["channel"]
        if one not in self.channels:
            return self._no("channel_not_found")
        return Answer({"ok": True, "channel": {"id": one, "name": self.channels[one], "is_member": one in self.member}})

    def _chat_postMessage(self, asked: dict[str, Any]) -> Answer:  # noqa: N802 - Slack's name
        channel = asked["channel"]
        if channel not in self.channels:
            return self._no("channel_not_found")
        if channel not in self.member:
            return self._no("not_in_channel")
        if self._lacks(channel, asked.get("thread_ts")):
            return self._no("thread_not_found")
        given = {name: asked[name] for name in ("text", "blocks", "metadata", "thread_ts") if name in asked}
        return Answer({"ok": True, "channel": channel, "ts": self._add(channel, **given)})

    def _chat_update(self, asked: dict[str, Any]) -> Answer:
        for one in self.messages:
            if one["channel"] == asked["channel"] and one["ts"] == asked["ts"]:
                one.update({name: asked[name] for name in ("text", "blocks", "metadata") if name in asked}, edited=True)
                return Answer({"ok": True, "channel": asked["channel"], "ts": asked["ts"], "text": asked["text"]})
        return self._no("message_not_found")

    def _conversations_history(self, asked: dict[str, Any]) -> Answer:
        if asked["channel"] not in self.channels:  # no names here
            return self._no("channel_not_found")
        return self._listed(self.said(asked["channel"])[::-1], asked)

    def _conversations_replies(self, asked: dict[str, Any]) -> Answer:
        parent = [one for one in self.said(asked["channel"]) if one["ts"] == asked["ts"]]
        if not parent:
            return self._no("thread_not_found")
        return self._listed(parent + self.said(asked["channel"], asked["ts"]), asked)

    def _listed(self, messages: list[dict[str, Any]], asked: dict[str, Any]) -> Answer:
        recent = [one for one in messages if float(one["ts"]) > float(asked.get("oldest") or 0)]
        hidden = () if str(asked.get("include_all_metadata")) in {"1", "true", "True"} else ("metadata",)
        start, size = int(asked.get("cursor") or 0), min(int(asked.get("limit") or 100), self.page_size)
        shown = [{name: one[name] for name in one if name not in hidden} for one in recent[start : start + size]]
        more = {"response_metadata": {"next_cursor": str(start + size)}} if start + size < len(recent) else {}
        return Answer({"ok": True, "messages": shown, "has_more": bool(more), **more})

    def _files_getUploadURLExternal(self, asked: dict[str, Any]) -> Answer:  # noqa: N802 - Slack's name
        file_id = f"F{len(self.files) + 1:08d}"
        self.files[file_id] = {"name": asked["filename"], "length": int(asked["length"]), "content": None, "ts": None}
        return Answer({"ok": True, "file_id": file_id, "upload_url": f"{self.url}/upload/v1/{file_id}"})

    def _take(self, asked: Asked) -> Answer:
        file = self.files[asked.path.rpartition("/")[2]]
        if len(asked.body) != file["length"]:
            return Answer(b"length mismatch", 400, kind="text/plain")
        file["content"] = asked.body
        return Answer(b"OK", kind="text/plain")

    def _files_completeUploadExternal(self, asked: dict[str, Any]) -> Answer:  # noqa: N802 - Slack's name
        channel, file_id = asked["channel_id"], json.loads(asked["files"])[0]["id"]
        file = self.files[file_id]
        if channel not in self.member:
            return self._no("not_in_channel" if channel in self.channels else "channel_not_found")
        if file["content"] is None or file["ts"]:  # "This method can only be called once."
            return self._no("file_update_failed")
        given = {"thread_ts": asked["thread_ts"]} if asked.get("thread_ts") else {}
        if self._lacks(channel, asked.get("thread_ts")):
            return self._no("thread_not_found")
        shown = [{"id": file_id, "name": file["name"], "title": json.loads(asked["files"])[0]["title"]}]
        file["ts"] = self._add(channel, blocks=json.loads(asked["blocks"]), files=shown, text="", **given)
        file["channel"], file["waits"] = channel, self.shown_after
        return Answer({"ok": True, "files": [{"id": file_id, "title": file["name"]}]})

    def _files_info(self, asked: dict[str, Any]) -> Answer:
        file = self.files.get(asked["file"])
        if file is None or not file["ts"]:
            return self._no("file_not_found")
        shares: dict[str, Any] = {"public": {file["channel"]: [{"ts": file["ts"]}]}} if file["waits"] <= 0 else {}
        file["waits"] -= 1
        return Answer({"ok": True, "file": {"id": asked["file"], "shares": shares}})

    def _lacks(self, channel: str, thread: str | None) -> bool:
        return thread is not None and thread not in {one["ts"] for one in self.said(channel)}

    def _add(self, channel: str, **given: Any) -> str:
        self.clock += 1
        ts = f"{self.clock}.000100"
        self.messages.append({"channel": channel, "ts": ts, "user": BOT, **given})
        return ts
