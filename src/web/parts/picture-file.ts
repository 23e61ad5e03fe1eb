import { AppError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';

/** Pixels a side. */
const side = 512;
const qualities = [0.85, 0.7, 0.5, 0.3];

/**
 * What is shown of a picture file: the square in its middle, drawn anew, so that nothing else of the file goes along (where
 * it was taken, with what). In base64, within the server's bounds. Throws AppError `invalid not_a_picture` for files that this
 * browser cannot draw.
 */
export async function squareOf(file: Blob): Promise<string> {
  const drawn = await createImageBitmap(file).catch(() => null);
  if (drawn === null || drawn.width === 0 || drawn.height === 0) throw new AppError('invalid', 'not_a_picture');
  try {
    for (const quality of qualities) {
      const blob = await drawSquare(drawn, quality);
      if (blob.size <= limits.avatarBytes) return await base64Of(blob);
    }
  } finally {
    drawn.close();
  }
  throw new AppError('too_large', 'picture_too_large');
}

async function drawSquare(picture: ImageBitmap, quality: number): Promise<Blob> {
  const from = Math.min(picture.width, picture.height);
  const to = Math.min(side, from);
  const canvas = document.createElement('canvas');
  canvas.width = to;
  canvas.height = to;
  const drawing = canvas.getContext('2d');
  if (drawing === null) throw new AppError('invalid', 'not_a_picture');
  drawing.imageSmoothingQuality = 'high';
  // Through JPEG transparency would become black.
  drawing.fillStyle = '#fff';
  drawing.fillRect(0, 0, to, to);
  drawing.drawImage(picture, (picture.width - from) / 2, (picture.height - from) / 2, from, from, 0, 0, to, to);
  const webp = await encoded(canvas, 'image/webp', quality);
  // Browsers that do not write WebP answer PNG instead.
  const blob = webp?.type === 'image/webp' ? webp : await encoded(canvas, 'image/jpeg', quality);
  if (blob === null) throw new AppError('invalid', 'not_a_picture');
  return blob;
}

function encoded(canvas: HTMLCanvasElement, type: string, quality: number): Promise<Blob | null> {
  return new Promise((resolve) => canvas.toBlob(resolve, type, quality));
}

async function base64Of(blob: Blob): Promise<string> {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}
