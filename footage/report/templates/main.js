// All of it together.

function start() {
  document.documentElement.classList.add("scripted");
  new FolderCheck();
  addEventListener("beforeprint", () => {
    for (const more of document.querySelectorAll(".findings details")) more.open = true;
  });
  if (!byId("stage")) return;
  const player = new Player();
  new Controls(player);
  new Charts(player);
  window.footageReport = Object.freeze({
    // For tests and for those who look behind the page: where each player is, and should be.
    state: () => ({
      moment: player.now(),
      mode: player.mode,
      playing: player.playing,
      speed: player.speed,
      position: player.position,
      films: player.films.map((film) => ({
        file: film.file,
        second: film.video.currentTime,
        ahead: film.ahead(player.now()),
        seeking: film.video.seeking,
        paused: film.video.paused,
        problem: film.problem,
        rate: (pieceAt(film.pieces, player.moment) || {}).rate || 0,
      })),
    }),
    sha256: (bytes) => new Sha256().update(bytes).hex(),
    hashByPieces,
  });
}

start();
