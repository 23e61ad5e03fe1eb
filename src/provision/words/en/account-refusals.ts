import type { Explanation, Typed } from '../words.ts';

/** Errors about accounts: what those who look after them, and those who sign in, are told. */
export const accountRefusals = {
  // --- Accounts ---
  name_taken: () => ({ what: 'There is an account of that name already.', mend: ['Choose another name.'] }),
  email_taken: (typed) => ({
    what: 'Another account has that e-mail address.',
    mend: ['Choose another address.', `See whose it is: ${typed('users list --json')}`],
  }),
  no_such_user: (typed) => ({ what: 'There is no such account.', mend: [typed('users list')] }),
  password_too_weak: () => ({
    what: 'That password is too easy to guess.',
    mend: ['Choose a longer one of several words, or leave it away: one is made.'],
  }),
  last_owner: (typed) => ({
    what: 'The last owner stays one.',
    why: 'Without an owner nobody could look after the instance from within.',
    mend: [`Make somebody else an owner first: ${typed('users role NAME owner')}`],
  }),
  account_active: (typed) => ({
    what: 'The account does not wait: it is active.',
    mend: [`To keep them out: ${typed('users disable NAME')}`],
  }),
  account_waiting: (typed) => ({
    what: 'The account waits for approval.',
    mend: [`Let them in: ${typed('users approve NAME')}`, `Or delete it: ${typed('users delete NAME')}`],
  }),
  account_disabled: (typed) => ({
    what: 'The account is disabled.',
    mend: [`Let them in again: ${typed('users enable NAME')}`],
  }),
  account_deleting: (typed) => ({
    what: 'The account is about to be deleted.',
    mend: [`Until then this undoes it: ${typed('users enable NAME')}`],
  }),
  account_deleted: (typed) => ({
    what: 'The account was deleted; nothing personal is left of it.',
    mend: [`Make a new one: ${typed('users add NAME')}`],
  }),
  account_not_active: (typed) => ({
    what: 'The account is not active.',
    mend: [`See why: ${typed('users show NAME')}`, `Let them in again: ${typed('users enable NAME')}`],
  }),
  deletion_under_way: (typed) => ({
    what: 'The account is being deleted just now; that cannot be undone any more.',
    mend: [`See when it is done: ${typed('audit --action user.deleted')}`],
  }),
  not_for_oneself: (typed) => ({
    what: 'Nobody does that to their own account.',
    why: 'So that an unattended device is not enough to take an account over.',
    mend: [`Do it on the host, or let another admin do it: ${typed('users list')}`],
  }),
  scope_missing: (typed) => ({
    what: 'The API token has not the scope that this needs.',
    mend: [`Make one with more scopes: ${typed('tokens create --help')}`],
  }),
  rank_above_own: () => ({
    what: 'They have a higher rank than you.',
    mend: ['Let an owner do it, or do it on the host.'],
  }),
  role_above_own: () => ({
    what: 'Nobody gives a role above their own.',
    mend: ['Let an owner do it, or do it on the host.'],
  }),
  role_above_member: () => ({
    what: 'Only owners and admins give roles above member.',
    mend: ['Let an admin do it, or do it on the host.'],
  }),
  may_not_add: () => ({
    what: 'Whoever invites may not add people to that group.',
    mend: ['Let an admin of the group make the invite.'],
  }),
  needs_a_person: () => ({
    what: 'Only somebody who is signed in can do that, not the host.',
    mend: ['Do it in the app.'],
  }),

  // --- Invites and registration ---
  no_such_invite: (typed) => ({ what: 'There is no such invite.', mend: [typed('invites list --spent')] }),
  no_such_conversation: () => ({
    what: 'There is no such group.',
    mend: ['Its id stands in the address that the app shows while the group is open.'],
  }),
  registration_closed: (typed) => ({
    what: 'Nobody can make an account here by themselves.',
    mend: [typed('users add NAME'), typed('config set registration invite')],
  }),
  invite_needed: (typed) => ({ what: 'An account needs an invite here.', mend: [typed('invites create')] }),
  invite_invalid: (typed) => ({ what: 'That is no invite of this instance.', mend: [typed('invites create')] }),
  invite_revoked: (typed) => ({ what: 'The invite was revoked.', mend: [typed('invites create')] }),
  invite_expired: (typed) => ({ what: 'The invite has expired.', mend: [typed('invites create')] }),
  invite_spent: (typed) => ({ what: 'The invite is used up.', mend: [typed('invites create --uses 5')] }),
  no_room: (typed) => ({
    what: 'The host is short of disk space or memory, so nobody new is let in.',
    mend: [typed('doctor'), 'Free some space (df -h), or end other programs.'],
  }),

  // --- Signing in ---
  wrong_credentials: (typed) => ({
    what: 'Name or password is wrong.',
    mend: [`Give them a link for a new password: ${typed('users password NAME --link')}`],
  }),
  wrong_password: (typed) => ({
    what: 'The present password is wrong.',
    mend: [`Give them a link for a new password: ${typed('users password NAME --link')}`],
  }),
  wrong_code: (typed) => ({
    what: 'The code is wrong.',
    why: 'Codes follow the clock: a device or a host whose time is off refuses right ones.',
    mend: [typed('doctor'), `Who lost their device: ${typed('2fa reset NAME')}`],
  }),
  ticket_expired: () => ({ what: 'That took too long.', mend: ['Sign in from the beginning.'] }),
  attempt_expired: () => ({ what: 'That took too long.', mend: ['Try again from the beginning.'] }),
  link_invalid: (typed) => ({
    what: 'The link was used or has expired.',
    mend: [`Make a new one: ${typed('users password NAME --link')}`],
  }),
  session_closed: () => ({ what: 'The device was signed out.', mend: ['Sign in again.'] }),
  session_reused: (typed) => ({
    what: 'An old key of this device came back: it had been copied, and the device was signed out.',
    mend: ['Sign in again, and change the password.', typed('audit --action session.reused')],
  }),
  refresh_token_invalid: () => ({ what: 'The device is not known here.', mend: ['Sign in again.'] }),
  no_such_session: (typed) => ({ what: 'There is no such device.', mend: [typed('users sessions NAME')] }),

  // --- Second factors and passkeys ---
  second_factor_required: (typed) => ({
    what: 'A second factor is required here, and this is the last one.',
    mend: ['Set up another one first.', `Or change the rule: ${typed('config set auth.twoFactor optional')}`],
  }),
  no_second_factor: (typed) => ({ what: 'There is no second factor.', mend: [typed('2fa status NAME')] }),
  no_totp: (typed) => ({ what: 'There is no authenticator app.', mend: [typed('2fa status NAME')] }),
  totp_not_begun: () => ({ what: 'No authenticator app is being set up.', mend: ['Begin anew.'] }),
  no_such_passkey: (typed) => ({ what: 'There is no such passkey.', mend: [typed('2fa status NAME')] }),
  no_passkey_here: () => ({
    what: 'No passkey of theirs works at this address.',
    mend: ['Open the address where it was made, or sign in with the password.'],
  }),
  passkey_exists: () => ({ what: 'That passkey is known already.', mend: ['Use another device or key.'] }),
  passkey_failed: () => ({ what: 'The passkey was not accepted.', mend: ['Try again, or sign in with the password.'] }),
  passkey_unknown: () => ({
    what: 'That passkey is not known here.',
    mend: ['Remove it from the device, and sign in with the password.'],
  }),
  user_not_verified: () => ({
    what: 'The passkey did not ask who is using it.',
    mend: ['Set a PIN or a fingerprint for it, or sign in with the password first.'],
  }),
  passkeys_need_a_name: (typed) => ({
    what: 'Passkeys need an address with a name and https.',
    mend: [typed('config set address https://chat.example.org')],
  }),
  too_many_passkeys: () => ({ what: 'There are as many passkeys as there can be.', mend: ['Remove one first.'] }),

  // --- API tokens ---
  no_such_token: (typed) => ({ what: 'There is no such API token.', mend: [typed('tokens list')] }),
  too_many_tokens: (typed) => ({
    what: 'The account has as many API tokens as it can have.',
    mend: [typed('tokens list --user NAME'), typed('tokens revoke ID')],
  }),
  scope_above_role: (typed) => ({
    what: 'The account itself may not do that, so no token of it may.',
    mend: ['Leave that scope away.', `Or give the account another role: ${typed('users role NAME ROLE')}`],
  }),
  token_invalid: (typed) => ({ what: 'That is no token of this instance.', mend: [typed('tokens list')] }),
  token_expired: (typed) => ({ what: 'The token has expired.', mend: [typed('tokens create')] }),

  // --- Bots and webhooks ---
  password_needed: (typed) => ({
    what: 'A person needs a password.',
    mend: ['Give one, or leave it to the command: it makes one.', `For a program: ${typed('users add NAME --bot')}`],
  }),
  bot_account: (typed) => ({
    what: 'That is a bot: nobody signs in to it, so it has neither password nor e-mail address.',
    mend: [
      `Make a token that a program speaks with: ${typed('tokens create --user NAME --name PURPOSE --scope chat')}`,
    ],
  }),
  no_such_webhook: (typed) => ({ what: 'There is no such webhook.', mend: [typed('webhooks list')] }),

  // --- Mail ---
  mail_off: (typed) => ({
    what: 'This instance sends no mail.',
    mend: [typed('config set mail.url smtp://mail.example.org:587'), typed('config set mail.from chat@example.org')],
  }),
  mail_away: (typed) => ({
    what: 'The mail server cannot be used.',
    mend: [typed('config show mail'), typed('logs --level warn')],
  }),
  mail_refused: (typed) => ({
    what: 'The mail server does not take mail for that address.',
    mend: ['See that the address is right.', typed('config show mail')],
  }),

  cursor_invalid: () => ({ what: 'It was not read on from where it stopped.', mend: ['Begin anew.'] }),
} satisfies Record<string, (typed: Typed) => Explanation>;
