import { useSignal } from '@preact/signals';
import type { Passkey } from '../../protocol/models.ts';
import { isBareAddress } from '../engine/passkeys.ts';
import { useEngine } from '../engine-context.ts';
import { momentAgo, words } from '../i18n/language.ts';
import { Icon } from '../parts/icon.tsx';
import { isolated } from '../parts/name.tsx';
import { RenamingSheet } from '../parts/renaming-sheet.tsx';
import { Sheet } from '../parts/sheet.tsx';
import { say } from '../parts/toast.tsx';
import { CodesToKeep } from './codes-to-keep.tsx';
import { PresentPassword } from './present-password.tsx';
import type { PartProps } from './security-screen.tsx';
import { type SecurityShown, secondStepsOf } from './security-state.ts';
import { Step } from './step.tsx';

type At =
  | { readonly step: 'look' }
  | { readonly step: 'add' }
  /** It counts already, under the name of the device; now its own name, then the codes that came with it. */
  | { readonly step: 'name'; readonly passkey: Passkey; readonly codes: readonly string[] | null }
  | { readonly step: 'keep'; readonly codes: readonly string[] }
  | { readonly step: 'remove'; readonly passkey: Passkey };

const longestName = 60;
const look: At = { step: 'look' };

export function PasskeySettings({ shown, onChanged }: PartProps) {
  const engine = useEngine();
  const { security } = words();
  const at = useSignal<At>(look);
  const now = at.value;
  const leave = () => {
    at.value = look;
  };
  switch (now.step) {
    case 'add':
      return (
        <PresentPassword
          title={security.passkeyAdd}
          text={security.passkeyAddText}
          submit={security.next}
          onCancel={leave}
          onPassword={async (present) => {
            const { passkey, recoveryCodes } = await engine.security.addPasskey(present);
            await onChanged();
            at.value = { step: 'name', passkey, codes: recoveryCodes };
          }}
        />
      );
    case 'keep':
      return <CodesToKeep codes={now.codes} onKept={leave} />;
    case 'remove':
      return (
        <PresentPassword
          title={security.passkeyRemoveTitle(isolated(now.passkey.name))}
          text={secondStepsOf(shown) === 1 ? security.removeLastText : security.passkeyRemoveText}
          submit={security.remove}
          onCancel={leave}
          onPassword={async (present) => {
            await engine.security.removePasskey(now.passkey.passkeyId, present);
            await onChanged();
            leave();
            say(security.removed);
          }}
        />
      );
    default:
      return (
        <>
          <Look
            key={now.step}
            shown={shown}
            onChanged={onChanged}
            onAdd={() => (at.value = { step: 'add' })}
            onRemove={(passkey) => (at.value = { step: 'remove', passkey })}
          />
          {now.step === 'name' && (
            <Renaming
              title={security.passkeyAdded}
              text={security.passkeyNameHint}
              leave={security.passkeyKeepName}
              passkey={now.passkey}
              onRenamed={onChanged}
              onClose={() => (at.value = now.codes === null ? look : { step: 'keep', codes: now.codes })}
            />
          )}
        </>
      );
  }
}

interface LookProps extends PartProps {
  readonly onAdd: () => void;
  readonly onRemove: (passkey: Passkey) => void;
}

function Look({ shown, onChanged, onAdd, onRemove }: LookProps) {
  const engine = useEngine();
  const { security, settings } = words();
  const chosen = useSignal<Passkey | null>(null);
  const renaming = useSignal<Passkey | null>(null);
  const isNeeded = shown.twoFactorRequired && secondStepsOf(shown) === 1;
  return (
    <>
      {shown.passkeys.length > 0 && (
        <ul aria-label={security.passkeys}>
          {shown.passkeys.map((passkey) => (
            <PasskeyRow key={passkey.passkeyId} passkey={passkey} onChosen={() => (chosen.value = passkey)} />
          ))}
        </ul>
      )}
      <Step
        title={titleOf(shown, engine.auth.hasPasskeys)}
        text={engine.auth.hasPasskeys ? security.passkeysText : whyNone(engine.missing.value.secureContext)}
      >
        {engine.auth.hasPasskeys && (
          <button type="button" class="button main wide" onClick={onAdd}>
            {security.passkeyAdd}
          </button>
        )}
      </Step>
      {chosen.value !== null && (
        <PasskeySheet
          passkey={chosen.value}
          isNeeded={isNeeded}
          onRename={() => {
            renaming.value = chosen.peek();
            chosen.value = null;
          }}
          onRemove={() => chosen.value && onRemove(chosen.value)}
          onClose={() => (chosen.value = null)}
        />
      )}
      {renaming.value !== null && (
        <Renaming
          title={settings.rename}
          passkey={renaming.value}
          onRenamed={onChanged}
          onClose={() => (renaming.value = null)}
        />
      )}
    </>
  );
}

function titleOf({ passkeys }: SecurityShown, hasPasskeys: boolean): string {
  const { security } = words();
  if (passkeys.length === 0) return security.passkeysNone;
  return hasPasskeys ? security.passkeysTitle : security.passkeyAdd;
}

function whyNone(isInsecure: boolean): string {
  const { noPasskeys } = words().security;
  if (isInsecure) return noPasskeys.insecure;
  return isBareAddress(location.hostname) ? noPasskeys.number : noPasskeys.browser;
}

function PasskeyRow({ passkey, onChosen }: { passkey: Passkey; onChosen: () => void }) {
  const { security } = words();
  const { name, host, createdAt, lastUsedAt } = passkey;
  return (
    <li>
      <button type="button" class="row" aria-haspopup="dialog" onClick={onChosen}>
        <Icon name="key" />
        <span class="row-main">
          <bdi class="device-name">{name}</bdi>
          <span class="row-more">{host}</span>
          <span class="row-more row-facts">
            <span>{security.passkeyMade(momentAgo(createdAt))}</span>
            <span>{lastUsedAt === null ? security.passkeyUnused : security.passkeyUsed(momentAgo(lastUsedAt))}</span>
          </span>
        </span>
        <Icon name="dots" />
      </button>
    </li>
  );
}

interface PasskeySheetProps {
  readonly passkey: Passkey;
  /** The last second step, where one is required. */
  readonly isNeeded: boolean;
  readonly onRename: () => void;
  readonly onRemove: () => void;
  readonly onClose: () => void;
}

function PasskeySheet({ passkey, isNeeded, onRename, onRemove, onClose }: PasskeySheetProps) {
  const { security, settings } = words();
  return (
    <Sheet label={settings.actionsFor(isolated(passkey.name))} onClose={onClose}>
      <div class="sheet-text">
        <h2>
          <bdi>{passkey.name}</bdi>
        </h2>
        <p class="soft">{passkey.host}</p>
      </div>
      <button type="button" class="row" onClick={onRename}>
        <Icon name="pencil" />
        <span class="row-main">{settings.rename}</span>
      </button>
      {isNeeded ? (
        <p class="settings-note soft">{security.removeRefused}</p>
      ) : (
        <button type="button" class="row danger" onClick={onRemove}>
          <Icon name="bin" />
          <span class="row-main">{security.remove}</span>
        </button>
      )}
    </Sheet>
  );
}

interface RenamingProps {
  readonly title: string;
  readonly text?: string;
  readonly leave?: string;
  readonly passkey: Passkey;
  readonly onRenamed: () => Promise<void>;
  readonly onClose: () => void;
}

function Renaming({ passkey, onRenamed, ...sheet }: RenamingProps) {
  const engine = useEngine();
  return (
    <RenamingSheet
      {...sheet}
      label={words().security.passkeyName}
      name={passkey.name}
      maxLength={longestName}
      onName={async (name) => {
        await engine.security.renamePasskey(passkey.passkeyId, name);
        await onRenamed();
      }}
    />
  );
}
