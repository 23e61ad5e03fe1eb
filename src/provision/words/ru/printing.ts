import { pluralIn } from '../format.ts';
import type { Words } from '../words.ts';
import { accountPrinting } from './account-printing.ts';

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
      users: 'Учётные записи: завести, одобрить, отключить, удалить, помочь войти.',
      '2fa': 'Вторые факторы: посмотреть и помочь тому, кто свой потерял.',
      tokens: 'Токены API для ботов и скриптов: создать, перечислить, отозвать.',
      invites: 'Приглашения: создать, перечислить, показать, отозвать.',
      keys: 'Ключи, которыми подписаны токены доступа.',
      mail: 'Почта: проверить.',
      search: 'Индекс, по которому ищут сообщения.',
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
      approval: 'любой, после вашего одобрения',
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
  keys: {
    added: 'Новый ключ добавлен. Никому не придётся входить заново.',
    takenByItself: 'Работающий сервер возьмёт его сам.',
    takenAtStart: 'Сервер возьмёт его при запуске.',
    labels: { kid: 'Ключ', signsFrom: 'Подписывает с', kept: 'Оставлено прежних', dropped: 'Убрано прежних' },
  },
  mail: {
    accepted: (address) => `Почтовый сервер принял письмо для ${address}.`,
    said: 'Его ответ',
    look: 'Загляните в почтовый ящик, и в папку «Спам» тоже.',
  },
  search: {
    indexed: (indexed, total) => `В индексе записей: ${indexed} из ${total}.`,
    rebuilt: (n) => `Индекс построен заново, записей в нём: ${n}.`,
  },
  config: {
    set: (path, value) => `Теперь ${path}: ${value}.`,
    same: (path, value) => `${path} и так было ${value}.`,
    restart: (typed) => `Вступит в силу после: ${typed('restart')}`,
    secret: '(задано, не показано)',
    askSecret: (path) => `${path} (не показывается; пусто — убрать)`,
  },
  ...accountPrinting,
};
