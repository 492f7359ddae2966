"""Every operation with its module and its line of help; imports nothing."""

from __future__ import annotations

# name -> (module, function in it, document of its arguments in schema.rpc, one line)
OPERATIONS: dict[str, tuple[str, str, str, str]] = {
    "ping": ("about", "ping", "NoArgs", "who answers"),
    "describe": ("about", "describe", "DescribeArgs", "job types, with the fields of their forms"),
    "validate": ("asked", "validate", "Asked", "what is wrong with a job that was filled in"),
    "plan": ("asked", "plan", "Asked", "what a submit would do, without doing it"),
    "submit": ("asked", "submit", "Asked", "submit a job, or find the one that this question made before"),
    "status": ("jobs", "status", "JobsArgs", "where jobs stand"),
    "watch": ("jobs", "watch", "WatchArgs", "tell whatever changes, until all jobs have ended"),
    "cancel": ("jobs", "cancel", "JobArgs", "end a job"),
    "retry": ("jobs", "retry", "JobArgs", "run again what failed"),
    "versions": ("versions", "versions", "VersionsArgs", "published versions, newest first"),
    "shots": ("cuts", "shots", "ShotsArgs", "shots of a project or a cut"),
    "cut": ("cuts", "cut", "CutArgs", "a cut as OpenTimelineIO text"),
    "cut_write": ("cuts", "cut_write", "CutWriteArgs", "put a sequence into the database as a cut's next version"),
    "note": ("notes", "note", "NoteArgs", "say something about a version or one of its frames"),
    "notes": ("notes", "notes", "NotesArgs", "what was said about a version or a shot"),
    "segment": ("segment", "segment", "SegmentArgs", "where the process is that answers clicks"),
}
