import { IDBFactory } from 'fake-indexeddb';
import 'fake-indexeddb/auto';
import type { ConversationId, UserId } from '../../src/protocol/ids.ts';
import type { Engine, OpenConversation } from '../../src/web/engine/engine.ts';
import { makeEngine } from '../../src/web/engine/make-engine.ts';
import { Backend, type Disk } from './engine-backend.ts';
import { type HandWorld, handWorld, until } from './engine-world.ts';

export interface Device {
  readonly engine: Engine;
  readonly world: HandWorld;
  readonly disk: Disk;
}

export interface Stage {
  readonly backend: Backend;
  readonly anna: UserId;
  readonly ben: UserId;
  readonly talk: ConversationId;
}

/** Two people with a direct conversation. */
export function makeStage(): Stage {
  const backend = new Backend();
  const anna = backend.person(1, 'Anna');
  const ben = backend.person(2, 'Ben');
  return { backend, anna, ben, talk: backend.talk([anna, ben]) };
}

export function newDisk(backend: Backend, userId: UserId): Disk {
  return { indexedDB: new IDBFactory(), notes: new Map([['signed-in', '1']]), cookie: backend.cookie(userId) };
}

/** A page of this device. The same disk again is the page opened again. */
export function openPage(backend: Backend, disk: Disk): Device {
  const world = handWorld(backend, disk);
  return { engine: makeEngine(world), world, disk };
}

/** A signed-in device, in step with the server. */
export async function openReady(backend: Backend, userId: UserId, disk = newDisk(backend, userId)): Promise<Device> {
  const device = openPage(backend, disk);
  await until(() => device.engine.connection.value === 'ready', 'the connection');
  return device;
}

export const textsOf = (view: OpenConversation): string[] => view.messages.value.map(({ text }) => text);
export const statesOf = (view: OpenConversation) => view.messages.value.map(({ state }) => state);
