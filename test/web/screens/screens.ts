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

async function take(look: Look, size: string): Promise<void> {
  const context = await openContext(browser, look);
  for (const scene of wanted) {
    const file = `${folder}${scene.name}-${size}-${look.theme}-${look.language}.png`;
    try {
      const page = await show(context, site.url, scene, look);
      await page.screenshot({ path: file });
      await page.close();
    } catch (cause) {
      failed += 1;
      console.error(
        `${scene.name} at ${size}, ${look.theme}, ${look.language}: ${cause instanceof Error ? cause.message.split('\n')[0] : cause}`,
      );
    }
  }
  await context.close();
}
