// Drawn down far enough, or pressed, the sheet on a phone closes.

const FAR = 120;
const STILL = 6;

/**
 * @param {HTMLElement} grip
 * @param {HTMLElement} sheet
 * @param {() => void} close
 */
export function draggable(grip, sheet, close) {
  /** @type {number | null} */
  let from = null;
  let moved = false;
  grip.addEventListener("pointerdown", (event) => {
    from = event.clientY;
    moved = false;
    grip.setPointerCapture(event.pointerId);
    sheet.style.pointerEvents = "none"; // else a frame of another process takes a mouse's moves
  });
  grip.addEventListener("pointermove", (event) => {
    if (from === null) return;
    moved ||= Math.abs(event.clientY - from) > STILL;
    sheet.style.translate = `0 ${Math.max(0, event.clientY - from)}px`;
  });
  for (const end of /** @type {const} */ (["pointerup", "pointercancel"])) {
    grip.addEventListener(end, (event) => {
      if (from !== null && event.clientY - from > FAR) close();
      from = null;
      sheet.style.translate = sheet.style.pointerEvents = "";
    });
  }
  grip.addEventListener("click", (event) => {
    if (!moved || !event.detail) close(); // let go of too early, it stays; a key's click has no detail
  });
}
