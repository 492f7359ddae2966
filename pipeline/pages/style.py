"""How a page looks: light and dark, on a wide screen and on a phone; nothing comes from elsewhere."""

from __future__ import annotations

STYLE = """
:root {
  color-scheme: light dark;
  --page: #f5f6f8; --card: #ffffff; --line: #dfe3e8; --text: #1b2129; --soft: #566070; --link: #0b5cad;
  --good: #14713a; --good-bg: #e2f4e9; --bad: #b3231b; --bad-bg: #fdeae8; --warn: #855100; --warn-bg: #fdf0d7;
  --plain: #3d4b5e; --plain-bg: #e9edf2; --bar: #3f7fc4; --bar-2: #8d73c9; --bar-3: #2f9c86; --track: #eef1f5;
  --shadow: 0 1px 2px rgb(20 30 50 / 8%);
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14171c; --card: #1d2128; --line: #313843; --text: #e6e9ee; --soft: #a3adbb; --link: #85bbf5;
    --good: #74d69a; --good-bg: #17341f; --bad: #ff9b92; --bad-bg: #431c1a; --warn: #f2c063; --warn-bg: #3c2c0d;
    --plain: #c2ccd9; --plain-bg: #2b323c; --bar: #5b9be0; --bar-2: #a890e6; --bar-3: #4fbfa8; --track: #262c35;
    --shadow: none;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0; background: var(--page); color: var(--text); line-height: 1.5; font-size: 15px;
  font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif;
}
main { max-width: 1060px; margin: 0 auto; padding: 28px 20px 48px; }
h1 { font-size: 26px; line-height: 1.25; margin: 10px 0 8px; letter-spacing: -0.01em; overflow-wrap: anywhere; }
h2 { font-size: 17px; margin: 0 0 12px; }
h3 { font-size: 14px; margin: 20px 0 8px; overflow-wrap: anywhere; }
p { margin: 0 0 10px; overflow-wrap: anywhere; }
p:last-child { margin-bottom: 0; }
.sub, .soft { color: var(--soft); }
.top { display: flex; flex-wrap: wrap; align-items: center; gap: 8px 12px; color: var(--soft); font-size: 13px; }
section, .figures > div { background: var(--card); border: 1px solid var(--line); border-radius: 10px;
  box-shadow: var(--shadow); }
section { padding: 18px 20px; margin-top: 16px; }
.pill { display: inline-block; border-radius: 99px; padding: 1px 10px; font-size: 13px; font-weight: 600;
  white-space: nowrap; background: var(--plain-bg); color: var(--plain); }
.good { background: var(--good-bg); color: var(--good); }
.bad { background: var(--bad-bg); color: var(--bad); }
.warn { background: var(--warn-bg); color: var(--warn); }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(130px, 1fr)); gap: 12px; margin-top: 18px; }
.figures > div { padding: 12px 14px; }
.figures b { display: block; font-size: 21px; line-height: 1.2; font-variant-numeric: tabular-nums;
  overflow-wrap: anywhere; }
.figures span { color: var(--soft); font-size: 13px; }
.alarm { border-left: 6px solid var(--bad); background: var(--bad-bg); border-color: var(--bad); }
.alarm .cause { font-size: 20px; font-weight: 650; line-height: 1.35; color: var(--text); }
.alarm .soft { color: var(--text); }
.note { border-left: 6px solid var(--warn); background: var(--warn-bg); }
.note ul { margin: 0; padding-left: 20px; overflow-wrap: anywhere; }
code, .mono { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 0.87em;
  overflow-wrap: anywhere; }
.type { display: block; background: var(--card); border: 1px solid var(--line); border-radius: 6px; padding: 8px 12px;
  margin-top: 8px; user-select: all; }
.pictures { display: grid; grid-template-columns: repeat(auto-fill, minmax(200px, 1fr)); gap: 14px; }
.pictures.many { grid-template-columns: repeat(auto-fill, minmax(150px, 1fr)); }
figure { margin: 0; min-width: 0; }
figure img { display: block; width: 100%; height: auto; border-radius: 6px; background: #777;
  border: 1px solid var(--line); }
figcaption { color: var(--soft); font-size: 12.5px; margin-top: 4px; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; }
summary:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th { text-align: left; font-weight: 600; color: var(--soft); font-size: 12.5px; white-space: nowrap; }
th, td { padding: 6px 14px 6px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
tr:last-child td { border-bottom: 0; }
th:last-child, td:last-child { padding-right: 0; }
td { overflow-wrap: break-word; }
td.n, th.n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
td:empty::before { content: "\\2013"; color: var(--soft); }
.nb { white-space: nowrap; }
details { margin-top: 10px; }
summary { cursor: pointer; color: var(--link); font-size: 14px; overflow-wrap: anywhere; }
details > div, details > pre, details > dl { margin-top: 8px; }
pre { margin: 0; overflow: auto; max-height: 420px; background: var(--page); border: 1px solid var(--line);
  border-radius: 6px; padding: 10px 12px; font-size: 12.5px; white-space: pre-wrap; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: minmax(110px, max-content) 1fr; gap: 4px 16px; margin: 0; font-size: 14px; }
dt { color: var(--soft); }
dd { margin: 0; min-width: 0; overflow-wrap: anywhere; }
.frames { margin-top: 12px; }
.strip { display: block; width: 100%; height: 18px; border-radius: 4px; background: var(--bar-3); }
.strip rect { fill: var(--bad); }
.range { display: flex; justify-content: space-between; gap: 12px; color: var(--soft); font-size: 12px; margin-top: 2px;
  font-variant-numeric: tabular-nums; }
.bars { display: grid; grid-template-columns: minmax(70px, max-content) 1fr max-content; gap: 8px 12px;
  align-items: center; font-size: 14px; }
.bars .track { background: var(--track); border-radius: 4px; height: 14px; }
.bars .track span { display: block; height: 100%; border-radius: 4px; min-width: 3px; background: var(--bar); }
.bars .wait span { background: var(--bar-2); }
.bars .publish span { background: var(--bar-3); }
.bars > :nth-child(3n) { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
footer { color: var(--soft); font-size: 12.5px; margin-top: 22px; overflow-wrap: anywhere; }
@media (max-width: 560px) {
  main { padding: 16px 12px 32px; }
  h1 { font-size: 21px; }
  section { padding: 14px; }
  .figures { grid-template-columns: 1fr 1fr; gap: 8px; }
  .figures b { font-size: 18px; }
  .alarm .cause { font-size: 17px; }
  .pictures, .pictures.many { grid-template-columns: 1fr 1fr; gap: 10px; }
  thead { display: none; }
  table, tbody, tr, td { display: block; }
  tr { padding: 8px 0; border-bottom: 1px solid var(--line); }
  tr:last-child { border-bottom: 0; }
  td, td.n { display: grid; grid-template-columns: 104px 1fr; gap: 10px; padding: 2px 0; border: 0; text-align: left;
    overflow-wrap: anywhere; white-space: normal; }
  td > * { min-width: 0; justify-self: start; }
  td > p { grid-column: 2; }
  td::before { content: attr(data-l); color: var(--soft); font-size: 12.5px; }
  td:empty { display: none; }
  .pill { white-space: normal; border-radius: 12px; }
  dl { grid-template-columns: 1fr; gap: 0; }
  dd { margin-bottom: 8px; }
}
@media print {
  body { background: #fff; }
  section, .figures > div { break-inside: avoid; box-shadow: none; }
}
"""
