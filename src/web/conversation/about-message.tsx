import './about-message.css';
import { ReportForm } from '../apart/report-form.tsx';
import { EmojiPicker } from '../emoji/emoji-picker.tsx';
import type { OpenConversation, ShownMessage } from '../engine/engine.ts';
import { ForwardTo } from './forward-to.tsx';
import type { About, MessageDeeds } from './message-deeds.ts';
import { MessageInfo } from './message-info.tsx';
import { Reactors } from './reactors.tsx';
import { Votes } from './votes.tsx';
import { Wordings } from './wordings.tsx';

interface AboutMessageProps {
  readonly about: Exclude<About, 'block'>;
  readonly open: OpenConversation;
  readonly shown: ShownMessage;
  readonly deeds: MessageDeeds;
  readonly onClose: () => void;
}

/** The inside of a sheet about one message; loaded when it is first needed. */
export function AboutMessage({ about, open, shown, deeds, onClose }: AboutMessageProps) {
  switch (about) {
    case 'emoji':
      return (
        <EmojiPicker
          onChoose={(emoji) => {
            onClose();
            deeds.react(shown, emoji, true);
          }}
        />
      );
    case 'forward':
      return <ForwardTo open={open} shown={shown} onClose={onClose} />;
    case 'info':
      return <MessageInfo open={open} shown={shown} onClose={onClose} />;
    case 'reactions':
      return <Reactors open={open} shown={shown} />;
    case 'votes':
      return <Votes shown={shown} />;
    case 'report':
      return <ReportForm open={open} shown={shown} onClose={onClose} />;
    case 'wordings':
      return <Wordings open={open} shown={shown} />;
  }
}
