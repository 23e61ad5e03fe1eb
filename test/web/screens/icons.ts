import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startBrowser } from './browser.ts';

/** Draws the PNG icons from the SVG: `node test/web/screens/icons.ts`. Run it after changing the SVG. */
const folder = fileURLToPath(new URL('../../../src/web/public/icons/', import.meta.url));
const svg = readFileSync(`${folder}icon.svg`, 'utf8');
/** Systems cut their own shape out of these: the ground reaches the edges. */
const square = svg.replace('rx="116"', 'rx="0"');
/** What a round mask leaves is the middle 80 percent. */
const maskable = square.replace(
  /(<path[\s\S]*)<\/svg>/,
  '<g transform="translate(256 256) scale(0.8) translate(-256 -256)">$1</g></svg>',
);

const pictures = [
  { name: 'icon-192.png', size: 192, from: svg },
  { name: 'icon-512.png', size: 512, from: svg },
  { name: 'icon-maskable-512.png', size: 512, from: maskable },
  { name: 'apple-touch-icon.png', size: 180, from: square },
];

const browser = await startBrowser();
try {
  for (const { name, size, from } of pictures) {
    const page = await browser.newPage({ viewport: { width: size, height: size } });
    await page.setContent(`<style>body{margin:0}svg{display:block;width:${size}px;height:${size}px}</style>${from}`);
    writeFileSync(`${folder}${name}`, await page.screenshot({ omitBackground: true }));
    await page.close();
  }
} finally {
  await browser.close();
}
