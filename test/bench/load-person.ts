import { randomUUID } from 'node:crypto';
import { openWire, type Wire } from './wire.ts';

export interface Credentials {
  readonly userId: string;
  readonly accessToken: string;
}

/**
 * A person's device, as the product's client behaves on the wire: it confirms what it received, the first entry of a
 * conversation at once, and then at most once a second.
 */
export interface LoadPerson {
  readonly userId: string;
  /** Any operation. Rejects with the error's JSON. */
  ask(op: string, input: object): Promise<Output>;
  /** A send; `onSent` hears of it. */
  send(conversationId: string, text: string): void;
  onSent: () => void;
  /** Each entry of others that arrives live. */
  onEntry: (frame: string) => void;
  /** Bytes that arrived so far. */
  received(): number;
  close(): void;
}

/** The parts of outputs that the load looks at. */
export interface Output {
  readonly conversation: { readonly conversationId: string };
  readonly conversations: readonly { readonly conversationId: string; readonly head: { readonly seq: number } }[];
  readonly entries: readonly { readonly seq: number }[];
  readonly cursor: string;
  readonly more: boolean;
}

const receiptsMs = 1_000;
const entryStart = '{"event":"entry.appended"';

/** Connects and signs on with the first frame; `more` is what it says beside the token. */
export async function signOn(
  port: number,
  { userId, accessToken }: Credentials,
  more: object = {},
): Promise<LoadPerson> {
  const wire = await openWire(port);
  const person = speak(wire, userId);
  await person.ask('connection.open', { accessToken, ...more });
  return person;
}

/** Signed on, and synced to the end, so that events come. */
export async function comeOnline(port: number, credentials: Credentials): Promise<LoadPerson> {
  const person = await signOn(port, credentials);
  await syncAll(person, null);
  return person;
}

export async function syncAll(person: LoadPerson, from: string | null) {
  const conversations = [];
  let cursor = from;
  for (;;) {
    const page: Output = await person.ask('sync', { cursor });
    conversations.push(...page.conversations);
    cursor = page.cursor;
    if (!page.more) return { conversations, cursor };
  }
}

function speak(wire: Wire, userId: string): LoadPerson {
  const asked = new Map<number, { resolve(output: Output): void; reject(error: Error): void }>();
  const own = randomUUID();
  let lastId = 0;
  const received = new Map<string, { seq: number; markedSeq: number; markedAt: number }>();
  let timer: NodeJS.Timeout | null = null;

  const markReceived = () => {
    timer = null;
    const now = performance.now();
    const marks = [];
    let again = false;
    for (const [conversationId, mark] of received) {
      if (mark.seq === mark.markedSeq) continue;
      if (now - mark.markedAt < receiptsMs) {
        again = true;
        continue;
      }
      marks.push({ conversationId, deliveredSeq: mark.seq });
      mark.markedSeq = mark.seq;
      mark.markedAt = now;
    }
    if (marks.length > 0) person.ask('receipts.mark', { marks }).catch(fail);
    if (again) timer = setTimeout(markReceived, 100);
  };

  const noteReceived = (frame: string) => {
    const conversationId = textAt(frame, '"conversationId":"', 36);
    const seq = Number.parseInt(textAt(frame, '"seq":', 12), 10);
    const mark = received.get(conversationId);
    if (mark) mark.seq = seq;
    else received.set(conversationId, { seq, markedSeq: 0, markedAt: Number.NEGATIVE_INFINITY });
    if (timer === null) {
      if (mark && performance.now() - mark.markedAt < receiptsMs) timer = setTimeout(markReceived, 100);
      else markReceived();
    }
  };

  wire.onFrame = (data, start, end) => {
    if (data[start + 2] === 0x69) {
      const id = Number.parseInt(data.toString('latin1', start + 6, Math.min(start + 18, end)), 10);
      const waiting = asked.get(id);
      if (waiting === undefined) {
        if (data.toString('latin1', start + 7, Math.min(end, start + 40)).includes('"ok":true')) person.onSent();
        else fail(new Error(data.toString('utf8', start, end)));
        return;
      }
      asked.delete(id);
      const reply = JSON.parse(data.toString('utf8', start, end)) as { ok: boolean; output: Output; error: unknown };
      if (reply.ok) waiting.resolve(reply.output);
      else waiting.reject(new Error(JSON.stringify(reply.error)));
      return;
    }
    const frame = data.toString('latin1', start, end);
    if (!frame.startsWith(entryStart)) return;
    noteReceived(frame);
    if (!frame.includes(userId)) person.onEntry(frame);
  };
  wire.onClose = (code) => {
    for (const { reject } of asked.values()) reject(new Error(`the server closed the connection (${code})`));
  };

  const person: LoadPerson = {
    userId,
    ask(op, input) {
      const id = ++lastId;
      wire.send(JSON.stringify({ id, op, input }));
      return new Promise((resolve, reject) => asked.set(id, { resolve, reject }));
    },
    send(conversationId, text) {
      const id = ++lastId;
      // A UUIDv7, as the product's client makes it.
      const time = Date.now().toString(16).padStart(12, '0');
      const clientId = `${time.slice(0, 8)}-${time.slice(8)}-7${own.slice(15, 28)}${id.toString(16).padStart(8, '0')}`;
      wire.send(
        `{"id":${id},"op":"message.send","input":{"conversationId":"${conversationId}","clientId":"${clientId}","text":"${text}"}}`,
      );
    },
    onSent: () => {},
    onEntry: () => {},
    received: () => wire.received(),
    close() {
      if (timer !== null) clearTimeout(timer);
      wire.onClose = () => {};
      wire.close();
    },
  };
  return person;
}

function textAt(frame: string, marker: string, length: number): string {
  const at = frame.indexOf(marker) + marker.length;
  return frame.slice(at, at + length);
}

function fail(error: Error): never {
  console.error(`the load failed: ${error.message}`);
  process.exit(1);
}
