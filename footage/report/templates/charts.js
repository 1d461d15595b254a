// The cursor in bars, speed line and track, and what the vehicle measured at the moment shown.

const LONGEST_HOLE = 10; // seconds between two readings; between two further apart nothing is known
const COMPASS = ["N", "NE", "E", "SE", "S", "SW", "W", "NW"];
const SLOWEST_HEADING = 1; // metres a second

// What was measured at a moment, as footage/telemetry/interpolation.py has it; null where unknown.
function readingAt(moment) {
  for (const run of data.track) {
    if (moment < run[0][0] || moment > run[run.length - 1][0]) continue;
    const after = run.findIndex((one) => one[0] >= moment);
    const [later, earlier] = [run[after], run[Math.max(0, after - 1)]];
    if (later[0] === moment || after === 0) return later;
    return between(earlier, later, (moment - earlier[0]) / (later[0] - earlier[0]));
  }
  return null;
}

function between(earlier, later, share) {
  const turn = (from, to) => ((to - from + 540) % 360) - 180;
  const mixed = (from, to) => (from === null || to === null ? null : from + (to - from) * share);
  const turned = (from, to) =>
    from === null || to === null ? null : (from + turn(from, to) * share + 360) % 360;
  const longitude = earlier[2] + turn(earlier[2], later[2]) * share;
  return [
    mixed(earlier[0], later[0]),
    mixed(earlier[1], later[1]),
    ((longitude + 540) % 360) - 180,
    mixed(earlier[3], later[3]),
    turned(earlier[4], later[4]),
  ];
}

function placeAt(moment) {
  let place = "";
  for (const [begins, text] of data.places) if (begins <= moment) place = text;
  return place;
}

function motionText(reading) {
  if (!reading) return "No GPS at this moment";
  const [, , , speed, heading] = reading;
  const parts = [speed === null ? "speed unknown" : `${Math.round(speed * data.factor)} ${data.unit}`];
  if (heading !== null && (speed === null || speed >= SLOWEST_HEADING)) {
    parts.push(`${COMPASS[Math.floor((heading + 22.5) / 45) % 8]} (${Math.round(heading) % 360}°)`);
  }
  return parts.join(" ");
}

class Charts {
  constructor(player) {
    this.player = player;
    this.cursors = [];
    for (const plot of document.querySelectorAll(".plot")) this.wirePlot(plot);
    this.wireTrack();
    this.shown = 0;
    player.listeners.push(() => this.refresh());
    this.refresh();
  }

  wirePlot(plot) {
    const cursor = element("div", "cursor");
    plot.append(cursor);
    this.cursors.push(cursor);
    const jump = (event) => {
      const box = plot.getBoundingClientRect();
      this.player.jump(clamp((event.clientX - box.left) / box.width, 0, 1) * data.seconds);
    };
    plot.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      plot.setPointerCapture(event.pointerId);
      jump(event);
    });
    plot.addEventListener("pointermove", (event) => {
      if (plot.hasPointerCapture(event.pointerId)) jump(event);
    });
  }

  wireTrack() {
    this.map = byId("track-map");
    if (!this.map) return;
    this.map.addEventListener("click", (event) => {
      const point = new DOMPoint(event.clientX, event.clientY);
      const { x, y } = point.matrixTransform(this.map.getScreenCTM().inverse());
      let nearest = null;
      let least = Infinity;
      for (const reading of data.track.flat()) {
        const [px, py] = placed(reading);
        const distance = Math.hypot(px - x, py - y);
        if (distance < least) [nearest, least] = [reading, distance];
      }
      if (nearest) this.player.jump(nearest[0]);
    });
  }

  refresh() {
    const time = performance.now();
    if (this.player.playing && time - this.shown < 90) return;
    this.shown = time;
    const { moment } = this.player;
    const percent = `${(100 * moment) / Math.max(data.seconds, 1e-9)}%`;
    for (const cursor of this.cursors) cursor.style.left = percent;
    if (!byId("motion")) return;
    const reading = readingAt(moment);
    byId("motion").textContent = motionText(reading);
    byId("place").textContent = reading
      ? [`${reading[1].toFixed(5)}, ${reading[2].toFixed(5)}`, placeAt(moment)].filter(Boolean).join(" · ")
      : "";
    this.refreshTrack(reading);
  }

  refreshTrack(reading) {
    const here = byId("track-here");
    if (!here) return;
    here.classList.toggle("off", !reading);
    byId("track-text").textContent = reading
      ? `${reading[1].toFixed(5)}, ${reading[2].toFixed(5)}`
      : "not known at this moment";
    if (!reading) return;
    const [x, y] = placed(reading);
    here.setAttribute("transform", `translate(${x} ${y})`);
    const arrow = byId("track-arrow");
    const heading = reading[4];
    arrow.classList.toggle("off", heading === null);
    if (heading !== null) arrow.setAttribute("transform", `rotate(${heading})`);
  }
}

// Where a reading is on the map: see Projection in footage/report/charts.py.
function placed(reading) {
  const [x0, dx, y0, dy, east] = data.projection;
  const longitude = east + ((((reading[2] - east + 180) % 360) + 360) % 360) - 180;
  return [x0 + dx * longitude, y0 + dy * reading[1]];
}
