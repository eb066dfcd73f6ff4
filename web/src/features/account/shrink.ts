/** A photo as the account wants it: its middle, small enough to be taken. The server draws it anew in any case. */

const SIDE = 512;

/** The largest square in the middle. */
export function middleOf(width: number, height: number): { left: number; top: number; side: number } {
  const side = Math.min(width, height);
  return { left: Math.floor((width - side) / 2), top: Math.floor((height - side) / 2), side };
}

/** A file that is no picture the browser knows is sent as it is: the server says what is wrong with it. */
export async function shrunk(file: File): Promise<Blob> {
  const picture = await createImageBitmap(file).catch(() => undefined);
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d");
  if (!picture || !pen) return file;
  const { left, top, side } = middleOf(picture.width, picture.height);
  canvas.width = canvas.height = Math.min(SIDE, side);
  pen.drawImage(picture, left, top, side, side, 0, 0, canvas.width, canvas.height);
  picture.close();
  return new Promise((resolve) => canvas.toBlob((blob) => resolve(blob ?? file), "image/webp", 0.9));
}
