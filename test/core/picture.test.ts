import { describe, expect, it } from 'vitest';
import { readPicture } from '../../src/core/picture.ts';
import { limits } from '../../src/protocol/limits.ts';
import { movingWebp, pictureFiles, widePng, withBytes } from '../support/picture-files.ts';

const bytesOf = (base64: string) => new Uint8Array(Buffer.from(base64, 'base64'));
const says = (base64: string) => Buffer.from(readPicture(base64).content).toString('latin1');
const ascii = (text: string) => Buffer.from(text, 'latin1');

/** A chunk of a PNG file, with a checksum that nobody looks at. */
function pngChunk(name: string, content: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  return Buffer.concat([length, ascii(name + content), Buffer.alloc(4)]);
}

function riffChunk(name: string, content: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(content.length);
  return Buffer.concat([ascii(name), length, ascii(content)]);
}

const behindPngHead = 33;
const behindExtendedHead = 30;

describe('a picture', () => {
  it.each(Object.entries(pictureFiles))('of kind %s is taken as it is', (kind, base64) => {
    const { type, content } = readPicture(base64);
    expect(type).toBe(`image/${kind.toLowerCase().replace(/^.*(?=webp|jpeg|png)/, '')}`);
    expect(content).toEqual(bytesOf(base64));
  });

  it('does not say where it was taken', () => {
    const exif = ascii('\xff\xe1\x00\x10Exif\0\0secretXY');
    const comment = ascii('\xff\xfe\x00\x08secret');
    expect(says(withBytes(pictureFiles.jpeg, 2, Buffer.concat([exif, comment])))).not.toContain('secret');
    expect(readPicture(withBytes(pictureFiles.jpeg, 2, exif)).content).toEqual(bytesOf(pictureFiles.jpeg));

    for (const name of ['eXIf', 'tEXt', 'iTXt', 'zTXt', 'prVt']) {
      const file = withBytes(pictureFiles.png, behindPngHead, pngChunk(name, 'secret'));
      expect(readPicture(file).content).toEqual(bytesOf(pictureFiles.png));
    }

    const behind = withBytes(pictureFiles.alphaWebp, 102, riffChunk('EXIF', 'secret'));
    expect(says(behind)).not.toContain('secret');
    const before = withBytes(pictureFiles.alphaWebp, behindExtendedHead, riffChunk('XMP ', 'secret'));
    expect(readPicture(before).content).toEqual(bytesOf(pictureFiles.alphaWebp));
  });

  it.each(Object.entries(pictureFiles))('of kind %s carries nothing behind its end', (_kind, base64) => {
    const file = Buffer.concat([bytesOf(base64), ascii('<script>')]).toString('base64');
    expect(says(file)).not.toContain('<script>');
  });

  it.each([
    ['nothing', ''],
    ['text', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>').toString('base64')],
    ['a GIF', 'R0lGODlhAQABAAAAACwAAAAAAQABAAACAkQBADs='],
    ['a WebP that moves', movingWebp],
    ['a PNG that moves', withBytes(pictureFiles.png, behindPngHead, pngChunk('acTL', '\0\0\0\x02\0\0\0\0'))],
    ['a name without a picture', Buffer.from('RIFF\x04\0\0\0WEBP').toString('base64')],
  ])('is not %s', (_what, base64) => {
    expect(() => readPicture(base64)).toThrow(expect.objectContaining({ code: 'invalid', reason: 'not_a_picture' }));
  });

  it.each(Object.entries(pictureFiles))('of kind %s that ends too early is none, wherever it ends', (_kind, base64) => {
    const file = bytesOf(base64);
    for (let length = 0; length < file.length; length++) {
      const cut = Buffer.from(file.subarray(0, length)).toString('base64');
      expect(() => readPicture(cut)).toThrow(expect.objectContaining({ reason: 'not_a_picture' }));
    }
  });

  it('is at most 512 pixels a side and as many bytes as the limit says', () => {
    const refusal = expect.objectContaining({ code: 'too_large', reason: 'picture_too_large' });
    expect(() => readPicture(widePng)).toThrow(refusal);
    const large = Buffer.concat([bytesOf(pictureFiles.jpeg), Buffer.alloc(limits.avatarBytes)]).toString('base64');
    expect(() => readPicture(large)).toThrow(refusal);
  });

  it('is read or refused, whatever comes', () => {
    let seed = 1;
    const random = () => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed;
    };
    for (const base64 of Object.values(pictureFiles)) {
      for (let round = 0; round < 500; round++) {
        const file = bytesOf(base64);
        for (let change = 0; change < 3; change++) file[random() % file.length] = random() % 256;
        try {
          readPicture(Buffer.from(file).toString('base64'));
        } catch (error) {
          expect(error).toMatchObject({ reason: expect.stringMatching(/^(?:not_a_picture|picture_too_large)$/) });
        }
      }
    }
  });
});
