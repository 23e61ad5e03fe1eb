import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { parseMail, type Received } from './smtp.ts';

export const mailUser = 'chat@example.org';
export const mailPassword = 'correct horse battery';

/** A mail server with TLS (under a certificate that nobody signed) that lets one user in. */
export interface TlsMailServer {
  readonly port: number;
  readonly received: readonly Received[];
  /** Passwords that came in, right or wrong, and whether they came encrypted. */
  readonly signIns: readonly { readonly password: string | null; readonly encrypted: boolean }[];
  /** How many connections were opened. */
  connections(): number;
  stop(): Promise<void>;
}

/** `over`: `secure` for TLS from the start, `onData` … for servers that behave otherwise. */
export async function startTlsMailServer(over: SMTPServerOptions = {}): Promise<TlsMailServer> {
  const received: Received[] = [];
  const signIns: { password: string | null; encrypted: boolean }[] = [];
  let connections = 0;
  const server = new SMTPServer({
    logger: false,
    // Also where a client did not ask for TLS, so that it shows when one sends a password without.
    allowInsecureAuth: true,
    onConnect(_session, done) {
      connections++;
      done();
    },
    onAuth({ username, password = null }, session, done) {
      signIns.push({ password, encrypted: session.secure });
      if (username === mailUser && password === mailPassword) done(null, { user: username });
      else done(Object.assign(new Error('Authentication failed'), { responseCode: 535 }));
    },
    onData(stream, _session, done) {
      text(stream)
        .then(parseMail)
        .then((mail) => {
          received.push(mail);
          done(null, 'kept');
        }, done);
    },
    ...over,
  });
  // A client that breaks off is no error of the server's.
  server.on('error', () => {});
  const listening = server.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const address = listening.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    received,
    signIns,
    connections: () => connections,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
