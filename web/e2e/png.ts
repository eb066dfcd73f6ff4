/** A screenshot with a palette of 256 colours: a third of its size, and no difference to the eye on screens of plain areas and text. */
import { crc32, deflateSync, inflateSync } from "node:zlib";

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** So many colours are kept as they are: those of areas and texts. The others share what is left. */
const EXACT = 96;
const COLORS = 256;

interface Pixels {
  width: number;
  height: number;
  /** Colours as 0xrrggbb, line by line. */
  colors: Uint32Array;
}

export function indexed(png: Buffer): Buffer {
  const { width, height, colors } = decode(png);
  const { palette, index } = quantize(colors);
  // Every line begins with its filter: none.
  const lines = Buffer.alloc((width + 1) * height);
  for (let at = 0; at < colors.length; at += 1)
    lines[at + Math.floor(at / width) + 1] = index.get(colors[at] ?? 0) ?? 0;
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 3, 0, 0, 0], 8);
  const table = Buffer.from(palette.flatMap((color) => [color >> 16, (color >> 8) & 255, color & 255]));
  const body = deflateSync(lines, { level: 9, memLevel: 9 });
  const parts = [chunk("IHDR", head), chunk("PLTE", table), chunk("IDAT", body), chunk("IEND", Buffer.alloc(0))];
  return Buffer.concat([SIGNATURE, ...parts]);
}

function chunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const framed = Buffer.alloc(named.length + 8);
  framed.writeUInt32BE(data.length, 0);
  named.copy(framed, 4);
  framed.writeUInt32BE(crc32(named), named.length + 4);
  return framed;
}

/** What Chromium writes: eight bits a channel, with or without transparency, not interlaced. */
function decode(png: Buffer): Pixels {
  const width = png.readUInt32BE(16);
  const height = png.readUInt32BE(20);
  const size = png[25] === 6 ? 4 : 3;
  const packed: Buffer[] = [];
  for (let at = 8; at < png.length; at += png.readUInt32BE(at) + 12)
    if (png.toString("latin1", at + 4, at + 8) === "IDAT")
      packed.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  const raw = inflateSync(Buffer.concat(packed));
  const length = width * size;
  const colors = new Uint32Array(width * height);
  let above: Buffer = Buffer.alloc(length);
  for (let y = 0; y < height; y += 1) {
    const from = y * (length + 1);
    const line = unfiltered(raw[from] ?? 0, raw.subarray(from + 1, from + 1 + length), above, size);
    for (let x = 0; x < width; x += 1) colors[y * width + x] = line.readUIntBE(x * size, 3);
    above = line;
  }
  return { width, height, colors };
}

function unfiltered(filter: number, line: Buffer, above: Buffer, size: number): Buffer {
  const plain = Buffer.from(line);
  for (let at = 0; at < plain.length; at += 1) {
    const a = plain[at - size] ?? 0;
    const b = above[at] ?? 0;
    const c = at < size ? 0 : (above[at - size] ?? 0);
    const guess = [0, a, b, (a + b) >> 1, paeth(a, b, c)][filter] ?? 0;
    plain[at] = ((line[at] ?? 0) + guess) & 255;
  }
  return plain;
}

function paeth(a: number, b: number, c: number): number {
  const [toA, toB, toC] = [Math.abs(b - c), Math.abs(a - c), Math.abs(a + b - 2 * c)];
  if (toA <= toB && toA <= toC) return a;
  return toB <= toC ? b : c;
}

/** The most frequent colours as they are, and the others by median cut. */
function quantize(colors: Uint32Array): { palette: number[]; index: Map<number, number> } {
  const counts = new Map<number, number>();
  for (const color of colors) counts.set(color, (counts.get(color) ?? 0) + 1);
  const all = [...counts.keys()].sort((one, other) => (counts.get(other) ?? 0) - (counts.get(one) ?? 0));
  const exact = all.length <= COLORS ? all : all.slice(0, EXACT);
  let boxes = all.length > exact.length ? [all.slice(exact.length)] : [];
  while (boxes.length > 0 && boxes.length < COLORS - exact.length) {
    const widest = boxes.reduce((one, other) => (spread(other).width > spread(one).width ? other : one));
    if (spread(widest).width === 0) break;
    const { shift } = spread(widest);
    const sorted = [...widest].sort((one, other) => ((one >> shift) & 255) - ((other >> shift) & 255));
    const half = sorted.length >> 1;
    boxes = [...boxes.filter((box) => box !== widest), sorted.slice(0, half), sorted.slice(half)];
  }
  const index = new Map(exact.map((color, at) => [color, at]));
  for (const [at, box] of boxes.entries()) for (const color of box) index.set(color, exact.length + at);
  return { palette: [...exact, ...boxes.map((box) => mean(box, counts))], index };
}

/** Along which channel a box reaches furthest, and how far. */
function spread(box: number[]): { width: number; shift: number } {
  return [16, 8, 0]
    .map((shift) => {
      let [least, most] = [255, 0];
      for (const color of box) {
        const value = (color >> shift) & 255;
        least = Math.min(least, value);
        most = Math.max(most, value);
      }
      return { width: most - least, shift };
    })
    .reduce((one, other) => (other.width > one.width ? other : one));
}

function mean(box: number[], counts: Map<number, number>): number {
  let total = 0;
  const sums = [0, 0, 0];
  for (const color of box) {
    const count = counts.get(color) ?? 0;
    total += count;
    for (const [at, shift] of [16, 8, 0].entries()) sums[at] = (sums[at] ?? 0) + count * ((color >> shift) & 255);
  }
  return sums.reduce((color, sum) => (color << 8) | Math.round(sum / total), 0);
}
