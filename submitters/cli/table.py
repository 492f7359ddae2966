"""Every command with its module and its line of help; imports nothing."""

from __future__ import annotations

# name -> (module below ``commands``, one line). The order is the order of the help.
COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("demo", "Make media, run the main job, publish it, show the picture"),
    "submit": ("submit", "Submit a job: shotmill submit TYPE PLATE, or --cut NAME"),
    "plan": ("submit", "Show what a submit would do, without doing it"),
    "compile": ("submit", "Write a job's OpenJD bundle, without submitting it"),
    "lint": ("lint", "Find what is unsafe or breaks in any OpenJD bundle"),
    "jobs": ("watch", "List jobs"),
    "status": ("watch", "Show where a job stands, and what to type next"),
    "tasks": ("watch", "List a job's tasks"),
    "wait": ("watch", "Wait for a job; the exit code is its result"),
    "watch": ("watch", "Follow a job with live progress"),
    "logs": ("watch", "Print the log of a task"),
    "cancel": ("change", "End a job"),
    "retry": ("change", "Run what failed again"),
    "reconcile": ("change", "Bring jobs in line with their farms"),
    "failures": ("watch", "Group failures by cause"),
    "board": ("board", "Serve one page about all jobs, and an HTTP API, on loopback"),
    "publish": ("submit", "Publish files that exist as a new version"),
    "ingest": ("cuts", "Put a cut into the database"),
    "shots": ("cuts", "List shots of a project or a cut"),
    "timeline": ("timeline", "Compare cuts; submit only what changed"),
    "colour": ("colour", "Say or show how shots are graded, and why"),
    "versions": ("published", "List published versions"),
    "path": ("published", "Print the folder of a version"),
    "report": ("report", "Show the report of a job's publish step"),
    "review": ("review", "Approve, reject, omit or reopen a version"),
    "note": ("review", "Say something about a version, or one of its frames"),
    "notes": ("review", "Show where a version stands, and what was said of it"),
    "audit": ("review", "Show who did what to a shot, a version or a job"),
    "lineage": ("lineage", "Show what a version was made from, or is used by"),
    "reproduce": ("lineage", "Make a version again, and compare; publish nothing"),
    "fsck": ("fsck", "Find what is lost, left over or wrong on the disk"),
    "verify": ("published", "Read published files again and compare checksums"),
    "deliver": ("deliver", "Tell trackers and chats what was published"),
    "outbox": ("deliver", "List what they are told; try again, or drop"),
    "tracker": ("tracker", "Check trackers and chats, or pull a production"),
    "segment": ("segment", "Find an object on a frame, or stay and answer clicks"),
    "rv-session": ("rv", "Show the plates of an RV session, and the prompts painted on them"),
    "rv-package": ("rv", "Make the package that puts Shotmill into RV"),
    "probe": ("media", "Show what is in a movie or image sequence"),
    "doctor": ("doctor", "Check everything this machine needs"),
    "conformance": ("conformance", "Check that every engine is sent the same job"),
    "config": ("config", "Show settings, and which layer decided them"),
    "explain": ("explain", "Explain an error code, or why a job stands where it stands"),
    "schema": ("explain", "Print the JSON Schema of a document"),
    "new": ("new", "Write a new job type with its tests"),
    "install": ("install", "Put Shotmill into RV, Nuke, Blender or CueGUI"),
    "blender-extension": ("blender", "Write the extension that Blender installs"),
    "rpc": ("rpc", "Answer one question of RV, Nuke, Blender or another host"),
    "db": ("db", "Upgrade, downgrade, check or back up the database"),
    "engine": ("engine", "Run, show or stop the local engine"),
    "task": ("task", "Run one task of a bundle; what every engine calls"),
    "keeper": ("keeper", "Show or stop the processes that keep models for tasks"),
}

USAGE = "Usage: shotmill [--home DIR] COMMAND [ARGS]..."


def root_help() -> str:
    """The text of ``shotmill --help``."""
    width = max(len(name) for name in COMMANDS) + 2
    lines = [USAGE, "", "  Typed farm jobs for visual effects, published exactly once.", "", "Commands:"]
    lines += [f"  {name:<{width}}{summary}" for name, (_module, summary) in COMMANDS.items()]
    lines += [
        "",
        "Options:",
        "  --home DIR  folder of the embedded database and the jobs; default: SHOTMILL_HOME,",
        "              else ~/.local/share/shotmill",
        "  --version   print the version",
        "  --help      print this; COMMAND --help tells more",
        "",
        "Start with: shotmill demo",
    ]
    return "\n".join(lines)
