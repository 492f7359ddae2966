"""Text made to be executed, expanded, interpreted or shown as something else: 300 payloads, each with a canary.

Whatever runs one of them leaves a file whose name begins with ``canary`` in the current folder.
"""

from __future__ import annotations

CONSTRUCTS = (
    # a shell
    "$(touch canary)", "`touch canary`", ";touch canary;", "|touch canary", "||touch canary", "&&touch canary",
    "& touch canary &", "\ntouch canary\n", "\r\ntouch canary\r\n", ">canary", ">>canary", "2>canary",
    "<(touch canary)", "$((`touch canary`))", "${x:-$(touch canary)}", '"$(touch canary)"', "'$(touch canary)'",
    '";touch canary;"', "';touch canary;'", "{touch,canary}", "$IFS;touch$IFS'canary'", "\\$(touch canary)",
    "\\`touch canary\\`",
    "<<E\n$(touch canary)\nE", "#\ntouch canary", "!touch canary", "*", "?[a-z]*", "~root", "$HOME", "${PATH}",
    # Windows
    "%PATH%", "%COMSPEC% /c type nul>canary", "^&type nul>canary", "!PATH!", "$env:PATH", "\x1a",
    # options and files
    "-rf", "--help", "--bundle=.", "-o=canary", "@params.json", "--", "-",
    # templates and formats
    "{{Param.Shotmill}}", "{{Task.Param.Frame}}", "{{RawParam.Bundle}}", "{{Session.WorkingDirectory}}", "{{ 1 + 1 }}",
    "{{", "}}", "{{'{{'}}", "{0.__class__}", "{comment!r}", "%s%n%d", "%(name)s", "$name ${name}", "#{touch canary}",
    "${{ touch }}", "<%= touch %>", "__import__('os').system('touch canary')", "open('canary','w')",
    "!!python/object:os",
    # databases, documents, spreadsheets
    "'; DROP TABLE job; --", '" OR 1=1 --', "=cmd|'/C touch canary'!A0", "<script>alert(1)</script>", "&lt;&xxe;",
    # what the eye does not see
    "\u202egnp.canary", "\u2066x\u2069", "\u200b", "\u2028touch canary", "\ufeff", "\uff1btouch canary", "\x1b]0;x\x07",
    "\x1b[2J", "\0", "\x7f", "\udcff", "e\u0301", "\U000e0041",
)  # fmt: skip
WRAPPERS = ("{}", "plate{}", "{}plate", "plate {} plate", '"{}"', "a'{}")
PAYLOADS = tuple(dict.fromkeys(wrapper.replace("{}", one) for one in CONSTRUCTS for wrapper in WRAPPERS))
# One of each kind that a path may hold: for what costs a process each.
STRONGEST = (
    "$(touch canary)", "`touch canary`", ";touch canary;", "|touch canary", "&&touch canary", "'$(touch canary)'",
    '";touch canary;"', "${IFS}touch canary", "*", "-rf", "--help", "{{Param.Shotmill}}", "%s%n", "';DROP TABLE job",
)  # fmt: skip
