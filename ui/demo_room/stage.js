// The made-up stream: a host, a table, the item on air. Drawn, so that nothing has to be fetched.

const WIDTH = 540;
const HEIGHT = 760;
const FRAME_MS = 33;

/** @typedef {{x: number, y: number, age: number, drift: number}} Heart */

export class Stage {
  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    const ratio = Math.min(2, devicePixelRatio);
    canvas.width = WIDTH * ratio;
    canvas.height = HEIGHT * ratio;
    const context = canvas.getContext("2d");
    if (!context) throw new Error("no 2d canvas");
    this.draw = context;
    this.draw.scale(ratio, ratio);
    this.item = new Image();
    this.shownAt = 0;
    /** @type {Heart[]} */
    this.hearts = [];
    this.talking = 0;
    this.drawn = 0;
    this.still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.item.addEventListener("load", () => {
      this.shownAt = performance.now();
      if (this.still) this.paint(this.shownAt + 1000);
    });
    this.frame = this.frame.bind(this);
    if (this.still) this.paint(performance.now());
    else requestAnimationFrame(this.frame);
  }

  /** @param {string} url of a picture */
  show(url) {
    if (url && !this.item.src.endsWith(url)) this.item.src = url;
  }

  /** @param {number} milliseconds the host speaks for */
  speak(milliseconds) {
    this.talking = performance.now() + milliseconds;
  }

  heart() {
    if (!this.still && this.hearts.length < 24) {
      this.hearts.push({ x: WIDTH - 48, y: HEIGHT - 90, age: 0, drift: Math.random() * 2 - 1 });
    }
  }

  /** @param {number} now */
  frame(now) {
    requestAnimationFrame(this.frame);
    if (now - this.drawn < FRAME_MS || document.hidden) return;
    this.drawn = now;
    this.paint(now);
  }

  /** @param {number} now milliseconds */
  paint(now) {
    const { draw } = this;
    const t = this.still ? 0 : now / 1000;
    const wall = draw.createLinearGradient(0, 0, 0, HEIGHT);
    wall.addColorStop(0, "#39313f");
    wall.addColorStop(0.62, "#6d4d5c");
    wall.addColorStop(1, "#4a3644");
    draw.fillStyle = wall;
    draw.fillRect(0, 0, WIDTH, HEIGHT);
    this.lights(t);
    this.shelf();
    this.host(t, now < this.talking);
    this.table();
    this.product(now);
    this.float();
  }

  /** @param {number} t seconds */
  lights(t) {
    const { draw } = this;
    for (const [x, y, r, shift] of [[90, 150, 120, 0], [450, 110, 150, 2], [270, 60, 110, 4]]) {
      const glow = draw.createRadialGradient(x, y, 0, x, y, r);
      glow.addColorStop(0, `rgba(255, 214, 190, ${0.26 + 0.06 * Math.sin(t * 0.8 + shift)})`);
      glow.addColorStop(1, "rgba(255, 214, 190, 0)");
      draw.fillStyle = glow;
      draw.fillRect(x - r, y - r, 2 * r, 2 * r);
    }
  }

  shelf() {
    const { draw } = this;
    draw.fillStyle = "rgba(30, 22, 30, 0.35)";
    for (const y of [190, 320]) draw.fillRect(0, y, WIDTH, 8);
    const things = [[36, 190, 34, 62], [86, 190, 48, 40], [420, 190, 40, 70], [474, 190, 36, 48],
                    [30, 320, 56, 54], [440, 320, 62, 66], [104, 320, 28, 76]];
    things.forEach(([x, y, w, h], place) => {
      draw.fillStyle = `hsl(${340 + place * 12} 22% ${46 + (place % 3) * 7}% / 0.5)`;
      round(draw, x, y - h, w, h, 8);
    });
  }

  /** @param {number} t @param {boolean} talking */
  host(t, talking) {
    const { draw } = this;
    const sway = Math.sin(t * 0.9) * 5;
    const breath = Math.sin(t * 1.8) * 2;
    draw.save();
    draw.translate(WIDTH / 2 + sway, 0);
    draw.fillStyle = "#efe4dc"; // jacket
    draw.beginPath();
    draw.moveTo(-150, 640);
    draw.bezierCurveTo(-150, 470 + breath, -95, 440 + breath, 0, 432 + breath);
    draw.bezierCurveTo(95, 440 + breath, 150, 470 + breath, 150, 640);
    draw.fill();
    draw.fillStyle = "#c2255c";
    draw.beginPath();
    draw.moveTo(-34, 440 + breath);
    draw.lineTo(0, 530);
    draw.lineTo(34, 440 + breath);
    draw.fill();
    draw.fillStyle = "#e2b394";
    round(draw, -24, 380, 48, 74, 20); // neck
    draw.fillStyle = "#2b2027"; // hair
    draw.beginPath();
    draw.ellipse(0, 300, 90, 104, 0, 0, Math.PI * 2);
    draw.fill();
    round(draw, -90, 300, 44, 124, 22);
    round(draw, 46, 300, 44, 124, 22);
    draw.fillStyle = "#f0c7a8"; // face
    draw.beginPath();
    draw.ellipse(0, 318, 66, 80, 0, 0, Math.PI * 2);
    draw.fill();
    draw.fillStyle = "#2b2027";
    draw.beginPath();
    draw.ellipse(0, 250, 72, 34, 0, Math.PI, Math.PI * 2);
    draw.fill();
    const blink = t % 4.2 > 4.05 ? 1 : 7;
    for (const x of [-25, 25]) {
      draw.beginPath();
      draw.ellipse(x, 316, 6, blink, 0, 0, Math.PI * 2);
      draw.fill();
    }
    draw.fillStyle = "rgba(226, 120, 120, 0.35)";
    for (const x of [-40, 40]) {
      draw.beginPath();
      draw.ellipse(x, 342, 12, 7, 0, 0, Math.PI * 2);
      draw.fill();
    }
    draw.fillStyle = draw.strokeStyle = "#a3343f";
    draw.lineWidth = 5;
    draw.lineCap = "round";
    draw.beginPath();
    if (talking) {
      draw.ellipse(0, 360, 14, 4 + 6 * Math.abs(Math.sin(t * 9)), 0, 0, Math.PI * 2);
      draw.fill();
    } else {
      draw.arc(0, 346, 18, 0.2 * Math.PI, 0.8 * Math.PI);
      draw.stroke();
    }
    draw.strokeStyle = "#efe4dc"; // an arm that shows the item
    draw.lineWidth = 46;
    draw.lineCap = "round";
    draw.beginPath();
    draw.moveTo(118, 540);
    draw.quadraticCurveTo(170, 600, 120 + Math.sin(t * 1.3) * 6, 640);
    draw.stroke();
    draw.restore();
  }

  table() {
    const { draw } = this;
    const top = draw.createLinearGradient(0, 620, 0, HEIGHT);
    top.addColorStop(0, "#d9b99b");
    top.addColorStop(1, "#a67f62");
    draw.fillStyle = top;
    draw.fillRect(0, 628, WIDTH, HEIGHT - 628);
    draw.fillStyle = "rgba(255, 255, 255, 0.25)";
    draw.fillRect(0, 628, WIDTH, 3);
  }

  /** @param {number} now */
  product(now) {
    if (!this.item.complete || !this.item.naturalWidth) return;
    const { draw } = this;
    const grown = Math.max(0, Math.min(1, (now - this.shownAt) / 420));
    const size = 190 * (1 - (1 - grown) ** 3);
    draw.save();
    draw.beginPath();
    draw.ellipse(WIDTH / 2 - 60, 616, size / 2, size / 2, 0, 0, Math.PI * 2);
    draw.fillStyle = "rgba(0, 0, 0, 0.18)";
    draw.fill();
    draw.clip();
    draw.drawImage(this.item, WIDTH / 2 - 60 - size / 2, 616 - size / 2, size, size);
    draw.restore();
  }

  float() {
    const { draw } = this;
    this.hearts = this.hearts.filter((heart) => heart.age < 90);
    for (const heart of this.hearts) {
      heart.age += 1;
      heart.y -= 3.4;
      const x = heart.x + Math.sin(heart.age / 9 + heart.drift * 3) * 14;
      draw.fillStyle = `rgba(255, 99, 140, ${0.9 * (1 - heart.age / 90)})`;
      draw.beginPath();
      draw.moveTo(x, heart.y + 6);
      draw.bezierCurveTo(x - 16, heart.y - 8, x - 8, heart.y - 18, x, heart.y - 8);
      draw.bezierCurveTo(x + 8, heart.y - 18, x + 16, heart.y - 8, x, heart.y + 6);
      draw.fill();
    }
  }
}

/**
 * @param {CanvasRenderingContext2D} draw
 * @param {number} x @param {number} y @param {number} w @param {number} h @param {number} r
 */
function round(draw, x, y, w, h, r) {
  draw.beginPath();
  draw.roundRect(x, y, w, h, r);
  draw.fill();
}
