"""A Rocket.Chat server as its REST API shows it: paths, errors and their forms are those of its own source."""

from __future__ import annotations

import email
import email.policy
from typing import Any

from chat_server import Answer, Asked, FaultyServer

USER_ID, TOKEN = "rbAXPnMktTFbNpwtJ", "RScctEHSmLGZGywfIhWyRpyofhKO"
CONFIRM_KEYS = {"msg", "tmid", "description", "customFields", "groupable", "alias", "emoji", "avatar", "t", "content"}


class RocketChatServer(FaultyServer):
    """Two rooms: one to talk in, one for wranglers."""

    def __init__(self) -> None:
        super().__init__()
        self.token = TOKEN
        self.rooms = {"GENERAL0000000001": "renders", "WRANGLE0000000002": "wranglers"}
        self.messages: dict[str, dict[str, Any]] = {}
        self.uploads: dict[str, dict[str, Any]] = {}
        self.missing = ""  # a method that this server is too old for
        self.refuse: dict[str, str] = {}  # method to error
        self.busy = Answer(
            {
                "success": False,
                "error": "Error, too many requests. Please slow down. You must wait 9 seconds before trying this "
                "endpoint again. [error-too-many-requests]",
            },
            429,
        )

    def answer(self, asked: Asked) -> Answer:
        if (asked.headers.get("x-user-id"), asked.headers.get("x-auth-token")) != (USER_ID, self.token):
            return Answer({"status": "error", "message": "You must be logged in to do this."}, 401)
        if self.missing and asked.path.startswith(f"/api/v1/{self.missing}"):
            return Answer(b"<!DOCTYPE html><html>Not Found</html>", 404, kind="text/html")
        method, *rest = asked.path.removeprefix("/api/v1/").split("/")
        if method in self.refuse:
            return self._no(f"No. [{self.refuse[method]}]", self.refuse[method])
        if method == "rooms.media":
            return self._media(rest[0], asked)
        if method == "rooms.mediaConfirm":
            return self._confirm(rest[0], rest[1], asked.values)
        found: Answer = getattr(self, "_" + method.replace(".", "_"))(asked.values)
        return found

    def said(self, room: str = "renders", thread: str | None = None) -> list[dict[str, Any]]:
        """Messages of a room, or of one of its threads, oldest first."""
        return [one for one in self.messages.values() if self.rooms[one["rid"]] == room and one.get("tmid") == thread]

    def _no(self, error: str | None = None, kind: str | None = None) -> Answer:
        said = {"error": error, "errorType": kind}
        return Answer({"success": False, **{name: text for name, text in said.items() if text}}, 400)

    def _me(self, _asked: dict[str, Any]) -> Answer:
        return Answer({"_id": USER_ID, "username": "shotmill", "success": True})

    def _rooms_info(self, asked: dict[str, Any]) -> Answer:
        for one, name in self.rooms.items():
            if asked.get("roomName") == name or asked.get("roomId") == one:
                return Answer({"success": True, "room": {"_id": one, "name": name, "t": "c"}})
        return self._no(
            'The required "roomId" or "roomName" param provided does not match any channel [error-room-not-found]',
            "error-room-not-found",
        )

    def _chat_getMessage(self, asked: dict[str, Any]) -> Answer:  # noqa: N802 - its own name
        found = self.messages.get(asked["msgId"])
        return Answer({"success": True, "message": found}) if found else self._no()

    def _chat_sendMessage(self, asked: dict[str, Any]) -> Answer:  # noqa: N802 - its own name
        message = asked["message"]
        if message["rid"] not in self.rooms:
            return self._no("[error-invalid-room]", "error-invalid-room")
        if message["_id"] in self.messages:  # it does nothing then, and stumbles over that
            return self._no("Cannot read properties of undefined (reading 'starred')")
        return Answer({"success": True, "message": self._add(message["_id"], message)})

    def _chat_update(self, asked: dict[str, Any]) -> Answer:
        found = self.messages.get(asked["msgId"])
        if found is None:
            return self._no(f'No message found with the id of "{asked["msgId"]}".')
        found.update(msg=asked["text"], editedBy={"username": "shotmill"})
        return Answer({"success": True, "message": found})

    def _chat_syncMessages(self, asked: dict[str, Any]) -> Answer:  # noqa: N802 - its own name
        if not asked["lastUpdate"].endswith("Z"):
            return self._no('The "lastUpdate" query parameter must be a valid date', "error-lastUpdate-param-invalid")
        updated = [one for one in self.messages.values() if one["rid"] == asked["roomId"]]
        return Answer({"success": True, "result": {"updated": updated, "deleted": []}})

    def _media(self, room: str, asked: Asked) -> Answer:
        if room not in self.rooms:
            return Answer({"success": False, "error": "forbidden"}, 403)
        head = f"Content-Type: {asked.headers['content-type']}\r\n\r\n".encode()
        part = next(
            one
            for one in email.message_from_bytes(head + asked.body, policy=email.policy.HTTP).walk()
            if one.get_filename()
        )
        file_id = f"upload{len(self.uploads) + 1:011d}"
        content = part.get_payload(decode=True)
        self.uploads[file_id] = {"name": part.get_filename(), "type": part.get_content_type(), "content": content}
        url = f"/file-upload/{file_id}/{part.get_filename()}"
        return Answer({"success": True, "file": {"_id": file_id, "url": url}})

    def _confirm(self, room: str, file_id: str, asked: dict[str, Any]) -> Answer:
        if file_id not in self.uploads:
            return self._no("[invalid-file]", "invalid-file")
        if not set(asked) <= CONFIRM_KEYS:
            return self._no("Match error: Unknown key")
        # Asked twice, it posts twice.
        file = {"_id": file_id, **{key: self.uploads[file_id][key] for key in ("name", "type")}}
        message = {"rid": room, **asked, "file": file, "files": [file]}
        return Answer({"success": True, "message": self._add(f"server{len(self.messages):011d}", message)})

    def _add(self, message_id: str, message: dict[str, Any]) -> dict[str, Any]:
        self.messages[message_id] = {"u": {"_id": USER_ID}, **message, "_id": message_id}
        return self.messages[message_id]
