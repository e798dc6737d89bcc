// Drawn down far enough, the sheet on a phone closes.

const FAR = 120;

/**
 * @param {HTMLElement} grip
 * @param {HTMLElement} sheet
 * @param {() => void} close
 */
export function draggable(grip, sheet, close) {
  /** @type {number | null} */
  let from = null;
  grip.addEventListener("pointerdown", (event) => {
    from = event.clientY;
    grip.setPointerCapture(event.pointerId);
  });
  grip.addEventListener("pointermove", (event) => {
    if (from !== null) sheet.style.translate = `0 ${Math.max(0, event.clientY - from)}px`;
  });
  for (const end of /** @type {const} */ (["pointerup", "pointercancel"])) {
    grip.addEventListener(end, (event) => {
      if (from !== null && event.clientY - from > FAR) close();
      from = null;
      sheet.style.translate = "";
    });
  }
}
