import '../new/new.css';
import './new-poll.css';
import { useSignal } from '@preact/signals';
import { limits } from '../../protocol/limits.ts';
import { words } from '../i18n/language.ts';

interface NewPollProps {
  readonly onCreate: (poll: { question: string; options: readonly string[]; several: boolean }) => void;
  readonly onClose: () => void;
}

/** A question with answers; an empty line for one more answer is always there, up to the most. */
export function NewPoll({ onCreate, onClose }: NewPollProps) {
  const { poll, common } = words();
  const question = useSignal('');
  const options = useSignal<readonly string[]>(['', '']);
  const several = useSignal(false);
  const given = [...new Set(options.value.map((option) => option.trim()).filter((option) => option !== ''))];
  const ready = question.value.trim() !== '' && given.length >= limits.pollOptions.min;
  const change = (index: number, text: string) => {
    const next = options.peek().with(index, text);
    const isFull = next.every((option) => option.trim() !== '');
    options.value = isFull && next.length < limits.pollOptions.max ? [...next, ''] : next;
  };
  const submit = (event: Event) => {
    event.preventDefault();
    if (!ready) return;
    onClose();
    onCreate({ question: question.peek().trim(), options: given, several: several.peek() });
  };
  return (
    <form class="new-poll" onSubmit={submit}>
      <h2 class="new-poll-title">{poll.title}</h2>
      <div class="new-poll-fields">
        <label class="field">
          <span class="field-label">{poll.question}</span>
          <input
            class="input"
            name="question"
            required
            autoComplete="off"
            maxLength={limits.pollQuestionLength}
            value={question.value}
            onInput={(event) => (question.value = event.currentTarget.value)}
          />
        </label>
        {options.value.map((option, index) => (
          <input
            key={index}
            class="input"
            name={`answer-${index + 1}`}
            autoComplete="off"
            placeholder={poll.option(index + 1)}
            aria-label={poll.option(index + 1)}
            maxLength={limits.pollOptionLength}
            value={option}
            onInput={(event) => change(index, event.currentTarget.value)}
          />
        ))}
        <label class="new-poll-several">
          <input
            type="checkbox"
            class="check"
            checked={several.value}
            onChange={(event) => (several.value = event.currentTarget.checked)}
          />
          <span>{poll.several}</span>
        </label>
      </div>
      <div class="sheet-buttons">
        <button type="button" class="button plain" onClick={onClose}>
          {common.cancel}
        </button>
        <button type="submit" class="button main" disabled={!ready}>
          {poll.create}
        </button>
      </div>
    </form>
  );
}
