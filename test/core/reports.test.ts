import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeAudit } from '../../src/core/auth/audit.ts';
import { makeHousekeeping } from '../../src/core/auth/housekeeping.ts';
import type { Call } from '../../src/core/call.ts';
import type { ConversationId, ReportId } from '../../src/protocol/ids.ts';
import {
  type Input,
  type InputToSend,
  type OperationName,
  type Output,
  operations,
} from '../../src/protocol/operations.ts';
import { local } from '../support/auth.ts';
import { type CoreWorld, makeCoreWorld, userIdOf } from '../support/core-world.ts';
import { newClientId } from '../support/device.ts';

type ReportOperation = Extract<OperationName, `report.${string}`>;

let world: CoreWorld;
let anna: Call;
let boris: Call;
let mila: Call;
let conversationId: ConversationId;
beforeEach(async () => {
  world = await makeCoreWorld();
  [anna, boris] = [await world.enter('anna'), await world.enter('boris')];
  mila = await world.enter('mila', 'moderator');
  conversationId = await world.group(anna, 'Choir', [boris]);
});
afterEach(() => world.close());

async function ask<N extends ReportOperation>(op: N, input: InputToSend<N>, call: Call): Promise<Output<N>> {
  const handler = world.messaging.handlers[op] as (input: unknown, call: Call) => unknown;
  return (await handler(operations[op].input.parse(input) as Input<N>, call)) as Output<N>;
}
const say = async (who: Call, text: string) =>
  (await world.device(who).call('message.send', { conversationId, clientId: newClientId(), text })).seq;
const report = (who: Call, seq: number, more: Partial<InputToSend<'report.create'>> = {}) =>
  ask('report.create', { conversationId, seq, reason: 'harassment', ...more }, who);
const listed = async (who: Call, more: InputToSend<'report.list'> = {}) =>
  (await ask('report.list', more, who)).reports;
const events = async (action: string) =>
  await world.platform.audit.query({
    before: null,
    after: null,
    userId: null,
    action,
    since: null,
    until: null,
    limit: 10,
  });

describe('a report', () => {
  it('shows what has disappeared as emptied, and what is older than it is kept as removed', async () => {
    const set = (settings: object) => world.device(anna).call('conversation.setSettings', { conversationId, settings });
    await set({ disappearAfter: 60_000 });
    const { reportId } = await report(anna, await say(boris, 'something rude'));
    world.platform.clock.advance(60_000);
    const shown = await ask('report.show', { reportId }, mila);
    expect(shown).toMatchObject({ removed: true, report: { message: { body: {}, emptied: true } } });
    expect(JSON.stringify(await listed(mila))).not.toContain('rude');

    await set({ disappearAfter: null, keepFor: 3_600_000 });
    const other = await report(anna, await say(boris, 'kept for an hour'));
    world.platform.clock.advance(3_700_000);
    await world.platform.clock.pass(11 * 60_000);
    expect(await ask('report.show', { reportId: other.reportId }, mila)).toMatchObject({ removed: true, now: null });
  });

  it('shows moderators the message as it was, who wrote it and who reported it, whatever became of it', async () => {
    const seq = await say(boris, 'something rude');
    const { reportId } = await report(anna, seq, { note: ' third time today ' });
    const { report: before, removed } = await ask('report.show', { reportId }, mila);
    expect(removed).toBe(false);
    expect(before).toMatchObject({
      reportId,
      reason: 'harassment',
      note: 'third time today',
      reporter: { name: 'anna' },
      author: { name: 'boris' },
      conversation: { conversationId, kind: 'group', title: 'Choir' },
      message: { seq, kind: 'message', body: { text: 'something rude' } },
      resolved: null,
    });
    const device = world.device(boris);
    await device.call('message.edit', { conversationId, clientId: newClientId(), seq, text: 'something nice' });
    await device.call('message.remove', { conversationId, clientId: newClientId(), seq });
    expect(await ask('report.show', { reportId }, local)).toMatchObject({ report: before, removed: true });
    expect(await listed(mila)).toEqual([before]);
  });

  it('holds what was edited, and not who reacted', async () => {
    const seq = await say(boris, 'something');
    const place = { conversationId, seq };
    await world.device(boris).call('message.edit', { ...place, clientId: newClientId(), text: 'something rude' });
    await world.device(anna).call('message.react', { ...place, emoji: '👎', on: true });
    await report(anna, seq);
    const [made] = await listed(mila);
    expect(made?.message).toMatchObject({ body: { text: 'something rude' }, editedAt: expect.any(Number) });
    expect(made?.message.reactions).toBeUndefined();
  });

  it('of polls and of direct messages is made as well', async () => {
    const device = world.device(boris);
    const poll = await device.call('poll.create', {
      conversationId,
      clientId: newClientId(),
      question: 'rude?',
      options: ['yes', 'no'],
    });
    await report(anna, poll.seq, { reason: 'other' });
    const { conversation } = await device.call('conversation.openDirect', { userId: userIdOf(anna) });
    const direct = { conversationId: conversation.conversationId, clientId: newClientId(), text: 'rude' };
    const { seq } = await device.call('message.send', direct);
    await report(anna, seq, { conversationId: conversation.conversationId });
    expect(await listed(mila)).toMatchObject([
      { message: { kind: 'poll', body: { question: 'rude?' } } },
      { conversation: { kind: 'direct', title: '' } },
    ]);
  });

  it('again answers the first one, until that is settled', async () => {
    const seq = await say(boris, 'something rude');
    const first = await report(anna, seq);
    expect(await report(anna, seq, { note: 'again' })).toEqual(first);
    await ask('report.resolve', { reportId: first.reportId, outcome: 'dismissed' }, mila);
    expect(await report(anna, seq)).not.toEqual(first);
    expect(await listed(mila, { state: null })).toHaveLength(2);
    expect(await events('report.created')).toHaveLength(2);
  });

  it('is made by those who may read the message, also when they left, and by nobody else', async () => {
    const stranger = await world.enter('stranger');
    const seq = await say(boris, 'something rude');
    await expect(report(stranger, seq)).rejects.toMatchObject({ code: 'forbidden', reason: 'not_a_member' });
    await world.device(anna).call('conversation.addMembers', { conversationId, userIds: [userIdOf(stranger)] });
    await expect(report(stranger, seq)).rejects.toMatchObject({ code: 'not_found', reason: 'no_such_message' });
    await world.device(stranger).call('conversation.leave', { conversationId });
    await world.device(boris).call('conversation.leave', { conversationId });
    const own = await say(anna, 'rude myself');
    await expect(report(boris, own)).rejects.toMatchObject({ reason: 'no_such_message' });
    await report(anna, seq);
  });

  it('of what is no message, of what is removed, and of one’s own is refused', async () => {
    const seq = await say(boris, 'something rude');
    await expect(report(anna, 1)).rejects.toMatchObject({ reason: 'no_such_message' });
    await expect(report(anna, 99)).rejects.toMatchObject({ reason: 'no_such_message' });
    await expect(report(boris, seq)).rejects.toMatchObject({ code: 'conflict', reason: 'your_own_message' });
    await world.device(boris).call('message.remove', { conversationId, clientId: newClientId(), seq });
    await expect(report(anna, seq)).rejects.toMatchObject({ code: 'conflict', reason: 'message_removed' });
  });

  it('cannot be made without end', async () => {
    const seq = await say(boris, 'something rude');
    const made = await Promise.allSettled(Array.from({ length: 40 }, () => report(anna, seq)));
    const refusals = made.filter(({ status }) => status === 'rejected');
    expect(refusals[0]).toMatchObject({ reason: { code: 'too_many_requests', retryAfter: expect.any(Number) } });
  });
});

describe('moderators', () => {
  it('settle a report once, with what it came to, and that is noted', async () => {
    const { reportId } = await report(anna, await say(boris, 'something rude'));
    const settled = await ask('report.resolve', { reportId, outcome: 'acted', note: 'talked to him' }, mila);
    const resolved = { at: expect.any(Number), by: { name: 'mila' }, outcome: 'acted', note: 'talked to him' };
    expect(settled.report.resolved).toMatchObject(resolved);
    const again = await ask('report.resolve', { reportId, outcome: 'dismissed' }, local);
    expect(again).toEqual(settled);
    expect(await listed(mila)).toEqual([]);
    expect(await listed(mila, { state: 'resolved' })).toEqual([settled.report]);
    expect(await events('report.resolved')).toMatchObject([
      { actor: { name: 'mila' }, subject: { id: reportId }, details: { outcome: 'acted' } },
    ]);
  });

  it('the host’s owner among them, who is nobody in particular', async () => {
    const { reportId } = await report(anna, await say(boris, 'something rude'));
    const { report: settled } = await ask('report.resolve', { reportId, outcome: 'dismissed' }, local);
    expect(settled.resolved).toMatchObject({ by: null, outcome: 'dismissed', note: '' });
  });

  it('remove the reported message for everybody, although they are not in its group, and nobody there learns who did', async () => {
    const seq = await say(boris, 'something rude');
    const { reportId } = await report(anna, seq);
    await ask('report.resolve', { reportId, outcome: 'acted', remove: true }, mila);
    const { messages } = await world.device(anna).call('message.look', { conversationId, seqs: [seq] });
    expect(messages).toMatchObject([{ emptied: true, body: {} }]);
    const { entries } = await world.device(anna).call('conversation.entries', { conversationId, after: seq });
    expect(entries).toMatchObject([{ kind: 'removal', target: seq, senderId: null }]);
    const shown = await ask('report.show', { reportId }, mila);
    expect(shown).toMatchObject({
      removed: true,
      now: { emptied: true },
      report: { message: { body: { text: 'something rude' } } },
    });
    expect(await events('report.message_removed')).toMatchObject([
      { actor: { name: 'mila' }, subject: { id: reportId } },
    ]);
  });

  it('remove a message once, also when they say so again', async () => {
    const seq = await say(boris, 'something rude');
    const { reportId } = await report(anna, seq);
    const remove = () => ask('report.resolve', { reportId, outcome: 'acted', remove: true }, mila);
    await Promise.all([remove(), remove()]);
    await remove();
    const { entries } = await world.device(anna).call('conversation.entries', { conversationId, after: seq });
    expect(entries).toHaveLength(1);
    expect(await events('report.message_removed')).toHaveLength(1);
  });

  it('do not remove what needs nothing done about it', async () => {
    const seq = await say(boris, 'something harmless');
    const { reportId } = await report(anna, seq);
    await expect(ask('report.resolve', { reportId, outcome: 'dismissed', remove: true }, mila)).rejects.toMatchObject({
      code: 'invalid',
      reason: 'removing_is_acting',
    });
    expect(await ask('report.show', { reportId }, mila)).toMatchObject({ removed: false, report: { resolved: null } });
  });

  it('see no report about themselves: it would tell who made it', async () => {
    await world.device(anna).call('conversation.addMembers', { conversationId, userIds: [userIdOf(mila)] });
    const { reportId } = await report(anna, await say(mila, 'something rude'));
    expect(await listed(mila)).toEqual([]);
    const missing = { code: 'not_found', reason: 'no_such_report' };
    await expect(ask('report.show', { reportId }, mila)).rejects.toMatchObject(missing);
    await expect(ask('report.resolve', { reportId, outcome: 'dismissed' }, mila)).rejects.toMatchObject(missing);
    expect(await listed(local)).toHaveLength(1);
    const said = await events('report.');
    expect(said).toMatchObject([{ action: 'report.created', subject: { id: reportId, name: null } }]);
  });

  it('page through many, however long they are', async () => {
    const ids: ReportId[] = [];
    for (let i = 0; i < 9; i++) ids.push((await report(anna, await say(boris, `${i}${'ж'.repeat(8_000)}`))).reportId);
    const found: ReportId[] = [];
    let pages = 0;
    for (let after: ReportId | null = null, more = true; more; pages++) {
      const page: Output<'report.list'> = await ask('report.list', { after }, mila);
      expect(JSON.stringify(page).length * 2).toBeLessThan(128 * 1024 * 1.3);
      found.push(...page.reports.map(({ reportId }) => reportId));
      ({ more } = page);
      after = found.at(-1) ?? null;
    }
    expect(found).toEqual(ids);
    expect(pages).toBeGreaterThan(1);
  });

  it('look for reports that are not there in vain', async () => {
    const reportId = crypto.randomUUID() as ReportId;
    await expect(ask('report.show', { reportId }, mila)).rejects.toMatchObject({ reason: 'no_such_report' });
    await expect(ask('report.resolve', { reportId, outcome: 'acted' }, local)).rejects.toMatchObject({
      reason: 'no_such_report',
    });
  });
});

describe('an export of a person', () => {
  it('holds what they decided about others and themselves, and what they reported, not who reported them', async () => {
    const seqs = [];
    for (let i = 0; i < 6; i++) seqs.push(await say(boris, `rude ${i}`));
    for (const seq of seqs) await report(anna, seq);
    await world.device(anna).call('person.block', { userId: userIdOf(boris), on: true });
    await world.device(anna).call('privacy.set', { lastSeen: 'nobody' });
    const linesOf = async (user: string) => {
      const lines: { type: string }[] = [];
      for (let cursor: string | null = null, done = false; !done; done = cursor === null) {
        const page: Output<'user.export'> = await world.ask('user.export', { user, cursor }, local);
        lines.push(...page.lines.map((line) => JSON.parse(line)));
        cursor = page.cursor;
      }
      return lines;
    };
    const lines = await linesOf('anna');
    expect(lines).toContainEqual({ type: 'privacy', lastSeen: 'nobody', readReceipts: true });
    expect(lines).toContainEqual({ type: 'block', userId: userIdOf(boris) });
    const reported = lines.filter(({ type }) => type === 'report');
    expect(reported).toMatchObject(seqs.map((seq) => ({ seq, reason: 'harassment' })));
    const others = await linesOf('boris');
    expect(others.filter(({ type }) => type === 'report' || type === 'block')).toEqual([]);
    expect(JSON.stringify(others.filter(({ type }) => type === 'event'))).not.toContain('report.');
  });
});

describe('housekeeping', () => {
  it('forgets settled reports when the audit log does, and open ones never', async () => {
    const [old, open] = [await report(anna, await say(boris, 'one')), await report(anna, await say(boris, 'two'))];
    await ask('report.resolve', { reportId: old.reportId, outcome: 'acted' }, mila);
    await world.auth.stop();
    await world.messaging.stop();
    world.platform.clock.advance(world.platform.settings.auditMs + 1);
    await makeHousekeeping(world.platform, { audit: makeAudit(world.platform) }).round();
    expect((await listed(local, { state: null })).map(({ reportId }) => reportId)).toEqual([open.reportId]);
  });
});
