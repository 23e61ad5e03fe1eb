// What the set-up says. The command line proper has catalogues of its own, but they are not built yet when this speaks.

const en = {
  node: (version) => `Node ${version}, for this folder only`,
  packages: 'Packages, exactly as locked',
  server: 'Server',
  client: 'Client',
  waiting: 'Another set-up runs in this folder, waiting for it',
  failed: (title) => `${title}: it did not work.`,
  details: (path) => `All of it is in ${path}`,
  mend: 'What helps:',
  why: {
    noNpm: [
      'There is no npm that this program can run.',
      'Install Node from nodejs.org or with your system’s package manager (npm comes with it, or as the package npm), then try again.',
    ],
    noNetwork: [
      'The npm registry cannot be reached.',
      'Check the network, a proxy (npm config get proxy) and the registry (npm config get registry), then try again.',
    ],
    noSpace: ['The disk is full.', 'Free about 1 GB, then try again.'],
    readOnly: (root) => [
      `This folder cannot be written to: ${root}`,
      'Run the set-up as the owner of the folder, or clone it to a place of your own.',
    ],
    lockMismatch: [
      'package.json and package-lock.json do not fit together.',
      'Bring both back to what the project says: git checkout package.json package-lock.json',
    ],
    noNode: (version) => [
      `There is no Node ${version} for this machine in the registry, or it does not run here.`,
      'Install Node 24.16 or newer yourself (nodejs.org, nvm, your system’s packages), then try again.',
    ],
    badBuild: ['The sources do not build.', 'Bring them back to a released state, or mend what the lines above name.'],
    unknown: ['It is not known why.', 'Try again; when it stays so, report it with the log.'],
    oldNode: (version) => [
      `This is Node ${version}; Messenger needs 24.16 or newer.`,
      'Install Node 24 (nodejs.org, nvm, your system’s packages).',
    ],
  },
};

/** @type {typeof en} */
const ru = {
  node: (version) => `Node ${version}, только для этой папки`,
  packages: 'Пакеты, точно как закреплено',
  server: 'Сервер',
  client: 'Клиент',
  waiting: 'В этой папке уже идёт установка, ждём её',
  failed: (title) => `${title}: не получилось.`,
  details: (path) => `Подробности в ${path}`,
  mend: 'Что поможет:',
  why: {
    noNpm: [
      'Не нашёлся npm, который можно запустить.',
      'Установите Node с nodejs.org или пакетами системы (npm идёт вместе с ним или пакетом npm) и повторите.',
    ],
    noNetwork: [
      'Реестр npm недоступен.',
      'Проверьте сеть, прокси (npm config get proxy) и реестр (npm config get registry) и повторите.',
    ],
    noSpace: ['Диск заполнен.', 'Освободите около 1 ГБ и повторите.'],
    readOnly: (root) => [
      `В эту папку нельзя писать: ${root}`,
      'Запустите установку от имени владельца папки или склонируйте проект в свою.',
    ],
    lockMismatch: [
      'package.json и package-lock.json не подходят друг к другу.',
      'Верните оба к состоянию проекта: git checkout package.json package-lock.json',
    ],
    noNode: (version) => [
      `В реестре нет Node ${version} для этой машины, или он здесь не запускается.`,
      'Установите Node 24.16 или новее сами (nodejs.org, nvm, пакеты системы) и повторите.',
    ],
    badBuild: ['Исходники не собираются.', 'Верните их к выпущенному состоянию или исправьте названное выше.'],
    unknown: ['Причина неизвестна.', 'Повторите; если не поможет, сообщите об этом, приложив журнал.'],
    oldNode: (version) => [
      `Это Node ${version}; нужен 24.16 или новее.`,
      'Установите Node 24 (nodejs.org, nvm, пакеты системы).',
    ],
  },
};

export const words = /^ru/i.test(process.env.LC_ALL || process.env.LC_MESSAGES || process.env.LANG || '') ? ru : en;
