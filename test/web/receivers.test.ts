import { describe, expect, test } from 'vitest';
import type { UserId } from '../../src/protocol/ids.ts';
import type { Profile } from '../../src/protocol/models.ts';
import { receiversOf } from '../../src/web/conversation/receivers.ts';

const person = (name: string): Profile => ({ userId: name as UserId, name, displayName: name, gone: false });
const member = (name: string, deliveredSeq: number, readSeq: number) => ({
  profile: person(name),
  reach: { deliveredSeq, readSeq },
});
const named = (people: readonly Profile[]) => people.map(({ name }) => name);

describe('who received and read a message', () => {
  test('each person stands in one list, as far as the message got with them', () => {
    const { read, delivered, waiting } = receiversOf(
      10,
      [member('ann', 12, 10), member('ben', 10, 9), member('cy', 9, 9), member('di', 0, 0)],
      [],
    );
    expect([named(read), named(delivered), named(waiting)]).toEqual([['ann'], ['ben'], ['cy', 'di']]);
  });

  test('what is heard while it is open moves them on, and never back', () => {
    const members = [member('ann', 12, 10), member('ben', 9, 9)];
    const heard = [
      { userId: 'ann' as UserId, deliveredSeq: 5, readSeq: 5 },
      { userId: 'ben' as UserId, deliveredSeq: 11, readSeq: 10 },
      { userId: 'stranger' as UserId, deliveredSeq: 11, readSeq: 11 },
    ];
    const { read, delivered, waiting } = receiversOf(10, members, heard);
    expect([named(read), named(delivered), named(waiting)]).toEqual([['ann', 'ben'], [], []]);
  });
});
