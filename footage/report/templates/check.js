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

// The hashes in the tables, by file name; of the page in a package, by the place in it.
function tableHashes() {
  const rows = [...document.querySelectorAll("tr.f")];
  return new Map(rows.map((row) => [row.dataset.place || row.querySelector(".n").textContent, row.querySelector(".h").textContent]));
}

// Adds the hashes of a list as sha256sum writes it. Returns whether all of its lines are such.
function addListHashes(text, found) {
  let good = true;
  for (const line of text.replace(/^\ufeff/, "").split(/\r?\n/)) {
    const match = /^([0-9a-f]{64}) [ *](.+)$/i.exec(line);
    if (match) found.set(match[2].normalize(), match[1].toLowerCase());
    else if (line) good = false;
  }
  return good;
}

// The files by name; of a package, by their places from its folder on, which begins above "data".
// Files that were chosen one by one have no places, so they get those of the tables and lists.
function byPlace(files, expected) {
  // Some disks take the accents in a name apart; normalized, they are together again.
  if (!data.names.package) return new Map(files.map((file) => [file.name.normalize(), file]));
  const pathOf = (file) => file.place || file.webkitRelativePath || file.name;
  const paths = files.map((file) => pathOf(file).normalize());
  const ends = `/${data.names.page}`;
  const page = paths.map((path) => `/${path}`).filter((path) => path.endsWith(ends));
  const root = page.length ? Math.min(...page.map((path) => path.length - ends.length)) : 0;
  const places = new Map([...expected].map((place) => [place.split("/").pop(), place]));
  const placeOf = (path) => (path.includes("/") ? path.slice(root) : places.get(path) || path);
  return new Map(files.map((file, number) => [placeOf(paths[number]), file]));
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
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    file.place = entry.fullPath.slice(1);
    files.push(file);
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return;
    for (const one of some) await addFiles(one, files);
  }
}

// The lists of hashes among the files, each with the hashes in it.
async function listsIn(byName) {
  const found = new Map();
  for (const [name, file] of byName) {
    if (!/^SHA256SUMS_.*\.txt$/i.test(name)) continue;
    const hashes = new Map();
    addListHashes(await file.text(), hashes);
    found.set(name, hashes);
  }
  return found;
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
    const { package: ofPackage, page } = data.names;
    const written = ofPackage ? ofPackage.written : [];
    const known = new Set([...this.expected.keys(), ...written, page]);
    const byName = byPlace(files, ofPackage ? [...known, ...ofPackage.lists] : []);
    const found = { same: [], changed: [], missing: [], surplus: [], differs: [], garbled: [] };
    const others = ofPackage ? new Map() : await listsIn(byName);
    // Of several jobs in one folder each has a list; that of this page has the page in it.
    const own = [...others.keys()].find((name) => others.get(name).has(ownName()));
    const lists = ofPackage ? ofPackage.lists : [own || data.names.list];
    found.list = lists[0];
    found.listed = byName.has(found.list) ? new Map() : null;
    for (const name of lists) {
      const text = byName.has(name) ? await byName.get(name).text() : "";
      if (!addListHashes(text, found.listed || new Map())) found.garbled.push(name);
    }
    const { listed } = found;
    const expected = new Map([...(listed || []), ...this.expected]);
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
    const needed = ofPackage && listed ? [...expected.keys(), ...lists] : [...expected.keys()];
    found.missing = [...new Set(needed)].filter((name) => !byName.has(name));
    const listedElsewhere = [...others].flatMap(([name, hashes]) => [name, ...hashes.keys()]);
    for (const name of [...expected.keys(), ...lists, ...listedElsewhere]) known.add(name);
    if (!ofPackage) known.add(ownName());
    const isSurplus = (name) => !known.has(name) && (ofPackage ? listed : isOfThisJob(name));
    found.surplus = [...byName.keys()].filter(isSurplus);
    if (listed) {
      found.differs = [...this.expected].filter(([name, hash]) => listed.get(name) !== hash);
    }
    return found;
  }

  show(found) {
    const lines = [];
    const add = (kind, text) => lines.push(element("li", kind, text));
    const { changed, missing, surplus, differs, garbled } = found;
    const bad = [changed, missing, surplus, differs, garbled].some((names) => names.length);
    const files = found.same.length === 1 ? "file is" : "files are";
    if (bad) add("bad", "Not all files are as they are listed here.");
    add(bad ? "plain" : "good", `${found.same.length} ${files} as listed, byte for byte.`);
    for (const name of found.changed) add("bad", `Changed: ${name}`);
    for (const name of found.missing) add("bad", `Missing: ${name}`);
    for (const name of found.surplus) {
      const why = data.names.package ? "" : " has a name of this job, and";
      add("bad", `Surplus: ${name}${why} is in no list here`);
    }
    for (const [name] of found.differs) {
      add("bad", `${found.list} and this page do not say the same of ${name}`);
    }
    for (const name of garbled) add("bad", `${name} has a line that is no hash and name`);
    add("plain", this.aboutThePage(found));
    byId("check-said").replaceChildren(...lines);
  }

  aboutThePage(found) {
    const { list } = found;
    const itself = "This page cannot hold its own hash.";
    if (!found.listed) return `${itself} It stands in ${list}, which was not among the files.`;
    if (![data.names.page, ownName()].some((name) => found.listed.has(name))) {
      return `${itself} ${list} does not have it either.`;
    }
    return `${itself} It was compared by ${list}.`;
  }
}

function ownName() {
  return decodeURIComponent(location.pathname.split("/").pop()).normalize();
}
