import type { Catalogue } from './words.ts';

const notYou =
  'Was this not you? Change your password at once and sign all other devices out, in the security settings. If you cannot get in any more, turn to whoever runs this server.';

const changes = {
  totp_added: ['Authenticator app added', 'An authenticator app was added to your account.'],
  totp_removed: ['Authenticator app removed', 'The authenticator app was removed from your account.'],
  passkey_added: ['Passkey added', 'A passkey was added to your account.'],
  passkey_removed: ['Passkey removed', 'A passkey was removed from your account.'],
  codes_renewed: ['New recovery codes', 'New recovery codes were made for your account. The old ones no longer work.'],
  reset: [
    'Two-factor authentication was reset',
    'Those who run this server reset two-factor authentication for your account: authenticator app, passkeys and recovery codes no longer count. You can set them up anew in the security settings.',
  ],
} as const;

const counted = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

export const en: Catalogue = {
  greeting: (name) => (name === null ? 'Hello,' : `Hello ${name},`),
  copyLink: 'If the button does not work, copy this link into your browser:',
  signature: (instance) => `${instance} sent this message by itself. Nobody reads answers to it.`,
  letters: {
    password_reset: ({ link, minutes }, { instance }) => ({
      subject: `A new password for ${instance}`,
      paragraphs: [
        `Somebody, probably you, asked for a new password for your account on ${instance}. Choose one here:`,
      ],
      action: { label: 'Choose a new password', link },
      remarks: [
        `The link works once, within ${counted(minutes, 'minute', 'minutes')} of the request. It then signs all your devices out.`,
        'If it was not you, there is nothing to do: your password stays as it is.',
      ],
    }),
    email_confirmation: ({ link, hours }, { instance }) => ({
      subject: `Confirm your e-mail address for ${instance}`,
      paragraphs: [
        `This address was given for an account on ${instance}. Confirm that it is yours, so that you can get a new password by mail and hear about sign-ins:`,
      ],
      action: { label: 'Confirm this address', link },
      remarks: [
        `The link works once, within ${counted(hours, 'hour', 'hours')} of the request.`,
        'If you know nothing of this, there is nothing to do: without confirmation the address is not used.',
      ],
    }),
    account_approved: ({ link }, { instance }) => ({
      subject: `Welcome to ${instance}`,
      paragraphs: ['Your account has been approved. You can sign in now:'],
      action: { label: `Open ${instance}`, link },
      remarks: [],
    }),
    approval_wanted: ({ name }, { instance }) => ({
      subject: `${name} would like to join ${instance}`,
      paragraphs: [
        `${name} has registered on ${instance} and waits to be let in.`,
        'To let them in: messenger users approve, on the server.',
      ],
      action: null,
      remarks: ['You get this message because you may approve accounts.'],
    }),
    new_device: ({ device, addressHint, at, link }, { instance, date }) => ({
      subject: `New sign-in to ${instance}`,
      paragraphs: [
        'Your account was used to sign in on a device that is new to us:',
        `Device: ${device || 'unknown'}\nNetwork: ${addressHint || 'unknown'}\nTime: ${date(at)}`,
        'If that was you, all is well.',
      ],
      action: { label: 'See my devices', link },
      remarks: [notYou],
    }),
    session_reused: ({ device, at }, { instance, date }) => ({
      subject: `A device was signed out of ${instance}`,
      paragraphs: [
        `On ${date(at)} something presented an old key of your device “${device || 'unknown'}”. A key is used once, so it may have been copied. To be safe, that device was signed out.`,
        'Sign in again on it. This can also follow from restoring a device from a backup.',
      ],
      action: null,
      remarks: ['If you have not restored anything, change your password and look through your devices.'],
    }),
    password_changed: ({ at }, { instance, date }) => ({
      subject: `Your password for ${instance} was changed`,
      paragraphs: [`On ${date(at)} the password of your account on ${instance} was changed.`],
      action: null,
      remarks: [notYou],
    }),
    email_changed: ({ email, at }, { instance, date }) => ({
      subject: `Your e-mail address on ${instance}`,
      paragraphs: [
        email === null
          ? `On ${date(at)} this address was removed from your account on ${instance}. Without an address you cannot get a new password by mail.`
          : `On ${date(at)} the e-mail address of your account on ${instance} was set to ${email}. Once it has been confirmed there, mail goes to it instead of here.`,
      ],
      action: null,
      remarks: [notYou],
    }),
    second_factor_changed: ({ what, at }, { instance, date }) => ({
      subject: `${instance}: ${changes[what][0]}`,
      paragraphs: [`${date(at)}: ${changes[what][1]}`],
      action: null,
      remarks: [notYou],
    }),
    password_known: ({ at, link }, { instance, date }) => ({
      subject: `Somebody may know your password for ${instance}`,
      paragraphs: [
        `On ${date(at)} somebody signed in with your password and then gave many wrong codes. They did not get in.`,
        'If that was not you, choose another password now.',
      ],
      action: { label: 'Change my password', link },
      remarks: ['Do not use that password anywhere else either.'],
    }),
    account_deleting: ({ deletesAt }, { instance, date }) => ({
      subject: `Your account on ${instance} will be deleted`,
      paragraphs: [
        `Your account on ${instance} has been closed and will be deleted on ${date(deletesAt)}. Your profile is emptied then.`,
      ],
      action: null,
      remarks: ['If this should not happen, turn to whoever runs this server before that day.'],
    }),
    test: (_letter, { instance }) => ({
      subject: `Mail from ${instance} works`,
      paragraphs: [`This is a test. ${instance} can send mail to this address.`],
      action: null,
      remarks: [],
    }),
  },
};
