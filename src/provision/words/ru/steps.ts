import type { Words } from '../words.ts';

export const steps: Words['steps'] = {
  there: (path) => `${path} уже есть`,
  folder: (path) => `Папка ${path}`,
  data: 'Папка для баз данных',
  run: 'Папка работающего сервера',
  logs: 'Папка для журналов',
  backups: 'Папка для резервных копий',
  secrets: 'Ключи экземпляра',
  config: 'Настройки messenger.yaml',
};
