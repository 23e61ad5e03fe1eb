import type { tracing as english } from '../en/tracing.ts';
import { pluralIn } from '../format.ts';
import type { Typed } from '../words.ts';

const count = (n: number, one: string, few: string, other: string) => `${n} ${pluralIn('ru', n, { one, few, other })}`;

/** Что говорит `trace`. */
export const tracing: typeof english = {
  wanted: 'ссылка на сообщение: /c/БЕСЕДА/НОМЕР, с адресом впереди или без него',
  labels: {
    what: 'Что',
    sender: 'От кого',
    time: 'Сохранено',
    node: 'Узлом',
    place: 'Где',
    size: 'Размер',
    target: 'Меняет',
    expires: 'Исчезнет',
    dispatched: 'Разослано',
    text: 'Как послано',
  },
  kinds: {
    message: 'сообщение',
    poll: 'опрос',
    edit: 'правка',
    removal: 'удаление',
    reaction: 'реакции',
    vote: 'голоса',
    poll_closed: 'завершение опроса',
    preview: 'предпросмотр ссылки',
    pin: 'закрепление или его снятие',
    created: 'создание группы',
    joined: 'вступление в группу',
    left: 'выход из группы',
    removed: 'исключение из группы',
    role: 'новая роль',
    title: 'новое название',
    settings: 'новые настройки',
  },
  nobody: 'ни от кого',
  deleted: 'удалённая учётная запись',
  place: (kind, conversationId, seq, head) =>
    `${kind === 'direct' ? 'личная беседа' : 'группа'}, ${conversationId}, запись ${seq} из ${head}`,
  entry: (seq) => `запись ${seq}`,
  dispatched: 'да, и задания для неё сохранены',
  undispatched:
    'ещё не отмечено: в течение секунды, пока узел работает, иначе — когда он запустится снова или его не будет 30 с',
  emptied: 'ничего не осталось: удалено или исчезло',
  changes: 'Что меняло его с тех пор',
  noChanges: 'С тех пор ничего его не меняло.',
  moreChanges: 'и другие',
  jobs: 'Незавершённые задания о нём или его беседе',
  noJobs: 'Ни одно задание о нём не ждёт, не идёт и не брошено.',
  job: {
    waiting: (at) => `ждёт до ${at}`,
    running: () => 'идёт',
    failed: (at) => `брошено ${at}`,
  },
  attempts: (n) => count(n, 'неудачная попытка', 'неудачные попытки', 'неудачных попыток'),
  ended: 'сделано',
  members: (members, delivered, read) =>
    `Участников, которые могут его прочитать, кроме автора: ${members}; получили ${delivered}, прочитали ${read}`,
  heads: { who: 'Участник', delivered: 'Получил', read: 'Прочитал', pushed: 'Уведомлён до' },
  yes: (at) => (at === null ? 'да' : `да, к ${at}`),
  no: 'нет',
  withheld: 'скрыто',
  leftSince: '(вышел)',
  moreMembers: (n: number, typed: Typed, message: string) => `ещё ${n}: ${typed(`trace ${message} --all`)}`,
  node: (node, since) => `Что помнит узел ${node}, с ${since}`,
  published: (at) => `разослано ${at}`,
  unheard: 'Он ничего об этом не помнит.',
  deviceHeads: { device: 'Устройство', sent: 'Отправлено', confirmed: 'Подтверждено', read: 'Прочитано' },
  forgottenDevice: 'устройство, с которого вышли',
  otherDevices: (n) => `и ещё ${count(n, 'устройство', 'устройства', 'устройств')}`,
  pushed: 'Уведомления',
  outcomes: {
    pushed: 'уведомлён',
    waiting: 'на связи: есть время увидеть самому',
    confirmed: 'не уведомлён: сообщение есть на устройствах',
    read: 'не уведомлён: уже прочитал',
    muted: 'не уведомлён: беседа без звука',
    blocked: 'не уведомлён: автор заблокирован',
    hidden: 'не уведомлён: удалил сообщение у себя',
    withheld: 'не уведомлён по личной причине',
  },
  jobEnded: (queue, at) => `${queue}: сделано ${at}`,
  jobFailed: (queue, at, error) => `${queue}: не удалось ${at}: ${error}`,
  unknown: 'Что неизвестно',
  gaps: {
    noNodes: 'Сервер не работает: что устройства получили и подтвердили, никто не помнит.',
    silent: (node) => `Узел ${node} не ответил: того, что он помнит, здесь нет.`,
    gone: (node) => `Узел ${node}, который сохранил запись, не работает: то, что он помнил, пропало.`,
    before: (node, since) =>
      `Узел ${node} забыл то, что было до ${since}: когда сообщение разослано, отправлено и подтверждено до этого. От выполненных к тому времени заданий ничего не осталось.`,
    moved:
      'Время у участников — когда отметка сдвинулась в последний раз: если она ушла дальше, сообщение могли получить и раньше.',
    unnoted: 'Отметка без времени сдвинулась до того, как эта версия стала записывать время.',
  },
};
