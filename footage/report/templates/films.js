// The films: one <video> each, led by one clock.

const SEEK_FROM = 0.35; // seconds off the clock from which on a player is sent there
const HURRY = 0.3; // of its speed, at most, by which a player is quickened or slowed
const HURRY_HEARD = 0.08; // the same while it is heard
// Seconds off the clock from which on a player is led back, and until which. Between two of them it is
// left alone: each change of speed may disturb a player on a busy computer.
const OFF = 0.012;
const EVEN = 0.004;

const CODECS = { hevc: "HEVC (H.265)", h264: "H.264", av1: "AV1", mpeg4: "MPEG-4", vp9: "VP9" };

class Film {
  // places: the file, and where else it may be; sees: is called where something has changed
  constructor(name, file, codec, places, pieces, seen) {
    this.name = name;
    this.file = file;
    this.codec = codec;
    this.pieces = pieces;
    this.problem = "";
    this.led = false; // it is being led back to the clock
    this.places = [...places];
    this.seen = seen;
    this.video = element("video");
    this.video.muted = true;
    this.video.playsInline = true;
    this.video.preload = "auto";
    this.video.disablePictureInPicture = true;
    this.video.tabIndex = -1;
    this.video.setAttribute("aria-label", name);
    this.video.addEventListener("error", () => this.tryNext());
    this.video.addEventListener("loadedmetadata", () => {
      if (!this.video.videoWidth) this.tryNext();
    });
    this.tryNext();
  }

  tryNext() {
    const place = this.places.shift();
    if (place === undefined) {
      this.problem = this.problemText();
      this.seen();
      return;
    }
    this.video.src = place.split("/").map(encodeURIComponent).join("/");
  }

  problemText() {
    const codec = CODECS[this.codec] || this.codec;
    if (this.codec === "h264") {
      return `${this.file} cannot be played here. It has to be in the folder of this page; VLC (videolan.org) plays it as well.`;
    }
    return `This browser cannot play ${codec} video. VLC (videolan.org) can: open ${this.file} with it.`;
  }

  get ready() {
    return Boolean(this.problem) || (!this.video.seeking && this.video.readyState >= 3);
  }

  // Show the moment, standing still.
  show(moment) {
    const piece = pieceAt(this.pieces, moment) || pieceAfter(this.pieces, moment);
    this.pause();
    if (!piece || this.problem) return;
    const second = secondOf(piece, Math.max(moment, piece.start));
    this.seek(middleOf(piece, frameAt(piece, second)));
  }

  seek(second) {
    if (Math.abs(this.video.currentTime - second) > 1e-4) this.video.currentTime = second;
  }

  pause() {
    if (!this.video.paused) this.video.pause();
  }

  start() {
    const playing = this.video.play();
    if (playing) playing.catch(() => undefined); // stopped again before it had begun
  }

  // How far it is ahead of the clock, in seconds of the film; null where that cannot be said.
  ahead(moment) {
    const piece = pieceAt(this.pieces, moment);
    if (!piece || this.problem || this.video.seeking) return null;
    return this.video.currentTime - secondOf(piece, moment);
  }

  // Keep to the clock while it runs at `pace` seconds a second.
  follow(moment, pace) {
    const piece = pieceAt(this.pieces, moment);
    if (this.problem) return;
    if (!piece) {
      this.waitFor(pieceAfter(this.pieces, moment));
      return;
    }
    const own = piece.at + (moment - piece.start) / piece.factor;
    if (own > piece.stop - 0.5 / piece.rate) {
      this.pause(); // its last frame stands until the next clip begins
      return;
    }
    if (this.video.seeking) return;
    if (this.video.paused) {
      if (Math.abs(this.video.currentTime - own) > 0.5 / piece.rate) this.seek(own);
      this.start();
    }
    this.correct(own, piece, pace / piece.factor);
  }

  correct(own, piece, usual) {
    const off = this.video.currentTime - own;
    if (Math.abs(off) > Math.max(SEEK_FROM, 2 / piece.rate)) {
      this.video.currentTime = own + Math.min(0.05, 0.5 / piece.rate); // it takes a moment
      return;
    }
    const most = this.video.muted ? HURRY : HURRY_HEARD;
    this.led = Math.abs(off) > (this.led ? EVEN : OFF);
    const hurry = !this.led ? 0 : clamp(-off * 2.5, -most, most);
    const rate = clamp(usual * (1 + hurry), 0.0625, 16);
    if (Math.abs(rate - this.video.playbackRate) > 0.005 * rate) this.video.playbackRate = rate;
  }

  waitFor(piece) {
    this.pause();
    if (piece && !this.video.seeking) this.seek(middleOf(piece, frameAt(piece, piece.at)));
  }
}

function sideBySideFilm(seen) {
  const film = data.side_by_side;
  if (!film) return null;
  const end = data.seconds / film.pace;
  const [numerator, denominator] = film.rate;
  const piece = [0, data.seconds, 0, 0, end, film.pace, numerator, denominator, 0, true];
  const places = [film.file, `renderings/${film.file}`];
  return new Film("Side by side", film.file, film.codec, places, [pieceOf(piece)], seen);
}

function cameraFilm(camera, seen) {
  if (!camera.file) return null;
  const places = [camera.file, `merged/${camera.file}`];
  const pieces = camera.pieces.map(pieceOf);
  return new Film(camera.name, camera.file, camera.codec, places, pieces, seen);
}
