// The heat map by keyboard and by touch: arrow keys move from cell to cell, and what a cell is stands beside the map.
// Without this every cell is a link with a title, one after the other.
(() => {
  const map = () => document.querySelector(".map[data-spot]");
  const cellOf = (target) => target.closest?.(".map[data-spot] a[title]");
  let shown;

  const show = (cell) => {
    const spot = document.getElementById(map().dataset.spot);
    shown = cell;
    spot.textContent = cell.title;
    spot.hidden = false;
  };
  for (const kind of ["pointerover", "focusin"])
    document.addEventListener(kind, (event) => {
      const cell = cellOf(event.target);
      if (cell && event.pointerType !== "touch") show(cell);
    });

  // a finger has no hover: the first tap shows the cell, the second opens it
  document.addEventListener("click", (event) => {
    const cell = cellOf(event.target);
    if (!cell || !matchMedia("(hover: none)").matches || event.detail === 0 || cell === shown) return;
    event.preventDefault();
    show(cell);
  });

  // one stop of the Tab key instead of hundreds; where there are boxes to tick, each stays a stop
  const settle = () => {
    if (map() && !map().querySelector("input"))
      for (const link of map().querySelectorAll("a")) link.tabIndex = -1;
  };
  settle();
  const board = document.getElementById("board");
  if (board) new MutationObserver(settle).observe(board, { childList: true });

  const ways = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  document.addEventListener("keydown", (event) => {
    const way = ways[event.key];
    if (!way || event.altKey || event.ctrlKey || event.metaKey || !map()?.contains(event.target)) return;
    if (event.target.matches("input")) return;
    event.preventDefault();
    const rows = [...map().querySelectorAll("tr")];
    let place = event.target.closest("th, td");
    if (!place) return map().querySelector("tbody a")?.focus();
    let row = rows.indexOf(place.parentElement), column = place.cellIndex;
    for (;;) {
      row += way[0];
      column += way[1];
      place = rows[row]?.cells[column];
      if (!place) return;
      const link = place.querySelector("a");
      if (link) return link.focus();
    }
  });
})();
