import type { OpenConversation, ShownMessage } from '../engine/engine.ts';

/** What a message can be asked about, in a sheet of its own. */
export type About = 'info' | 'votes' | 'wordings' | 'reactions' | 'emoji' | 'forward' | 'report' | 'block';

/** What is done with messages where they stand. The same object for as long as the conversation is shown. */
export interface MessageDeeds {
  isMember(): boolean;
  /** I do not block whom I would write to. */
  reaches(): boolean;
  /** I may write here. */
  mayWrite(): boolean;
  reply(shown: ShownMessage): void;
  react(shown: ShownMessage, emoji: string, on: boolean): void;
  /** Sets the first of the quick ones, or takes it. */
  quickReact(shown: ShownMessage): void;
  vote(shown: ShownMessage, options: readonly number[]): void;
  jump(seq: number): void;
  show(about: About, shown: ShownMessage): void;
  /** It is a message of mine that others receive. */
  hasReceivers(shown: ShownMessage): boolean;
}

export const quickEmoji = ['👍', '❤️', '😂', '😮', '😢', '🙏'] as const;

interface Ways {
  readonly open: OpenConversation;
  readonly reaches: () => boolean;
  readonly jump: (seq: number) => void;
  readonly show: (about: About, shown: ShownMessage) => void;
}

export function makeMessageDeeds({ open, reaches, jump, show }: Ways): MessageDeeds {
  const isMember = () => open.item.peek()?.conversation.mine.member === true;
  const mayWrite = () => {
    const conversation = open.item.peek()?.conversation;
    if (conversation?.mine.member !== true || !reaches()) return false;
    return conversation.settings.posting === 'members' || conversation.mine.role !== 'member';
  };
  const react = ({ seq, message, removed }: ShownMessage, emoji: string, on: boolean) => {
    if (seq !== null && message !== null && !removed && isMember() && reaches()) open.react(seq, emoji, on);
  };
  return {
    isMember,
    reaches,
    mayWrite,
    reply({ seq, message, removed }) {
      if (seq !== null && message !== null && !removed && mayWrite()) open.reply(seq);
    },
    react,
    quickReact(shown) {
      const [emoji] = quickEmoji;
      react(shown, emoji, !shown.reactions.some((one) => one.emoji === emoji && one.mine));
    },
    vote({ seq }, options) {
      if (seq !== null) open.vote(seq, options);
    },
    jump,
    show,
    hasReceivers: ({ seq, mine, message, removed }) =>
      mine && seq !== null && message !== null && !removed && open.item.peek()?.self === false,
  };
}
