import type { MistakeWords } from '../words.ts';

const types: Readonly<Record<string, string>> = {
  string: 'текст',
  number: 'число',
  int: 'целое число',
  boolean: 'true или false',
  array: 'список',
  object: 'свои настройки с отступом под ним',
};

export const mistakes: MistakeWords = {
  says({ path, kind, found, wanted, nearest }) {
    switch (kind) {
      case 'syntax':
        return `это не YAML: ${wanted}`;
      case 'unknown':
        return nearest === null ? `нет настройки «${path}»` : `нет настройки «${path}»; может быть, «${nearest}»?`;
      case 'type':
        return `${path}: нужно ${types[wanted] ?? wanted}${found === '' ? '' : `, а не «${found}»`}`;
      case 'choice':
        return `${path}: одно из ${wanted}${found === '' ? '' : `, а не «${found}»`}${nearest === null ? '' : `; может быть, «${nearest}»?`}`;
      case 'range':
        return `${path}: нужно ${wanted}, а не «${found}»`;
      case 'form':
        return `${path}: «${found}» не подходит; должно быть похоже на ${wanted}`;
    }
  },
};
