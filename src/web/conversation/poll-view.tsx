import './poll-view.css';
import type { ShownPoll } from '../engine/engine.ts';
import { percent, words } from '../i18n/language.ts';
import { Icon } from '../parts/icon.tsx';

interface PollViewProps {
  readonly poll: ShownPoll;
  /** It is stored, and I am in. */
  readonly open: boolean;
  readonly reachable: boolean;
  readonly onVote: (options: readonly number[]) => void;
  readonly onVotes: () => void;
}

/** The question, its answers to choose from, and how many chose each, once I chose or nobody can any more. */
export function PollView({ poll, open, reachable, onVote, onVotes }: PollViewProps) {
  const texts = words().poll;
  const counted = poll.voted || poll.closed;
  const mayVote = open && !poll.closed;
  const choose = (index: number) => {
    const mine = poll.options.flatMap((option, at) => (option.mine ? [at] : []));
    const others = mine.filter((at) => at !== index);
    if (mine.includes(index)) onVote(others);
    else onVote(poll.several ? [...mine, index] : [index]);
  };
  return (
    <div class="poll">
      <p class="poll-question">{poll.question}</p>
      <p class="poll-kind">{poll.closed ? texts.closed : poll.several ? texts.many : texts.one}</p>
      <ul class="poll-options">
        {poll.options.map((option, index) => (
          <li key={index}>
            <button
              type="button"
              class={option.mine ? 'poll-option is-mine' : 'poll-option'}
              disabled={!mayVote}
              aria-pressed={option.mine}
              tabIndex={reachable ? 0 : -1}
              onClick={() => choose(index)}
            >
              <span class={poll.several ? 'poll-mark is-several' : 'poll-mark'}>
                {option.mine && <Icon name="check" size={16} />}
              </span>
              <span class="poll-text" dir="auto">
                {option.text}
              </span>
              {counted && (
                <span class="poll-share">
                  {percent(shareOf(option, poll))}
                  <span class="hidden-visually">{texts.voters(option.userIds.length)}</span>
                </span>
              )}
              {counted && (
                <span class="poll-bar">
                  <span style={{ scale: `${shareOf(option, poll)} 1` }} />
                </span>
              )}
            </button>
          </li>
        ))}
      </ul>
      {poll.voters > 0 && counted ? (
        <button type="button" class="poll-votes" tabIndex={reachable ? 0 : -1} onClick={onVotes}>
          {texts.voters(poll.voters)}
        </button>
      ) : (
        <p class="poll-foot">{poll.voters === 0 ? texts.nobody : texts.voters(poll.voters)}</p>
      )}
    </div>
  );
}

const shareOf = ({ userIds }: ShownPoll['options'][number], { voters }: ShownPoll): number =>
  voters === 0 ? 0 : userIds.length / voters;
