import { randomUUID } from 'node:crypto';
import { createTransport } from 'nodemailer';
import addressparser from 'nodemailer/lib/addressparser';
import type { Mailer } from '../../ports/mailer.ts';
import { AppError } from '../../protocol/errors.ts';
import { renderLetter } from './rendering.ts';

export interface MailerOptions {
  /** `smtp://host:port` or `smtps://host:port`; null: mail is off. */
  readonly url: string | null;
  readonly user: string | null;
  readonly password: string | null;
  /** `Chat <chat@example.org>`, or the address alone; null: mail is off. */
  readonly from: string | null;
  readonly instanceName: string;
}

/** All of one letter, connecting included: shorter than a worker's lease on the job, so that no letter is sent twice. */
const longestMs = 40_000;

/** A mailer on a mail server. */
export interface SmtpMailer extends Mailer {
  /** Connects and signs in, and sends nothing. Rejects as `send` does. */
  verify(): Promise<void>;
  close(): void;
}

/** Speaks SMTP. Nothing is connected before the first letter. */
export function openMailer(options: MailerOptions): SmtpMailer {
  const { instanceName } = options;
  const sender = senderOf(options);
  if (options.url === null || sender === null) return silent;
  const transport = createTransport({
    ...connection(options.url, options),
    pool: true,
    maxConnections: 2,
    maxMessages: 50,
    idleTimeout: 30_000,
    // Trying again is the worker's business.
    maxRequeues: 0,
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    dnsTimeout: 10_000,
    socketTimeout: 20_000,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const domain = sender.address.slice(sender.address.lastIndexOf('@') + 1);

  return {
    on: true,
    async send(to, letter, language, id = randomUUID()) {
      if (!oneAddress.test(to)) throw refused('mail_refused', 'to', 'not an address');
      const { subject, text, html } = renderLetter(letter, language, instanceName);
      try {
        const { response } = await transport.sendMail({
          from: sender,
          to: { name: '', address: to },
          envelope: { from: sender.address, to: [to] },
          messageId: `<${id}@${domain}>`,
          subject,
          text,
          html,
          // RFC 3834: nobody's out-of-office note comes back.
          headers: { 'Auto-Submitted': 'auto-generated', 'Content-Language': language },
          xMailer: false,
          signal: AbortSignal.timeout(longestMs),
        });
        return response;
      } catch (error) {
        throw asRefusal(error);
      }
    },
    async verify() {
      await transport.verify().catch((error: unknown) => {
        throw asRefusal(error);
      });
    },
    close: () => transport.close({ force: true }),
  };
}

/** What a mail library could take for several addresses, or for more than an address, is none. */
const oneAddress = /^[^\s,;<>"()]+@[^\s,;<>"()@]+$/;

const refuse = () => Promise.reject(new AppError('conflict', 'mail_off'));
const silent: SmtpMailer = {
  on: false,
  send: refuse,
  verify: refuse,
  close() {},
};

function senderOf({ from, instanceName }: MailerOptions): { readonly name: string; readonly address: string } | null {
  const [first] = addressparser(from, { flatten: true });
  if (first === undefined || !first.address.includes('@')) return null;
  return { name: first.name || instanceName, address: first.address };
}

/**
 * A password travels encrypted, to a server that shows who it is. Within this host there is nobody to overhear it, and
 * servers there often show a certificate that nobody signed.
 */
function connection(url: string, { user, password }: MailerOptions) {
  const { protocol, hostname, port } = new URL(url);
  const secure = protocol === 'smtps:';
  const host = hostname.replace(/^\[|\]$/g, '');
  const within = isLoopback(host);
  return {
    host,
    port: port === '' ? (secure ? 465 : user === null ? 25 : 587) : Number(port),
    secure,
    requireTLS: !secure && !within && user !== null,
    tls: { rejectUnauthorized: !within && (secure || user !== null) },
    ...(user === null ? {} : { auth: { user, pass: password ?? '' } }),
  };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/** What nodemailer says went wrong, and the server's own words. */
interface Failure {
  readonly code?: string;
  /** What the server answered that to: `RCPT TO`. */
  readonly command?: string;
  readonly responseCode?: number;
  readonly message: string;
}

function asRefusal(error: unknown): AppError {
  const failure = error as Failure;
  const path = toBlame(failure);
  // What is wrong with the settings, or with the server, can be mended while the letter waits.
  const isFinal = path === 'to' && (failure.responseCode ?? 0) >= 500;
  return refused(isFinal ? 'mail_refused' : 'mail_away', path, failure.message, error);
}

function toBlame({ code, command = '', responseCode }: Failure): string {
  if (code === 'EAUTH' || code === 'ENOAUTH' || responseCode === 530) return 'mail.user';
  if (code !== 'EENVELOPE' && code !== 'EMESSAGE') return 'mail.url';
  return command.startsWith('MAIL') ? 'mail.from' : 'to';
}

function refused(reason: 'mail_refused' | 'mail_away', path: string, message: string, cause?: unknown): AppError {
  return new AppError('unavailable', reason, { cause, fields: [{ path, message }] });
}
