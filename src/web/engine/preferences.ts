import { signal } from '@preact/signals';
import type { Engine } from './engine.ts';
import type { World } from './world.ts';

/** Settings of this device. They outlive signing out. `onLanguage` hears what the person chose. */
export function makePreferences(world: World, onLanguage: (language: 'en' | 'ru') => void) {
  const { notes } = world;
  const first = world.languages.find((one) => /^(en|ru)/.test(one));
  const language = signal<'en' | 'ru'>(
    oneOf(['en', 'ru'], notes.get('language')) ?? (first?.startsWith('ru') ? 'ru' : 'en'),
  );
  const theme = signal<'system' | 'light' | 'dark'>(oneOf(['system', 'light', 'dark'], notes.get('theme')) ?? 'system');
  const told = signal(notes.get('told') !== null);

  const preferences: Engine['preferences'] = {
    language,
    theme,
    setLanguage(next) {
      language.value = next;
      notes.set('language', next);
      onLanguage(next);
    },
    setTheme(next) {
      theme.value = next;
      notes.set('theme', next);
    },
    toldMissing() {
      told.value = true;
      notes.set('told', '1');
    },
  };
  return { ...preferences, told };
}

function oneOf<T extends string>(known: readonly T[], value: string | null): T | undefined {
  return known.find((one) => one === value);
}
