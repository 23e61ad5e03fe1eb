import type { ConversationId } from '../../protocol/ids.ts';
import type { Draft as TheirDraft } from '../../protocol/models.ts';
import type { Requests } from './requests.ts';
import type { State } from './state.ts';
import type { Draft } from './store.ts';
import type { World } from './world.ts';

export type Writing = Pick<Draft, 'text' | 'replyTo'>;

/**
 * What the person began to write, on all their devices: told to the server at most once in two seconds and when they
 * leave, taken from there where it is later. What is being typed here is never overwritten.
 */
export interface Drafts {
  set(conversationId: ConversationId, writing: Writing): void;
  /** As the server has it. */
  learn(conversationId: ConversationId, theirs: TheirDraft | null): void;
  /** The person leaves this conversation, or all of them: what is owed is told now. */
  leave(conversationId?: ConversationId): void;
  /** All is as the server has it: what is owed can be told. */
  resume(): void;
  pause(): void;
  /** Seqs of before mean nothing any more. */
  forgetReplies(): void;
}

const tellEveryMs = 2_000;
/** Whoever typed so lately may be typing still. */
const typingMs = 5_000;

export const nothingWritten: Writing = { text: '', replyTo: null };
const isSame = (a: Writing, b: Writing) => a.text === b.text && a.replyTo === b.replyTo;
const isNothing = (one: Writing) => isSame(one, nothingWritten);

export function makeDrafts(parts: {
  readonly world: World;
  readonly state: State;
  readonly requests: Pick<Requests, 'ask'>;
  /** The server's clock less this device's, in ms. */
  readonly skew: () => number;
}): Drafts {
  const { world, state, requests } = parts;
  const typedAt = new Map<ConversationId, number>();
  const toldAt = new Map<ConversationId, number>();
  const planned = new Map<ConversationId, () => void>();
  const telling = new Set<ConversationId>();
  /** What came while the person was typing and may be worth having when they no longer do. */
  const cancelLater = new Map<ConversationId, () => void>();
  /** What the server holds, as far as this device knows. */
  const held = new Map<ConversationId, Writing>();
  let isOpen = false;

  const serverNow = () => world.now() + parts.skew();
  const draftOf = (id: ConversationId) => state.drafts.get(id).peek();
  const heldOf = (id: ConversationId): Writing =>
    held.get(id) ?? state.rows.get(id).peek()?.conversation.mine.draft ?? nothingWritten;

  function plan(id: ConversationId) {
    if (!isOpen || planned.has(id)) return;
    const due = Math.max(tellEveryMs, (toldAt.get(id) ?? Number.NEGATIVE_INFINITY) + tellEveryMs - world.now());
    planned.set(
      id,
      world.after(due, () => tell(id)),
    );
  }

  function tell(id: ConversationId) {
    planned.get(id)?.();
    planned.delete(id);
    const draft = draftOf(id);
    if (!isOpen || !draft?.owed || telling.has(id)) return;
    if (isSame(draft, heldOf(id))) {
      state.setDraft({ ...draft, owed: false });
      return;
    }
    telling.add(id);
    toldAt.set(id, world.now());
    const { text, replyTo } = draft;
    requests
      .ask('draft.set', { conversationId: id, draft: isNothing(draft) ? null : { text, replyTo } })
      .then(
        () => {
          held.set(id, { text, replyTo });
          const now = draftOf(id);
          if (now && isSame(now, { text, replyTo })) state.setDraft({ ...now, owed: false });
        },
        // Told with the next change, or the next connection.
        () => undefined,
      )
      .finally(() => {
        telling.delete(id);
        const now = draftOf(id);
        if (now?.owed && !isSame(now, { text, replyTo })) plan(id);
      });
  }

  function leave(id: ConversationId) {
    typedAt.delete(id);
    if (draftOf(id)?.owed) tell(id);
  }

  function learn(id: ConversationId, theirs: TheirDraft | null) {
    cancelLater.get(id)?.();
    const mine = draftOf(id);
    if (telling.has(id)) return;
    held.set(id, theirs ?? nothingWritten);
    if (isSame(mine ?? nothingWritten, theirs ?? nothingWritten)) return;
    if (mine?.owed && mine.at >= (theirs?.at ?? 0)) return;
    if (isTyping(id)) {
      cancelLater.set(
        id,
        world.after(typingMs, () => learn(id, theirs)),
      );
      return;
    }
    const { text, replyTo } = theirs ?? nothingWritten;
    state.setDraft({ conversationId: id, text, replyTo, at: theirs?.at ?? mine?.at ?? 0, owed: false });
  }

  const isTyping = (id: ConversationId) => world.now() - (typedAt.get(id) ?? Number.NEGATIVE_INFINITY) < typingMs;

  return {
    set(conversationId, writing) {
      const before = draftOf(conversationId) ?? nothingWritten;
      if (isSame(before, writing)) return;
      typedAt.set(conversationId, world.now());
      state.setDraft({ conversationId, ...writing, at: serverNow(), owed: true });
      plan(conversationId);
    },
    learn,
    leave(id) {
      if (id !== undefined) return leave(id);
      for (const [one] of [...planned]) leave(one);
    },
    resume() {
      isOpen = true;
      for (const [id, draft] of state.drafts.entries()) if (draft.peek()?.owed) plan(id);
    },
    pause() {
      isOpen = false;
      for (const cancel of planned.values()) cancel();
      planned.clear();
    },
    forgetReplies() {
      held.clear();
      for (const [, draft] of state.drafts.entries()) {
        const now = draft.peek();
        if (now?.replyTo != null) state.setDraft({ ...now, replyTo: null, owed: true });
      }
    },
  };
}
