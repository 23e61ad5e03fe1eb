/** A process that appends to the log in the file it is given, and says the key of each entry once it is acknowledged. */
import { randomUUID } from 'node:crypto';
import { openSqliteMessageLog } from '../../src/adapters/sql/sqlite-message-log.ts';
import type { ClientId, ConversationId, UserId } from '../../src/protocol/ids.ts';
import { silent } from './message-logs.ts';

const [file, ...conversationIds] = process.argv.slice(2);
const clock = { now: Date.now, after: () => () => {} };
const log = await openSqliteMessageLog({ file: file as string, node: 'main', clock, log: silent });

async function write(conversationId: ConversationId): Promise<never> {
  const senderId = randomUUID() as UserId;
  for (let number = 1; ; number++) {
    const clientId = randomUUID() as ClientId;
    const body = { text: `${number} ${'x'.repeat(number % 3_000)}` };
    const draft = { conversationId, senderId, clientId, kind: 'message', body, time: Date.now(), rulesSeq: 0 } as const;
    const { outcome } = await log.append(draft);
    process.stdout.write(`${outcome} ${conversationId} ${senderId} ${clientId}\n`);
  }
}

for (const conversationId of conversationIds) {
  for (let writer = 0; writer < 5; writer++) void write(conversationId as ConversationId);
}
