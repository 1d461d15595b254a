// Buttons and keys.

const SECONDS_A_JUMP = 1;

function pressed(button, on) {
  button.setAttribute("aria-pressed", String(on));
}

class Controls {
  constructor(player) {
    this.player = player;
    this.buttons = {
      play: () => player.toggle(),
      back: () => player.jump(player.now() - SECONDS_A_JUMP),
      forward: () => player.jump(player.now() + SECONDS_A_JUMP),
      "frame-back": () => player.step(-1),
      "frame-forward": () => player.step(1),
      copy: () => this.copy(),
      sound: () => this.toggleSound(),
      together: () => player.setMode("side-by-side"),
      apart: () => player.setMode("cameras"),
    };
    for (const [id, action] of Object.entries(this.buttons)) this.wire(byId(id), action);
    this.wireSpeed();
    this.wireSlider();
    this.wireTiles();
    document.addEventListener("keydown", (event) => this.onKey(event));
    player.listeners.push(() => this.refresh());
    this.shown = 0;
    this.refresh();
  }

  wire(button, action) {
    if (!button) return;
    button.addEventListener("click", (event) => {
      action();
      if (event.detail) button.blur(); // clicked, not pressed by a key: the next key is the player's
    });
  }

  wireSpeed() {
    const select = byId("speed");
    select.addEventListener("change", () => this.player.setSpeed(Number(select.value)));
  }

  wireSlider() {
    const slider = byId("slider");
    slider.max = String(data.seconds);
    slider.addEventListener("input", () => this.player.jump(Number(slider.value)));
  }

  wireTiles() {
    const { stage } = this.player;
    stage.addEventListener("click", (event) => {
      const number = this.player.tiles.findIndex((tile) => tile.box.contains(event.target));
      if (this.player.mode === "cameras" && this.player.tiles.length > 1) {
        if (number >= 0) this.player.setFocus(number);
      } else this.player.toggle();
    });
  }

  toggleSound() {
    const button = byId("sound");
    pressed(button, button.getAttribute("aria-pressed") !== "true");
    this.player.listen();
  }

  // --- keys ---

  onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { target } = event;
    const typing = target.matches("input:not([type=range]), select, textarea");
    const onButton = event.key === " " && target.matches("button, summary, a");
    if (typing || onButton) return;
    const action = this.actionOf(event.key);
    if (!action) return;
    event.preventDefault();
    action();
  }

  actionOf(key) {
    const { player } = this;
    const count = player.mode === "cameras" || data.cameras.length ? data.cameras.length : 0;
    if (/^[1-6]$/.test(key) && Number(key) <= count) return () => player.setFocus(Number(key) - 1);
    const actions = {
      " ": this.buttons.play,
      ArrowLeft: this.buttons.back,
      ArrowRight: this.buttons.forward,
      ",": this.buttons["frame-back"],
      ".": this.buttons["frame-forward"],
      "[": () => player.changeSpeed(-1),
      "]": () => player.changeSpeed(1),
      c: this.buttons.copy,
    };
    return actions[key];
  }

  // --- what is shown ---

  refresh() {
    const { player } = this;
    const time = performance.now();
    if (player.playing && time - this.shown < 90) return;
    this.shown = time;
    const running = player.playing || player.pending > 0;
    const play = byId("play");
    play.classList.toggle("running", running);
    play.setAttribute("aria-label", running ? "Pause" : "Play");
    const { moment, frame, even } = player.position;
    byId("clock").textContent = clockText(moment);
    byId("frame").textContent = frame === null ? "no frame" : `${even ? "frame" : "about frame"} ${frame}`;
    byId("speed").value = String(player.speed);
    const slider = byId("slider");
    slider.value = String(player.moment);
    slider.setAttribute("aria-valuetext", clockText(moment));
    if (byId("together")) pressed(byId("together"), player.mode === "side-by-side");
    if (byId("apart")) pressed(byId("apart"), player.mode === "cameras");
  }

  // --- copying where it is ---

  positionText() {
    const { moment, frame, file, even } = this.player.position;
    if (frame === null) return `${clockText(moment)}, no footage`;
    return `${clockText(moment)}, ${even ? "" : "about "}frame ${frame}, ${file}`;
  }

  async copy() {
    const field = byId("copied");
    field.value = this.positionText();
    field.hidden = false;
    const said = byId("copy-said");
    said.textContent = (await copied(field)) ? "Copied:" : "To copy, press Ctrl+C (⌘C):";
  }
}

// Some browsers let no page from a folder at the clipboard; the text is selected then.
async function copied(field) {
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    field.focus();
    field.select();
    return false;
  }
}
