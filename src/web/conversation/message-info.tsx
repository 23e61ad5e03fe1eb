import { useSignal } from '@preact/signals';
import type { Profile } from '../../protocol/models.ts';
import type { OpenConversation, ShownMessage } from '../engine/engine.ts';
import { useEngine } from '../engine-context.ts';
import { cappedCount, fullTime, words } from '../i18n/language.ts';
import { Person } from '../new/person-row.tsx';
import { failureText } from '../parts/failure.ts';
import { Problem } from '../parts/notice.tsx';
import { Skeleton } from '../parts/skeleton.tsx';
import { navigate } from '../routing/navigation.ts';
import { paths } from '../routing/route.ts';
import { ReactionList } from './reactors.tsx';
import { useReceivers } from './receivers.ts';
import { Ticks } from './ticks.tsx';
import { WordingList } from './wordings.tsx';

interface MessageInfoProps {
  readonly open: OpenConversation;
  readonly shown: ShownMessage;
  readonly onClose: () => void;
}

/** How far a message of mine got, what people set on it, and what it said before. */
export function MessageInfo({ open, shown, onClose }: MessageInfoProps) {
  const { messageInfo, wordings, reactions } = words();
  return (
    <>
      <h2 class="about-title">{messageInfo.title}</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and a keyboard must reach that */}
      <div class="about-list is-long" tabIndex={0}>
        <p class="about-when soft">{messageInfo.sent(fullTime(shown.time))}</p>
        <HowFar open={open} seq={shown.seq ?? 0} onClose={onClose} />
        {shown.reactions.length > 0 && (
          <section>
            <h3 class="about-part">{reactions.title}</h3>
            <ReactionList open={open} shown={shown} />
          </section>
        )}
        {shown.edited && (
          <section>
            <h3 class="about-part">{wordings.title}</h3>
            <WordingList open={open} shown={shown} />
          </section>
        )}
      </div>
    </>
  );
}

function HowFar({ open, seq, onClose }: { open: OpenConversation; seq: number; onClose: () => void }) {
  const item = open.item.value;
  if (item === null) return null;
  return <Reach key={seq} item={item} seq={seq} onClose={onClose} />;
}

function Reach({
  item,
  seq,
  onClose,
}: {
  item: NonNullable<OpenConversation['item']['value']>;
  seq: number;
  onClose: () => void;
}) {
  const { messageInfo, common } = words();
  const engine = useEngine();
  const { receivers, loading, failure, again } = useReceivers(item, seq);
  const { read, delivered, waiting } = receivers;
  const hidesMine = engine.privacy.value?.readReceipts === false;
  const all = read.length + delivered.length + waiting.length;
  return (
    <>
      {hidesMine ? (
        <div class="about-note soft">
          <p>{messageInfo.hidden}</p>
          <button
            type="button"
            class="button plain"
            onClick={() => {
              onClose();
              navigate(paths.settings('privacy'));
            }}
          >
            {messageInfo.toPrivacy}
          </button>
        </div>
      ) : (
        <People state="read" title={messageInfo.readBy} people={read} />
      )}
      <People
        state="delivered"
        title={messageInfo.delivered}
        people={hidesMine ? [...read, ...delivered] : delivered}
      />
      <People state="sent" title={messageInfo.waiting} people={waiting} />
      {all === 0 && !loading && failure === null && <p class="about-note soft">{messageInfo.nobody}</p>}
      {loading && <Skeleton rows={2} />}
      {failure !== null && (
        <div class="about-problem">
          <Problem>{failureText(failure)}</Problem>
          <button type="button" class="button" onClick={again}>
            {common.tryAgain}
          </button>
        </div>
      )}
      {!hidesMine && delivered.length > 0 && <p class="about-note soft">{messageInfo.othersHide}</p>}
    </>
  );
}

/** In a list of thousands, only so many are drawn at first. */
const shownAtFirst = 100;

interface PeopleProps {
  readonly state: 'read' | 'delivered' | 'sent';
  readonly title: string;
  readonly people: readonly Profile[];
}

function People({ state, title, people }: PeopleProps) {
  const shown = useSignal(shownAtFirst);
  if (people.length === 0) return null;
  return (
    <section>
      <h3 class="about-part">
        <span aria-hidden="true">
          <Ticks state={state} />
        </span>
        <span>{title}</span>
        <span class="about-count">{cappedCount(people.length, people.length)}</span>
      </h3>
      <ul>
        {people.slice(0, shown.value).map((person) => (
          <li class="row" key={person.userId}>
            <Person person={person} />
          </li>
        ))}
      </ul>
      {people.length > shown.value && (
        <button type="button" class="button plain wide" onClick={() => (shown.value += 5 * shownAtFirst)}>
          {words().common.more}
        </button>
      )}
    </section>
  );
}
