import { pluralIn } from '../format.ts';
import type { Words } from '../words.ts';

const count = (n: number, one: string, few: string, other: string) => `${n} ${pluralIn('ru', n, { one, few, other })}`;

export const printing: Words['printing'] = {
  next: 'Что дальше',
  mend: 'Что поможет',
  advice: 'совет',
  yes: 'да',
  no: 'нет',
  none: 'нет',
  never: 'никогда',
  anyNumber: 'сколько угодно',
  forEver: 'всегда',
  default: 'обычно',
  usage: (typed) => `Подробнее: ${typed} --help`,
  interrupted: 'Остановлено вами.',
  ago: (seconds) => {
    if (seconds < 90) return count(Math.round(seconds), 'секунда', 'секунды', 'секунд');
    if (seconds < 5400) return count(Math.round(seconds / 60), 'минута', 'минуты', 'минут');
    if (seconds < 129_600) return count(Math.round(seconds / 3600), 'час', 'часа', 'часов');
    return count(Math.round(seconds / 86_400), 'день', 'дня', 'дней');
  },
  help: {
    headings: {
      USAGE: 'КАК ПИСАТЬ',
      VERSION: 'ВЕРСИЯ',
      COMMANDS: 'КОМАНДЫ',
      TOPICS: 'РАЗДЕЛЫ',
      FLAGS: 'КЛЮЧИ',
      'GLOBAL FLAGS': 'ОБЩИЕ КЛЮЧИ',
      ARGUMENTS: 'АРГУМЕНТЫ',
      DESCRIPTION: 'ОПИСАНИЕ',
      EXAMPLES: 'ПРИМЕРЫ',
    },
    topics: {
      config: 'Прочитать и изменить настройки экземпляра.',
      users: 'Учётные записи: завести, перечислить, показать.',
      invites: 'Приглашения: создать, перечислить, отозвать.',
    },
    noCommand: (typed) => `Нет команды «${typed}».`,
  },
  init: {
    made: (home) => `Экземпляр создан: ${home}`,
    there: (home) => `Экземпляр уже был: ${home}`,
    kept: (typed) => `Настройки остались как есть; изменить их: ${typed('config set')}`,
    askName: 'Как его назвать?',
    askAddress: 'Адрес, которым будут пользоваться люди',
    askRegistration: 'Кто может завести учётную запись?',
    registration: {
      invite: 'у кого есть приглашение',
      open: 'любой',
      closed: 'никто; записи заводите вы',
    },
    next: (typed) => [`${typed('up')}   запустить`, `${typed('doctor')}   проверить машину`],
  },
  up: {
    ready: (name) => `${name} работает.`,
    local: 'На этой машине',
    lan: 'В вашей сети',
    public: 'Для всех',
    firstInvite: 'Откройте, чтобы завести первую учётную запись — владельца экземпляра:',
    inviteHint: 'Оно для одного человека и на семь дней.',
    stop: 'Ctrl-C остановит.',
    stopping: 'Останавливаемся …',
    stopped: 'Остановлено.',
    detached: (pid) => `Работает в фоне (процесс ${pid}).`,
    there: (pid) => `Уже работает (процесс ${pid}).`,
    movedPort: (address, port) =>
      `В настроенном адресе ${address} не указан порт ${port}: приглашения всё равно ведут туда.`,
    next: (typed) => [
      `${typed('invites create')}   пригласить кого-нибудь`,
      `${typed('status')}   посмотреть состояние`,
    ],
    nextDetached: (typed) => [`${typed('logs --follow')}   смотреть журнал`, `${typed('down')}   остановить`],
  },
  down: { stopped: (pid) => `Остановлено (процесс ${pid}).`, wasDown: 'Экземпляр не работал.' },
  status: {
    running: 'работает',
    stopped: 'не работает',
    labels: {
      state: 'Состояние',
      instance: 'Экземпляр',
      addresses: 'Адреса',
      version: 'Версия',
      process: 'Процесс',
      since: 'Работает',
      profile: 'Профиль',
      users: 'Учётные записи',
      conversations: 'Беседы',
      entries: 'Записи',
      connections: 'Соединения',
      memory: 'Память',
      data: 'Данные',
    },
  },
  logs: { none: (file) => `В ${file} ещё ничего нет` },
  doctor: {
    well: 'Всё хорошо.',
    wrong: (n) => `Не в порядке: ${n}.`,
    advised: (n) => `${count(n, 'совет', 'совета', 'советов')}.`,
  },
  migrate: {
    done: (version) => `Базы в том виде, который нужен версии ${version}.`,
  },
  config: {
    set: (path, value) => `Теперь ${path}: ${value}.`,
    same: (path, value) => `${path} и так было ${value}.`,
    restart: (typed) => `Вступит в силу после: ${typed('restart')}`,
    secret: '(задано, не показано)',
  },
  users: {
    added: (name) => `Учётная запись ${name} заведена.`,
    password: 'Пароль, показан один раз',
    askName: 'Имя',
    askPassword: 'Пароль (не показывается)',
    askAgain: 'Ещё раз',
    differ: 'Они не совпадают.',
    tooShort: (min) => `Не короче ${count(min, 'знака', 'знаков', 'знаков')}.`,
    labels: {
      name: 'Имя',
      displayName: 'Показано как',
      role: 'Роль',
      created: 'С',
      lastSeen: 'Был(а)',
      id: 'Идентификатор',
      device: 'Устройство',
      address: 'Откуда',
      gone: 'удалено',
    },
    nobody: 'Учётных записей ещё нет.',
    more: (typed, name) => `Есть ещё: ${typed(`users list --after ${name}`)}`,
    noDevices: 'Ни на одном устройстве не выполнен вход.',
    next: (typed) => [`${typed('invites create')}   пусть люди заводят записи сами`],
  },
  invites: {
    made: 'Приглашение создано. Ссылка показана один раз:',
    holds: (uses, until) =>
      `Впустит ${uses === null ? 'сколько угодно человек' : count(uses, 'человека', 'человек', 'человек')}${until === null ? '' : `, действует до ${until}`}.`,
    labels: {
      id: 'Идентификатор',
      role: 'Роль',
      uses: 'Принято',
      expires: 'До',
      created: 'Создано',
      note: 'Заметка',
      state: 'Состояние',
    },
    states: { open: 'действует', revoked: 'отозвано', expired: 'истекло', spent: 'использовано' },
    nobody: 'Приглашений нет.',
    revoked: 'Приглашение больше не действует.',
  },
};
