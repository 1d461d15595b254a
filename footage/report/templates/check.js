// The page checks its own folder: each file's SHA-256 against the one that stands in the tables.

const WHOLE_UP_TO = 64 << 20; // bytes; larger files are read piece by piece
const PIECE = 8 << 20;

async function hashOf(file, progress) {
  if (file.size <= WHOLE_UP_TO && globalThis.crypto && crypto.subtle) {
    const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
    progress(file.size);
    return Array.from(new Uint8Array(digest), (byte) => padded(byte.toString(16), 2)).join("");
  }
  return hashByPieces(file, progress);
}

async function hashByPieces(file, progress) {
  const hash = new Sha256();
  for (let at = 0; at < file.size; at += PIECE) {
    const piece = new Uint8Array(await file.slice(at, at + PIECE).arrayBuffer());
    hash.update(piece);
    progress(piece.length);
  }
  return hash.hex();
}

// The hashes in the tables, by file name.
function tableHashes() {
  const rows = [...document.querySelectorAll("tr.f")];
  return new Map(
    rows.map((row) => [row.querySelector(".n").textContent, row.querySelector(".h").textContent]),
  );
}

// The hashes of a list as sha256sum writes it.
function listHashes(text) {
  const found = new Map();
  for (const line of text.replace(/^\ufeff/, "").split(/\r?\n/)) {
    const match = /^([0-9a-f]{64}) [ *](.+)$/i.exec(line);
    if (match) found.set(match[2], match[1].toLowerCase());
  }
  return found;
}

// Whether a name is one that a file of this job could have: its vehicle, and a moment of its time.
function isOfThisJob(name) {
  const at = name.indexOf(data.names.vehicle);
  if (at < 0) return false;
  const moment = name.slice(at + data.names.vehicle.length).slice(0, 19);
  if (!/^\d{4}(-\d\d){2}_\d\d(-\d\d){2}$/.test(moment)) return false;
  const { first, last } = data.names;
  return moment >= first && (moment < last || moment === first);
}

async function filesOfDrop(items) {
  const entries = [...items].map((item) => item.webkitGetAsEntry && item.webkitGetAsEntry());
  const files = [];
  for (const entry of entries) if (entry) await addFiles(entry, files);
  return files;
}

async function addFiles(entry, files) {
  if (entry.isFile) {
    files.push(await new Promise((resolve, reject) => entry.file(resolve, reject)));
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return;
    for (const one of some) await addFiles(one, files);
  }
}

class FolderCheck {
  constructor() {
    this.expected = tableHashes();
    for (const id of ["folder", "files"]) {
      const input = byId(id);
      input.addEventListener("change", () => this.check([...input.files]));
    }
    const area = byId("drop");
    area.addEventListener("dragover", (event) => event.preventDefault());
    area.addEventListener("drop", async (event) => {
      event.preventDefault();
      this.check(await filesOfDrop(event.dataTransfer.items));
    });
  }

  async check(files) {
    if (this.busy || !files.length) return;
    this.busy = true;
    const bar = byId("check-bar");
    bar.hidden = false;
    try {
      this.show(await this.compare(files, bar));
    } catch (error) {
      this.say("bad", `The files could not be read: ${error.message}`);
    }
    bar.hidden = true;
    this.busy = false;
  }

  say(kind, text) {
    const line = element("li", kind, text);
    byId("check-said").replaceChildren(line);
  }

  async compare(files, bar) {
    const byName = new Map(files.map((file) => [file.name, file]));
    const list = byName.get(data.names.list);
    const listed = list ? listHashes(await list.text()) : null;
    const expected = new Map([...(listed || []), ...this.expected]);
    const found = { same: [], changed: [], missing: [], surplus: [], differs: [], listed };
    const toRead = [...expected.keys()].filter((name) => byName.has(name));
    const total = toRead.reduce((sum, name) => sum + byName.get(name).size, 0);
    let read = 0;
    for (const name of toRead) {
      this.say("busy", `Reading ${name} …`);
      const hash = await hashOf(byName.get(name), (bytes) => {
        read += bytes;
        bar.value = total ? read / total : 1;
      });
      found[hash === expected.get(name) ? "same" : "changed"].push(name);
    }
    found.missing = [...expected.keys()].filter((name) => !byName.has(name));
    const known = new Set([...expected.keys(), data.names.list, data.names.page, ownName()]);
    found.surplus = [...byName.keys()].filter((name) => !known.has(name) && isOfThisJob(name));
    if (listed) {
      found.differs = [...this.expected].filter(([name, hash]) => listed.get(name) !== hash);
    }
    return found;
  }

  show(found) {
    const lines = [];
    const add = (kind, text) => lines.push(element("li", kind, text));
    const bad = found.changed.length + found.missing.length + found.surplus.length + found.differs.length;
    const files = found.same.length === 1 ? "file is" : "files are";
    if (bad) add("bad", "Not all files are as they are listed here.");
    add(bad ? "plain" : "good", `${found.same.length} ${files} as listed, byte for byte.`);
    for (const name of found.changed) add("bad", `Changed: ${name}`);
    for (const name of found.missing) add("bad", `Missing: ${name}`);
    for (const name of found.surplus) {
      add("bad", `Surplus: ${name} has a name of this job, and is in no list here`);
    }
    for (const [name] of found.differs) {
      add("bad", `${data.names.list} and this page do not say the same of ${name}`);
    }
    add("plain", this.aboutThePage(found));
    byId("check-said").replaceChildren(...lines);
  }

  aboutThePage(found) {
    const { list } = data.names;
    const itself = "This page cannot hold its own hash.";
    if (!found.listed) return `${itself} It stands in ${list}, which was not among the files.`;
    if (![data.names.page, ownName()].some((name) => found.listed.has(name))) {
      return `${itself} ${list} does not have it either.`;
    }
    return `${itself} It was compared by ${list}.`;
  }
}

function ownName() {
  return decodeURIComponent(location.pathname.split("/").pop());
}
