import type { RefusalWords } from '../words.ts';
import { accountRefusals } from './account-refusals.ts';
import { transferRefusals } from './transfer.ts';

export const refusals: RefusalWords = {
  ...accountRefusals,
  ...transferRefusals,
  throttled: () => ({ what: 'Слишком часто.', mend: ['Немного подождите и повторите.'] }),
  busy: () => ({ what: 'Сервер сейчас перегружен.', mend: ['Немного подождите и повторите.'] }),
  store_away: (typed) => ({ what: 'Нет связи с хранилищем.', mend: [typed('doctor')] }),
  store_unreachable: (typed) => ({ what: 'Нет связи с хранилищем.', mend: [typed('doctor')] }),
  store_damaged: (typed) => ({
    what: 'База повреждена.',
    mend: [typed('doctor'), 'Остановите экземпляр и восстановите последнюю резервную копию.'],
  }),
  database_newer: () => ({
    what: 'Эту базу создала более новая версия.',
    why: 'Эта версия не знает её устройства и не тронула её.',
    mend: ['Установите снова более новую версию или восстановите копию, сделанную до неё.'],
  }),
  migration_changed: () => ({
    what: 'Базу создала изменённая версия.',
    why: 'Один из шагов, которыми она создана, не тот, что в этой версии. База не тронута.',
    mend: ['Установите неизменённую версию.'],
  }),
  disk_full: (typed) => ({
    what: 'Диск заполнен.',
    why: 'Сохранённое раньше цело; больше ничего сохранить нельзя.',
    mend: [`Освободите место (df -h), затем: ${typed('doctor')}`],
  }),
  read_only: (typed) => ({
    what: 'В папку экземпляра нельзя писать.',
    why: 'Файловая система подключена только для чтения, или файлы запрещено менять. Ничего не повреждено.',
    mend: ['Подключите её для записи или верните файлам права (chmod u+w) и повторите.', typed('doctor')],
  }),
  removing_is_acting: () => ({
    what: 'Кто удаляет сообщение, тот принял меры.',
    mend: ['Укажите с --remove исход --outcome acted или не указывайте --remove.'],
  }),
  no_such_message: () => ({
    what: 'Такого сообщения нет.',
    why: 'Беседа другая, записей в ней меньше, или сообщение старше того, что хранится.',
    mend: ['Скопируйте ссылку на сообщение в клиенте и передайте её целиком.'],
  }),
  no_such_report: (typed) => ({ what: 'Такой жалобы нет.', mend: [typed('reports list --state all')] }),
  timed_out: (typed) => ({ what: 'Сервер не ответил вовремя.', mend: [typed('status'), typed('logs')] }),
  not_permitted: () => ({
    what: 'Экземпляр принадлежит другому пользователю.',
    mend: ['Выполните команду от имени владельца экземпляра (sudo -u ВЛАДЕЛЕЦ …).'],
  }),
  invalid_input: () => ({ what: 'Сервер не принимает такие значения.', mend: ['Что подходит, покажет --help.'] }),
  internal: (typed) => ({
    what: 'Ошибка сервера.',
    mend: [`Подробности в журнале: ${typed('logs --level error')}`],
  }),
};
