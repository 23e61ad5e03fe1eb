import type { MistakeWords } from '../words.ts';

const types: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'settings of its own, indented below it',
};

export const mistakes: MistakeWords = {
  says({ path, kind, found, wanted, nearest }) {
    switch (kind) {
      case 'syntax':
        return `this is not YAML: ${wanted}`;
      case 'unknown':
        return nearest === null
          ? `there is no setting “${path}”`
          : `there is no setting “${path}”; is “${nearest}” meant?`;
      case 'type':
        return `${path} must be ${types[wanted] ?? wanted}${found === '' ? '' : `, not “${found}”`}`;
      case 'choice':
        return `${path} must be one of ${wanted}${found === '' ? '' : `, not “${found}”`}${nearest === null ? '' : `; is “${nearest}” meant?`}`;
      case 'range':
        return `${path} must be ${wanted}, not “${found}”`;
      case 'form':
        return `${path} is not right: “${found}”; it looks like ${wanted}`;
    }
  },
};
