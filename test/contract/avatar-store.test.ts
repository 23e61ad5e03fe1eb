import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import type { Picture } from '../../src/ports/avatar-store.ts';
import { plainSettings } from '../../src/protocol/models.ts';
import { addPeople, someId } from '../support/accounts.ts';
import { onEveryDatabase } from '../support/databases.ts';

const picture = (...bytes: number[]): Picture => ({ type: 'image/webp', content: new Uint8Array(bytes) });

onEveryDatabase('pictures', (fresh) => {
  async function setUp() {
    const test = await fresh();
    const [ann, ben] = await addPeople(test.stores, 'ann', 'ben');
    return { ...test, ann, ben, ...test.stores };
  }

  it('are found by their hash, byte for byte, and stored twice without harm', async () => {
    const { avatars } = await setUp();
    const all = Array.from({ length: 256 }, (_, byte) => byte);
    const hash = await avatars.put(picture(...all));
    expect(hash).toBe(createHash('sha256').update(new Uint8Array(all)).digest('hex'));
    expect(await avatars.put(picture(...all))).toBe(hash);
    expect(await avatars.find(hash)).toEqual(picture(...all));
    expect(await avatars.find('0'.repeat(64))).toBeNull();
  });

  it('of people are in their profiles, which then count as changed', async () => {
    const { avatars, users, sessions, ann, pass } = await setUp();
    await pass(2);
    const since = await sessions.now();
    const hash = await avatars.put(picture(1));
    await users.setAvatar(ann, hash);
    expect(await users.profiles([ann])).toMatchObject([{ avatar: hash }]);
    expect(await users.find(ann)).toMatchObject({ avatar: hash });
    expect(await users.changedProfiles(ann, since, null, 10)).toMatchObject([{ userId: ann, avatar: hash }]);
    await users.setAvatar(ann, null);
    expect((await users.profiles([ann]))[0]).not.toHaveProperty('avatar');
  });

  it('go with an account that is deleted', async () => {
    const { avatars, users, ann } = await setUp();
    await users.setAvatar(ann, await avatars.put(picture(1)));
    await users.setState(ann, { from: ['active'], state: 'deleting', deletesAt: 0 });
    await users.empty(ann);
    expect((await users.profiles([ann]))[0]).not.toHaveProperty('avatar');
    await users.setAvatar(ann, await avatars.put(picture(2)));
    expect((await users.profiles([ann]))[0]).not.toHaveProperty('avatar');
  });

  it('are forgotten when nobody names them, and were not stored lately', async () => {
    const { avatars, users, conversations, sessions, ann, ben, pass } = await setUp();
    const [ofAnn, ofGroup, left, again] = await Promise.all([1, 2, 3, 4].map((byte) => avatars.put(picture(byte))));
    await users.setAvatar(ann, ofAnn as string);
    await conversations.create({
      ...{ conversationId: someId.conversation(), clientId: someId.client(), title: 'group' },
      ...{ settings: { ...plainSettings, avatar: ofGroup as string }, ownerId: ann, userIds: [ben] },
    });
    await pass(2);
    const before = await sessions.now();
    await avatars.put(picture(4));
    await avatars.prune(before);
    const kept = await Promise.all([ofAnn, ofGroup, left, again].map((hash) => avatars.find(hash as string)));
    expect(kept.map((found) => found !== null)).toEqual([true, true, false, true]);
  });
});
