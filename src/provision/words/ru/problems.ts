import { pluralIn } from '../format.ts';
import type { ProblemWords } from '../words.ts';
import { mistakes } from './mistakes.ts';
import { transferProblems } from './transfer.ts';

export const problems: ProblemWords = {
  ...transferProblems,
  not_an_instance: ({ home }, typed) => ({
    what: `В ${home} нет экземпляра.`,
    why: 'Экземпляр — это папка с файлом messenger.yaml; другую называют --instance или MESSENGER_HOME.',
    mend: [typed('init')],
  }),
  folder_not_empty: ({ home }) => ({
    what: `В ${home} лежат другие файлы.`,
    why: 'Экземпляру нужна своя папка, чтобы ничего вашего с ним не смешалось.',
    mend: ['Назовите новую папку: --instance или MESSENGER_HOME.'],
  }),
  config_invalid: ({ file, mistakes }, typed) => ({
    what: `В ${file} ${mistakes.length} ${pluralIn('ru', mistakes.length, { one: 'ошибка', few: 'ошибки', other: 'ошибок' })}.`,
    mend: [`Исправьте их в ${file}, затем: ${typed('doctor')}`],
  }),
  secrets_missing: ({ file }, typed) => ({
    what: `Ключей этого экземпляра нет: ${file}`,
    why: 'Без них нельзя проверить ничей вход.',
    mend: [
      'Верните файл из резервной копии.',
      `Если её нет, создайте новые ключи; всем придётся войти снова: ${typed('init --yes')}`,
    ],
  }),
  secrets_invalid: ({ file }, typed) => ({
    what: `Ключи этого экземпляра не читаются: файл ${file} повреждён.`,
    mend: [
      'Верните файл из резервной копии.',
      `Если её нет, уберите его и создайте новые ключи; всем придётся войти снова: ${typed('init --yes')}`,
    ],
  }),
  wrong_owner: ({ path, owner, me }) => ({
    what: `${path} принадлежит пользователю ${owner}, а вы — ${me}.`,
    why: 'Файлы, которые запишет туда другой пользователь, экземпляр потом не прочтёт.',
    mend: [`Выполните команду от имени ${owner}: sudo -u ${owner} …`],
  }),
  not_permitted: ({ path }) => ({
    what: `На это нет прав: ${path}`,
    why: 'Файл или процесс принадлежит другому пользователю.',
    mend: ['Выполните команду от имени владельца экземпляра или назовите другую папку: --instance.', `ls -ld ${path}`],
  }),
  read_only: ({ path }) => ({
    what: `В ${path} нельзя писать.`,
    why: 'Файловая система подключена только для чтения, или файл запрещено менять. Ничего не повреждено.',
    mend: ['Подключите её для записи или верните файлу права (chmod u+w) и повторите.'],
  }),
  disk_full: ({ path }, typed) => ({
    what: `Диск заполнен: ${path}`,
    why: 'Сохранённое раньше цело; больше ничего сохранить нельзя.',
    mend: [`Освободите место (df -h), затем: ${typed('doctor')}`],
  }),
  port_in_use: ({ port }, typed) => ({
    what: `Порт ${port} занят другой программой.`,
    mend: [
      `Взять другой порт: ${typed(`config set port ${port + 1}`)}`,
      `Или только на этот раз: ${typed(`up --port ${port + 1}`)}`,
      `Или посмотреть, кто его занял: ss -ltnp 'sport = :${port}' (macOS: lsof -i :${port})`,
    ],
  }),
  port_not_permitted: ({ port }, typed) => ({
    what: `Слушать порт ${port} не разрешено.`,
    why: 'Порты ниже 1024 оставлены для root.',
    mend: [`Взять порт выше: ${typed('config set port 8080')}`],
  }),
  host_not_here: ({ host }, typed) => ({
    what: `У этой машины нет адреса ${host}.`,
    mend: [`Слушать на всех: ${typed('config set host 0.0.0.0')}`],
  }),
  already_running: ({ home }, typed) => ({
    what: `Экземпляр в ${home} уже работает.`,
    mend: [typed('status'), typed('restart')],
  }),
  not_running: ({ home }, typed) => ({ what: `Экземпляр в ${home} не работает.`, mend: [typed('up')] }),
  not_answering: ({ home, pid }, typed) => ({
    what:
      pid === 0
        ? `Экземпляр в ${home} запущен, но не отвечает.`
        : `Экземпляр в ${home} запущен (процесс ${pid}), но не отвечает.`,
    mend: [typed('logs'), typed('restart')],
  }),
  start_failed: ({ log, said }) => ({
    what: 'Сервер завершился, не успев запуститься.',
    why: said,
    mend: [`Подробности в журнале: ${log}`],
  }),
  start_timeout: ({ log, seconds }, typed) => ({
    what: `Сервер не запустился за ${seconds} с и был остановлен.`,
    mend: [`Подробности в журнале: ${log}`, `Запустите его на переднем плане и посмотрите: ${typed('up')}`],
  }),
  stop_timeout: ({ pid, seconds }, typed) => ({
    what: `Сервер (процесс ${pid}) не завершился за ${seconds} с.`,
    why: 'Всё подтверждённое сохранено; его можно завершить без спроса.',
    mend: [typed('down --force')],
  }),
  database_newer: ({ file }) => ({
    what: `Эту базу создала более новая версия: ${file}`,
    why: 'Эта версия не знает её устройства и не тронула её.',
    mend: ['Установите снова более новую версию или восстановите копию, сделанную до неё.'],
  }),
  database_damaged: ({ file }, typed) => ({
    what: `База повреждена: ${file}`,
    mend: [typed('doctor'), 'Остановите экземпляр и восстановите последнюю резервную копию.'],
  }),
  store_unreachable: ({ what }, typed) => ({
    what: `Нет связи: ${what}.`,
    mend: [`Проверьте, что оно работает и что адрес верен: ${typed('config show')}`, typed('doctor')],
  }),
  unknown_setting: ({ path, nearest }, typed) => ({
    what: `Нет настройки ${path}.`,
    ...(nearest === null ? {} : { why: `Может быть, ${nearest}?` }),
    mend: [`Все настройки: ${typed('config show')}`],
  }),
  not_a_single_setting: ({ path }, typed) => ({
    what: `${path} — раздел, а не настройка.`,
    mend: [`Его настройки: ${typed(`config show ${path}`)}`],
  }),
  setting_invalid: ({ mistake }, typed) => ({
    what: `Не подходит: ${mistakes.says(mistake)}.`,
    why: 'Настройки остались как были.',
    mend: [`Что это значит: ${typed(`config show ${mistake.path}`)}`],
  }),
  needs_answer: ({ flag }) => ({
    what: `Здесь некого спросить, а ${flag} об этом не говорит.`,
    why: 'Это не терминал (или задано --yes).',
    mend: [`Добавьте ${flag}.`],
  }),
  needs_yes: () => ({
    what: 'Ничего не сделано: здесь некого спросить, всерьёз ли это.',
    mend: ['Если всерьёз, добавьте --yes.'],
  }),
  bad_answer: ({ flag, wanted }) => ({
    what: `Значение ${flag} не подходит.`,
    why: wanted,
    mend: [`Задайте ${flag} иначе.`],
  }),
  no_password: () => ({
    what: 'На стандартный ввод не пришёл пароль.',
    mend: ['printf %s "$PASSWORD" | … --password -', 'Или уберите --password: пароль будет придуман.'],
  }),
  password_shown: () => ({
    what: 'Паролю не место в командной строке.',
    why: 'Он остался бы в истории оболочки, а другие пользователи машины видят его, пока команда работает.',
    mend: ['printf %s "$PASSWORD" | … --password -', 'Или уберите --password: пароль будет спрошен или придуман.'],
  }),
  file_missing: ({ path }) => ({ what: `Файла ${path} нет.`, mend: ['Назовите файл так, как он называется.'] }),
  file_exists: ({ path }) => ({
    what: `${path} уже есть.`,
    why: 'Ничего вашего не перезаписывается.',
    mend: ['Назовите новый файл или уберите тот.'],
  }),
  folder_missing: ({ path }) => ({ what: `Папки ${path} нет.`, mend: [`mkdir -p ${path}`] }),
  not_a_file: ({ path }) => ({ what: `${path} — не файл.`, mend: ['Назовите файл.'] }),
  list_not_utf8: ({ path }) => ({
    what: `${path} записан не в UTF-8.`,
    why: 'Имена не латиницей оказались бы испорчены.',
    mend: ['Сохраните его в таблице как «CSV UTF-8».', `Или: iconv -f CP1251 -t UTF-8 ${path} > new.csv`],
  }),
  list_broken: ({ path, line, says }) => ({
    what: `${path} — не CSV: обрывается на строке ${line}.`,
    why: says,
    mend: ['Чаще всего там не закрыта кавычка: внутри значения её пишут дважды ("").'],
  }),
  list_empty: ({ path }) => ({
    what: `В ${path} никого нет.`,
    mend: ['Первая строка называет столбцы, каждая следующая — человек: name,display_name,email,role'],
  }),
  list_column_unknown: ({ path, column, known }) => ({
    what: `В ${path} есть столбец «${column}», и что он значит, неизвестно.`,
    mend: [`Столбцы бывают такие: ${known.join(', ')}`, 'Переименуйте или уберите этот столбец.'],
  }),
  list_column_twice: ({ path, column }) => ({
    what: `В ${path} столбец «${column}» встречается дважды.`,
    mend: ['Уберите один из них.'],
  }),
  list_column_missing: ({ path, column, found }) => ({
    what: `В ${path} нет столбца «${column}».`,
    why: `Первая строка называет: ${found.join(', ')}`,
    mend: ['Первая строка называет столбцы: name,display_name,email,role,language,password. Обязателен только name.'],
  }),
};
