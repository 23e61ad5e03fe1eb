import type { Push } from '../../ports/push.ts';

/** Where no way to push is set up: no device has an address, so nobody is ever to be told. */
export const noPush: Push = { addressed: async () => new Map(), notify: async () => {} };
