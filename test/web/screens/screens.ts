import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startBrowser } from './browser.ts';
import { startDemoSite } from './demo-site.ts';
import { scenes } from './scenes.ts';
import { type Look, openContext, show } from './showing.ts';

/**
 * Pictures of every screen and state, written to screens/. `npm run screens` takes all of them; `-- --only list --size
 * 390x844 --theme dark --language ru` some.
 */
const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    size: { type: 'string', default: '' },
    theme: { type: 'string', default: '' },
    language: { type: 'string', default: '' },
  },
});

const folder = fileURLToPath(new URL('../../../screens/', import.meta.url));
mkdirSync(folder, { recursive: true });

const sizes = ['390x844', '360x640', '820x1180', '1280x800'].filter((size) => size.includes(values.size));
const themes = (['light', 'dark'] as const).filter((theme) => theme.includes(values.theme));
const languages = (['en', 'ru'] as const).filter((language) => language.includes(values.language));
const wanted = scenes.filter(
  (scene) => values.only === '' || values.only.split(',').some((part) => scene.name.startsWith(part)),
);

const site = await startDemoSite();
const browser = await startBrowser();
let failed = 0;
try {
  for (const size of sizes) {
    const [width = 390, height = 844] = size.split('x').map(Number);
    for (const theme of themes) for (const language of languages) await take({ width, height, theme, language }, size);
  }
} finally {
  await browser.close();
  await site.close();
}
console.log(`${wanted.length} screens in ${folder}${failed === 0 ? '' : `, ${failed} could not be taken`}`);
process.exitCode = failed === 0 ? 0 : 1;

/** Takes the wanted scenes, a few at a time. */
async function take(look: Look, size: string): Promise<void> {
  const left = [...wanted];
  const worker = async () => {
    const context = await openContext(browser, look);
    for (let scene = left.shift(); scene !== undefined; scene = left.shift()) {
      const page = await show(context, site.url, scene, look).catch((cause: unknown) =>
        tell(scene.name, look, size, cause),
      );
      await page?.screenshot({ path: `${folder}${scene.name}-${size}-${look.theme}-${look.language}.png` });
      await page?.close();
    }
    await context.close();
  };
  await Promise.all([worker(), worker()]);
}

function tell(name: string, { theme, language }: Look, size: string, cause: unknown): void {
  failed += 1;
  const says = cause instanceof Error ? cause.message.split('\n')[0] : cause;
  console.error(`${name} at ${size}, ${theme}, ${language}: ${says}`);
}
