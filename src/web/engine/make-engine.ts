import { batch, computed, type ReadonlySignal, signal } from '@preact/signals';
import { AppError } from '../../protocol/errors.ts';
import type { ConversationId } from '../../protocol/ids.ts';
import type { Tokens } from '../../protocol/operations.ts';
import { makeAccount, makeMailLanguage } from './account.ts';
import { makeActions } from './actions.ts';
import { makeBeneath } from './beneath.ts';
import { makeBlocking } from './blocking.ts';
import { makeComingIn } from './coming-in.ts';
import { makeDrafts } from './drafts.ts';
import type { Engine, SignedOutBecause } from './engine.ts';
import { resendAfterRestore, resendMs } from './epoch.ts';
import { makeExpiry } from './expiry.ts';
import { makeHearing } from './hearing.ts';
import { makeHttp } from './http.ts';
import { openIndexedStore } from './indexed-store.ts';
import { makeItems } from './items.ts';
import { makeJournal } from './journal.ts';
import { makeConversationLog } from './log.ts';
import { makeMemoryStore } from './memory-store.ts';
import { makeOutbox } from './outbox.ts';
import { within } from './patience.ts';
import { makePictures } from './pictures.ts';
import { makePreferences } from './preferences.ts';
import { makePresence } from './presence.ts';
import { makeReader } from './reader.ts';
import { makeReceipts } from './receipts.ts';
import { makeRequests } from './requests.ts';
import { makeScheduled } from './scheduled.ts';
import { makeSearches } from './searches.ts';
import { makeSecurity } from './security.ts';
import { makeSocket, type Opened } from './socket.ts';
import { makeState } from './state.ts';
import { type LocalStore, tables } from './store.ts';
import { makeSync } from './sync.ts';
import { makeAccessTokens } from './tokens.ts';
import { makeViews } from './views.ts';
import { makeWebhooks } from './webhooks.ts';
import { browserWorld, type World } from './world.ts';

/** A database that does not open within this (some browsers' never does) is done without. */
const storeMs = 3_000;
/** So long the cookie may take to tell who is there, before the person is asked. */
const cookieMs = 3_000;
/** Whoever leaves need not wait longer for a server that does not answer. */
const leaveMs = 5_000;

export function makeEngine(world: World = browserWorld()): Engine {
  const phase = signal<'starting' | 'signed_out' | 'signed_in'>('starting');
  const signedOutBecause = signal<SignedOutBecause | null>(null);
  const connection = signal<'offline' | 'connecting' | 'updating' | 'ready'>('connecting');
  const hasStorage = signal(true);
  const outdated = signal(false);
  const refused = signal<AppError | null>(null);
  const openedHere = signal<ReadonlySet<ConversationId>>(new Set());
  let firstVersion: string | null = null;
  let isUp = false;

  const preferences = makePreferences(world, (language) => {
    if (phase.peek() === 'signed_in') tellLanguage(language);
  });
  const journal = makeJournal(world, makeMemoryStore(), onBrokenStore);
  const state = makeState(journal);
  const knownEpoch = () => state.owner.peek()?.epoch ?? null;
  const http = makeHttp(world, knownEpoch);
  const tokens = makeAccessTokens(world, http, onTokens);
  const socket = makeSocket(world, tokens, {
    epoch: knownEpoch,
    onConnecting: () => say('connecting'),
    onOpen,
    onEvent: (event) => hearing.onEvent(event),
    onDown,
    onRefused: (reason) => void onRefused(reason),
  });
  const requests = makeRequests(world, socket);
  const search = makeSearches(world, requests);
  const scheduled = makeScheduled(world, requests);
  const expiry = makeExpiry(world, http.skew);
  const log = makeConversationLog(state, journal, expiry, (entry) => hearing.onEntry(entry));
  const receipts = makeReceipts({ world, socket, state });
  const drafts = makeDrafts({ world, state, requests, skew: http.skew });
  const outbox = makeOutbox({
    world,
    socket,
    state,
    onStored: (entry) => hearing.hear(entry),
    onPlace: (id, seq) => hearing.expect(id, seq),
    onRefused: (error) => {
      refused.value = error;
    },
  });
  const blocking = makeBlocking({
    world,
    socket,
    state,
    onRefused: (error) => {
      refused.value = error;
    },
  });
  const presence = makePresence({ world, socket, state });
  const items = makeItems(state, openedHere, { beneath: makeBeneath(journal, expiry), expiry, now: world.now });
  const reader = makeReader({
    state,
    log,
    requests,
    isOpen: (id) => views.isShown(id),
    onDelivered: receipts.delivered,
  });
  const views = makeViews(
    { state, journal, log, reader, outbox, drafts, receipts, presence, requests, expiry, isVisible: world.visible },
    items.item,
  );
  const sync = makeSync({
    world,
    socket,
    state,
    log,
    reader,
    drafts,
    onEpoch: (epoch) => void changeEpoch(epoch),
    onAsk: () => hearing.onAsk(),
    onLearnt: () => hearing.onLearnt(),
    onDone,
  });
  const hearing = makeHearing({ world, state, log, reader, outbox, receipts, presence, sync });

  const tellLanguage = makeMailLanguage(state, requests);
  const comingIn = makeComingIn({ world, http, language: () => preferences.language.peek(), onSession, enter });

  // Starting

  async function start() {
    void lookAbout();
    const store = await openStore();
    const loaded = await store?.load().catch(() => null);
    if (store && loaded) {
      journal.use(store);
      state.load(loaded);
      journal.believe(state.owner.peek());
    } else hasStorage.value = false;
    if (state.owner.peek()) enter();
    else if (world.notes.get('leaving')) await finishSignOut();
    else if (world.notes.get('signed-in') || !(loaded || world.notes.lasting)) await enterByCookie();
    else phase.value = 'signed_out';
  }

  async function openStore(): Promise<LocalStore | null> {
    const { indexedDB } = world;
    if (!indexedDB) return null;
    return within(world, storeMs, openIndexedStore(indexedDB)).catch(() => null);
  }

  async function enterByCookie() {
    const entering = tokens.get().then(enter);
    entering.catch((error: unknown) => {
      if (error instanceof AppError && error.code === 'unauthenticated') world.notes.set('signed-in', null);
    });
    await within(world, cookieMs, entering).catch(() => {
      if (phase.peek() === 'starting') phase.value = 'signed_out';
    });
  }

  async function lookAbout() {
    try {
      state.setAbout(await http.post('instance.about', {}));
    } catch {
      // What the store knows of the instance serves until the next connection.
    }
  }

  function enter() {
    signedOutBecause.value = null;
    phase.value = 'signed_in';
    world.notes.set('signed-in', '1');
    world.persist();
    socket.start();
  }

  // Whose data it is

  function onTokens({ userId }: Tokens) {
    const owner = state.owner.peek();
    if (owner?.userId === userId) return;
    const about = state.about.peek();
    if (owner) forgetHere();
    journal.clear(...tables);
    state.owner.value = { userId, epoch: null };
    journal.own(state.owner.value, 'over all');
    if (about) state.setAbout(about);
  }

  function forgetHere() {
    views.end();
    search.forgetRecent();
    scheduled.forget();
    state.forgetAll();
    log.forget();
    expiry.forget();
    reader.forget();
    openedHere.value = new Set();
  }

  /** Nobody is signed in here any more, and nothing of them is left. */
  async function forget(because: SignedOutBecause | null) {
    socket.stop();
    onDown();
    tokens.end();
    requests.end();
    comingIn.startOver();
    world.notes.set('signed-in', null);
    world.forgetPictures();
    batch(() => {
      phase.value = 'signed_out';
      signedOutBecause.value = because;
      forgetHere();
    });
    journal.clear(...tables);
    journal.own(null, 'over all');
    await journal.flush();
  }

  /** A socket's end does not tell why the session was closed; asking for a new token does. */
  async function onRefused(reason: string) {
    if (reason === 'session_reused') return forget(reason);
    const forgotten = forget('session_closed');
    const why = await http.post('auth.refresh', { keepIn: 'cookie' }).catch((error: unknown) => error);
    const isCopied = why instanceof AppError && why.reason === 'session_reused';
    if (isCopied && signedOutBecause.peek() !== null) signedOutBecause.value = 'session_reused';
    await forgotten;
  }

  async function signOut() {
    try {
      await within(
        world,
        leaveMs,
        tokens.get().then((token) => http.post('auth.signOut', {}, token)),
      );
    } catch (error) {
      const isOver = error instanceof AppError && error.code === 'unauthenticated';
      if (!isOver) world.notes.set('leaving', '1');
    } finally {
      await forget(null);
    }
  }

  /** The session could not be closed when the person left, and its cookie is still here. */
  async function finishSignOut() {
    phase.value = 'signed_out';
    try {
      const { accessToken } = await http.post('auth.refresh', { keepIn: 'cookie' });
      await http.post('auth.signOut', {}, accessToken);
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'unauthenticated') return;
    }
    world.notes.set('leaving', null);
  }

  function onSession(answer: Tokens) {
    world.notes.set('leaving', null);
    world.notes.set('signed-in', '1');
    tokens.adopt(answer);
  }

  // The connection

  function say(now: 'connecting' | 'updating' | 'ready') {
    connection.value = now !== 'ready' && !world.online() ? 'offline' : now;
  }

  function onOpen({ epoch, version }: Opened) {
    const owner = state.owner.peek();
    if (!owner) return;
    firstVersion ??= version;
    outdated.value = majorOf(version) !== majorOf(firstVersion);
    if (owner.epoch !== null && owner.epoch !== epoch) {
      void changeEpoch(epoch);
      return;
    }
    if (owner.epoch === null) {
      state.owner.value = { ...owner, epoch };
      journal.own(state.owner.value, 'from present');
    }
    if (!state.about.peek()) void lookAbout();
    isUp = true;
    say('updating');
    requests.opened();
    sync.run();
    receipts.resume();
    presence.resume();
    outbox.resume();
    blocking.resume();
    void takeOutbox();
  }

  /** Another tab may have been closed with something unsent. */
  async function takeOutbox() {
    await journal.flush();
    const rows = await journal
      .store()
      .outbox()
      .catch(() => []);
    state.loadOutbox(rows);
    if (isUp) outbox.resume();
  }

  function onDown() {
    say('connecting');
    if (!isUp) return;
    isUp = false;
    requests.closed();
    sync.stop();
    receipts.pause();
    presence.pause();
    drafts.pause();
    outbox.pause();
    blocking.pause();
  }

  function onDone() {
    say('ready');
    outbox.sweep();
    drafts.resume();
    scheduled.refresh();
  }

  /** The instance was restored or rolled back: its seqs are others now. */
  async function changeEpoch(epoch: string) {
    const owner = state.owner.peek();
    if (!owner || owner.epoch === epoch) return;
    socket.stop();
    onDown();
    await journal.flush();
    const since = world.now() + http.skew() - resendMs;
    const own = await journal
      .store()
      .sentSince(owner.userId, since)
      .catch(() => []);
    if (state.owner.peek() !== owner) return;
    batch(() => {
      resendAfterRestore(state, own);
      drafts.forgetReplies();
      journal.clear('conversations', 'messages');
      state.forgetCache();
      state.setCursor(null);
      state.owner.value = { ...owner, epoch };
      journal.own(state.owner.value, 'from present');
      log.forget();
      reader.forget();
      views.reload();
    });
    socket.start();
  }

  /** Works in memory from now on. What was read from the store is read from the server again. */
  function onBrokenStore() {
    hasStorage.value = false;
    journal.use(makeMemoryStore());
    dropMessages();
  }

  function dropMessages() {
    for (const [id, row] of state.rows.entries()) if (row.peek()?.stretches.length) log.erase(id);
  }

  world.onWake(() => {
    if (connection.peek() === 'offline') say('connecting');
    socket.wake();
  });
  world.onOffline(() => {
    if (connection.peek() !== 'ready') say('connecting');
  });
  world.onHide(() => {
    drafts.leave();
    void journal.flush();
  });
  void start();

  return {
    phase,
    signedOutBecause,
    connection,
    missing: computed(() => ({
      secureContext: !world.secureContext,
      storage: !hasStorage.value,
      told: preferences.told.value,
    })),
    outdated,
    refused,
    about: state.about,
    me: state.me,
    conversations: items.list,
    unreadTotal: items.unreadTotal,
    open: views.open,
    profile: (userId) => state.profiles.get(userId),
    blocks: state.blocked,
    privacy: state.privacy,
    presence: (userId): ReadonlySignal<{ online: boolean; lastSeenAt: number | null } | null> =>
      state.presence.get(userId),
    show: presence.show,
    auth: {
      ...comingIn,
      signOut,
      ...makeAccount(state, requests),
    },
    security: makeSecurity(world, requests),
    webhooks: makeWebhooks(requests),
    pictures: makePictures({ state, http, tokens }),
    search,
    scheduled: scheduled.scheduled,
    ...makeActions({
      world,
      state,
      log,
      outbox,
      receipts,
      requests,
      blocking,
      onOpened: (id) => {
        openedHere.value = new Set([...openedHere.peek(), id]);
      },
    }),
    preferences,
    storage: world.storage,
    async dropCache() {
      dropMessages();
      await journal.flush();
    },
  };
}

const majorOf = (version: string) => version.split('.')[0];
