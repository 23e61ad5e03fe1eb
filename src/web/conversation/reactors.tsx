import type { UserId } from '../../protocol/ids.ts';
import type { OpenConversation, ShownMessage } from '../engine/engine.ts';
import { useEngine } from '../engine-context.ts';
import { words } from '../i18n/language.ts';
import { Avatar } from '../parts/avatar.tsx';
import { failureText } from '../parts/failure.ts';
import { useLoaded } from '../parts/loaded.ts';
import { Name, nameOf } from '../parts/name.tsx';
import { Problem } from '../parts/notice.tsx';
import { Skeleton } from '../parts/skeleton.tsx';

interface ReactorsProps {
  readonly open: OpenConversation;
  readonly shown: ShownMessage;
}

/** Who set what on a message. */
export function Reactors({ open, shown }: ReactorsProps) {
  return (
    <>
      <h2 class="about-title">{words().reactions.title}</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and a keyboard must reach that */}
      <div class="about-list" tabIndex={0}>
        <ReactionList open={open} shown={shown} />
      </div>
    </>
  );
}

/** Asked for anew whenever the counts change. */
export function ReactionList({ open, shown }: ReactorsProps) {
  const counts = shown.reactions.map(({ emoji, count }) => `${emoji}${count}`).join();
  const [loaded] = useLoaded(() => open.reactions(shown.seq ?? 0), [shown.seq, counts]);
  return (
    <>
      {loaded.state === 'failed' && (
        <div class="about-problem">
          <Problem>{failureText(loaded.cause)}</Problem>
        </div>
      )}
      {loaded.state === 'loading' && <Skeleton rows={2} />}
      <ul>
        {loaded.state === 'ready' &&
          loaded.value.flatMap(({ emoji, userIds }) =>
            userIds.map((userId) => (
              <li class="row" key={`${emoji} ${userId}`}>
                <Reactor userId={userId} />
                <span class="about-emoji">{emoji}</span>
              </li>
            )),
          )}
      </ul>
    </>
  );
}

/** The inside of a row about somebody of whom only the id is at hand. */
export function Reactor({ userId }: { userId: UserId }) {
  const engine = useEngine();
  const profile = engine.profile(userId).value;
  const isMe = engine.me.value?.userId === userId;
  return (
    <>
      <Avatar id={userId} picture={profile?.avatar} name={nameOf(profile)} size="tiny" />
      <span class="row-main">{isMe ? words().common.you : <Name of={profile} cut />}</span>
    </>
  );
}
