// The wall clock, and which second of which film shows a moment of it.
// All moments are in seconds after the beginning of the asked time.

const data = JSON.parse(document.getElementById("data").textContent);

function byId(id) {
  return document.getElementById(id);
}

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function clamp(value, least, most) {
  return Math.min(Math.max(value, least), most);
}

function padded(number, digits) {
  return String(number).padStart(digits, "0");
}

function zoneAt(moment) {
  let zone = data.zones[0];
  for (const one of data.zones) if (one[0] <= moment) zone = one;
  return { offset: zone[1], name: zone[2] };
}

// "13:33:07.267 CDT"; with the date where the job is of several days.
function clockText(moment) {
  const zone = zoneAt(moment);
  const milliseconds = Math.round(data.start + moment * 1000) + zone.offset * 60000;
  const [date, time] = new Date(milliseconds).toISOString().slice(0, -1).split("T");
  const [year, month, day] = date.split("-");
  const dated = data.several_days ? `${month}/${day}/${year} ` : "";
  return `${dated}${time} ${zone.name}`;
}

// To the nearest second, as in the rest of the page.
function shortText(moment) {
  return clockText(moment + 0.5).replace(/\.\d+ .*$/, "");
}

function lengthText(seconds) {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${padded(whole % 60, 2)}`;
}

// A piece of a film: see Piece in footage/report/players.py.
function pieceOf(values) {
  const [start, end, at, zero, stop, factor, numerator, denominator, frames, even] = values;
  return { start, end, at, zero, stop, factor, rate: numerator / denominator, frames, even };
}

// The last of the pieces that begins at or before a moment; undefined where there is none.
function lastBegun(pieces, moment) {
  let low = 0;
  let high = pieces.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (pieces[middle].start <= moment) low = middle + 1;
    else high = middle;
  }
  return pieces[low - 1];
}

function pieceAt(pieces, moment) {
  const piece = lastBegun(pieces, moment);
  return piece && moment < piece.end ? piece : null;
}

function pieceAfter(pieces, moment) {
  return pieces.find((piece) => piece.start > moment) || null;
}

// The second of the film; within the clip's own, also where a short hole is bridged.
function secondOf(piece, moment) {
  const second = piece.at + (moment - piece.start) / piece.factor;
  return clamp(second, piece.zero, piece.stop - 0.5 / piece.rate);
}

function momentOf(piece, second) {
  return piece.start + (second - piece.at) * piece.factor;
}

// The number of the frame within its clip that is shown at a second of the film.
function frameAt(piece, second) {
  return Math.floor((second - piece.zero) * piece.rate + 1e-4);
}

// The middle of that frame: where a player that is sent there shows it for sure.
function middleOf(piece, frame) {
  return piece.zero + (frame + 0.5) / piece.rate;
}
