export const steps = {
  there: (path: string) => `${path} is there`,
  folder: (path: string) => `Folder ${path}`,
  data: 'Folder for databases',
  run: 'Folder for the running server',
  logs: 'Folder for logs',
  backups: 'Folder for backups',
  secrets: 'Keys of the instance',
  config: 'Configuration messenger.yaml',
};
