import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Call } from '../../src/core/call.ts';
import { local } from '../support/auth.ts';
import { type CoreWorld, makeCoreWorld, userIdOf } from '../support/core-world.ts';
import { pictureFiles } from '../support/picture-files.ts';

let world: CoreWorld;
let ann: Call;
let ben: Call;
beforeEach(async () => {
  world = await makeCoreWorld();
  [ann, ben] = [await world.enter('ann'), await world.enter('ben')];
});
afterEach(() => world.close());

const picture = pictureFiles.png;

describe('a picture of a person', () => {
  it('is shown to themselves and to others, live and in sync, until they take it away', async () => {
    const group = await world.group(ann, 'Choir', [ben]);
    const device = world.device(ben);
    world.messaging.attach(device);
    await device.call('sync', {});
    const { me } = await world.ask('avatar.set', { picture }, ann);
    expect(me.avatar).toMatch(/^[0-9a-f]{64}$/);
    expect(device.events).toContainEqual({
      event: 'profiles.changed',
      body: { profiles: [expect.objectContaining({ userId: userIdOf(ann), avatar: me.avatar })] },
    });
    const { profiles } = await world.device(ben).call('sync', {});
    expect(profiles).toContainEqual(expect.objectContaining({ userId: userIdOf(ann), avatar: me.avatar }));
    const { members } = await device.call('conversation.members', { conversationId: group });
    expect(members.map(({ profile }) => profile.avatar)).toEqual([me.avatar, undefined]);
    expect(await world.platform.avatars.find(me.avatar ?? '')).toMatchObject({ type: 'image/png' });

    expect((await world.ask('avatar.clear', {}, ann)).me).not.toHaveProperty('avatar');
    const after = (await world.device(ben).call('sync', {})).profiles.find(({ userId }) => userId === userIdOf(ann));
    expect(after).not.toHaveProperty('avatar');
  });

  it('is refused where it is none, and the one there is stays', async () => {
    const { me } = await world.ask('avatar.set', { picture }, ann);
    const refusal = { code: 'invalid', reason: 'not_a_picture' };
    await expect(world.ask('avatar.set', { picture: 'aGVsbG8=' }, ann)).rejects.toMatchObject(refusal);
    expect((await world.ask('user.update', { displayName: 'Ann' }, ann)).me.avatar).toBe(me.avatar);
  });

  it('is changed at most sixty times an hour', async () => {
    for (let i = 0; i < 60; i++) await world.ask('avatar.set', { picture }, ann);
    await expect(world.ask('avatar.set', { picture }, ann)).rejects.toMatchObject({ code: 'too_many_requests' });
    await world.ask('avatar.set', { picture }, ben);
  });

  it('is in their export', async () => {
    await world.ask('avatar.set', { picture }, ann);
    const { lines } = await world.ask('user.export', { user: 'ann' }, local);
    const found = lines.map((line) => JSON.parse(line)).find(({ type }) => type === 'picture');
    expect(found).toEqual({ type: 'picture', mediaType: 'image/png', base64: picture });
  });
});

describe('a picture of a group', () => {
  const settingsOf = async (conversationId: Awaited<ReturnType<CoreWorld['group']>>) =>
    (await world.device(ben).call('conversation.show', { conversationId })).conversation.settings;

  it('is a setting that its owner and admins change, and an entry says so', async () => {
    const conversationId = await world.group(ann, 'Choir', [ben]);
    await expect(world.device(ben).call('conversation.setAvatar', { conversationId, picture })).rejects.toMatchObject({
      reason: 'not_an_admin',
    });
    await world.device(ann).call('conversation.setAvatar', { conversationId, picture });
    const { avatar } = await settingsOf(conversationId);
    expect(await world.platform.avatars.find(avatar ?? '')).toMatchObject({ type: 'image/png' });
    const { entries } = await world.device(ben).call('conversation.entries', { conversationId, after: 0 });
    expect(entries.at(-1)).toMatchObject({ kind: 'settings', body: { avatar } });

    await world.device(ann).call('conversation.setSettings', { conversationId, settings: { description: 'ours' } });
    expect(await settingsOf(conversationId)).toMatchObject({ avatar, description: 'ours' });
    await world.device(ann).call('conversation.setAvatar', { conversationId, picture: null });
    expect((await settingsOf(conversationId)).avatar).toBeNull();
  });

  it('that stays the same owes no entry', async () => {
    const conversationId = await world.group(ann, 'Choir', [ben]);
    const set = () => world.device(ann).call('conversation.setAvatar', { conversationId, picture });
    await set();
    const { head } = await world.device(ben).call('conversation.entries', { conversationId, after: 0 });
    await set();
    expect((await world.device(ben).call('conversation.entries', { conversationId, after: 0 })).head).toBe(head);
  });

  it('is not for direct conversations', async () => {
    const { conversation } = await world.device(ann).call('conversation.openDirect', { userId: userIdOf(ben) });
    const { conversationId } = conversation;
    await expect(world.device(ann).call('conversation.setAvatar', { conversationId, picture })).rejects.toMatchObject({
      reason: 'direct_conversation',
    });
  });

  it('is named by nothing but itself: a hash is no setting to be set', async () => {
    const conversationId = await world.group(ann, 'Choir', [ben]);
    const settings = { avatar: '0'.repeat(64) } as object;
    await expect(world.device(ann).call('conversation.setSettings', { conversationId, settings })).rejects.toThrow();
  });
});
