// The board's page. Whatever comes from the API is shown as text: nothing here makes elements of it.
"use strict";

const $ = (id) => document.getElementById(id);
const ROW = 58, PAGE = 20, MOST_PAGES = 5, BESIDE = 6, PICTURES = 400, AT_ONCE = 6;
const STATES = ["queued", "running", "blocked", "failed", "cancelled", "succeeded"];
const ODD = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\u2028\u2029]/gu;

const filter = { view: "shots", text: "", project: "", sequence: "", type: "", user: "", states: new Set() };
const here = { row: 0, column: 1 };
const shown = new Map();      // row number -> element
const pictures = new Map();   // version -> blob URL, oldest first
let pages = new Map(), asked = new Map(), total = 0, columns = [], epoch = 0, token = "", readOnly = false;
let open = "", stop = new AbortController(), began = 0, timer = 0, stale = 0, socket = null, pause = 1000;

// --- text and elements -------------------------------------------------------------------------------------------

// A text without what hides or turns parts of it: such characters are written as escapes.
function plain(text, keep = "") {
  return String(text).replace(ODD, (c) => keep.includes(c) ? c : `\\u{${c.codePointAt(0).toString(16)}}`);
}

function made(name, kind = "", text = null) {
  const one = document.createElement(name);
  if (kind) one.className = kind;
  if (text !== null) one.textContent = plain(text);
  return one;
}

function say(text) {
  $("said").textContent = plain(text, "\n");
  clearTimeout(say.timer);
  say.timer = setTimeout(() => { $("said").textContent = ""; }, 8000);
}

function trouble(text) {
  $("trouble").hidden = !text;
  if ($("trouble").textContent !== text) $("trouble").textContent = plain(text);
}

function age(moment) {
  const seconds = Math.max(0, (Date.now() - Date.parse(moment)) / 1000);
  for (const [size, unit] of [[86400, "d"], [3600, "h"], [60, "min"]]) {
    if (seconds >= size) return `${Math.floor(seconds / size)} ${unit}`;
  }
  return `${Math.floor(seconds)} s`;
}

// --- asking ------------------------------------------------------------------------------------------------------

async function api(path, options = {}) {
  const headers = { Authorization: `Bearer ${token}`, ...(options.body ? { "Content-Type": "application/json" } : {}) };
  const answer = await fetch(path, { ...options, headers });
  if (answer.ok) return answer;
  const told = (await answer.json().catch(() => ({}))).error || {};
  if (answer.status === 401) knock();
  throw Object.assign(new Error([told.code, told.message].filter(Boolean).join(" ") || answer.statusText),
    { status: answer.status, hint: told.hint });
}

const asJson = async (path, options) => (await api(path, options)).json();

function knock() {
  if ($("door").open) return;
  $("door").showModal();
  $("door").addEventListener("close", () => {
    token = $("key").value.trim();
    sessionStorage.setItem("token", token);
    begin();
  }, { once: true });
}

function query(more = {}) {
  const asked = new URLSearchParams();
  for (const name of ["text", "project", "sequence", "type", "user"]) if (filter[name]) asked.append(name, filter[name]);
  for (const state of filter.states) asked.append("state", state);
  for (const [name, value] of Object.entries(more)) asked.append(name, value);
  return asked;
}

// --- filters, kept in the address --------------------------------------------------------------------------------

function readAddress() {
  const given = new URLSearchParams(location.search);
  filter.view = given.get("view") === "jobs" ? "jobs" : "shots";
  for (const name of ["text", "project", "sequence", "type", "user"]) filter[name] = given.get(name) || "";
  filter.states = new Set(given.getAll("state").filter((one) => STATES.includes(one)));
  const key = new URLSearchParams(location.hash.slice(1)).get("token");
  if (key) sessionStorage.setItem("token", key);
  token = sessionStorage.getItem("token") || "";
  if (key) history.replaceState(null, "", location.pathname + location.search);
}

function writeAddress() {
  const asked = query(filter.view === "jobs" ? { view: "jobs" } : {}).toString();
  history.replaceState(null, "", location.pathname + (asked ? `?${asked}` : ""));
}

function changed(name, value) {
  began = performance.now();
  filter[name] = value;
  if (name === "project") filter.sequence = "";
  writeAddress();
  anew();
  if (name === "project") summary();
}

// Begin anew with the first page; what is on the screen stays until it is there.
async function anew() {
  const mine = ++epoch;
  stop.abort();
  stop = new AbortController();
  asked = new Map();
  $("grid").setAttribute("aria-busy", "true");
  showFilter();
  try {
    const first = await rowsFrom(0, Math.min(MOST_PAGES, Math.ceil((onScreen() + BESIDE) / PAGE)));
    if (mine !== epoch) return;
    pages = new Map();
    take(first);
    here.row = Math.min(here.row, Math.max(0, total - 1));
    $("scroll").scrollTop = 0;
    draw(true);
    $("grid").setAttribute("aria-busy", "false");
    trouble("");
    if (began) measured("board:filter", began);
    began = 0;
  } catch (error) { failed(error, mine); }
}

const onScreen = () => Math.ceil($("scroll").clientHeight / ROW);

// Rows of some pages that follow each other.
function rowsFrom(page, count) {
  const path = filter.view === "jobs" ? "jobs" : "board";
  return asJson(`/api/${path}?${query({ offset: page * PAGE, limit: count * PAGE })}`, { signal: stop.signal });
}

function take(found) {
  const rows = found.rows || found.jobs, page = found.offset / PAGE;
  for (let at = 0; at < rows.length || !at; at += PAGE) pages.set(page + at / PAGE, rows.slice(at, at + PAGE));
  total = found.total;
  columns = found.types || [];
}

function failed(error, mine) {
  if (error.name === "AbortError" || mine !== epoch || error.status === 401) return;
  trouble(error.status ? `${error.message}${error.hint ? ` (${error.hint})` : ""}` : "the board does not answer; trying again");
  clearTimeout(timer);
  if (!error.status || error.status >= 500) timer = setTimeout(anew, 2000);
}

// Have the pages that rows lie on; each is asked for once, and those that follow each other together.
async function have(first, last) {
  const mine = epoch, end = Math.floor(last / PAGE);
  const lacks = (page) => page <= end && !pages.has(page) && !asked.has(page);
  for (let page = Math.floor(first / PAGE); page <= end; page++) {
    if (mine !== epoch) return;
    const run = [];
    while (run.length < MOST_PAGES && lacks(page + run.length)) run.push(page + run.length);
    if (!run.length) continue;
    for (const one of run) asked.set(one, true);
    try {
      const found = await rowsFrom(page, run.length);
      if (mine !== epoch) return;
      for (const one of run) asked.delete(one);
      take(found);
      draw();
    } catch (error) {
      for (const one of run) asked.delete(one);
      failed(error, mine);
    }
  }
}

// From an event until what it did is seen: the frame after the elements are there has been painted.
function measured(name, from) {
  requestAnimationFrame(() => setTimeout(() => {
    if (performance.getEntriesByType("measure").length > 500) performance.clearMeasures();
    performance.measure(name, { start: from, end: performance.now() });
  }));
}

// --- rows: only those on the screen are there ---------------------------------------------------------------------

function rowAt(number) {
  const page = pages.get(Math.floor(number / PAGE));
  return page && page[number % PAGE];
}

function draw(afresh = false) {
  const box = $("scroll"), first = Math.max(0, Math.floor(box.scrollTop / ROW) - BESIDE);
  const focused = $("rows").contains(document.activeElement) || (grabbing && document.activeElement === document.body);
  const last = Math.min(total - 1, Math.ceil((box.scrollTop + box.clientHeight) / ROW) + BESIDE);
  if (afresh) {
    for (const one of shown.values()) one.remove();
    shown.clear();
    head();
  }
  $("rows").style.height = `${total * ROW}px`;
  for (const [number, one] of shown) if (number < first || number > last) { one.remove(); shown.delete(number); }
  let whole = true;
  for (let number = first; number <= last; number++) {
    const row = rowAt(number), before = shown.get(number);
    if (!row) whole = false;
    if (before && before.row === row) continue;
    const one = filter.view === "jobs" ? jobRow(row, number) : shotRow(row, number);
    one.row = row;
    one.style.top = `${number * ROW}px`;
    if (before) before.replaceWith(one); else $("rows").append(one);
    shown.set(number, one);
  }
  $("empty").hidden = total > 0;
  $("empty").textContent = query().toString() ? "nothing fits the filter" : "no shots and no jobs yet; try: shotmill demo";
  $("count").textContent = `${total} ${filter.view === "jobs" ? "job" : "row"}${total === 1 ? "" : "s"}`;
  $("grid").setAttribute("aria-rowcount", total + 1);
  if (focused) focusHere(); else mark();
  for (let number = 0; number < AT_ONCE; number++) fetchPictures();
  if (!whole) have(first, last);
  else {
    if (scrolled) { measured("board:scroll", scrolled); scrolled = 0; }
    have(Math.max(0, first - PAGE), Math.min(total - 1, last + PAGE));  // what comes next is there before it is asked for
  }
}

let scrolled = 0, drawing = 0;
function onScroll() {
  if (!scrolled) scrolled = performance.now();
  if (!drawing) drawing = requestAnimationFrame(() => { drawing = 0; draw(); });
}

function head() {
  const names = filter.view === "jobs" ? ["Job", "Name", "Shots", "Type", "State", "User", "Age"] : ["", "Shot", ...columns];
  $("grid").className = filter.view;
  $("grid").style.setProperty("--types", Math.max(1, columns.length));
  $("head").replaceChildren(...names.map((name) => {
    const one = made("div", "line", name);
    one.setAttribute("role", "columnheader");
    return one;
  }));
}

function rowElement(number) {
  const one = made("div", "row");
  one.setAttribute("role", "row");
  one.setAttribute("aria-rowindex", number + 2);
  return one;
}

function cellElement(kind, number, column, job = "") {
  const one = made("div", `cell ${kind}`);
  one.setAttribute("role", "gridcell");
  one.tabIndex = -1;
  one.dataset.at = `${number}:${column}`;
  if (job) one.dataset.job = job;
  return one;
}

function shotRow(row, number) {
  const one = rowElement(number);
  if (!row) { one.append(made("div", "cell soft", "…")); return one; }
  const picture = cellElement("picture", number, 0), name = cellElement("", number, 1);
  if (row.thumbnail) showPicture(row.thumbnail, picture);
  name.append(made("span", "line name", row.group ? `${row.group}/${row.name}` : row.name), made("span", "line soft", row.project));
  name.title = plain(`${row.project}:${row.group ? `${row.group}/` : ""}${row.name}`);
  one.append(picture, name, ...columns.map((type, index) => jobCell(row.cells[type], number, index + 2)));
  return one;
}

function jobCell(cell, number, column) {
  if (!cell) return cellElement("", number, column);
  const one = cellElement("", number, column, cell.handle), what = [];
  if (cell.version) what.push(`${cell.product} v${String(cell.version).padStart(3, "0")}`);
  else if (cell.code) what.push(cell.code);
  else if (cell.state === "succeeded") what.push("not published");
  what.push(age(cell.created));
  one.append(stateOf(cell), made("span", "line soft", what.join(" · ")));
  one.title = plain(`${cell.handle} ${cell.type} ${cell.state}, ${cell.done} of ${cell.tasks} tasks, ${cell.user}`);
  return one;
}

function stateOf(job) {
  const top = made("span", "top");
  top.append(made("span", `pill ${job.state}`, job.state));
  if (["running", "queued", "blocked"].includes(job.state) && job.progress > 0) top.append(bar(job.progress), made("span", "soft", `${Math.floor(job.progress * 100)} %`));
  return top;
}

function bar(part) {
  const one = made("progress");
  one.max = 1;
  one.value = part;
  one.setAttribute("aria-label", "done");
  return one;
}

function jobRow(job, number) {
  const one = rowElement(number);
  if (!job) { one.append(made("div", "cell soft", "…")); return one; }
  const more = job.count > job.shots.length ? ` and ${job.count - job.shots.length} more` : "";
  const state = cellElement("", number, 4, job.handle);
  state.append(stateOf(job));
  if (job.code || job.published) state.append(made("span", "line soft", job.code || `${job.published} published`));
  const texts = [job.handle, job.name, job.shots.map((shot) => shot.slice(shot.indexOf("/") + 1)).join(", ") + more, job.type];
  const cells = texts.map((text, column) => {
    const cell = cellElement("", number, column, job.handle);
    cell.append(made("span", `line${column === 1 ? " name" : ""}`, text));
    if (column === 1) cell.append(made("span", "line soft", job.project));
    cell.title = plain(text);
    return cell;
  });
  const rest = [job.user, age(job.created)].map((text, index) => {
    const cell = cellElement("", number, 5 + index, job.handle);
    cell.append(made("span", "line", text));
    return cell;
  });
  one.append(...cells, state, ...rest);
  return one;
}

// --- pictures ------------------------------------------------------------------------------------------------------

const line = [];
let running = 0;

function showPicture(version, place) {
  const known = pictures.get(version);
  if (known) { place.append(pictureElement(known)); return; }
  line.push({ version, place });
}

function pictureElement(url) {
  const one = made("img");
  one.alt = "";
  one.src = url;
  return one;
}

async function fetchPictures() {
  if (running >= AT_ONCE) return;
  const next = line.pop();  // what came last is on the screen
  if (!next) return;
  running += 1;
  try {
    if (next.place.isConnected && !next.place.firstChild) {
      const url = pictures.get(next.version) || URL.createObjectURL(await (await api(`/api/thumbnails/${next.version}`)).blob());
      pictures.set(next.version, url);
      next.place.append(pictureElement(url));
      if (pictures.size > PICTURES) {
        const [oldest, gone] = pictures.entries().next().value;
        pictures.delete(oldest);
        URL.revokeObjectURL(gone);
      }
    }
  } catch { /* a row without a picture is a row all the same */ }
  running -= 1;
  fetchPictures();
}

// --- one job -------------------------------------------------------------------------------------------------------

async function details(handle, focus = true) {
  open = handle;
  try {
    const found = await asJson(`/api/jobs/${encodeURIComponent(handle)}`);
    const log = await asJson(`/api/jobs/${encodeURIComponent(handle)}/log?lines=50`).catch((error) => ({ note: error.message }));
    if (open !== handle) return;
    const before = $("details").hidden;
    $("details").replaceChildren(...jobDetails(found, log));
    $("details").hidden = false;
    const text = $("details").querySelector("pre");
    text.scrollTop = text.scrollHeight;  // why it failed stands at the end
    if (before) draw();
    if (focus) $("details").querySelector("button").focus();
  } catch (error) { if (error.status === 404) closeDetails(); say(error.message); }
}

function jobDetails(found, log) {
  const job = found.job, top = made("div", "top"), close = made("button", "", "Close"), acts = made("div", "acts");
  close.type = "button";
  close.addEventListener("click", closeDetails);
  top.append(made("h2", "", `${job.handle} ${job.type}`), close);
  const state = made("p");
  state.append(made("span", `pill ${job.state}`, job.state), document.createTextNode(plain(` ${job.name}, ${job.user}, ${age(job.created)} ago, on ${job.engine}`)));
  const again = act("Run again what failed", () => change(job.handle, "retry"));
  const end = act("Cancel", () => cancel(job.handle));
  again.disabled = readOnly || !["failed", "cancelled", "blocked"].includes(job.state);
  end.disabled = readOnly || ["succeeded", "failed", "cancelled"].includes(job.state);
  acts.append(again, end);
  if (found.farm && !readOnly) acts.append(act("Ask the farm", () => change(job.handle, "reconcile")));
  const all = [top, state, made("p", "", found.verdict), acts, made("h3", "", "next"), made("code", "type", found.next)];
  all.push(made("h3", "", "steps"), list(found.steps.map(stepElement)));
  if (found.shots.length) all.push(made("h3", "", "for"), made("p", "", found.shots.join(", ")));
  if (found.versions.length) all.push(made("h3", "", "published"), list(found.versions.map(versionElement)));
  if (found.farm) all.push(made("h3", "", "on the farm"), farmElement(found.farm));
  all.push(made("h3", "", log.note ? "log" : `end of the log: ${log.step} ${log.frames}`));
  const text = made("pre");
  text.tabIndex = 0;
  text.textContent = log.note ? plain(log.note) : log.lines.map((one) => plain(one, "\t")).join("\n");
  all.push(text);
  return all;
}

function act(name, does) {
  const one = made("button", "", name);
  one.type = "button";
  one.addEventListener("click", does);
  return one;
}

function list(parts) {
  const one = made("ul");
  one.append(...parts);
  return one;
}

function stepElement(step) {
  const one = made("li", "step");
  one.append(made("span", "line", step.name), bar(step.tasks ? step.done / step.tasks : 0),
    made("span", "soft", `${step.done}/${step.tasks}${step.failed ? `, ${step.failed} failed` : ""}`));
  return one;
}

function versionElement(version) {
  const one = made("li");
  one.append(made("span", "", version.address), made("span", "soft", ` ${version.review}${version.missing ? `, lacks ${version.missing}` : ""}`));
  one.title = plain(version.folder);
  return one;
}

function farmElement(farm) {
  const one = made("p");
  if (/^https?:\/\//.test(farm.url)) {
    const link = made("a", "", `${farm.engine}: ${farm.id}`);
    link.href = farm.url;
    link.target = "_blank";
    link.rel = "noopener noreferrer";
    one.append(link);
  } else one.textContent = plain(farm.engine === "opencue" ? `find it in CueGUI by ${farm.id}` : `${farm.engine}: ${farm.id}`);
  return one;
}

function closeDetails() {
  open = "";
  $("details").hidden = true;
  draw();
  focusHere();
}

async function change(handle, verb) {
  try {
    const done = await asJson(`/api/jobs/${encodeURIComponent(handle)}/${verb}`, { method: "POST", body: "{}" });
    say(done.text || (done.jobs || []).map((one) => one.problem || `${one.job} is ${one.state}`).join("\n"));
    soon();
    if (open === handle) details(handle, false);
  } catch (error) { say(`${error.message}${error.hint ? `\nwhat to do: ${error.hint}` : ""}`); }
}

function cancel(handle) {
  $("question").textContent = plain(`Cancel ${handle}? What waits ends now, what runs within its grace period.`);
  $("ask").returnValue = "no";
  $("ask").addEventListener("close", () => { if ($("ask").returnValue === "yes") change(handle, "cancel"); }, { once: true });
  $("ask").showModal();
}

// --- keyboard ------------------------------------------------------------------------------------------------------

const width = () => filter.view === "jobs" ? 7 : columns.length + 2;
const cellHere = () => document.querySelector(`[data-at="${here.row}:${here.column}"]`);

function mark() {
  for (const one of document.querySelectorAll(".cell.here")) { one.classList.remove("here"); one.tabIndex = -1; }
  const cell = cellHere();
  if (cell) { cell.classList.add("here"); cell.tabIndex = 0; }
}

let grabbing = false;  // the cell that is to have the focus has not come yet

function focusHere() {
  mark();
  const cell = cellHere();
  grabbing = !cell;
  if (cell) cell.focus({ preventScroll: true });
}

function move(rows, steps) {
  here.row = Math.max(0, Math.min(total - 1, here.row + rows));
  here.column = Math.max(0, Math.min(width() - 1, here.column + steps));
  const box = $("scroll"), top = here.row * ROW, room = box.clientHeight - $("head").offsetHeight;
  if (top < box.scrollTop) box.scrollTop = top;
  if (top + ROW > box.scrollTop + room) box.scrollTop = top + ROW - room;
  draw();
  focusHere();
  const cell = cellHere();
  if (cell) cell.scrollIntoView({ block: "nearest", inline: "nearest" });
}

function onKey(event) {
  const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName) || document.querySelector("dialog[open]");
  if (event.key === "Escape" && !document.querySelector("dialog[open]")) {
    if (!$("keys").hidden) showKeys(false); else if (open) closeDetails(); else if (typing) focusHere();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target === $("text") && (event.key === "Enter" || event.key === "ArrowDown")) { event.preventDefault(); focusHere(); return; }
  if (typing) return;
  const page = Math.max(1, Math.floor($("scroll").clientHeight / ROW) - 2), inGrid = $("grid").contains(event.target) || event.target === document.body;
  const moves = {
    ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1], PageDown: [page, 0], PageUp: [-page, 0],
    Home: [-total, 0], End: [total, 0],
  };
  const job = open || (cellHere() && cellHere().dataset.job);
  const acts = {
    "/": () => { $("text").focus(); $("text").select(); }, "?": () => showKeys($("keys").hidden),
    s: () => show("shots"), j: () => show("jobs"),
    r: () => job && !readOnly && change(job, "retry"), x: () => job && !readOnly && cancel(job),
  };
  if (inGrid && moves[event.key]) { event.preventDefault(); move(...moves[event.key]); }
  else if (inGrid && event.key === "Enter" && event.target.dataset.job) { event.preventDefault(); details(event.target.dataset.job); }
  else if (acts[event.key]) { event.preventDefault(); acts[event.key](); }
}

function showKeys(on) {
  $("keys").hidden = !on;
  $("help").setAttribute("aria-expanded", on);
}

function show(view) {
  if (filter.view === view) return;
  here.row = 0;
  here.column = 1;
  changed("view", view);
}

// --- what filters can choose from ----------------------------------------------------------------------------------

async function summary() {
  try {
    const found = await asJson(`/api/summary?${new URLSearchParams(filter.project ? { project: filter.project } : {})}`);
    readOnly = found.read_only;
    options("project", found.projects);
    options("sequence", found.sequences);
    options("type", found.types);
    options("user", found.users);
    counts(found.states);
  } catch (error) { failed(error, epoch); }
}

function options(name, values) {
  const all = values.includes(filter[name]) || !filter[name] ? values : [filter[name], ...values];
  const any = made("option", "", "all");
  any.value = "";
  $(name).replaceChildren(any, ...all.map((value) => { const one = made("option", "", value); one.value = value; return one; }));
  $(name).value = filter[name];
}

function counts(states) {
  if (!$("states").children.length) {
    for (const state of STATES) {
      const one = made("button", state);
      one.type = "button";
      one.dataset.state = state;
      one.addEventListener("click", () => {
        const now = new Set(filter.states);
        if (!now.delete(state)) now.add(state);
        changed("states", now);
      });
      $("states").append(one);
    }
  }
  for (const one of $("states").children) one.textContent = `${states[one.dataset.state] || 0} ${one.dataset.state}`;
  showFilter();
}

function showFilter() {
  for (const name of ["text", "project", "sequence", "type", "user"]) if ($(name).value !== filter[name]) $(name).value = filter[name];
  for (const one of $("states").children) one.setAttribute("aria-pressed", filter.states.has(one.dataset.state));
  for (const view of ["shots", "jobs"]) $(`view-${view}`).setAttribute("aria-selected", filter.view === view);
}

// --- live ----------------------------------------------------------------------------------------------------------

function listen() {
  socket = new WebSocket(`ws://${location.host}/api/live`);
  socket.onopen = () => socket.send(JSON.stringify({ token }));
  socket.onmessage = (event) => heard(JSON.parse(event.data));
  socket.onclose = () => {
    linked(false);
    setTimeout(listen, pause);
    pause = Math.min(10000, pause * 2);
  };
}

function linked(live) {
  $("link").className = live ? "link live" : "link";
  $("link").textContent = live ? "live" : "not live; trying again";
}

function heard(message) {
  if (message.type === "trouble") { trouble(`${message.error.code} ${message.error.message}`); return; }
  if (message.type === "hello") { linked(true); pause = 1000; if (!$("trouble").hidden) anew(); return; }
  if (!$("trouble").hidden) anew();
  if (!filter.project) counts(message.states); else summary();
  const moved = new Map(message.jobs.map((job) => [job.handle, job]));
  for (const [number, page] of pages) pages.set(number, page.map((row) => movedRow(row, moved)));
  draw();
  if (message.new || filter.states.size || message.jobs.some((job) => job.state === "succeeded")) soon();
  if (open && moved.has(open)) details(open, false);
}

function movedRow(row, moved) {
  if (row.handle) return moved.has(row.handle) ? { ...row, ...moved.get(row.handle) } : row;
  let cells = null;
  for (const [type, cell] of Object.entries(row.cells)) {
    if (moved.has(cell.handle)) { cells = cells || { ...row.cells }; cells[type] = { ...cell, ...moved.get(cell.handle) }; }
  }
  return cells ? { ...row, cells } : row;
}

// What is on the screen is asked for again, at most once a second.
function soon() {
  if (stale) return;
  stale = setTimeout(async () => {
    stale = 0;
    const mine = epoch, first = Math.floor($("scroll").scrollTop / ROW / PAGE);
    const last = Math.floor(($("scroll").scrollTop / ROW + onScreen()) / PAGE);
    try {
      const found = await rowsFrom(first, Math.min(MOST_PAGES, last - first + 1));
      if (mine !== epoch) return;
      if (String(found.types || "") !== String(columns)) pages = new Map();
      take(found);
      for (const number of pages.keys()) if (number < first || number > last) pages.delete(number);
      head();
      draw();
    } catch (error) { failed(error, mine); }
  }, 1000);
}

// --- begin ---------------------------------------------------------------------------------------------------------

function begin() {
  if (!token) { knock(); return; }
  summary();
  anew();
  if (socket) socket.close(); else listen();
}

function onClick(event) {
  const cell = event.target.closest(".cell[data-at]");
  if (!cell) return;
  [here.row, here.column] = cell.dataset.at.split(":").map(Number);
  focusHere();
  if (cell.dataset.job) details(cell.dataset.job);
}

document.addEventListener("DOMContentLoaded", () => {
  readAddress();
  $("scroll").addEventListener("scroll", onScroll, { passive: true });
  $("rows").addEventListener("click", onClick);
  document.addEventListener("keydown", onKey);
  $("text").addEventListener("input", () => changed("text", $("text").value));
  for (const name of ["project", "sequence", "type", "user"]) $(name).addEventListener("change", () => changed(name, $(name).value));
  for (const view of ["shots", "jobs"]) $(`view-${view}`).addEventListener("click", () => show(view));
  $("clear").addEventListener("click", () => {
    Object.assign(filter, { text: "", project: "", sequence: "", type: "", user: "", states: new Set() });
    changed("text", "");
    summary();
  });
  $("help").addEventListener("click", () => showKeys($("keys").hidden));
  $("filters").addEventListener("submit", (event) => event.preventDefault());
  addEventListener("resize", () => draw());
  setInterval(() => { for (const one of shown.values()) one.row = null; draw(); }, 60000);
  begin();
});
