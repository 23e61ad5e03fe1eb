import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import type { SecondFactor, SecondFactorNeeded } from '../../protocol/operations.ts';
import { useEngine } from '../engine-context.ts';
import { words } from '../i18n/language.ts';
import { type Attempt, Submit, useAttempt } from '../parts/attempt.tsx';
import { Icon, type IconName } from '../parts/icon.tsx';
import { Tick } from '../parts/tick.tsx';
import { CodeField, isComplete } from '../second-factor/code-field.tsx';
import { Doorway, Welcome } from './doorway.tsx';
import type { StepProps } from './next-step.tsx';
import { whileItCounts } from './ticket.ts';

interface SecondFactorProps extends StepProps {
  readonly needed: SecondFactorNeeded;
}

const icons = { totp: 'device', passkey: 'key', recovery_code: 'lock' } as const satisfies Record<
  SecondFactor,
  IconName
>;

/** The methods that work in this browser, the handiest first. */
function usable({ methods }: SecondFactorNeeded, hasPasskeys: boolean): readonly SecondFactor[] {
  const order: readonly SecondFactor[] = ['totp', 'passkey', 'recovery_code'];
  return order.filter((method) => methods.includes(method) && (method !== 'passkey' || hasPasskeys));
}

export function SecondFactorScreen({ needed, onOver }: SecondFactorProps) {
  const { auth } = useEngine();
  const { secondFactor } = words();
  const methods = usable(needed, auth.hasPasskeys);
  const chosen = useSignal(methods[0] ?? null);
  const trusted = useSignal(false);
  const attempt = useAttempt();
  const method = chosen.value;
  const choose = (next: SecondFactor) => {
    attempt.say(null);
    chosen.value = next;
  };
  return (
    <Doorway>
      <Welcome
        icon="shield"
        title={secondFactor.title}
        text={method === null ? secondFactor.noneHere : secondFactor.ask[method]}
      />
      {method === 'passkey' && (
        <form
          class="doorway-form"
          onSubmit={(event) => {
            event.preventDefault();
            attempt.run(() => whileItCounts(auth.passkeySignIn({ trustDevice: trusted.peek() }), onOver));
          }}
        >
          <Trust checked={trusted.value} onChange={(next) => (trusted.value = next)} />
          <Submit attempt={attempt}>{secondFactor.use.passkey}</Submit>
        </form>
      )}
      {(method === 'totp' || method === 'recovery_code') && (
        <CodeForm
          key={method}
          method={method}
          attempt={attempt}
          onCode={(code) => whileItCounts(auth.secondFactor({ method, code, trustDevice: trusted.peek() }), onOver)}
        >
          <Trust checked={trusted.value} onChange={(next) => (trusted.value = next)} />
        </CodeForm>
      )}
      {methods
        .filter((other) => other !== method)
        .map((other) => (
          <button type="button" class="button wide" key={other} disabled={attempt.busy} onClick={() => choose(other)}>
            <Icon name={icons[other]} size={20} />
            {secondFactor.use[other]}
          </button>
        ))}
      <button type="button" class="button plain wide" onClick={() => onOver(null)}>
        {secondFactor.otherAccount}
      </button>
    </Doorway>
  );
}

interface CodeFormProps {
  readonly method: 'totp' | 'recovery_code';
  readonly attempt: Attempt;
  readonly onCode: (code: string) => Promise<void>;
  readonly children: ComponentChildren;
}

function CodeForm({ method, attempt, onCode, children }: CodeFormProps) {
  const { secondFactor, signIn } = words();
  const code = useSignal('');
  const finish = (typed: string) =>
    attempt.run(async () => {
      try {
        await onCode(typed);
      } catch (cause) {
        // A code of the app is typed anew; a recovery code is corrected.
        if (method === 'totp') code.value = '';
        throw cause;
      }
    });
  return (
    <form
      class="doorway-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (isComplete(method, code.peek())) finish(code.peek());
      }}
    >
      <CodeField
        kind={method}
        label={method === 'totp' ? secondFactor.code : secondFactor.recoveryCode}
        focused
        value={code.value}
        onInput={(value) => (code.value = value)}
        onFull={finish}
      />
      {children}
      <Submit attempt={attempt} ready={isComplete(method, code.value)}>
        {signIn.submit}
      </Submit>
    </form>
  );
}

function Trust({ checked, onChange }: { checked: boolean; onChange: (checked: boolean) => void }) {
  const { secondFactor } = words();
  return <Tick label={secondFactor.trust} hint={secondFactor.trustHint} checked={checked} onChange={onChange} />;
}
