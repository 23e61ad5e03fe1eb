import type {
  transferCommands as enCommands,
  transferPrinting as enPrinting,
  transferProblems as enProblems,
  transferRefusals as enRefusals,
} from '../en/transfer.ts';
import { pluralIn } from '../format.ts';
import type { Explanation, Typed } from '../words.ts';

const count = (n: number, one: string, few: string, other: string) => `${n} ${pluralIn('ru', n, { one, few, other })}`;
const entriesOf = (n: number) => count(n, 'запись', 'записи', 'записей');

type Problems = typeof enProblems;
export const transferProblems: {
  readonly [R in keyof Problems]: (facts: Parameters<Problems[R]>[0], typed: Typed) => Explanation;
} = {
  import_unknown: ({ path }) => ({
    what: `Непонятно, что такое ${path}.`,
    why: 'Это не выгрузка Messenger, Telegram или WhatsApp.',
    mend: [
      'Messenger: папка или .tar.gz, которые написала «messenger export».',
      'Telegram: result.json из «Экспорт истории чата» или «Экспорт данных Telegram» в Telegram Desktop, формат JSON.',
      'WhatsApp: .zip или .txt из «Экспорт чата».',
    ],
  }),
  import_unreadable: ({ path, says }) => ({
    what: `${path} не читается до конца.`,
    why: says,
    mend: ['Получите или сделайте выгрузку заново: по дороге она могла оборваться.'],
  }),
  import_damaged: ({ path, file }) => ({
    what: `Выгрузка повреждена: ${path}`,
    why: `Файла ${file} нет, или он не такой, каким был записан.`,
    mend: ['Скопируйте выгрузку ещё раз или сделайте новую. Ничего не перенесено.'],
  }),
  import_newer: ({ path }) => ({
    what: `${path} записан более новой версией Messenger.`,
    mend: ['Установите ту версию или ещё более новую.'],
  }),
  import_person: ({ path }, typed) => ({
    what: `${path} — выгрузка одного человека.`,
    why: 'В ней то, что он мог читать, с пропусками там, где его не было: она для него и для других программ.',
    mend: [`Перенести можно экземпляр целиком: ${typed('export --to ПАПКА')}`],
  }),
};

export const transferRefusals: Readonly<Record<keyof typeof enRefusals, (typed: Typed) => Explanation>> = {
  no_such_import: () => ({ what: 'Этот разговор сейчас не переносится.', mend: ['Запустите перенос ещё раз.'] }),
  import_finished: () => ({
    what: 'Этот разговор уже перенесён.',
    why: 'Его тем временем закончил другой перенос.',
    mend: ['Запустите перенос ещё раз: то, что уже есть, не изменится.'],
  }),
  import_gap: () => ({
    what: 'Посреди переноса чего-то не хватает.',
    mend: ['Запустите перенос ещё раз: он продолжит с того же места.'],
  }),
  import_conflict: () => ({
    what: 'Под тем же номером здесь записано другое.',
    why: 'Файл изменился с начала переноса, или два переноса идут одновременно.',
    mend: ['Переносите тот файл, с которого начали, и по одному за раз.'],
  }),
  import_name: () => ({
    what: 'Так учётную запись назвать нельзя.',
    why: 'В имени от 2 до 32 строчных букв и цифр, которые соединяют одиночные точки, дефисы или подчёркивания.',
    mend: ['Исправьте его в списке, который назван в --people.'],
  }),
};

export const transferPrinting: typeof enPrinting = {
  exported: (people, conversations, entries, to) =>
    `Выгружено: ${count(people, 'человек', 'человека', 'человек')}, ${count(conversations, 'разговор', 'разговора', 'разговоров')}, ${entriesOf(entries)} → ${to}`,
  checked: (files, entries) => `Выгрузка цела: ${count(files, 'файл', 'файла', 'файлов')}, ${entriesOf(entries)}.`,
  progress: (entries) => `… записей: ${entries}`,
  source: 'Откуда',
  sources: { messenger: 'Messenger', telegram: 'Telegram', whatsapp: 'WhatsApp' },
  span: 'Время',
  dateOrder: 'Даты прочитаны как',
  dateOrders: { dmy: 'день, месяц, год', mdy: 'месяц, день, год', ymd: 'год, месяц, день' },
  unsure: '(возможны оба порядка: --date-order)',
  people: 'Люди',
  conversations: 'Разговоры',
  messages: 'Записи',
  leftOut: 'Не переносится',
  heads: {
    source: 'Там',
    displayName: 'Имя',
    name: 'Учётная запись здесь',
    outcome: 'Как',
    title: 'Разговор',
    entries: 'Записей',
    first: 'Первая',
    last: 'Последняя',
  },
  direct: '(личный)',
  deleted: '(удалённая учётная запись)',
  personOutcomes: { as: 'как вы сказали', here: 'уже перенесён', matched: 'зовут так же', made: 'новая, отключена' },
  outcomes: {
    new: 'новый',
    begun: 'продолжается',
    finished: 'перенесён раньше',
    here: 'принадлежит этому экземпляру; не трогаем',
  },
  kinds: {
    message: 'сообщения',
    poll: 'опросы',
    edit: 'правки',
    removal: 'удаления',
    removed_message: 'удалённые сообщения',
    reaction: 'реакции',
    vote: 'голоса',
    poll_closed: 'закрытые опросы',
    preview: 'описания ссылок',
    pin: 'закрепления',
    created: 'созданные группы',
    joined: 'кто вошёл',
    left: 'кто вышел',
    removed: 'кого исключили',
    role: 'смены ролей',
    title: 'смены названий',
    settings: 'смены настроек',
  },
  reasons: {
    avatar: 'фотографии людей',
    call: 'звонки',
    custom_emoji: 'реакции собственными эмодзи Telegram',
    deleted_message: 'сообщения, которые там удалили',
    edit_time: 'правки: известна только последняя редакция, но не когда она сделана',
    email: 'адреса почты',
    email_taken: 'адреса почты, которые здесь уже у кого-то есть',
    empty: 'сообщения, в которых нечего показать',
    formatting: 'жирный шрифт, курсив и подобное (сам текст есть)',
    group_picture: 'фотографии групп',
    media: 'фотографии, голосовые сообщения и файлы (на их месте пометка с именем)',
    poll_votes: 'голоса: кто за что голосовал, в файле нет',
    reaction_names: 'реакции людей, которых файл не называет',
    reply_elsewhere: 'ссылки на сообщения, которых в файле нет',
    role: 'роли выше участника: дайте их заново, кому надо',
    service: 'прочие уведомления',
    topic: 'темы: их сообщения стоят в одном разговоре',
  },
  more: (n) => `… и ещё ${n} (--json показывает всё)`,
  would: 'Ничего не изменено. Было бы так:',
  ask: 'Перенести?',
  imported: (conversations, entries, people) =>
    `Перенесено: ${entriesOf(entries)}, разговоров: ${conversations}; новых учётных записей: ${people}.`,
  nothing: 'Всё это здесь уже было.',
  next: (typed) => [
    `${typed('users list --state disabled')}   посмотреть новые учётные записи`,
    `${typed('users enable ИМЯ')}   впустить одного из них`,
    `${typed('users password ИМЯ --link')}   дать ссылку, чтобы выбрать пароль`,
  ],
};

export const transferCommands: { readonly [C in keyof typeof enCommands]: Wording<(typeof enCommands)[C]> } = {
  export: {
    summary: 'Записать людей, разговоры и сообщения в папку или файл.',
    description:
      'Строки JSON и опись, в которой назван каждый файл и его контрольная сумма; см. docs/export.md. Пишется, пока сервер работает, целиком или никак, и читать её можете только вы. Того, чем входят, в ней нет: чтобы восстановить экземпляр, делайте резервные копии.',
    flags: {
      to: 'Новая папка, новый файл на .tar.gz или - для стандартного вывода.',
      user: 'Только то, что есть у этого человека и что он может читать.',
      check: 'Сверить выгрузку с её описью и ничего не писать.',
    },
  },
  import: {
    summary: 'Перенести разговоры из выгрузки Messenger, Telegram или WhatsApp.',
    description:
      'Сначала говорит, что будет перенесено, кто из людей кто здесь и что перенести нельзя; потом спрашивает. Никого не оповещает. Можно запускать повторно: дважды ничего не появится, а прерванное продолжится. См. docs/import.md.',
    args: { source: 'Папка или .tar.gz (Messenger), result.json (Telegram), .zip или .txt (WhatsApp).' },
    flags: {
      'dry-run': 'Только сказать, что будет перенесено.',
      people: 'CSV со столбцами source,name: кто из людей кто здесь.',
      as: 'Учётная запись того, кто сделал выгрузку.',
      title: 'WhatsApp: как называется разговор, вместо имени файла.',
      'time-zone': 'WhatsApp и старые выгрузки Telegram: чьё время, например Europe/Moscow. Иначе этой машины.',
      'date-order': 'WhatsApp: порядок дня (d), месяца (m) и года (y), если его не понять.',
    },
  },
};

type Wording<T> = { readonly [K in keyof T]: T[K] extends string ? string : Wording<T[K]> };
