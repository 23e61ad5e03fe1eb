import { useSignal } from '@preact/signals';
import type { ConversationId } from '../../protocol/ids.ts';
import { limits } from '../../protocol/limits.ts';
import type { MadeWebhook } from '../engine/engine.ts';
import { useEngine } from '../engine-context.ts';
import { words } from '../i18n/language.ts';
import { Submit, useAttempt } from '../parts/attempt.tsx';
import { Choice } from '../settings/choice.tsx';

/** What a new webhook does, how its bot is called, and for an outgoing one where it leads. */
export function WebhookForm({ id, onMade }: { id: ConversationId; onMade: (made: MadeWebhook) => void }) {
  const engine = useEngine();
  const { webhooks } = words();
  const direction = useSignal<'incoming' | 'outgoing'>('incoming');
  const name = useSignal('');
  const url = useSignal('');
  const trigger = useSignal<'all' | 'mention' | 'word'>('all');
  const word = useSignal('');
  const attempt = useAttempt();
  const isOutgoing = direction.value === 'outgoing';
  const needsWord = isOutgoing && trigger.value === 'word';
  const submit = (event: Event) => {
    event.preventDefault();
    attempt.run(async () => {
      const named = { conversationId: id, name: name.peek().trim() };
      const leads = { url: url.peek().trim(), trigger: trigger.peek(), word: needsWord ? word.peek().trim() : null };
      onMade(
        await (isOutgoing
          ? engine.webhooks.createOutgoing({ ...named, ...leads })
          : engine.webhooks.createIncoming(named)),
      );
    });
  };
  return (
    <form class="webhook-form" onSubmit={submit}>
      <Choice
        title={webhooks.direction}
        value={direction.value}
        options={[
          ['incoming', webhooks.incoming],
          ['outgoing', webhooks.outgoing],
        ]}
        onChange={(value) => (direction.value = value)}
      />
      <label class="field">
        <span class="field-label">{webhooks.name}</span>
        <input
          class="input"
          name="webhook-name"
          dir="auto"
          required
          maxLength={limits.displayNameLength}
          value={name.value}
          onInput={(event) => (name.value = event.currentTarget.value)}
        />
        <span class="field-hint">{webhooks.nameHint}</span>
      </label>
      {isOutgoing && (
        <>
          <label class="field">
            <span class="field-label">{webhooks.url}</span>
            <input
              class="input"
              type="url"
              name="webhook-url"
              inputMode="url"
              required
              pattern="https?://.+"
              placeholder="https://example.org/hook"
              maxLength={limits.linkLength}
              value={url.value}
              onInput={(event) => (url.value = event.currentTarget.value)}
            />
            <span class="field-hint">{webhooks.urlHint}</span>
          </label>
          <Choice
            title={webhooks.trigger}
            value={trigger.value}
            options={[
              ['all', webhooks.triggers.all],
              ['mention', webhooks.triggers.mention],
              ['word', webhooks.triggers.word],
            ]}
            onChange={(value) => (trigger.value = value)}
          />
        </>
      )}
      {needsWord && (
        <label class="field">
          <span class="field-label">{webhooks.word}</span>
          <input
            class="input"
            name="webhook-word"
            required
            pattern="\s*\S+\s*"
            maxLength={limits.webhookWordLength}
            value={word.value}
            onInput={(event) => (word.value = event.currentTarget.value)}
          />
        </label>
      )}
      <Submit attempt={attempt} ready={name.value.trim() !== ''}>
        {webhooks.create}
      </Submit>
    </form>
  );
}
