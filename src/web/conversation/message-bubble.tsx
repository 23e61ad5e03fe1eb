import { useMemo } from 'preact/hooks';
import type { UserId } from '../../protocol/ids.ts';
import type { ShownMessage } from '../engine/engine.ts';
import { useEngine } from '../engine-context.ts';
import { clockTime, words } from '../i18n/language.ts';
import { Avatar, toneOf } from '../parts/avatar.tsx';
import { failureText } from '../parts/failure.ts';
import { Icon } from '../parts/icon.tsx';
import { BotMark, isolated, Name, nameOf } from '../parts/name.tsx';
import { type Point, usePress } from '../parts/press.ts';
import { LinkCard } from './link-card.tsx';
import type { MessageDeeds } from './message-deeds.ts';
import type { MessageRow } from './message-rows.ts';
import { MessageText } from './message-text.tsx';
import { PollView } from './poll-view.tsx';
import { QuoteButton } from './quote-view.tsx';
import { ReactionChips } from './reaction-chips.tsx';
import { emojiCount, type Mentions } from './text-pieces.ts';
import { Ticks } from './ticks.tsx';

interface BubbleProps {
  readonly row: MessageRow;
  /** In groups it is said who wrote. */
  readonly named: boolean;
  readonly unfolded: boolean;
  /** By Tab: what can be touched in it, too. */
  readonly reachable: boolean;
  readonly deeds: MessageDeeds;
  readonly onUnfold: () => void;
  readonly onActions: (at: Point | null) => void;
}

export function MessageBubble({ row, named, unfolded, reachable, deeds, onUnfold, onActions }: BubbleProps) {
  const { shown, first, last } = row;
  const folded = shown.blocked && !unfolded;
  const press = usePress({
    onMenu: onActions,
    onDoubleTap: () => deeds.quickReact(shown),
    onSwipe: () => deeds.reply(shown),
    keepsOwnMenu: (target) => target.closest('a') !== null || getSelection()?.isCollapsed === false,
  });
  const plainText = shown.quote === null && shown.forwarded === null && shown.poll === null && !shown.removed;
  const isEmoji = !folded && plainText && emojiCount(shown.text) > 0;
  const shape = `${first ? ' is-first' : ''}${last ? ' is-last' : ''}${isEmoji ? ' is-emoji' : ''}`;
  if (folded) return <Folded shown={shown} shape={shape} reachable={reachable} press={press} onUnfold={onUnfold} />;
  const calls = shown.mentionsMe && !shown.mine ? ' is-calling' : '';
  return (
    <div class={`message ${shown.mine ? 'is-mine' : 'is-theirs'}${named ? ' is-named' : ''}${shape}`}>
      {named && !shown.mine && last && (
        <span class="message-avatar">
          <Avatar
            id={shown.sender?.userId ?? ''}
            picture={shown.sender?.avatar}
            name={nameOf(shown.sender)}
            size="tiny"
          />
        </span>
      )}
      <div class={`bubble${shown.removed ? ' is-removed' : ''}${calls}`} {...press}>
        {named && !shown.mine && first && (
          <span class="bubble-name" style={{ '--tone': String(toneOf(shown.sender?.userId ?? '')) }}>
            <Name of={shown.sender} />
            {shown.sender?.bot === true && <BotMark />}
          </span>
        )}
        {shown.forwarded !== null && <Forwarded name={shown.forwarded} />}
        {shown.quote !== null && !shown.removed && (
          <QuoteButton quote={shown.quote} reachable={reachable} onJump={deeds.jump} />
        )}
        {shown.poll !== null && (
          <PollView
            poll={shown.poll}
            open={shown.seq !== null && shown.message !== null && deeds.isMember()}
            reachable={reachable}
            onVote={(options) => deeds.vote(shown, options)}
            onVotes={() => deeds.show('votes', shown)}
          />
        )}
        <div class="bubble-text" dir="auto">
          {shown.poll === null && <Words shown={shown} unfolded={unfolded} onUnfold={onUnfold} />}
          {shown.preview !== null && <LinkCard preview={shown.preview} reachable={reachable} />}
          <Meta
            shown={shown}
            reachable={reachable}
            onWordings={() => deeds.show('wordings', shown)}
            onInfo={deeds.hasReceivers(shown) ? () => deeds.show('info', shown) : null}
          />
        </div>
      </div>
      <ReactionChips
        reactions={shown.reactions}
        reachable={reachable}
        onToggle={({ emoji, mine }) => deeds.react(shown, emoji, !mine)}
        onWho={() => deeds.show('reactions', shown)}
      />
      {shown.state === 'failed' && (
        <button type="button" class="message-failed" onClick={() => onActions(null)}>
          <span>{shown.error === null ? words().list.failed : failureText(shown.error)}</span>
          <span class="message-failed-way">{words().common.tryAgain}</span>
        </button>
      )}
    </div>
  );
}

interface FoldedProps {
  readonly shown: ShownMessage;
  readonly shape: string;
  readonly reachable: boolean;
  readonly press: ReturnType<typeof usePress>;
  readonly onUnfold: () => void;
}

/** Somebody I block wrote it: neither what nor who is shown before I ask. */
function Folded({ shown, shape, reachable, press, onUnfold }: FoldedProps) {
  const { conversation } = words();
  return (
    <div class={`message is-theirs is-named${shape}`}>
      <div class="bubble is-blocked" {...press}>
        <div class="bubble-text" dir="auto">
          <span class="message-text">{conversation.blocked}</span>
          <button type="button" class="message-more" tabIndex={reachable ? 0 : -1} onClick={onUnfold}>
            {conversation.showBlocked}
          </button>
          <Meta shown={{ ...shown, edited: false }} reachable={reachable} onWordings={() => undefined} onInfo={null} />
        </div>
      </div>
    </div>
  );
}

function Forwarded({ name }: { name: string }) {
  const { conversation, common } = words();
  return (
    <p class="bubble-forwarded">
      <Icon name="sendOn" size={16} />
      <span>{conversation.forwarded(isolated(name || common.deletedPerson))}</span>
    </p>
  );
}

function Words({ shown, unfolded, onUnfold }: { shown: ShownMessage; unfolded: boolean; onUnfold: () => void }) {
  const { conversation } = words();
  const me = useEngine().me.value?.userId ?? null;
  const mentions = useMemo(() => mentionsIn(shown, me), [shown, me]);
  if (shown.removed)
    return <span class="message-text">{shown.mine ? conversation.removedMine : conversation.removed}</span>;
  return <MessageText text={shown.text} mentions={mentions} open={unfolded} onOpen={onUnfold} />;
}

function mentionsIn({ mentions, mentionsAll }: ShownMessage, me: UserId | null): Mentions {
  const names = mentions.map(({ name, userId }) => [name, userId === me] as const);
  return new Map(mentionsAll ? [...names, ['all', true] as const] : names);
}

interface MetaProps {
  readonly shown: ShownMessage;
  readonly reachable: boolean;
  readonly onWordings: () => void;
  /** Null where nobody else receives it. */
  readonly onInfo: (() => void) | null;
}

function Meta({ shown, reachable, onWordings, onInfo }: MetaProps) {
  const { conversation } = words();
  return (
    <span class="message-meta">
      {shown.edited && !shown.removed && (
        <button
          type="button"
          class="message-edited"
          aria-label={conversation.wordings}
          tabIndex={reachable ? 0 : -1}
          onClick={onWordings}
        >
          {conversation.edited}
        </button>
      )}
      {shown.message?.expiresAt !== undefined && !shown.removed && (
        <span class="message-timer">
          <Icon name="timer" size={14} />
          <span class="hidden-visually">{words().terms.disappears}</span>
        </span>
      )}
      <HowFar shown={shown} reachable={reachable} onInfo={onInfo} />
    </span>
  );
}

/** When it was written and how far it got: a tap tells with whom. */
function HowFar({ shown, reachable, onInfo }: Pick<MetaProps, 'shown' | 'reachable' | 'onInfo'>) {
  const { conversation, state } = words();
  const inside = (
    <>
      <time dir="auto">{clockTime(shown.time)}</time>
      {shown.state !== null && !shown.removed && <Ticks state={shown.state} />}
    </>
  );
  if (onInfo === null || shown.state === null) return inside;
  return (
    <button
      type="button"
      class="message-far"
      aria-label={conversation.howFar(clockTime(shown.time), state[shown.state])}
      tabIndex={reachable ? 0 : -1}
      onClick={onInfo}
    >
      {inside}
    </button>
  );
}
