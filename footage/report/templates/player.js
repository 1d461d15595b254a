// The player: one clock that leads the side-by-side, or all cameras at once.

const SPEEDS = [0.25, 0.5, 1, 2, 4];
const LONGEST_WAIT = 3000; // milliseconds that all films wait for one that is not ready
const CORRECT_EVERY = 80; // milliseconds

class Player {
  constructor() {
    this.stage = byId("stage");
    this.moment = 0;
    this.playing = false;
    this.pending = 0; // when it was asked to play, while the films get ready
    this.speed = 1;
    this.focus = -1; // number of the camera that is shown large
    this.listeners = [];
    this.corrected = 0;
    const seen = () => this.refresh();
    this.sideBySide = sideBySideFilm(seen);
    this.cameras = null;
    this.tiles = [];
    this.mode = "";
    this.setMode(this.sideBySide ? "side-by-side" : "cameras");
    const turn = () => {
      this.tick();
      requestAnimationFrame(turn);
    };
    requestAnimationFrame(turn);
    setInterval(() => document.hidden && this.tick(), 500); // a page that is not seen has no frames
  }

  // --- what is shown ---

  setMode(mode) {
    if (mode === this.mode || (mode === "side-by-side" && !this.sideBySide)) return;
    const wasPlaying = this.playing || this.pending > 0;
    this.stop();
    for (const film of this.films) film.pause();
    this.mode = mode;
    if (mode === "cameras" && !this.cameras) {
      this.cameras = data.cameras.slice(0, 6).map((one) => cameraFilm(one, () => this.refresh()));
    }
    this.layOut();
    this.listen();
    this.jump(this.moment);
    if (wasPlaying) this.play();
  }

  layOut() {
    this.stage.replaceChildren();
    this.stage.dataset.mode = this.mode;
    if (this.mode === "side-by-side") {
      this.tiles = [this.tile("", this.sideBySide, null)];
    } else {
      this.tiles = data.cameras
        .slice(0, 6)
        .map((camera, number) => this.tile(camera.name, this.cameras[number], camera));
      this.stage.dataset.count = String(this.tiles.length);
    }
    this.tiles.forEach((tile) => this.stage.append(tile.box));
    this.showFocus();
  }

  tile(name, film, camera) {
    const box = element("div", "tile");
    const why = element("p", "why");
    if (film) box.append(film.video);
    box.append(why);
    if (name) box.append(element("span", "name", name));
    return { box, why, film, camera };
  }

  setFocus(number) {
    if (this.mode !== "cameras") this.setMode("cameras");
    if (number >= this.tiles.length) return;
    this.focus = this.focus === number ? -1 : number;
    this.showFocus();
    this.listen();
    this.refresh();
  }

  showFocus() {
    const one = this.mode === "cameras" && this.focus >= 0;
    this.stage.classList.toggle("focused", one);
    this.tiles.forEach((tile, number) => {
      tile.box.classList.toggle("large", one && number === this.focus);
    });
  }

  get films() {
    if (this.mode === "side-by-side") return [this.sideBySide];
    return this.cameras ? this.cameras.filter(Boolean) : [];
  }

  // The film by which frames are counted and stepped: the large one, else the first with a picture.
  get reference() {
    if (this.mode === "side-by-side") return this.sideBySide;
    const large = this.focus >= 0 ? this.cameras[this.focus] : null;
    if (large && pieceAt(large.pieces, this.moment)) return large;
    return this.films.find((film) => !film.problem && pieceAt(film.pieces, this.moment)) || null;
  }

  // --- sound: of one film at most ---

  listen() {
    const button = byId("sound");
    const heard = button !== null && button.getAttribute("aria-pressed") === "true";
    const films = this.films;
    let one = films[0];
    if (this.mode === "cameras") {
      const sounding = data.cameras.findIndex((camera) => camera.sound && camera.file);
      one = this.cameras[this.focus >= 0 ? this.focus : sounding] || null;
    }
    for (const film of films) film.video.muted = !(heard && film === one);
  }

  // --- the clock ---

  get pace() {
    return this.speed * data.pace;
  }

  now() {
    if (!this.playing) return this.moment;
    if (this.mode === "side-by-side" && !this.sideBySide.problem) return this.momentOfFilm();
    return this.anchor + ((performance.now() - this.anchored) / 1000) * this.pace;
  }

  // One film alone leads the clock itself, so that it need not be corrected.
  momentOfFilm() {
    const film = this.sideBySide;
    if (film.video.seeking) return this.moment;
    return momentOf(film.pieces[0], film.video.currentTime);
  }

  play() {
    if (this.playing || this.pending) return;
    if (this.moment >= data.seconds - 0.01) this.jump(0);
    this.pending = performance.now();
    this.refresh();
  }

  begin() {
    this.pending = 0;
    this.playing = true;
    this.anchor = this.moment;
    this.anchored = performance.now();
    this.corrected = 0;
    if (this.mode === "side-by-side") {
      this.sideBySide.video.playbackRate = clamp(this.speed, 0.0625, 16);
      this.sideBySide.start();
    }
    this.tick();
  }

  stop() {
    this.pending = 0;
    this.playing = false;
    this.films.forEach((film) => film.pause());
  }

  pause() {
    const moment = this.now();
    this.stop();
    this.jump(moment);
  }

  toggle() {
    if (this.playing || this.pending) this.pause();
    else this.play();
  }

  jump(moment) {
    const goOn = this.playing || this.pending > 0;
    this.stop();
    this.moment = clamp(moment, 0, Math.max(0, data.seconds - 0.001));
    this.films.forEach((film) => film.show(this.moment));
    if (goOn) this.play();
    this.refresh();
  }

  setSpeed(speed) {
    const goOn = this.playing;
    const moment = this.now();
    this.speed = speed;
    this.moment = clamp(moment, 0, data.seconds);
    if (goOn) this.begin();
    this.refresh();
  }

  changeSpeed(by) {
    const place = clamp(SPEEDS.indexOf(this.speed) + by, 0, SPEEDS.length - 1);
    this.setSpeed(SPEEDS[place]);
  }

  step(frames) {
    if (this.playing || this.pending) this.pause();
    const film = this.reference;
    const piece = film && pieceAt(film.pieces, this.moment);
    if (!piece) {
      this.jump(this.moment + frames / 30);
      return;
    }
    const frame = frameAt(piece, secondOf(piece, this.moment)) + frames;
    const moment = momentOf(piece, middleOf(piece, frame));
    const other = moment < piece.start ? piece.start - 1e-3 : piece.end + 1e-3;
    this.jump(moment >= piece.start && moment < piece.end ? moment : other);
  }

  tick() {
    const time = performance.now();
    if (this.pending) {
      const active = this.films.filter((film) => pieceAt(film.pieces, this.moment));
      if (active.every((film) => film.ready) || time - this.pending > LONGEST_WAIT) this.begin();
      return;
    }
    if (!this.playing) return;
    this.moment = this.now();
    if (this.moment >= data.seconds - 0.02) {
      this.stop();
      this.jump(data.seconds);
      return;
    }
    if (this.mode === "cameras") this.lead(time);
    this.refresh();
  }

  lead(time) {
    const due = time - this.corrected >= CORRECT_EVERY;
    if (due) this.corrected = time;
    for (const film of this.films) {
      const piece = pieceAt(film.pieces, this.moment);
      const begins = piece && film.video.paused;
      const ends = !film.video.paused && (!piece || film.video.currentTime >= piece.stop);
      if (due || begins || ends) film.follow(this.moment, this.pace);
    }
  }

  // --- for those who show where it is ---

  // What is shown: the moment at which its frame begins, the frame's number, the file.
  get position() {
    const film = this.reference;
    const piece = film && pieceAt(film.pieces, this.moment);
    if (!piece) return { moment: this.moment, frame: null, file: "", even: true };
    const frame = frameAt(piece, secondOf(piece, this.moment));
    const moment = momentOf(piece, piece.zero + frame / piece.rate);
    return { moment, frame: piece.frames + frame, file: film.file, even: piece.even };
  }

  refresh() {
    for (const tile of this.tiles) this.refreshTile(tile);
    for (const listener of this.listeners) listener(this);
  }

  refreshTile(tile) {
    const { film, camera } = tile;
    const dark = !film || film.problem || !pieceAt(film.pieces, this.moment);
    const text = dark ? this.whyDark(film, camera) : "";
    if (tile.why.textContent !== text) tile.why.textContent = text;
    tile.box.classList.toggle("dark", Boolean(dark));
  }

  whyDark(film, camera) {
    if (film && film.problem) return film.problem;
    const gap = camera && camera.gaps.find((one) => one[0] <= this.moment && this.moment < one[1]);
    if (gap) {
      const reason = gap[2] ? `: ${gap[2]}` : "";
      return `No footage from ${shortText(gap[0])} to ${shortText(gap[1])}${reason}`;
    }
    if (!film && camera) return camera.why;
    return "No footage at this moment.";
  }
}
