import type { accountRefusals as enAccountRefusals } from '../en/account-refusals.ts';
import type { Explanation, Typed } from '../words.ts';

export const accountRefusals: Readonly<Record<keyof typeof enAccountRefusals, (typed: Typed) => Explanation>> = {
  // --- Учётные записи ---
  name_taken: () => ({ what: 'Такое имя уже занято.', mend: ['Выберите другое имя.'] }),
  email_taken: (typed) => ({
    what: 'Этот адрес почты уже у другой учётной записи.',
    mend: ['Выберите другой адрес.', `Чей он, покажет: ${typed('users list --json')}`],
  }),
  no_such_user: (typed) => ({ what: 'Такой учётной записи нет.', mend: [typed('users list')] }),
  password_too_weak: () => ({
    what: 'Этот пароль слишком легко угадать.',
    mend: ['Выберите длиннее, из нескольких слов, или не задавайте: он будет придуман.'],
  }),
  last_owner: (typed) => ({
    what: 'Последний владелец им остаётся.',
    why: 'Без владельца за экземпляром некому было бы следить изнутри.',
    mend: [`Сначала сделайте владельцем кого-то ещё: ${typed('users role ИМЯ owner')}`],
  }),
  account_active: (typed) => ({
    what: 'Учётная запись не ждёт одобрения: она действует.',
    mend: [`Не впускать: ${typed('users disable ИМЯ')}`],
  }),
  account_waiting: (typed) => ({
    what: 'Учётная запись ждёт одобрения.',
    mend: [`Впустить: ${typed('users approve ИМЯ')}`, `Или удалить: ${typed('users delete ИМЯ')}`],
  }),
  account_disabled: (typed) => ({
    what: 'Учётная запись отключена.',
    mend: [`Снова впустить: ${typed('users enable ИМЯ')}`],
  }),
  account_deleting: (typed) => ({
    what: 'Учётная запись вот-вот будет удалена.',
    mend: [`До тех пор это отменит: ${typed('users enable ИМЯ')}`],
  }),
  account_deleted: (typed) => ({
    what: 'Учётная запись удалена; ничего личного от неё не осталось.',
    mend: [`Завести новую: ${typed('users add ИМЯ')}`],
  }),
  account_not_active: (typed) => ({
    what: 'Учётная запись не действует.',
    mend: [`Почему, покажет: ${typed('users show ИМЯ')}`, `Снова впустить: ${typed('users enable ИМЯ')}`],
  }),
  deletion_under_way: (typed) => ({
    what: 'Учётная запись удаляется прямо сейчас; отменить это уже нельзя.',
    mend: [`Когда это закончится, покажет: ${typed('audit --action user.deleted')}`],
  }),
  not_for_oneself: (typed) => ({
    what: 'С собственной учётной записью так не делают.',
    why: 'Чтобы оставленного без присмотра устройства не хватило, чтобы её отнять.',
    mend: [`Сделайте это на самой машине или попросите другого администратора: ${typed('users list')}`],
  }),
  scope_missing: (typed) => ({
    what: 'У токена API нет нужного для этого права.',
    mend: [`Создайте токен с бо́льшими правами: ${typed('tokens create --help')}`],
  }),
  rank_above_own: () => ({
    what: 'Его роль выше вашей.',
    mend: ['Попросите владельца или сделайте это на самой машине.'],
  }),
  role_above_own: () => ({
    what: 'Роль выше собственной дать нельзя.',
    mend: ['Попросите владельца или сделайте это на самой машине.'],
  }),
  role_above_member: () => ({
    what: 'Роли выше участника дают только владельцы и администраторы.',
    mend: ['Попросите администратора или сделайте это на самой машине.'],
  }),
  may_not_add: () => ({
    what: 'Приглашающий не может добавлять людей в эту группу.',
    mend: ['Пусть приглашение создаст администратор группы.'],
  }),
  needs_a_person: () => ({
    what: 'Это может только вошедший человек, а не сама машина.',
    mend: ['Сделайте это в приложении.'],
  }),

  // --- Приглашения и регистрация ---
  no_such_invite: (typed) => ({ what: 'Такого приглашения нет.', mend: [typed('invites list --spent')] }),
  no_such_conversation: () => ({
    what: 'Такой группы нет.',
    mend: ['Её идентификатор стоит в адресе, который показан, пока группа открыта.'],
  }),
  registration_closed: (typed) => ({
    what: 'Самому завести здесь учётную запись нельзя.',
    mend: [typed('users add ИМЯ'), typed('config set registration invite')],
  }),
  invite_needed: (typed) => ({ what: 'Здесь нужно приглашение.', mend: [typed('invites create')] }),
  invite_invalid: (typed) => ({ what: 'Это не приглашение этого экземпляра.', mend: [typed('invites create')] }),
  invite_revoked: (typed) => ({ what: 'Приглашение отозвано.', mend: [typed('invites create')] }),
  invite_expired: (typed) => ({ what: 'Приглашение истекло.', mend: [typed('invites create')] }),
  invite_spent: (typed) => ({ what: 'Приглашение использовано.', mend: [typed('invites create --uses 5')] }),
  no_room: (typed) => ({
    what: 'На машине мало места или памяти, поэтому новых людей не впускают.',
    mend: [typed('doctor'), 'Освободите место (df -h) или завершите другие программы.'],
  }),

  // --- Вход ---
  wrong_credentials: (typed) => ({
    what: 'Неверное имя или пароль.',
    mend: [`Дать ссылку для нового пароля: ${typed('users password ИМЯ --link')}`],
  }),
  wrong_password: (typed) => ({
    what: 'Нынешний пароль неверен.',
    mend: [`Дать ссылку для нового пароля: ${typed('users password ИМЯ --link')}`],
  }),
  wrong_code: (typed) => ({
    what: 'Код неверен.',
    why: 'Коды зависят от часов: если они сбиты на устройстве или на машине, верный код не подойдёт.',
    mend: [typed('doctor'), `Кто потерял устройство: ${typed('2fa reset ИМЯ')}`],
  }),
  ticket_expired: () => ({ what: 'Прошло слишком много времени.', mend: ['Войдите с самого начала.'] }),
  attempt_expired: () => ({ what: 'Прошло слишком много времени.', mend: ['Начните с самого начала.'] }),
  link_invalid: (typed) => ({
    what: 'Ссылка уже использована или истекла.',
    mend: [`Создать новую: ${typed('users password ИМЯ --link')}`],
  }),
  session_closed: () => ({ what: 'На этом устройстве выполнен выход.', mend: ['Войдите снова.'] }),
  session_reused: (typed) => ({
    what: 'Вернулся старый ключ этого устройства: его скопировали, и на устройстве выполнен выход.',
    mend: ['Войдите снова и смените пароль.', typed('audit --action session.reused')],
  }),
  refresh_token_invalid: () => ({ what: 'Это устройство здесь неизвестно.', mend: ['Войдите снова.'] }),
  no_such_session: (typed) => ({ what: 'Такого устройства нет.', mend: [typed('users sessions ИМЯ')] }),

  // --- Второй фактор и ключи доступа ---
  second_factor_required: (typed) => ({
    what: 'Второй фактор здесь обязателен, а этот последний.',
    mend: ['Сначала настройте другой.', `Или измените правило: ${typed('config set auth.twoFactor optional')}`],
  }),
  no_second_factor: (typed) => ({ what: 'Второго фактора нет.', mend: [typed('2fa status ИМЯ')] }),
  no_totp: (typed) => ({ what: 'Приложения с кодами нет.', mend: [typed('2fa status ИМЯ')] }),
  totp_not_begun: () => ({ what: 'Приложение с кодами сейчас не настраивается.', mend: ['Начните заново.'] }),
  no_such_passkey: (typed) => ({ what: 'Такого ключа доступа нет.', mend: [typed('2fa status ИМЯ')] }),
  no_passkey_here: () => ({
    what: 'По этому адресу ключи доступа не подходят.',
    mend: ['Откройте адрес, где ключ создан, или войдите с паролем.'],
  }),
  passkey_exists: () => ({
    what: 'Этот ключ доступа уже известен.',
    mend: ['Возьмите другое устройство или другой ключ.'],
  }),
  passkey_failed: () => ({ what: 'Ключ доступа не принят.', mend: ['Повторите или войдите с паролем.'] }),
  passkey_unknown: () => ({
    what: 'Этот ключ доступа здесь неизвестен.',
    mend: ['Уберите его с устройства и войдите с паролем.'],
  }),
  user_not_verified: () => ({
    what: 'Ключ доступа не спросил, кто им пользуется.',
    mend: ['Задайте для него PIN или отпечаток пальца, или сначала войдите с паролем.'],
  }),
  passkeys_need_a_name: (typed) => ({
    what: 'Для ключей доступа нужен адрес с именем и https.',
    mend: [typed('config set address https://chat.example.org')],
  }),
  too_many_passkeys: () => ({ what: 'Больше ключей доступа быть не может.', mend: ['Сначала уберите один.'] }),

  // --- Токены API ---
  no_such_token: (typed) => ({ what: 'Такого токена API нет.', mend: [typed('tokens list')] }),
  too_many_tokens: (typed) => ({
    what: 'Больше токенов API у этой записи быть не может.',
    mend: [typed('tokens list --user ИМЯ'), typed('tokens revoke ID')],
  }),
  scope_above_role: (typed) => ({
    what: 'Самой учётной записи этого нельзя, поэтому нельзя и её токену.',
    mend: ['Уберите это разрешение.', `Или дайте записи другую роль: ${typed('users role ИМЯ РОЛЬ')}`],
  }),
  token_invalid: (typed) => ({ what: 'Это не токен этого экземпляра.', mend: [typed('tokens list')] }),
  token_expired: (typed) => ({ what: 'Токен истёк.', mend: [typed('tokens create')] }),

  // --- Боты и вебхуки ---
  password_needed: (typed) => ({
    what: 'Человеку нужен пароль.',
    mend: [
      'Задайте его или предоставьте команде: она его придумает.',
      `Для программы: ${typed('users add ИМЯ --bot')}`,
    ],
  }),
  bot_account: (typed) => ({
    what: 'Это бот: войти им нельзя, поэтому у него нет ни пароля, ни адреса почты.',
    mend: [
      `Создайте токен, с которым будет говорить программа: ${typed('tokens create --user ИМЯ --name ЦЕЛЬ --scope chat')}`,
    ],
  }),
  no_such_webhook: (typed) => ({ what: 'Такого вебхука нет.', mend: [typed('webhooks list')] }),

  // --- Почта ---
  mail_off: (typed) => ({
    what: 'Этот экземпляр не отправляет почту.',
    mend: [typed('config set mail.url smtp://mail.example.org:587'), typed('config set mail.from chat@example.org')],
  }),
  mail_away: (typed) => ({
    what: 'Почтовым сервером нельзя воспользоваться.',
    mend: [typed('config show mail'), typed('logs --level warn')],
  }),
  mail_refused: (typed) => ({
    what: 'Почтовый сервер не принимает письма на этот адрес.',
    mend: ['Проверьте, что адрес верен.', typed('config show mail')],
  }),

  cursor_invalid: () => ({ what: 'Продолжение не подходит к началу.', mend: ['Начните заново.'] }),
};
